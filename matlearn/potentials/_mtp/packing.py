"""Structures as the arrays that kernels take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from ase import Atoms
from ase.geometry import complete_cell

from matlearn.potentials._kernels.neighbours import find_pairs


class Pairs(NamedTuple):
    """A structure: who is whose neighbour, and where; what `evaluate` takes."""

    first: np.ndarray
    """(n + 1,) where the pairs of each atom begin."""
    neighbours: np.ndarray
    """(pairs,) the other atom."""
    vectors: np.ndarray
    """(pairs, 3) in A."""
    kinds: np.ndarray
    """(n,) species counted from 0."""


class Reference(NamedTuple):
    """A structure with what is known of it."""

    pairs: Pairs
    energy: float | None
    """eV."""
    forces: np.ndarray | None
    """(n, 3) in eV/A."""
    virial: np.ndarray | None
    """(6,) stress times volume in eV: xx, yy, zz, yz, xz, xy."""


def pack(atoms: Atoms, species: Sequence[int], cutoff: float) -> Pairs:
    """Find the pairs of a structure.

    Parameters
    ----------
    atoms
        A structure, periodic in any number of directions.
    species
        Atomic numbers that the potential knows.
    cutoff
        In A.

    Raises
    ------
    ValueError
        If it holds another element, a position that is no number, or two atoms in one place.
    """
    numbers = atoms.numbers
    kinds = _look_up(species, numbers)
    if (kinds == len(species)).any():
        strange = Atoms(numbers=np.unique(numbers[kinds == len(species)])).get_chemical_symbols()
        known = Atoms(numbers=list(species)).get_chemical_symbols()
        raise ValueError(
            f"{atoms.symbols} holds {', '.join(strange)}, which the potential does not know: its "
            f"species are {', '.join(known)}"
        )
    cell = np.ascontiguousarray(complete_cell(atoms.cell.array))
    positions = np.ascontiguousarray(atoms.positions, dtype=float)
    if not (np.isfinite(positions).all() and np.isfinite(cell).all()):
        raise ValueError(f"a position or lattice vector of {atoms.symbols} is not a number")
    if atoms.pbc.any() and abs(atoms.cell.array[atoms.pbc]).sum(axis=1).min() == 0:
        raise ValueError(f"{atoms.symbols} is periodic in a direction without a lattice vector")
    first, neighbours, vectors = find_pairs(
        positions, cell, np.linalg.inv(cell), np.array(atoms.pbc), float(cutoff)
    )
    if len(vectors) and np.einsum("ij,ij->i", vectors, vectors).min() < 1e-6:
        raise ValueError(f"two atoms of {atoms.symbols} are in the same place: remove one of them")
    return Pairs(first, neighbours, vectors, kinds)


def _look_up(species: Sequence[int], numbers: np.ndarray) -> np.ndarray:
    """Give the place of each atomic number in the list of species, its length where there is none."""
    table = np.full(int(max([*species, *numbers.tolist(), 0])) + 1, len(species), dtype=np.int64)
    table[list(species)] = np.arange(len(species))
    return table[numbers]


def pack_references(
    images: Iterable[Atoms], species: Sequence[int], cutoff: float
) -> list[Reference]:
    """Find the pairs of structures and gather the results that they carry."""
    packed = []
    for atoms in images:
        known = atoms.calc.results if atoms.calc is not None else {}
        stress = known.get("stress")
        virial = None
        if stress is not None and atoms.cell.rank == 3 and atoms.pbc.all():
            virial = np.asarray(stress, dtype=float)
            if virial.shape == (3, 3):
                virial = virial.ravel()[[0, 4, 8, 5, 2, 1]]
            virial = virial * atoms.get_volume()
        energy, forces = known.get("energy"), known.get("forces")
        packed.append(
            Reference(
                pack(atoms, species, cutoff),
                None if energy is None else float(energy),
                None if forces is None else np.array(forces, dtype=float),
                virial,
            )
        )
    return packed
