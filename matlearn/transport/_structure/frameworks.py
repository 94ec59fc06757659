"""Where the atoms that stay are, on average, and the holes between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms

from matlearn.transport._structure.grids import merged, separation
from matlearn.transport._structure.inputs import drift_of, fractions

if TYPE_CHECKING:
    from matlearn.transport.trajectories import Trajectory

__all__ = ["interstices", "mean_framework"]

SAME_PLACE = 0.8
"""Atoms or holes closer than this (A) are one, seen in several repeats of a cell."""


def mean_framework(
    runs: Sequence[Trajectory],
    mobile: np.ndarray,
    relative_to: str | None,
    *,
    cell: np.ndarray,
    fold: Sequence[int] = (1, 1, 1),
    step: int = 1,
) -> Atoms:
    """Give all atoms but the mobile ones at their mean positions, folded into a cell."""
    others = np.setdiff1d(np.arange(len(runs[0].numbers)), mobile)
    numbers = runs[0].numbers[others]
    if len(others) == 0:
        return Atoms(cell=cell, pbc=True)
    total, frames = np.zeros((len(others), 3)), 0
    for run in runs:
        drift = drift_of(run, mobile, relative_to, step=step)
        places = fractions(run, others, drift, step=step)
        total += places.sum(axis=0)
        frames += len(places)
    means = total / frames * np.array(fold)
    kept, found = [], []
    for number in np.unique(numbers):
        mine = means[numbers == number]
        if np.prod(fold) > 1:
            mine = merged(mine, cell, SAME_PLACE)
        found.append(mine)
        kept += [int(number)] * len(mine)
    return Atoms(numbers=kept, scaled_positions=np.concatenate(found), cell=cell, pbc=True)


def interstices(framework: Atoms, least: float = 1.0) -> np.ndarray:
    """Find the holes of a framework: the points that are as far as possible from all atoms around.

    They are the corners of the Voronoi cells; those closer together than 0.8 A are one hole.

    Parameters
    ----------
    framework
        Periodic.
    least
        Holes closer than this (A) to an atom do not count.

    Returns
    -------
    numpy.ndarray
        Fractions (n, 3) of the cell.
    """
    from scipy.spatial import Voronoi

    cell = framework.cell.array
    inside = framework.get_scaled_positions(wrap=True)
    repeats = np.maximum(1, np.ceil(6.0 / np.linalg.norm(cell, axis=1))).astype(int)
    ranges = [np.arange(-r, r + 1) for r in repeats]
    shifts = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, 3)
    every = (inside[:, None] + shifts[None]).reshape(-1, 3)
    margin = 6.0 / np.linalg.norm(cell, axis=1)
    every = every[((every > -margin) & (every < 1 + margin)).all(axis=1)]
    corners = Voronoi(every @ cell).vertices @ np.linalg.inv(cell)
    corners = corners[((corners > -1e-6) & (corners < 1 - 1e-6)).all(axis=1)]
    corners = corners[separation(corners, inside, cell).min(axis=1) >= least]
    return merged(corners, cell, SAME_PLACE)
