"""A mean squared displacement that bends once: a line and an exponential that dies away."""

from __future__ import annotations

import numpy as np

from matlearn.transport._estimators.regression import (
    Line,
    model_covariance,
    solve,
    spaced,
    whiten,
)
from matlearn.transport._estimators.series import Series

TIMES = 24
"""Decay times that are tried, evenly spaced in their logarithm."""
ROUNDS = 3
"""Each looks closer at the times that are likely, and knows the covariance better."""
LATEST = 30
"""The decay must be shorter than this part of the fit."""
DIES = 4.0
"""Decay times after which the line is taken for all there is."""


def fit_curve(
    series: Series, mean: np.ndarray, start: int, end: int, count: int, scale: float = 1.0
) -> Line | None:
    """Fit a line and A exp(-t / tau) from `start` to `end` frames; give the line.

    Hops at random times that are taken back with some probability give exactly this. The decay
    time is poorly known, and a value that was fitted would claim too much: every one on a grid
    counts by its likelihood over tau, and the spread of the slopes is part of the error. Variances
    of the data are `scale` squared times those of independent ions, and so the error is to be
    multiplied by `scale`.

    Returns
    -------
    Line or None
        It begins where the exponential has died; None where that is not early in the run.
    """
    lags = spaced(start, end, count)
    if len(lags) < 10:
        return None
    values = mean[lags]
    times = np.geomspace(0.5 * start, max(end / 4, start), TIMES)
    memory = min(30 * start, end // 3)
    far = lags[lags >= memory // 2]
    slope = float(np.polyfit(far, mean[far], 1)[0])
    for _ in range(ROUNDS):
        covariance = model_covariance(series, lags, mean, start, slope, memory)
        found, chi = _profile(lags, values, covariance, times)
        weights = np.exp(-0.5 * (chi - chi.min()) / scale**2) / times
        weights /= weights.sum()
        slope, intercept, variance = (float(x) for x in weights @ found)
        spread = float(weights @ (found[:, 0] - slope) ** 2)
        time = float(np.exp(weights @ np.log(times)))
        late = float(weights @ (times > end / LATEST))
        likely = np.flatnonzero(chi - chi.min() < 20.0 * scale**2)
        low, high = max(likely[0] - 1, 0), min(likely[-1] + 1, TIMES - 1)
        times = np.geomspace(times[low], times[high], TIMES)
    if late > 0.5:
        return None
    return Line(
        min(round(start + DIES * time), end // 3),
        lags,
        values,
        covariance,
        slope,
        intercept,
        np.diag([variance + spread / scale**2, np.nan]),
        _bend(lags, values, covariance, time),
    )


def _profile(
    lags: np.ndarray, values: np.ndarray, covariance: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Fit with each decay time: slope, intercept and the slope's variance (rows), chi square."""
    root, sizes = whiten(covariance)
    far = float(lags[-1])
    line = np.linalg.solve(root, np.c_[lags / far, np.ones(len(lags)), values] / sizes[:, None])
    decays = np.exp(-(lags[:, None] - lags[0]) / times)
    bent = np.linalg.solve(root, decays / sizes[:, None])
    found, chi = np.empty((len(times), 3)), np.empty(len(times))
    for row in range(len(times)):
        design = np.c_[line[:, :2], bent[:, row]]
        square = np.linalg.inv(design.T @ design + 1e-12 * np.eye(3))
        best = square @ design.T @ line[:, 2]
        found[row] = best[0] / far, best[1], square[0, 0] / far**2
        chi[row] = np.sum((line[:, 2] - design @ best) ** 2)
    return found, chi


def _bend(lags: np.ndarray, values: np.ndarray, covariance: np.ndarray, time: float) -> float:
    """By how many standard errors a second, faster or slower exponential is seen."""
    away, passed = 0.0, lags - lags[0]
    decay = np.exp(-passed / time)
    for other in (time / 4, 4 * time):
        columns = (lags, np.ones(len(lags)), decay, passed * decay, np.exp(-passed / other))
        best, square = solve(np.stack(columns, axis=1).astype(float), values, covariance)
        away = max(away, float(abs(best[4]) / np.sqrt(square[4, 4])))
    return away
