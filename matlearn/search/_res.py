"""A fast reader of AIRSS/SHELX ``.res`` files: text in, arrays out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from ase.data import atomic_numbers
from numpy.typing import NDArray


class ResRecord(NamedTuple):
    """What one ``.res`` file says.

    Lengths in angstrom, angles in degrees, energy in eV (whole cell), pressure in GPa.
    """

    label: str
    pressure: float
    energy: float
    space_group: str
    cellpar: list[float]
    numbers: list[int]
    fractional: list[float]  # x, y, z of the first atom, of the second, ...


def parse_res(text: str) -> ResRecord:
    """Read the text of one ``.res`` file.

    Parameters
    ----------
    text : str
        The file: ``TITL label pressure volume energy spin |spin| [n_atoms] (space group) n - 1``,
        ``CELL``, ``SFAC``, one line an atom (label, type, three fractional coordinates,
        occupation, possibly a spin), ``END``.

    Returns
    -------
    ResRecord

    Raises
    ------
    ValueError
        With the reason, if the file is empty, cut off, not numeric, or contradicts itself.

    Examples
    --------
    >>> parse_res('''TITL Li-1 0.0 27.0 -1.5 0 0 1 (Pm-3m) n - 1
    ... CELL 1.0 3 3 3 90 90 90
    ... LATT -1
    ... SFAC Li
    ... Li 1 0 0 0 1.0
    ... END''').energy
    -1.5
    """
    head, found, tail = text.partition("SFAC")
    if not found:
        raise ValueError("no SFAC line" if text.strip() else "empty file")
    words = tail.partition("\n")[2].split()
    if not words or words[-1] != "END":
        if "END" not in words:
            raise ValueError("cut off: no END line")
        del words[words.index("END") + 1 :]
    del words[-1]
    label, pressure, energy, n_atoms, space_group = _parse_title(_last_line(head, "TITL"))
    cell = _last_line(head, "CELL")
    if len(cell) != 8:
        raise ValueError(f"CELL line must have 8 fields, found {len(cell)}")
    cellpar = list(map(float, cell[2:]))

    n = len(words) // 6
    if n == 0:
        raise ValueError("no atoms")
    if len(words) != 6 * n or (n_atoms is not None and n != n_atoms):
        symbols, coordinates = _parse_atom_lines(tail)
    else:
        symbols = words[::6]
        del words[::6], words[::5], words[3::4]  # leaves x, y, z of every atom
        coordinates = words
    if n_atoms is not None and n_atoms != len(symbols):
        raise ValueError(f"title says {n_atoms} atoms, found {len(symbols)}")
    try:
        numbers = [atomic_numbers[symbol] for symbol in symbols]
    except KeyError:
        numbers = [_atomic_number(symbol) for symbol in symbols]
    fractional = list(map(float, coordinates))
    if not math.isfinite(energy):
        raise ValueError(f"energy is {energy}")
    if not (math.isfinite(sum(fractional)) and math.isfinite(sum(cellpar))):
        raise ValueError("a coordinate or cell parameter is not a finite number")
    return ResRecord(label, pressure, energy, space_group, cellpar, numbers, fractional)


def _last_line(head: str, keyword: str) -> list[str]:
    """Return the fields of the last line that starts with the keyword (none: an empty list)."""
    _, found, rest = ("\n" + head).rpartition("\n" + keyword)
    return [keyword, *rest.partition("\n")[0].split()] if found else []


def _parse_title(title: Sequence[str]) -> tuple[str, float, float, int | None, str]:
    if len(title) < 8:
        raise ValueError(f"TITL line must have at least 8 fields, found {len(title)}")
    n_atoms = None if title[7].startswith("(") else int(title[7])
    rest = " ".join(title[7 if n_atoms is None else 8 :])
    if not rest.startswith("(") or ")" not in rest:
        raise ValueError("TITL line has no space group in brackets")
    space_group = rest[1 : rest.rindex(")")].replace(" ", "")
    return title[1], float(title[2]), float(title[4]), n_atoms, space_group


def _parse_atom_lines(tail: str) -> tuple[list[str], list[str]]:
    """Read atom lines of differing length (spins behind some atoms, comments)."""
    symbols: list[str] = []
    coordinates: list[str] = []
    for line in tail.splitlines()[1:]:
        words = line.split()
        if not words or words[0] == "REM":
            continue
        if words[0] == "END":
            break
        if len(words) < 5:
            raise ValueError(f"atom line with {len(words)} fields: {line.strip()!r}")
        symbols.append(words[0])
        coordinates += words[2:5]
    return symbols, coordinates


def _atomic_number(symbol: str) -> int:
    """Return the atomic number of a site label such as ``Li1``."""
    number = atomic_numbers.get(symbol.rstrip("0123456789'").capitalize(), 0)
    if number < 1:
        raise ValueError(f"{symbol!r} is no element")
    return number


def cells_from_parameters(cellpar: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return cells in ASE's orientation (a along x, b in the xy plane).

    Parameters
    ----------
    cellpar : ndarray, shape (n, 6)
        Lengths in angstrom, angles in degrees.

    Returns
    -------
    ndarray, shape (n, 3, 3)
        Cell vectors as rows, angstrom; NaN where the parameters make no cell.

    Examples
    --------
    >>> cells_from_parameters(np.array([[2.0, 3, 4, 90, 90, 90]]))[0].diagonal()
    array([2., 3., 4.])
    """
    lengths = cellpar[:, :3]
    degrees = cellpar[:, 3:]
    cosines = np.where(degrees == 90.0, 0.0, np.cos(np.radians(degrees)))
    cos_a, cos_b, cos_g = cosines.T
    sin_g = np.sin(np.radians(degrees[:, 2]))
    with np.errstate(invalid="ignore", divide="ignore"):
        c_y = (cos_a - cos_b * cos_g) / sin_g
        c_z = np.sqrt(1.0 - cos_b**2 - c_y**2)
    cells = np.zeros((len(cellpar), 3, 3))
    cells[:, 0, 0] = 1.0
    cells[:, 1, 0], cells[:, 1, 1] = cos_g, sin_g
    cells[:, 2, 0], cells[:, 2, 1], cells[:, 2, 2] = cos_b, c_y, c_z
    cells *= lengths[:, :, None]
    good = np.isfinite(cells).all(axis=(1, 2)) & (lengths > 0).all(axis=1)
    good &= np.abs(np.linalg.det(np.where(np.isfinite(cells), cells, 0.0))) > 1e-6
    cells[~good] = np.nan
    return cells
