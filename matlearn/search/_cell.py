"""Read the lattice and positions of a CASTEP ``.cell`` file."""

from __future__ import annotations

import numpy as np
from ase.data import atomic_numbers
from ase.geometry import cellpar_to_cell
from numpy.typing import NDArray


def parse_cell(text: str) -> tuple[list[int], NDArray[np.float64], NDArray[np.float64]]:
    """Read the text of one ``.cell`` file with fractional positions.

    Parameters
    ----------
    text : str
        A CASTEP cell file with ``LATTICE_ABC`` or ``LATTICE_CART`` and ``POSITIONS_FRAC``.

    Returns
    -------
    numbers : list of int
        Atomic numbers.
    cell : ndarray, shape (3, 3)
        Cell vectors as rows, angstrom.
    fractional : ndarray, shape (n, 3)
        Fractional coordinates.

    Raises
    ------
    ValueError
        If a block is missing or does not make sense.

    Examples
    --------
    >>> numbers, cell, _ = parse_cell('''%BLOCK LATTICE_ABC
    ... 3 3 4
    ... 90 90 90
    ... %ENDBLOCK LATTICE_ABC
    ... %BLOCK POSITIONS_FRAC
    ... Li 0 0 0  # at the origin
    ... %ENDBLOCK POSITIONS_FRAC''')
    >>> numbers, cell.diagonal()
    ([3], array([3., 3., 4.]))
    """
    blocks: dict[str, list[list[str]]] = {}
    current: list[list[str]] | None = None
    for line in text.splitlines():
        words = line.split("#")[0].split("!")[0].split()
        if not words:
            continue
        if words[0].upper() == "%BLOCK":
            current = blocks.setdefault(words[1].upper(), [])
        elif words[0].upper() == "%ENDBLOCK":
            current = None
        elif current is not None:
            current.append(words)
    rows = blocks.get("POSITIONS_FRAC", [])
    if not rows:
        raise ValueError("no POSITIONS_FRAC block")
    numbers = [atomic_numbers.get(row[0].capitalize(), 0) for row in rows]
    if 0 in numbers:
        raise ValueError(f"{rows[numbers.index(0)][0]!r} is no element")
    fractional = np.array([row[1:4] for row in rows], dtype=float)
    if "LATTICE_CART" in blocks:
        lines = [row for row in blocks["LATTICE_CART"] if len(row) == 3]
        cell = np.array(lines, dtype=float)
    elif "LATTICE_ABC" in blocks:
        lines = [row for row in blocks["LATTICE_ABC"] if len(row) == 3]
        cell = np.asarray(cellpar_to_cell(np.array(lines, dtype=float).ravel()))
    else:
        raise ValueError("no LATTICE_ABC or LATTICE_CART block")
    if cell.shape != (3, 3) or fractional.shape != (len(rows), 3):
        raise ValueError("lattice or positions do not have three numbers a line")
    return numbers, cell, fractional
