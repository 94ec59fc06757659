"""Which atoms are neighbours: the nearest ones, and never a part of a shell."""

from __future__ import annotations

import numpy as np
from ase import Atoms

SAME_SHELL = 0.02
"""A; neighbours whose distances differ by less are of one shell, and are taken or left together."""
GROWTH = 1.3
"""By how much a radius of search grows that has not found enough neighbours."""

Edges = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Centres, neighbours, distances (A), images of the neighbours' cell."""


def nearest_neighbours(atoms: Atoms, cutoff: float, max_neighbours: int) -> Edges:
    """Find the nearest neighbours of every atom of a crystal, or of a molecule.

    Of the atoms within the cut-off the `max_neighbours` nearest count, and with the last of them
    all that are as far as it is: a shell cut in two would make the graph depend on the order of
    the atoms and on rounding.

    Parameters
    ----------
    atoms
        With or without periodic boundaries.
    cutoff
        A; nothing beyond counts.
    max_neighbours
        How many, but for ties.

    Returns
    -------
    tuple of numpy.ndarray
        Centres, neighbours (indices of atoms, of equal length), distances (A), and the images
        (m, 3) that say in which copy of the cell a neighbour lies. Ordered by centre and distance.
        Atoms without a neighbour are in none of them.
    """
    radius = _first_radius(atoms, cutoff, max_neighbours)
    while True:
        edges = _within(atoms, radius)
        counts = np.bincount(edges[0], minlength=len(atoms))
        if radius >= cutoff or _are_complete(edges, counts, radius, max_neighbours):
            return _without_the_far(edges, counts, max_neighbours)
        radius = min(cutoff, GROWTH * radius)


def distance_to_nearest(atoms: Atoms, atom: int, beyond: float) -> float | None:
    """Find how far (A) the nearest neighbour of a lonely atom is, None if it is all alone."""
    radius, farthest = beyond, 8.0 * beyond
    while radius < farthest:
        radius *= 2.0
        centres, _, distances, _ = _within(atoms, radius)
        if (centres == atom).any():
            return float(distances[centres == atom].min())
    return None


def _first_radius(atoms: Atoms, cutoff: float, max_neighbours: int) -> float:
    """Guess a radius that holds enough neighbours from the volume of an atom."""
    if not atoms.pbc.all():
        return cutoff
    volume = atoms.get_volume() / len(atoms)
    return float(min(cutoff, GROWTH * np.cbrt(3.0 * (max_neighbours + 1) * volume / (4.0 * np.pi))))


def _within(atoms: Atoms, radius: float) -> Edges:
    from ase.neighborlist import primitive_neighbor_list

    found = primitive_neighbor_list(
        "ijdS", atoms.pbc, atoms.cell.complete(), atoms.positions, float(radius)
    )
    centres, neighbours, distances, images = (np.asarray(part) for part in found)
    # the last keys make the order the same on every machine where distances tie
    order = np.lexsort((*images.T, neighbours, distances.round(6), centres))
    return centres[order], neighbours[order], distances[order], images[order]


def _are_complete(edges: Edges, counts: np.ndarray, radius: float, max_neighbours: int) -> bool:
    """Tell whether every atom has its neighbours and the whole shell of the last of them."""
    if counts.min() < max_neighbours:
        return False
    last = edges[2][np.cumsum(counts) - counts + max_neighbours - 1]
    return bool(last.max() + SAME_SHELL < radius)


def _without_the_far(edges: Edges, counts: np.ndarray, max_neighbours: int) -> Edges:
    if len(edges[0]) == 0:
        return edges
    centres, distances = edges[0], edges[2]
    start = np.cumsum(counts) - counts
    last = np.minimum(start + np.minimum(counts, max_neighbours) - 1, len(distances) - 1)
    farthest = distances[np.maximum(last, 0)] + SAME_SHELL
    keep = distances <= farthest[centres]
    return centres[keep], edges[1][keep], distances[keep], edges[3][keep]
