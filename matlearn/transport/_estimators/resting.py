r"""Ions that rest between hops, as on a lattice: time is counted in hops.

Where an ion stands still in most frames, when it hops says nothing of where it goes. With
:math:`\nu` the rate of hops and :math:`\mathbf h_j` the hops of an ion in their order,

.. math:: 2 d D = \nu \sum_{k=-\infty}^{\infty} \langle \mathbf h_j \cdot \mathbf h_{j+k} \rangle,

and the sum is the spectrum of the hops at zero frequency (k counts hops, not frames). The
spectrum is that of autoregressions of several orders, averaged with Akaike's weights.

References
----------
E. Parzen, Autoregressive Spectral Estimation, Technical Report N-28, Texas A&M University (1982).
"""

from __future__ import annotations

import numpy as np

from matlearn.transport._estimators.series import Series

STILL = 1e-5
"""Steps whose square is below this share of the mean square are none."""
FEWEST = 200
"""Hops that are needed."""
ORDER = 12
"""Highest order of an autoregression."""
PENALTY = 5.0
"""What each order costs; Akaike's 2 is for Gaussian steps, and hops on a lattice vary more."""
CAGED = 0.05
"""Ions that hop back so nearly always may be caged: then their hops do not tell."""
CHUNKS = 60
"""Parts of the data from whose scatter the error comes, at least."""


def slope_from_hops(series: Series) -> tuple[float, float] | None:
    """Give the slope of the mean squared displacement (A2 per frame) and its standard error.

    The error is that of leaving out one ion (or part of its run, where ions are few) at a time.

    Returns
    -------
    tuple or None
        None where ions do not rest in most frames, or there are too few hops to tell.
    """
    counted = _count(series)
    if counted is None:
        return None
    sums, pairs, frames, dimension = counted
    total, number = sums.sum(axis=0), pairs.sum(axis=0)
    if number[0] < FEWEST or 2 * number[0] > frames.sum():
        return None
    usable = int(np.sum(number >= max(FEWEST / 2, number[0] / 3)))
    if usable < 2:
        return None
    sums, pairs, total, number = (x[..., :usable] for x in (sums, pairs, total, number))
    slope = _slopes(total[None], number[None], frames.sum(keepdims=True), dimension)[0]
    if not slope * frames.sum() > CAGED * total[0]:
        return None
    without = _slopes(total - sums, number - pairs, frames.sum() - frames, dimension)
    count = len(frames)
    scatter = (count - 1) / count * np.sum((without - without.mean()) ** 2)
    return float(slope), float(np.sqrt(scatter))


def _count(series: Series) -> tuple[np.ndarray, np.ndarray, np.ndarray, float] | None:
    """Sum products of hops up to `ORDER` apart, and count them, for each part of the data.

    Returns
    -------
    tuple or None
        Sums and counts, shape (parts, orders), frames of each part, and the number of axes along
        which ions hop.
    """
    parts = max(1, -(-CHUNKS // (series.ions * len(series.runs))))
    least = STILL * series.moments(1).square
    rows = []
    axes = np.zeros(series.axes)
    for run in series.runs:
        steps = len(run) - 1
        for ion in range(series.ions):
            step = np.diff(run[:, ion], axis=0)
            when = np.flatnonzero(np.einsum("ka,ka->k", step, step) > least)
            if len(when) > 0.75 * steps:
                return None
            hops = step[when]
            axes += np.einsum("ka,ka->a", hops, hops)
            part = when * parts // steps
            frames = np.bincount(np.arange(steps) * parts // steps, minlength=parts)
            row = np.zeros((parts, 2 * ORDER + 3))
            row[:, -1] = frames
            for apart in range(min(ORDER + 1, len(hops))):
                first = part[: len(part) - apart]
                product = np.einsum("ka,ka->k", hops[: len(first)], hops[apart:])
                row[:, apart] = np.bincount(first, product, minlength=parts)
                row[:, ORDER + 1 + apart] = np.bincount(first, minlength=parts)
            rows.append(row)
    table = np.concatenate(rows)
    dimension = float(axes.sum() ** 2 / max(np.sum(axes**2), 1e-300))
    return table[:, : ORDER + 1], table[:, ORDER + 1 : -1], table[:, -1], dimension


def _slopes(
    sums: np.ndarray, pairs: np.ndarray, frames: np.ndarray, dimension: float
) -> np.ndarray:
    """Mean square per frame in the long run, for each row of sums."""
    means = sums / pairs
    spectra, costs = [means[:, 0]], [np.zeros(len(means))]
    for order in range(1, means.shape[1]):
        apart = np.abs(np.subtract.outer(np.arange(order), np.arange(order)))
        later = means[:, 1 : order + 1]
        factors = np.linalg.solve(
            means[:, apart] + 1e-9 * means[:, :1, None] * np.eye(order), later[..., None]
        )[..., 0]
        left = np.maximum(means[:, 0] - np.sum(factors * later, axis=1), 1e-9 * means[:, 0])
        spectra.append(left / (1.0 - factors.sum(axis=1)) ** 2)
        costs.append(pairs[:, 0] * dimension * np.log(left / means[:, 0]) + PENALTY * order)
    cost = np.array(costs)
    weights = np.exp(-0.5 * (cost - cost.min(axis=0)))
    averages: np.ndarray = np.sum(weights * np.array(spectra), axis=0) / weights.sum(axis=0)
    return averages * pairs[:, 0] / frames
