"""Take the sites between which ions hop in any of the forms in which they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn.transport._structure.frameworks import interstices, mean_framework
from matlearn.transport._structure.maps import DensityMap
from matlearn.transport._structure.visits import nearest_others

if TYPE_CHECKING:
    from matlearn.transport.trajectories import Trajectory

__all__ = ["as_sites", "nearest_sites"]

CLOSEST = 0.3
"""Two sites closer than this (A) are one that is given twice."""
ALIKE = 0.03
"""Cells that differ by less than this are the same, seen at another temperature."""


def as_sites(
    given: Any,
    runs: Sequence[Trajectory],
    mobile: np.ndarray,
    cell: np.ndarray,
    relative_to: str | None,
) -> np.ndarray:
    """Give the sites as fractions (n, 3) of the run's mean cell.

    Raises
    ------
    TypeError, ValueError
        If they are in no form that is known, do not fit the cell, or lie on one another.
    """
    if isinstance(given, str):
        if given != "interstices":
            raise ValueError(
                "sites must be positions (A), Atoms, a DensityMap or 'interstices' (the holes of the "
                f"framework), got {given!r}"
            )
        framework = mean_framework(runs, mobile, relative_to, cell=cell)
        if len(framework) < 4:
            raise ValueError(
                "sites = 'interstices' needs other atoms, between which there are holes"
            )
        found = interstices(framework)
    elif isinstance(given, DensityMap):
        found = _of_atoms(given.sites(), cell)
    elif isinstance(given, Atoms):
        found = _of_atoms(given, cell)
    else:
        try:
            positions = np.asarray(given, dtype=float)
        except (TypeError, ValueError):
            positions = np.empty(0)
        if positions.ndim != 2 or positions.shape[1:] != (3,) or not np.isfinite(positions).all():
            raise ValueError(
                "sites must be positions in A with the shape (sites, 3), Atoms, a DensityMap or "
                f"'interstices', got {type(given).__name__} of shape {positions.shape}"
            )
        found = positions @ np.linalg.inv(cell)
    if len(found) == 0:
        raise ValueError("sites must hold at least one site, got none")
    found = found - np.floor(found)
    if len(found) > 1:
        apart = nearest_sites(found, cell)
        if apart.min() < CLOSEST:
            raise ValueError(
                f"sites must be apart: number {int(apart.argmin())} lies {apart.min():.2f} A from "
                f"another, in the periodic cell; give each site once"
            )
    return found


def nearest_sites(sites: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Give the distance (A) of each site from the nearest other one."""
    if len(sites) == 1:
        return np.linalg.norm(cell, axis=1).min(keepdims=True)
    return nearest_others(sites, cell)


def _of_atoms(atoms: Atoms, cell: np.ndarray) -> np.ndarray:
    """Give the sites that Atoms hold, repeated where their cell is a part of the run's."""
    if not atoms.cell.rank:
        found: np.ndarray = atoms.positions @ np.linalg.inv(cell)
        return found
    own = atoms.cell.array
    ratio = np.linalg.norm(cell, axis=1) / np.linalg.norm(own, axis=1)
    fold = np.maximum(1, np.round(ratio)).astype(int)
    if np.abs(own * fold[:, None] - cell).max() > ALIKE * np.linalg.norm(cell, axis=1).max():
        raise ValueError(
            "sites must have the cell of the run, or one that is repeated in it; got vectors of "
            f"{', '.join(f'{x:.2f}' for x in np.linalg.norm(own, axis=1))} A in a run's of "
            f"{', '.join(f'{x:.2f}' for x in np.linalg.norm(cell, axis=1))} A"
        )
    repeated = atoms.repeat([int(one) for one in fold])
    return repeated.get_scaled_positions(wrap=False)
