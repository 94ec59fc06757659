"""Screens: formation energies, and what lies within reach of the hull."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn._hulls import lowest_mixtures

Floats = NDArray[np.float64]

_ON_HULL = 1e-9


def fractions_of(structures: Sequence[Atoms], elements: Sequence[str]) -> Floats:
    """Give the atomic fraction of each element, shape (structures, elements)."""
    counts = [[atoms.symbols.count(element) for element in elements] for atoms in structures]
    shares: Floats = np.array(counts, dtype=float) / [[len(atoms)] for atoms in structures]
    return shares


def hull_heights(energies: Floats, fractions: Floats) -> tuple[Floats, Floats]:
    """Give formation energies and heights above the hull.

    Parameters
    ----------
    energies
        In eV/atom, shape (n,); NaN where there is none.
    fractions
        Of the elements, shape (n, elements).

    Returns
    -------
    formation, above
        In eV/atom, shape (n,); NaN where there is no energy.

    Raises
    ------
    ValueError
        If an element has no energy of its own.

    Examples
    --------
    >>> shares = np.array([[1, 0], [0.5, 0.5], [0.5, 0.5], [0, 1]])
    >>> hull_heights(np.array([-1.0, -1.7, -1.6, -2.0]), shares)[1].round(3)
    array([0. , 0. , 0.1, 0. ])
    """
    known = np.flatnonzero(np.isfinite(energies))
    pure = np.full(fractions.shape[1], np.nan)
    for element in range(fractions.shape[1]):
        mine = energies[known][fractions[known, element] == 1.0]
        if not len(mine):
            raise ValueError(
                "no structure of a pure element could be relaxed, and without it there are no "
                "formation energies: allow more sweeps or calls, or begin with more images"
            )
        pure[element] = mine.min()
    formation = energies - fractions @ pure
    above = np.full(len(energies), np.nan)
    points, which = np.unique(np.round(fractions[known], 9), axis=0, return_inverse=True)
    which = which.ravel()
    lowest = np.full(len(points), np.inf)  # nothing else of a composition can be on the hull
    np.minimum.at(lowest, which, formation[known])
    heights = formation[known] - (lowest_mixtures(points, lowest) @ lowest)[which]
    above[known] = np.where(heights < _ON_HULL, 0.0, heights)
    return formation, above
