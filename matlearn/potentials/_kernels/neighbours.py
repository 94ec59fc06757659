"""Pairs of atoms within a cut-off, periodic or not, in time proportional to their number."""

from __future__ import annotations

import numpy as np

from matlearn._compiling import compiled


@compiled
def _images(fractional, periodic, margin):  # type: ignore[no-untyped-def]
    """List the atoms and those of their images that lie within `margin` of the cell.

    Returns which atom each is, (images,), and how many cells away, (images, 3).
    """
    n = len(fractional)
    low, high = np.zeros((n, 3), np.int64), np.zeros((n, 3), np.int64)
    total = 0
    for i in range(n):
        count = 1
        for d in range(3):
            if periodic[d]:
                low[i, d] = np.int64(np.ceil(-margin[d] - fractional[i, d]))
                high[i, d] = np.int64(np.floor(1.0 + margin[d] - fractional[i, d]))
            count *= high[i, d] - low[i, d] + 1
        total += count
    atom, shift = np.empty(total, np.int64), np.empty((total, 3), np.int64)
    at = 0
    for i in range(n):
        for a in range(low[i, 0], high[i, 0] + 1):
            for b in range(low[i, 1], high[i, 1] + 1):
                for c in range(low[i, 2], high[i, 2] + 1):
                    atom[at] = i
                    shift[at, 0], shift[at, 1], shift[at, 2] = a, b, c
                    at += 1
    return atom, shift


@compiled
def _sorted_into_bins(places, low, width, bins):  # type: ignore[no-untyped-def]
    """Sort places (images, 3) into bins; return their bins, where each bin begins, and the order."""
    total = len(places)
    where = np.empty((total, 3), np.int64)
    begin = np.zeros(bins[0] * bins[1] * bins[2] + 1, np.int64)
    for g in range(total):
        for d in range(3):
            where[g, d] = min(bins[d] - 1, max(0, np.int64((places[g, d] - low[d]) / width[d])))
        begin[(where[g, 0] * bins[1] + where[g, 1]) * bins[2] + where[g, 2] + 1] += 1
    for at in range(1, len(begin)):
        begin[at] += begin[at - 1]
    order, filled = np.empty(total, np.int64), begin.copy()
    for g in range(total):
        at = (where[g, 0] * bins[1] + where[g, 1]) * bins[2] + where[g, 2]
        order[filled[at]] = g
        filled[at] += 1
    return where, begin, order


@compiled
def find_pairs(positions, cell, inverse, periodic, cutoff):  # type: ignore[no-untyped-def]
    """Find all pairs (both ways) closer than a cut-off.

    Atoms and those images that lie within the cut-off of the cell are sorted into bins as wide as
    the cut-off, or wider; bins that follow each other along the last direction are searched in one go.

    Parameters
    ----------
    positions
        (n, 3) in A.
    cell, inverse
        (3, 3) rows are lattice vectors in A (made complete where a direction is not periodic),
        and its inverse.
    periodic
        (3,) bool.
    cutoff
        In A.

    Returns
    -------
    first : ndarray
        (n + 1,) where the pairs of each atom begin.
    neighbours : ndarray
        (pairs,) the other atom.
    vectors : ndarray
        (pairs, 3) from the atom to the other one (its image), A.
    """
    n = len(positions)
    first = np.zeros(n + 1, np.int64)
    if n == 0:
        return first, np.empty(0, np.int64), np.empty((0, 3))
    fractional = positions @ inverse
    margin, low, width, span = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    bins = np.empty(3, np.int64)
    for d in range(3):
        # the distance of the two faces of the cell that this lattice vector joins is 1 / length
        length = np.sqrt(inverse[0, d] ** 2 + inverse[1, d] ** 2 + inverse[2, d] ** 2)
        margin[d] = cutoff * length
        if periodic[d]:
            for i in range(n):
                fractional[i, d] -= np.floor(fractional[i, d])
            low[d], high = -margin[d], 1.0 + margin[d]
        else:
            low[d], high = fractional[:, d].min(), fractional[:, d].max()
        span[d] = high - low[d]
        bins[d] = max(1, min(128, np.int64(span[d] / margin[d])))
    while bins[0] * bins[1] * bins[2] > 64 + 8 * n:  # a short cut-off: most would be empty
        for d in range(3):
            bins[d] = (bins[d] + 1) // 2
    for d in range(3):
        width[d] = max(span[d] / bins[d], 1e-12)
    atom, shift = _images(fractional, periodic, margin)
    places = np.empty((len(atom), 3))
    for g in range(len(atom)):
        for d in range(3):
            places[g, d] = fractional[atom[g], d] + shift[g, d]
    where, begin, order = _sorted_into_bins(places, low, width, bins)
    sorted_places = places[order]
    spread = np.ascontiguousarray((sorted_places @ cell).T)
    home, capacity = np.empty(n, np.int64), 48 * n
    for g in range(len(atom)):
        if shift[g, 0] == 0 and shift[g, 1] == 0 and shift[g, 2] == 0:
            home[atom[g]] = g
    rank = np.empty(len(atom), np.int64)
    for at in range(len(order)):
        rank[order[at]] = at
    neighbours, vectors = np.empty(capacity, np.int64), np.empty((capacity, 3))
    limit, count = cutoff * cutoff, 0
    for i in range(n):
        g = home[i]
        me = rank[g]
        x, y, z = spread[0, me], spread[1, me], spread[2, me]
        for a in range(max(0, where[g, 0] - 1), min(bins[0], where[g, 0] + 2)):
            for b in range(max(0, where[g, 1] - 1), min(bins[1], where[g, 1] + 2)):
                row = (a * bins[1] + b) * bins[2]
                start = begin[row + max(0, where[g, 2] - 1)]
                stop = begin[row + min(bins[2], where[g, 2] + 2)]
                if count + stop - start > capacity:
                    capacity = 2 * capacity + stop - start
                    more, longer = np.empty(capacity, np.int64), np.empty((capacity, 3))
                    more[:count] = neighbours[:count]
                    longer[:count] = vectors[:count]
                    neighbours, vectors = more, longer
                for at in range(start, stop):
                    dx, dy, dz = spread[0, at] - x, spread[1, at] - y, spread[2, at] - z
                    if dx * dx + dy * dy + dz * dz < limit and at != me:
                        neighbours[count] = atom[order[at]]
                        vectors[count, 0], vectors[count, 1], vectors[count, 2] = dx, dy, dz
                        count += 1
        first[i + 1] = count
    return first, neighbours[:count], vectors[:count]
