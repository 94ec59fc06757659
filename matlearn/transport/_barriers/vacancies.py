"""Both ends of a vacancy's hop, from a perfect crystal."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn._structures import as_atoms

SHELL = 0.05
"""Distances closer than this (A) are of one shell."""


def checked_supercell(crystal: Any, supercell: Any) -> Atoms:
    """Repeat a crystal.

    Raises
    ------
    TypeError, ValueError
        If it is none, or cannot be repeated so.
    """
    atoms = as_atoms(crystal, "crystal").copy()
    if supercell is None:
        return atoms
    repeats = (supercell,) * 3 if isinstance(supercell, int) else tuple(supercell)
    whole = all(
        isinstance(n, int | np.integer) and not isinstance(n, bool) and n >= 1 for n in repeats
    )
    if len(repeats) != 3 or not whole:
        raise ValueError(
            f"supercell must be a whole number of at least 1, or three of them, got {supercell!r}"
        )
    if any(n > 1 and not periodic for n, periodic in zip(repeats, atoms.pbc, strict=True)):
        raise ValueError(
            f"supercell={supercell!r} repeats an axis along which crystal is not periodic"
        )
    return atoms.repeat(repeats)


def site(atoms: Atoms, index: Any, sites: NDArray[np.intp], name: str, species: str) -> int:
    """Give the index of a site of a species.

    Raises
    ------
    TypeError, ValueError
        If it is none.
    """
    if isinstance(index, bool) or not isinstance(index, int | np.integer):
        raise TypeError(f"{name} must be the index of an atom, got {index!r}")
    if index not in sites:
        held = f"a {atoms.symbols[index]}" if 0 <= index < len(atoms) else "no atom"
        raise ValueError(
            f"{name} must be the index of one of the {len(sites)} atoms of {species} in the "
            f"supercell, from {sites[0]} to {sites[-1]}; {index} is {held}"
        )
    return int(index)


def neighbours(
    atoms: Atoms, start: int, sites: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Sites around one by distance: vectors from it (A), distances (A), indices.

    Every image counts, so that a site that is reached in two ways shows up twice.
    """
    from ase.neighborlist import neighbor_list

    reach = 4.0
    while True:
        i, j, d, vectors = neighbor_list("ijdD", atoms, reach)
        here = (i == start) & np.isin(j, sites)
        if here.sum() >= 60 or reach > 30.0:
            break
        reach *= 1.4
    order = np.argsort(d[here], kind="stable")
    return vectors[here][order], d[here][order], j[here][order]


def shells(distances: NDArray[np.float64]) -> list[float]:
    """Distances that differ."""
    found: list[float] = []
    for distance in distances:
        if not found or distance - found[-1] > SHELL:
            found.append(float(distance))
    return found


def chosen(
    atoms: Atoms, start: int, sites: NDArray[np.intp], end: Any, hop: Any, species: str
) -> tuple[NDArray[np.float64], float, int]:
    """Choose the neighbour that hops: vector to it (A), its distance (A), its index.

    Raises
    ------
    ValueError
        If there is none, or the cell is too small to tell one way from another.
    """
    vectors, lengths, indices = neighbours(atoms, start, sites)
    vectors, lengths, indices = (x[indices != start] for x in (vectors, lengths, indices))
    if end is None:
        known = shells(lengths)
        if isinstance(hop, bool) or not isinstance(hop, int | np.integer) or hop < 0:
            raise ValueError(
                f"hop must be 0 for the nearest sites, 1 for the next ..., got {hop!r}"
            )
        if hop >= len(known):
            raise ValueError(f"hop={hop}, but there are only {len(known)} shells around that site")
        number = int(np.argmax(lengths > known[hop] - SHELL / 2))
    else:
        wanted = site(atoms, end, sites, "end", species)
        if wanted == start:
            raise ValueError(f"start and end must be two sites, got {start} for both")
        number = int(np.argmax(indices == wanted))
    same = (indices == indices[number]) & (lengths < lengths[number] + SHELL)
    if same.sum() > 1:
        raise ValueError(
            f"the supercell is too small: its atom {indices[number]} is {lengths[number]:.2f} A from "
            f"the vacancy in {same.sum()} directions at once; repeat it more often (supercell=)"
        )
    return vectors[number], float(lengths[number]), int(indices[number])
