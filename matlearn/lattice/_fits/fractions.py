"""Compositions of structures as coordinates of a convex hull."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matlearn.lattice.hulls import hull_distances

if TYPE_CHECKING:
    from ase import Atoms

Floats = NDArray[np.float64]


def independent_fractions(structures: Sequence[Atoms]) -> Floats:
    """Return as many atomic fractions of each structure as differ independently.

    Returns
    -------
    array, shape (structures, k)
        For a binary one column: the fraction of the element that comes later in the alphabet.
    """
    counts = [atoms.symbols.formula.count() for atoms in structures]
    symbols = sorted({symbol for count in counts for symbol in count})
    table = np.array([[count.get(symbol, 0) for symbol in symbols] for count in counts])
    table = table / table.sum(axis=1, keepdims=True)
    chosen: list[int] = []
    for column in range(len(symbols) - 1, 0, -1):
        trial = table[:, [*chosen, column]]
        if np.linalg.matrix_rank(trial - trial[0], tol=1e-9) > len(chosen):
            chosen.append(column)
    fractions: Floats = table[:, chosen]
    return fractions


def last_concentrations(structures: Sequence[Atoms], space: Any) -> Floats:
    """Return how much of the sites that may hold the last species does, for each structure."""
    last = next(sites[-1] for sites in reversed(space.chemical_symbols) if len(sites) > 1)
    shares = []
    for atoms in structures:
        sublattices = space.get_sublattices(atoms).active_sublattices
        sites = sum(len(one.indices) for one in sublattices if last in one.chemical_symbols)
        shares.append((atoms.symbols == last).sum() / sites)
    return np.array(shares)


def distances_above(structures: Sequence[Atoms], energies: Floats) -> Floats:
    """Return how far each structure is above the convex hull of all, eV/atom."""
    points = independent_fractions(structures)
    if points.shape[1] == 0:
        return energies - energies.min()
    return hull_distances(points, energies)


def reference_hull_distances(frame: pd.DataFrame) -> Floats:
    """Return the column ``hull_distance``, or what it would hold."""
    if "hull_distance" in frame:
        return frame["hull_distance"].to_numpy(dtype=float)
    return distances_above(list(frame["structure"]), frame["mixing_energy"].to_numpy(dtype=float))
