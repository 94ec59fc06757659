"""Compiled kernels of the search chapter: arrays in, arrays out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matlearn._compiling import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@compiled
def push_apart(
    sites: Floats,
    projectors: Floats,
    owner: Ints,
    rotations: Floats,
    translations: Floats,
    minimum: Floats,
    cell: Floats,
    inverse: Floats,
    heights: Floats,
    max_steps: int,
) -> tuple[float, int, int, Floats]:
    """Move symmetry-distinct atoms until no two atoms of the crystal are too close.

    Parameters
    ----------
    sites : ndarray, shape (n_sites, 3)
        Fractional coordinates of one atom of each orbit; moved in place.
    projectors : ndarray, shape (n_sites, 3, 3)
        What keeps a displacement (fractional) on the site's symmetry element.
    owner : ndarray of int, shape (n_atoms,)
        The site that each atom is an image of. The first atom of a site is the site itself.
    rotations, translations : ndarray, shapes (n_atoms, 3, 3) and (n_atoms, 3)
        The operation (fractional) that makes the atom from its site.
    minimum : ndarray, shape (n_sites, n_sites)
        Smallest separation allowed, angstrom.
    cell : ndarray, shape (3, 3)
        Cell vectors as rows, angstrom.
    inverse : ndarray, shape (3, 3)
        Inverse of the cell.
    heights : ndarray, shape (3,)
        Distances between opposite faces of the cell, angstrom.
    max_steps : int
        When to give up.

    Returns
    -------
    overlap : float
        How much closer than allowed the worst pair still is, angstrom; at most 0: done.
    first, second : int
        The sites of the worst pair.
    fractional : ndarray, shape (n_atoms, 3)
        Fractional coordinates of all atoms, from 0 to 1.
    """
    n_sites, n_atoms = len(sites), len(owner)
    fractional = np.empty((n_atoms, 3))
    shift = np.empty((n_sites, 3))
    near = np.empty(3)
    worst, worst_i, worst_j = 0.0, 0, 0
    for step in range(max_steps + 1):
        for a in range(n_atoms):
            for k in range(3):
                x = translations[a, k]
                for m in range(3):
                    x += rotations[a, k, m] * sites[owner[a], m]
                fractional[a, k] = x - np.floor(x)
        worst, worst_i, worst_j = 0.0, 0, 0
        for i in range(n_sites):
            for k in range(3):
                shift[i, k] = 0.0
        last_site = -1
        for a in range(n_atoms):
            i = owner[a]
            if i == last_site:
                continue
            last_site = i
            for b in range(n_atoms):
                j = owner[b]
                limit = minimum[i, j]
                target = limit * 1.002  # a little further, so that the end is reached
                for k in range(3):
                    near[k] = fractional[b, k] - fractional[a, k]
                    near[k] -= np.floor(near[k] + 0.5)
                # images whose layer of cells can hold a neighbour
                low0 = int(np.ceil(-target / heights[0] - near[0]))
                low1 = int(np.ceil(-target / heights[1] - near[1]))
                low2 = int(np.ceil(-target / heights[2] - near[2]))
                high0 = int(np.floor(target / heights[0] - near[0]))
                high1 = int(np.floor(target / heights[1] - near[1]))
                high2 = int(np.floor(target / heights[2] - near[2]))
                for n0 in range(low0, high0 + 1):
                    for n1 in range(low1, high1 + 1):
                        for n2 in range(low2, high2 + 1):
                            if a == b and n0 == 0 and n1 == 0 and n2 == 0:
                                continue
                            f0, f1, f2 = near[0] + n0, near[1] + n1, near[2] + n2
                            x = f0 * cell[0, 0] + f1 * cell[1, 0] + f2 * cell[2, 0]
                            y = f0 * cell[0, 1] + f1 * cell[1, 1] + f2 * cell[2, 1]
                            z = f0 * cell[0, 2] + f1 * cell[1, 2] + f2 * cell[2, 2]
                            distance = np.sqrt(x * x + y * y + z * z)
                            if distance >= target:
                                continue
                            if limit - distance > worst:
                                worst, worst_i, worst_j = limit - distance, i, j
                            if distance > 1e-9:
                                push = 0.5 * (target - distance) / distance
                                shift[i, 0] -= push * x
                                shift[i, 1] -= push * y
                                shift[i, 2] -= push * z
                            else:
                                shift[i, 0] -= 0.5 * target
        if worst <= 0.0 or step == max_steps:
            break
        for i in range(n_sites):
            for k in range(3):
                near[k] = 0.0
                for m in range(3):
                    near[k] += shift[i, m] * inverse[m, k]
            for k in range(3):
                for m in range(3):
                    sites[i, k] += projectors[i, k, m] * near[m]
    return worst, worst_i, worst_j, fractional
