"""Slopes of a mean squared displacement by several methods."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from matlearn.transport._estimators.regression import fit_line
from matlearn.transport._estimators.series import Series
from matlearn.transport._estimators.start import find_start


@dataclass
class Estimate:
    """A slope, and what is said of it. Lags are in frames."""

    slope: float
    """A2 per frame."""
    error: float
    intercept: float
    """A2."""
    start: int
    end: int
    messages: list[str] = field(default_factory=list)


def estimate(
    series: Series,
    mean: np.ndarray,
    method: str,
    start: int | None,
    end: int | None,
    time_step: float,
) -> Estimate:
    """Fit."""
    if method == "ols":
        return ordinary(series, mean, start, end)
    last = end or series.longest // 2
    if start is None:
        start, _ = find_start(series, mean, last)
    line = fit_line(series, mean, start, last, 30)
    return Estimate(line.slope, float(np.sqrt(line.errors[0, 0])), line.intercept, start, last)


def ordinary(series: Series, mean: np.ndarray, start: int | None, end: int | None) -> Estimate:
    """Fit a line to all lags from 10 % to 50 % of the run, each weighted alike, as is usual."""
    first = start or max(1, series.longest // 10)
    last = end or series.longest // 2
    lags = np.arange(first, last + 1)
    (slope, intercept), errors = np.polyfit(lags, mean[lags], 1, cov="unscaled")
    rest = mean[lags] - slope * lags - intercept
    variance = rest @ rest / max(1, len(lags) - 2)
    return Estimate(
        float(slope), float(np.sqrt(variance * errors[0, 0])), float(intercept), first, last
    )
