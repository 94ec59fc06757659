"""Count pairs by their distance, in any periodic cell and over all its images."""

from __future__ import annotations

import math

import numpy as np

from matlearn._compiling import compiled

__all__ = ["cell_heights", "image_ranges", "pair_counts"]

CHUNK = 200
"""Frames that are turned into fractions at once: memory stays flat in long runs."""


def cell_heights(cells: np.ndarray) -> np.ndarray:
    """Give the distances between opposite faces of cells (n, 3, 3) as (n, 3), in A."""
    inverses = np.linalg.inv(cells)
    return 1 / np.linalg.norm(inverses, axis=1)


def image_ranges(heights: np.ndarray, cutoff: float) -> np.ndarray:
    """Say how many images on either side can lie within `cutoff` of an atom, along each axis.

    Fractional differences are first brought into -1/2 to 1/2; an image ``k`` cells away is then at
    least ``(k - 1/2)`` heights off.
    """
    return np.ceil(cutoff / heights - 0.5 - 1e-9).astype(np.int64)


@compiled(reorder=True)
def _count_nearest(
    first: np.ndarray,
    second: np.ndarray,
    cell: np.ndarray,
    same: bool,
    cutoff: float,
    counts: np.ndarray,
) -> None:
    """Add the ordered pairs of one frame, where only nearest images can be near enough."""
    bins = counts.shape[0]
    scale = bins / cutoff
    xx, xy, xz = cell[0, 0], cell[0, 1], cell[0, 2]
    yx, yy, yz = cell[1, 0], cell[1, 1], cell[1, 2]
    zx, zy, zz = cell[2, 0], cell[2, 1], cell[2, 2]
    places = np.empty(second.shape[0])
    each = 2.0 if same else 1.0
    for i in range(first.shape[0]):
        begin = i + 1 if same else 0
        p, q, r = first[i, 0], first[i, 1], first[i, 2]
        for j in range(begin, second.shape[0]):  # without a branch: the compiler takes four at once
            u, v, w = p - second[j, 0], q - second[j, 1], r - second[j, 2]
            u -= np.rint(u)
            v -= np.rint(v)
            w -= np.rint(w)
            x = u * xx + v * yx + w * zx
            y = u * xy + v * yy + w * zy
            z = u * xz + v * yz + w * zz
            places[j] = math.sqrt(x * x + y * y + z * z) * scale
        for j in range(begin, second.shape[0]):
            if places[j] < bins:
                counts[np.uint64(places[j])] += each


@compiled
def _count_images(
    first: np.ndarray,
    second: np.ndarray,
    cell: np.ndarray,
    images: np.ndarray,
    same: bool,
    cutoff: float,
    counts: np.ndarray,
) -> None:
    """Add the ordered pairs of one frame over all images that can be near enough."""
    bins = counts.shape[0]
    scale = bins / cutoff
    for i in range(first.shape[0]):
        for j in range(i if same else 0, second.shape[0]):
            itself = same and i == j
            each = 2.0 if same and not itself else 1.0
            u, v, w = (
                first[i, 0] - second[j, 0],
                first[i, 1] - second[j, 1],
                first[i, 2] - second[j, 2],
            )
            u -= np.rint(u)
            v -= np.rint(v)
            w -= np.rint(w)
            for a in range(-images[0], images[0] + 1):
                for b in range(-images[1], images[1] + 1):
                    for c in range(-images[2], images[2] + 1):
                        if itself and a == 0 and b == 0 and c == 0:
                            continue
                        square = 0.0
                        for k in range(3):
                            side = (
                                (u + a) * cell[0, k] + (v + b) * cell[1, k] + (w + c) * cell[2, k]
                            )
                            square += side * side
                        place = math.sqrt(square) * scale
                        if place < bins:
                            counts[np.uint64(place)] += each


@compiled
def _count(
    first: np.ndarray,
    second: np.ndarray,
    cells: np.ndarray,
    images: np.ndarray,
    same: bool,
    cutoff: float,
    counts: np.ndarray,
    weighted: np.ndarray,
) -> None:
    """Add ordered pairs to `counts`, and each times its frame's volume to `weighted`."""
    here = np.empty_like(counts)
    for f in range(first.shape[0]):
        here[:] = 0.0
        if images[f].max() == 0:
            _count_nearest(first[f], second[f], cells[f], same, cutoff, here)
        else:
            _count_images(first[f], second[f], cells[f], images[f], same, cutoff, here)
        counts += here
        weighted += here * abs(np.linalg.det(cells[f]))


def pair_counts(
    first: np.ndarray,
    second: np.ndarray | None,
    cells: np.ndarray,
    *,
    cutoff: float,
    bins: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Count ordered pairs of atoms by their distance.

    Parameters
    ----------
    first
        Positions (frames, n, 3) in A, wrapped or not.
    second
        Positions (frames, m, 3) of the others; None: pairs within `first`, an atom not with itself
        but with its own images.
    cells
        Periodic cells (frames, 3, 3) in A.
    cutoff
        Largest distance, A.
    bins
        Number of bins from 0 to `cutoff`.

    Returns
    -------
    counts : numpy.ndarray
        Ordered pairs in each bin, all frames together.
    weighted : numpy.ndarray
        The same, each pair times the volume (A3) of its frame.
    """
    counts, weighted = np.zeros(bins), np.zeros(bins)
    same = second is None
    for start in range(0, len(first), CHUNK):
        part = slice(start, start + CHUNK)
        box = np.ascontiguousarray(cells[part])
        inverse = np.linalg.inv(box)
        one = np.ascontiguousarray(first[part] @ inverse)
        other = one if second is None else np.ascontiguousarray(second[part] @ inverse)
        images = image_ranges(cell_heights(box), cutoff)
        _count(one, other, box, images, same, float(cutoff), counts, weighted)
    return counts, weighted
