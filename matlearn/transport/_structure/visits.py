"""From positions to visits of sites, and from visits to hops."""

from __future__ import annotations

import numpy as np

from matlearn._compiling import compiled

__all__ = ["assign", "nearest_others", "stays"]


@compiled
def _nearest_sites(
    ions: np.ndarray,
    sites: np.ndarray,
    cell: np.ndarray,
    site: np.ndarray,
    shift: np.ndarray,
    distance: np.ndarray,
) -> None:
    """For each frame and ion, write the nearest site, the image of the cell, and how far it is."""
    for f in range(ions.shape[0]):
        for i in range(ions.shape[1]):
            best = np.inf
            for s in range(sites.shape[0]):
                u = ions[f, i, 0] - sites[s, 0]
                v = ions[f, i, 1] - sites[s, 1]
                w = ions[f, i, 2] - sites[s, 2]
                a, b, c = np.rint(u), np.rint(v), np.rint(w)
                u -= a
                v -= b
                w -= c
                x = u * cell[0, 0] + v * cell[1, 0] + w * cell[2, 0]
                y = u * cell[0, 1] + v * cell[1, 1] + w * cell[2, 1]
                z = u * cell[0, 2] + v * cell[1, 2] + w * cell[2, 2]
                square = x * x + y * y + z * z
                if square < best:
                    best = square
                    site[f, i] = s
                    shift[f, i, 0] = int(a)
                    shift[f, i, 1] = int(b)
                    shift[f, i, 2] = int(c)
            distance[f, i] = np.sqrt(best)


@compiled
def nearest_others(sites: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Give the distance (A) of each site, in fractions of a cell, from the nearest other one."""
    found = np.empty(sites.shape[0])
    for i in range(sites.shape[0]):
        best = np.inf
        for j in range(sites.shape[0]):
            if i == j:
                continue
            square = 0.0
            u, v, w = (
                sites[i, 0] - sites[j, 0],
                sites[i, 1] - sites[j, 1],
                sites[i, 2] - sites[j, 2],
            )
            u, v, w = u - np.rint(u), v - np.rint(v), w - np.rint(w)
            for k in range(3):
                side = u * cell[0, k] + v * cell[1, k] + w * cell[2, k]
                square += side * side
            best = min(best, square)
        found[i] = np.sqrt(best)
    return found


def assign(
    ions: np.ndarray, sites: np.ndarray, cell: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the nearest site of each ion in each frame.

    Parameters
    ----------
    ions
        (frames, ions, 3), fractions of the cell, unwrapped.
    sites
        (sites, 3), fractions of the cell.
    cell
        (3, 3) in A. The nearest image is found by rounding, which is exact for distances up to half
        of the cell's least height: sites are closer than that.

    Returns
    -------
    site : numpy.ndarray
        (frames, ions), index of the site.
    shift : numpy.ndarray
        (frames, ions, 3), the image of the cell in which it is.
    distance : numpy.ndarray
        (frames, ions), A.
    """
    distance = np.empty(ions.shape[:2], dtype=np.float32)
    site = np.empty(ions.shape[:2], dtype=np.int32)
    shift = np.empty(ions.shape, dtype=np.int32)
    _nearest_sites(
        np.ascontiguousarray(ions), np.ascontiguousarray(sites), np.ascontiguousarray(cell), site,
        shift, distance,
    )  # fmt: skip
    return site, shift, distance


def stays(site: np.ndarray, shift: np.ndarray, least: int) -> tuple[np.ndarray, int]:
    """Give the stays of one ion: in each it remained at one site for at least `least` frames.

    Frames of shorter visits go to the stay before them, so that an ion that looks over the edge and
    returns has not hopped, and one that passes a site on its way has hopped past it. An ion that
    never stays so long is given its first visit alone.

    Parameters
    ----------
    site, shift
        Of one ion, (frames,) and (frames, 3).
    least
        Frames.

    Returns
    -------
    first : numpy.ndarray
        Frame in which each stay begins.
    short : int
        Number of visits that were too short.
    """
    changed = (np.diff(site) != 0) | (np.diff(shift, axis=0) != 0).any(axis=1)
    first = np.concatenate([[0], np.flatnonzero(changed) + 1])
    length = np.diff(np.append(first, len(site)))
    kept = first[length >= least]
    short = len(first) - len(kept)
    if len(kept) == 0:
        return np.zeros(1, dtype=np.int64), short
    same = (site[kept[1:]] == site[kept[:-1]]) & (shift[kept[1:]] == shift[kept[:-1]]).all(axis=1)
    kept = kept[np.concatenate([[True], ~same])]
    return kept, short
