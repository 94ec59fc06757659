"""Pairs of near sites in a periodic cell of any size, with little memory."""

from __future__ import annotations

from itertools import product

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def neighbours(sites: Atoms, cutoff: float) -> tuple[Integers, Integers, Floats, Integers]:
    """Find all ordered pairs of sites, images included, that are at most so far apart.

    Parameters
    ----------
    sites
        Any cell, also one so small that a site is a neighbour of its own image.
    cutoff
        Longest distance (angstrom).

    Returns
    -------
    first, second : ndarray of int, shape (n_pairs,)
        The sites; each pair is there both ways.
    vectors : ndarray, shape (n_pairs, 3)
        From the first to the second (angstrom).
    cells : ndarray of int, shape (n_pairs, 3)
        In which cell the second is, seen from the first where they are.

    Examples
    --------
    >>> from ase.build import bulk
    >>> first, second, vectors, cells = neighbours(bulk("Cu", "fcc", a=3.6), 2.6)
    >>> len(first), round(float(np.linalg.norm(vectors, axis=1).max()), 3)
    (12, 2.546)
    """
    from scipy.spatial import cKDTree

    n = len(sites)
    cell = sites.cell.complete().array
    heights = 1.0 / np.linalg.norm(np.linalg.inv(cell), axis=0)
    fractional = np.linalg.solve(cell.T, sites.positions.T).T
    home = np.where(sites.pbc, np.floor(fractional), 0.0)
    fractional -= home
    margin = cutoff / heights + 1e-9
    low, high = fractional.min(axis=0) - margin, fractional.max(axis=0) + margin
    reach = np.where(sites.pbc, np.ceil(margin + 1e-9), 0).astype(int)
    owners, shifts = [np.arange(n)], [np.zeros((n, 3))]
    for shift in product(*(range(-m, m + 1) for m in reach)):
        if any(shift):
            moved = fractional + shift
            (near,) = np.nonzero(((moved >= low) & (moved <= high)).all(axis=1))
            owners.append(near)
            shifts.append(np.tile(np.array(shift, dtype=float), (len(near), 1)))
    owner, image = np.concatenate(owners), np.concatenate(shifts)
    points = (fractional[owner] + image) @ cell
    pairs = cKDTree(points).query_pairs(cutoff, output_type="ndarray")
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    pairs = pairs[pairs[:, 0] < n]
    first, there = pairs[:, 0], pairs[:, 1]
    second = owner[there]
    cells = np.rint(image[there] + home[first] - home[second]).astype(np.int64)
    return first, second, points[there] - points[first], cells
