"""Statistics of hops: their correlation, and the diffusion that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matlearn.transport._structure.visits import assign, stays

__all__ = ["Hops", "correlation_factor", "jackknifed", "observe"]

MEMORY = 10
"""Hops after which an ion has forgotten where it came from."""
GROUPS = 20
"""Groups of ions that are left out one by one."""


@dataclass(frozen=True)
class Hops:
    """The hops of one ion in one run."""

    frames: np.ndarray
    """In which each hop is done, (n,)."""
    begun: np.ndarray
    """In which the stay before each hop began; -1: before the run."""
    start: np.ndarray
    """Sites from which, (n,)."""
    end: np.ndarray
    """Sites to which, (n,)."""
    vectors: np.ndarray
    """From site to site in A, (n, 3)."""
    back: np.ndarray
    """True where a hop returns to the site (in the same image) of the hop before; (n,) bool."""


def observe(
    ions: np.ndarray, sites: np.ndarray, cell: np.ndarray, least: int
) -> tuple[list[Hops], np.ndarray, int, np.ndarray]:
    """Follow the ions of a run from site to site.

    Parameters
    ----------
    ions
        (frames, ions, 3), fractions, unwrapped, without drift.
    sites
        (sites, 3), fractions.
    cell
        (3, 3) in A.
    least
        Frames that a visit must last.

    Returns
    -------
    hops
        One for each ion.
    occupied
        How many ions are at each site, averaged over frames; visits of any length count.
    short
        Visits that did not last.
    distance
        (frames, ions), of each ion from the nearest site, A.
    """
    site, shift, distance = assign(ions, sites, cell)
    hops, total = [], 0
    for ion in range(site.shape[1]):
        first, short = stays(site[:, ion], shift[:, ion], least)
        total += short
        where = site[first, ion]
        places = (sites[where] + shift[first, ion]) @ cell
        same = np.zeros(len(first), dtype=bool)
        if len(first) > 2:
            same[2:] = np.linalg.norm(places[2:] - places[:-2], axis=1) < 1e-6
        begun = first[:-1].copy()
        if len(begun):
            begun[0] = -1
        hops.append(
            Hops(first[1:], begun, where[:-1], where[1:], np.diff(places, axis=0), same[1:])
        )
    occupied = np.bincount(site.ravel(), minlength=len(sites)) / len(site)
    return hops, occupied, total, distance


def correlation_factor(hops: Sequence[Hops]) -> float:
    """Give f = 1 + 2 sum over k of <r(i) r(i + k)> / <r^2>, over the next ten hops; NaN without any."""
    squares = sum(float((one.vectors**2).sum()) for one in hops)
    number = sum(len(one.vectors) for one in hops)
    if number == 0 or squares == 0:
        return float("nan")
    factor = 1.0
    for later in range(1, MEMORY + 1):
        pairs = sum(max(len(one.vectors) - later, 0) for one in hops)
        if pairs == 0:
            break
        products = sum(float((one.vectors[:-later] * one.vectors[later:]).sum()) for one in hops)
        factor += 2 * (products / pairs) / (squares / number)
    return factor


def jackknifed(hops: Sequence[Hops], time: float) -> tuple[float, float, float, float]:
    """Give the correlation factor, and D = (hops' squares per time) f / 6 in A2/ps, with errors.

    Parameters
    ----------
    hops
        One for each ion (and run).
    time
        Of each, ps: the mean over all.

    Returns
    -------
    tuple of four floats
        Factor, its error, D, its error; errors from leaving out a twentieth of the ions at a time
        (NaN for fewer than three).
    """

    def both(some: Sequence[Hops]) -> np.ndarray:
        squares = sum(float((one.vectors**2).sum()) for one in some)
        factor = correlation_factor(some)
        spread = squares / (len(some) * time) * factor / 6 if np.isfinite(factor) else 0.0
        return np.array([factor, spread])

    value = both(hops)
    groups = min(GROUPS, len(hops))
    if groups < 3:
        return float(value[0]), float("nan"), float(value[1]), float("nan")
    left = np.array(
        [
            both([one for place, one in enumerate(hops) if place % groups != group])
            for group in range(groups)
        ]
    )
    errors = np.sqrt((groups - 1) * left.var(axis=0))
    return float(value[0]), float(errors[0]), float(value[1]), float(errors[1])
