"""Lattices by name, in units of the nearest-neighbour distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

LATTICES = ("chain", "square", "triangular", "honeycomb", "sc", "bcc", "fcc")
"""Names of the lattices, as in `matlearn.lattice.exact`."""

VACUUM = 10.0
"""Distance between the periodic images of a chain or a sheet, in nearest-neighbour distances."""

_ROOT3 = np.sqrt(3.0)
_CONVENTIONAL: dict[str, tuple[Any, list[list[float]]]] = {
    "chain": ((1.0, VACUUM, VACUUM), [[0, 0, 0]]),
    "square": ((1.0, 1.0, VACUUM), [[0, 0, 0]]),
    "triangular": (([1.0, 0, 0], [0.5, _ROOT3 / 2, 0], [0, 0, VACUUM]), [[0, 0, 0]]),
    "honeycomb": (
        ([_ROOT3, 0, 0], [_ROOT3 / 2, 1.5, 0], [0, 0, VACUUM]),
        [[1 / 3, 1 / 3, 0], [2 / 3, 2 / 3, 0]],
    ),
    "sc": ((1.0, 1.0, 1.0), [[0, 0, 0]]),
    "bcc": ((2 / _ROOT3,) * 3, [[0, 0, 0], [0.5, 0.5, 0.5]]),
    "fcc": ((np.sqrt(2.0),) * 3, [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]),
}
_PERIODIC = {"chain": 1, "square": 2, "triangular": 2, "honeycomb": 2}


def supercell(lattice: str, size: int | Sequence[int], *, fill: str = "Ag") -> Atoms:
    """Build a periodic piece of a lattice.

    Parameters
    ----------
    lattice : str
        One of `LATTICES`.
    size : int or sequence of int
        Cells along each direction: sites of a chain, a square or a triangular lattice, rhombi of
        two sites of a honeycomb, cubes of 1, 2 or 4 sites of sc, bcc or fcc.
    fill : str
        The species on all sites.

    Returns
    -------
    ase.Atoms
        With nearest neighbours at a distance of 1; chains and sheets lie 10 apart.

    Raises
    ------
    ValueError
        If the lattice is not known, or the size is not positive.

    Examples
    --------
    >>> len(supercell("square", 48)), len(supercell("fcc", 10))
    (2304, 4000)
    """
    cell, positions = _conventional(lattice)
    directions = periodic_directions(lattice)
    sizes = [size] * directions if isinstance(size, int | np.integer) else list(size)
    if len(sizes) != directions or any(int(n) != n or n < 1 for n in sizes):
        raise ValueError(
            f"size must be a positive whole number, or {directions} of them for {lattice!r}; "
            f"got {size!r}"
        )
    unit = Atoms([fill] * len(positions), scaled_positions=positions, cell=cell, pbc=True)
    return unit.repeat([int(n) for n in sizes] + [1] * (3 - directions))


def shell_distances(lattice: str, count: int) -> list[float]:
    """Return the distances of the first shells of neighbours, in nearest-neighbour distances.

    Examples
    --------
    >>> [round(d, 4) for d in shell_distances("bcc", 3)]
    [1.0, 1.1547, 1.633]
    """
    from ase.neighborlist import neighbor_list

    unit = primitive(lattice)
    reach = 1.5
    while reach < VACUUM:
        found = np.unique(np.round(neighbor_list("d", unit, reach), 8))
        if len(found) >= count:
            return [float(d) for d in found[:count]]
        reach += 0.5
    raise ValueError(f"{count} shells reach too far: at most to a distance of {VACUUM:g}")


def _conventional(lattice: str) -> tuple[Any, list[list[float]]]:
    if lattice not in _CONVENTIONAL:
        raise ValueError(f"lattice must be one of {', '.join(LATTICES)}; got {lattice!r}")
    return _CONVENTIONAL[lattice]


def periodic_directions(lattice: str) -> int:
    """Return the dimension of a lattice."""
    return _PERIODIC.get(lattice, 3)


def primitive(lattice: str) -> Atoms:
    """Return the primitive cell of a lattice."""
    cell, positions = _conventional(lattice)
    unit = Atoms(["Ag"] * len(positions), scaled_positions=positions, cell=cell, pbc=True)
    if lattice in ("bcc", "fcc"):
        half = unit.cell.lengths()[0] / 2
        signs = 1 - 2 * np.eye(3) if lattice == "bcc" else 1 - np.eye(3)
        return Atoms("Ag", cell=half * signs, pbc=True)
    return unit


def neighbours(structure: Atoms, distance: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return both ends of all bonds of a length, each in both directions."""
    from ase.neighborlist import neighbor_list

    first, second, length = neighbor_list("ijd", structure, distance + 0.01)
    near = length > distance - 0.01
    return first[near], second[near]
