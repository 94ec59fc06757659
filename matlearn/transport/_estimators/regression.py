"""Generalised least squares of a mean squared displacement on a line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matlearn.transport._estimators.covariance import window_covariance
from matlearn.transport._estimators.series import Series

RIDGE = 1e-5
"""Added to the correlation matrix: neighbouring lags are nearly the same number."""


@dataclass(frozen=True)
class Line:
    """A straight line through mean squared displacements; lags are in frames."""

    start: int
    lags: np.ndarray
    values: np.ndarray
    covariance: np.ndarray
    """Of the values (A4)."""
    slope: float
    """A2 per frame."""
    intercept: float
    """A2."""
    errors: np.ndarray
    """Covariance of slope and intercept."""
    bend: float
    """By how many standard errors the points bend away from a line."""


def spaced(start: int, end: int, count: int) -> np.ndarray:
    """Give whole lags, evenly spaced in their logarithm where they are not dense."""
    return np.unique(np.round(np.geomspace(start, max(start, end), count)).astype(int))


def whiten(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the root of the correlation matrix, and the standard deviations."""
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    ridge = max(RIDGE, RIDGE - 2 * float(np.linalg.eigvalsh(correlation)[0]))
    return np.linalg.cholesky(correlation + ridge * np.eye(len(scale))), scale


def solve(
    design: np.ndarray, values: np.ndarray, covariance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give parameters and their covariance."""
    root, scale = whiten(covariance)
    white = np.linalg.solve(root, np.c_[design, values] / scale[:, None])
    norm = np.linalg.norm(white[:, :-1], axis=0)
    square = np.linalg.inv(white[:, :-1].T @ white[:, :-1] / np.outer(norm, norm))
    errors = square / np.outer(norm, norm)
    return errors @ white[:, :-1].T @ white[:, -1], errors


def process(
    series: Series, mean: np.ndarray, start: int, slope: float, last: int, memory: int
) -> tuple[np.ndarray, float, float]:
    """Describe the process that the windows over `start` frames and more are drawn from.

    Its mean squared displacement is taken as measured up to `memory`, and straight from there.

    Returns
    -------
    tuple
        That, up to twice the last lag and its memory; the shares of the axes; the fourth cumulant.
    """
    moments = series.moments(start)
    g = np.empty(2 * (last + memory) + 2)
    g[:memory] = mean[:memory]
    g[memory:] = max(mean[memory], 1e-300) + max(slope, 0.0) * np.arange(len(g) - memory)
    g[0] = 0.0
    return g, moments.share, moments.cumulant / start


def model_covariance(
    series: Series,
    lags: np.ndarray,
    mean: np.ndarray,
    start: int,
    slope: float,
    memory: int | None = None,
) -> np.ndarray:
    """Covariance of the pooled mean squared displacement if ions are independent."""
    memory = memory or start
    g, share, cumulant = process(series, mean, start, slope, int(lags[-1]), memory)
    counts = series.windows(lags)
    weights = counts / counts.sum(axis=0)
    total = np.zeros((len(lags), len(lags)))
    known: dict[int, np.ndarray] = {}
    for frames, weight in zip(series.frames, weights, strict=True):
        there = lags < frames
        if not there.any():  # a replica that is shorter than all windows
            continue
        if frames not in known:
            known[frames] = window_covariance(lags[there], g, memory, frames, share, cumulant)
        part = weight[there]
        total[np.ix_(there, there)] += known[frames] * np.outer(part, part)
    return total / series.ions


def fit_line(
    series: Series, mean: np.ndarray, start: int, end: int, count: int, *, bend: bool = False
) -> Line:
    """Fit a line from `start` to `end` frames.

    The covariance needs the line: two rounds, from ordinary least squares on.
    """
    lags = spaced(start, end, count)
    values = mean[lags]
    near = lags <= max(3 * start, lags[min(3, len(lags) - 1)])
    slope, intercept = np.polyfit(lags[near], values[near], 1)
    design = np.c_[lags, np.ones(len(lags))].astype(float)
    for _ in range(2):
        covariance = model_covariance(series, lags, mean, start, slope)
        (slope, intercept), errors = solve(design, values, covariance)
    away = 0.0
    if bend:
        for scale in (1.0, 4.0):
            curve = np.exp(-(lags - start) / (scale * start))
            found, spread = solve(np.c_[design, curve], values, covariance)
            away = max(away, abs(found[2]) / np.sqrt(spread[2, 2]))
    return Line(start, lags, values, covariance, float(slope), float(intercept), errors, away)
