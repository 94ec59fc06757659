"""Signs that a potential has led a trajectory where no crystal or liquid has been."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from ase import Atoms

from matlearn.potentials._mtp.packing import pack

CLOSEST = 0.7
"""Atoms nearer than this part of the shortest distance that was labelled are too close."""
HOTTEST = 4.0
"""A kinetic temperature of many atoms above this multiple of the thermostat's is absurd."""


def shortest_distance(images: Iterable[Atoms], cutoff: float = 6.0) -> float:
    """Give the shortest distance of two atoms in several structures, in A.

    Parameters
    ----------
    images
        Structures.
    cutoff
        Where no two atoms are closer, infinity is returned.

    Examples
    --------
    >>> from ase.build import bulk
    >>> round(shortest_distance([bulk("Cu", a=3.6), bulk("Cu", a=3.7)]), 3)
    2.546
    """
    shortest = np.inf
    for atoms in images:
        vectors = pack(atoms, np.unique(atoms.numbers).tolist(), cutoff).vectors
        if len(vectors):
            shortest = min(shortest, float(np.sqrt((vectors**2).sum(axis=1).min())))
    return shortest


def too_close(atoms: Atoms, closest: float) -> bool:
    """Say whether two atoms are closer than allowed, or are no longer anywhere."""
    if not np.isfinite(atoms.positions).all():
        return True
    try:
        return shortest_distance([atoms], closest) < closest
    except ValueError:  # two in the same place
        return True


def too_hot(atoms: Atoms, temperature: float) -> bool:
    """Say whether the kinetic temperature is absurd, or no number."""
    absurd = HOTTEST * (1 + 4 / len(atoms)) * temperature  # the fewer, the more it fluctuates
    return not atoms.get_temperature() < absurd
