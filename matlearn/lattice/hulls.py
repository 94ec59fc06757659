"""Energies of mixing, and how far a structure is above the convex hull.

The hull itself is `icet.tools.ConvexHull`, over the independent concentrations.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_ON_HULL = 1e-9


def mixing_energies(energies: ArrayLike, fractions: ArrayLike, pure: ArrayLike) -> Floats:
    """Give energies relative to the unmixed end members of the same composition.

    Parameters
    ----------
    energies
        Energies per atom in eV, shape (n,).
    fractions
        Fractions of the end members in each structure, shape (n, m); each row sums to one.
    pure
        Energies per atom of the end members in eV, shape (m,).

    Returns
    -------
    ndarray
        Mixing energies in eV per atom, shape (n,); NaN where an energy is.

    Raises
    ------
    ValueError
        If the shapes do not fit, or the fractions do not sum to one.

    Examples
    --------
    >>> mixing_energies([-3.0, -3.6, -4.0], [[1, 0], [0.5, 0.5], [0, 1]], [-3.0, -4.0]).round(3)
    array([ 0. , -0.1,  0. ])
    """
    values, parts, ends = (np.asarray(a, dtype=float) for a in (energies, fractions, pure))
    if values.ndim != 1 or ends.ndim != 1 or parts.shape != (len(values), len(ends)):
        raise ValueError(
            f"fractions must have the shape (structures, end members), here ({values.size}, "
            f"{ends.size}), got {parts.shape}"
        )
    if not np.allclose(parts.sum(axis=1), 1.0):
        raise ValueError("fractions of the end members must sum to one in each structure")
    mixing: Floats = values - parts @ ends
    return mixing


def hull_distances(
    concentrations: ArrayLike, energies: ArrayLike, *, counts: ArrayLike | None = None
) -> Floats:
    """Give the height of structures above the convex hull.

    Parameters
    ----------
    concentrations
        Independent concentrations: shape (n,) for a binary, (n, k) otherwise.
    energies
        Energies per atom in eV, shape (n,); mixing energies or others, the distance is the same.
        NaN where there is none.
    counts
        Booleans, shape (n,): which structures make up the hull. All with an energy, unless given.

    Returns
    -------
    ndarray
        Distances in eV per atom, shape (n,); 0 on the hull, NaN where there is no energy, negative
        for a structure that does not count and lies below.

    Raises
    ------
    ValueError
        If the shapes do not fit, or nothing is left to make a hull of.

    Examples
    --------
    >>> hull_distances([0, 0.5, 0.5, 1], [0.0, -0.1, 0.02, 0.0])
    array([0.  , 0.  , 0.12, 0.  ])
    """
    points, values, chosen = _checked(concentrations, energies, counts)
    distances = np.full(len(values), np.nan)
    known = np.isfinite(values)
    hull = _hull(points[chosen], values[chosen])
    distances[known] = hull.get_energy_above_convex_hull(points[known], values[known])
    distances[np.abs(distances) < _ON_HULL] = 0.0
    return distances


def hull_vertices(
    concentrations: ArrayLike, energies: ArrayLike, *, counts: ArrayLike | None = None
) -> NDArray[np.int64]:
    """List the structures that are the corners of the convex hull.

    Parameters
    ----------
    concentrations, energies, counts
        As for `hull_distances`.

    Returns
    -------
    ndarray
        Their positions, shape (m,); in the order of the concentration for a binary.

    Raises
    ------
    ValueError
        As `hull_distances`.

    Examples
    --------
    >>> hull_vertices([0, 0.5, 1, 0.5], [0.0, 0.02, 0.0, -0.1])
    array([0, 3, 2])
    """
    points, values, chosen = _checked(concentrations, energies, counts)
    corners = _hull(points[chosen], values[chosen]).structures
    return np.flatnonzero(chosen)[corners]


def _checked(
    concentrations: ArrayLike, energies: ArrayLike, counts: ArrayLike | None
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    points = np.asarray(concentrations, dtype=float)
    points = points[:, None] if points.ndim == 1 else points
    values = np.asarray(energies, dtype=float)
    if points.ndim != 2 or values.shape != (len(points),):
        raise ValueError(
            f"energies must be as many as concentrations, got {values.shape} for {points.shape}"
        )
    if not np.isfinite(points).all():
        raise ValueError("concentrations must be finite")
    chosen = np.isfinite(values)
    if counts is not None:
        chosen &= np.asarray(counts, dtype=bool)
    if not chosen.any():
        raise ValueError("energies must hold at least one that counts for the hull, got none")
    return points, values, chosen


def _hull(points: Floats, values: Floats) -> Any:
    from matlearn.lattice._fits.libraries import icet

    return icet().tools.ConvexHull(points, values)
