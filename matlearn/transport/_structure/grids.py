"""Fields on a periodic grid: counted, smoothed, searched for maxima."""

from __future__ import annotations

import numpy as np

from matlearn.transport._structure.pairs import cell_heights

__all__ = ["count_on_grid", "grid_shape", "maxima", "merged", "nearest", "separation", "smoothed"]


def grid_shape(cell: np.ndarray, spacing: float) -> tuple[int, int, int]:
    """Give the number of voxels along each vector of a cell, none wider than `spacing` (A)."""
    lengths = np.linalg.norm(cell, axis=1)
    a, b, c = (max(1, int(np.ceil(length / spacing - 1e-9))) for length in lengths)
    return a, b, c


def count_on_grid(fractions: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Count points (n, 3), in fractions of the cell, in each voxel; points outside are wrapped."""
    inside = fractions - np.floor(fractions)
    place = np.minimum((inside * shape).astype(np.int64), np.array(shape) - 1)
    flat = np.ravel_multi_index((place[:, 0], place[:, 1], place[:, 2]), shape)
    counts = np.bincount(flat, minlength=int(np.prod(shape)))
    return counts.reshape(shape).astype(float)


def smoothed(values: np.ndarray, cell: np.ndarray, width: float) -> np.ndarray:
    """Convolve a periodic field with a Gaussian of standard deviation `width` (A); the sum stays."""
    if width == 0:
        return values
    waves = np.meshgrid(*(np.fft.fftfreq(n, 1 / n) for n in values.shape), indexing="ij")
    vectors = 2 * np.pi * np.stack(waves, axis=-1) @ np.linalg.inv(cell).T
    damping = np.exp(-0.5 * width**2 * (vectors**2).sum(axis=-1))
    soft = np.clip(np.fft.ifftn(np.fft.fftn(values) * damping).real, 0.0, None)
    return soft * (values.sum() / soft.sum())


def separation(first: np.ndarray, second: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Give the shortest distances (n, m) in A between points in fractions of a periodic cell."""
    apart = first[:, None] - second[None]
    apart -= np.round(apart)
    shifts = np.array([[i, j, k] for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)])
    best = np.full(apart.shape[:2], np.inf)
    for shift in shifts:
        best = np.minimum(best, np.linalg.norm((apart + shift) @ cell, axis=-1))
    return best


def nearest(points: np.ndarray, places: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Give the index of the nearest of some places for each point, both in fractions."""
    chunks = np.array_split(points, max(1, len(points) * len(places) // 500_000))
    return np.concatenate([separation(chunk, places, cell).argmin(axis=1) for chunk in chunks])


def maxima(values: np.ndarray, cell: np.ndarray, least: float, apart: float) -> np.ndarray:
    """Find local maxima of a periodic field.

    Parameters
    ----------
    values
        On a grid of voxels.
    cell
        Vectors in rows, A.
    least
        Lower ones do not count.
    apart
        Of two closer than this (A), the higher one counts.

    Returns
    -------
    numpy.ndarray
        Fractions (n, 3), the highest first; each the centre of the field within half of `apart`.
    """
    from scipy.ndimage import maximum_filter

    high = (values >= maximum_filter(values, size=3, mode="wrap")) & (values >= least)
    places = np.argwhere(high)
    places = places[np.argsort(-values[tuple(places.T)], kind="stable")]
    middles = (places + 0.5) / values.shape
    kept: list[int] = []
    for number, middle in enumerate(middles):
        if not kept or separation(middle[None], middles[kept], cell).min() >= apart:
            kept.append(number)
    return np.array([_centred(values, cell, middles[k], apart / 2) for k in kept]).reshape(-1, 3)


def _centred(values: np.ndarray, cell: np.ndarray, middle: np.ndarray, radius: float) -> np.ndarray:
    """Move a point to the centre of the field within a radius (A) around it."""
    shape = np.array(values.shape)
    reach = np.ceil(radius * shape / cell_heights(cell[None])[0]).astype(int)
    reach = np.minimum(reach, (shape - 1) // 2)
    start = np.floor(middle * shape).astype(int)
    steps = np.stack(np.meshgrid(*(np.arange(-r, r + 1) for r in reach), indexing="ij"), axis=-1)
    offsets = (start + steps + 0.5) / shape - middle
    near = np.linalg.norm(offsets @ cell, axis=-1) <= radius
    weights = values[tuple(np.moveaxis((start + steps) % shape, -1, 0))] * near
    moved = middle + np.einsum("abc,abcd->d", weights, offsets) / weights.sum()
    return moved - np.floor(moved)


def merged(points: np.ndarray, cell: np.ndarray, apart: float) -> np.ndarray:
    """Replace points (n, 3), in fractions, that lie closer than `apart` (A) by their mean."""
    from scipy.sparse.csgraph import connected_components

    if len(points) == 0:
        return points
    number, label = connected_components(separation(points, points, cell) < apart, directed=False)
    means = []
    for group in range(number):
        mine = points[label == group]
        away = mine - mine[0]
        means.append(mine[0] + (away - np.round(away)).mean(axis=0))
    found = np.array(means)
    return found - np.floor(found)
