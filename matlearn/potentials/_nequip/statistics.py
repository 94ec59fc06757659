"""What a network is told about its training set before it starts: neighbours, scales, shifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers

from matlearn.potentials._nequip.neighbours import neighbours_of

CLOSEST = 0.3
"""A; two atoms closer than this are one atom entered twice."""


@dataclass(frozen=True)
class Statistics:
    """Numbers by which a network is normalised."""

    species: list[str]
    """Chemical symbols in the order of their atomic numbers."""
    neighbours: float
    """Mean number of neighbours of an atom within the cut-off."""
    scales: dict[str, float]
    """Root mean square of the force components on each species, eV/A."""
    shifts: dict[str, float]
    """Energy of an atom of each species that fits all compositions best, eV."""
    stress: bool
    """True if every structure carries a stress."""


def statistics_of(images: Sequence[Atoms], cutoff: float) -> Statistics:
    """Count neighbours, and fit an energy for each species.

    Shifts are the least-squares solution of E = sum of the shifts of its atoms over all
    structures (the shortest one where the compositions do not decide).

    Raises
    ------
    ValueError
        If no atom has a neighbour within the cut-off, two atoms share a place, or all forces are
        zero.
    """
    symbols = sorted({s for atoms in images for s in atoms.symbols}, key=atomic_numbers.__getitem__)
    counts = np.array([[atoms.symbols.count(s) for s in symbols] for atoms in images], float)
    energies = np.array([atoms.calc.results["energy"] for atoms in images], float)
    shifts = np.linalg.lstsq(counts, energies, rcond=None)[0]
    forces = np.concatenate([np.asarray(atoms.calc.results["forces"]) for atoms in images])
    kinds = np.concatenate([atoms.get_chemical_symbols() for atoms in images])
    overall = float(np.sqrt((forces**2).mean()))
    if overall == 0:
        raise ValueError(
            "the forces of train are all zero: displace the atoms (atoms.rattle) before labelling"
        )
    scales = {s: float(np.sqrt((forces[kinds == s] ** 2).mean())) for s in symbols}
    return Statistics(
        species=symbols,
        neighbours=_mean_neighbours(images, cutoff),
        scales={s: scale or overall for s, scale in scales.items()},
        shifts=dict(zip(symbols, shifts.tolist(), strict=True)),
        stress=all(
            atoms.pbc.all() and atoms.calc.results.get("stress") is not None for atoms in images
        ),
    )


def check_distances(images: Sequence[Atoms], argument: str) -> float:
    """Give the shortest distance between two atoms, A (infinite where no two are within 3 A).

    Raises
    ------
    ValueError
        If two atoms share a place.
    """
    shortest = np.inf
    for number, atoms in enumerate(images):
        distances = neighbours_of("d", atoms, 3.0)
        if len(distances) and distances.min() < CLOSEST:
            raise ValueError(
                f"{argument}[{number}] ({atoms.symbols}) has two atoms at a distance of "
                f"{distances.min():.3g} A, on top of each other"
            )
        shortest = min(shortest, distances.min(initial=np.inf))
    return float(shortest)


def _mean_neighbours(images: Sequence[Atoms], cutoff: float) -> float:
    neighbours = sum(len(neighbours_of("i", atoms, cutoff)) for atoms in images)
    if not neighbours:
        raise ValueError(
            f"cutoff is {cutoff:g} A, and no atom of train has a neighbour that near: take a "
            "longer one, at least to the second or third shell of neighbours"
        )
    return neighbours / sum(len(atoms) for atoms in images)
