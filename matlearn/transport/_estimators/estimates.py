"""Slopes of a mean squared displacement by several methods."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matlearn.transport._estimators.messages import doubts
from matlearn.transport._estimators.regression import fit_line
from matlearn.transport._estimators.resting import slope_from_hops
from matlearn.transport._estimators.series import Series
from matlearn.transport._estimators.spread import excess
from matlearn.transport._estimators.start import BEND, LAGS, Blend, bend_at, blend

AGREES = 3.0
"""Standard errors by which D from hops may lie above the line: more, and ions remember many hops."""


@dataclass(frozen=True)
class Estimate:
    """A slope, and where it is from. Lags are in frames."""

    slope: float
    """A2 per frame."""
    error: float
    intercept: float
    """A2."""
    start: int
    end: int
    straight: bool = True
    """Nothing says that motion is not diffusive yet at the start."""
    unlike: float = 1.0
    """By how much more ions differ than alike ones would."""
    messages: tuple[str, ...] = ()
    """Reasons to distrust it."""


def estimate(
    series: Series,
    mean: np.ndarray,
    method: str,
    start: int | None,
    end: int | None,
    time_step: float,
) -> Estimate:
    """Fit by ``"ols"``, or ``"gls"`` otherwise, and say what there is to say of it."""
    if not mean[1:].any():
        still = "ions did not move at all: D is zero, and there is no error to it"
        last = end or series.longest // 2
        return Estimate(0.0, 0.0, 0.0, start or 1, last, messages=(still,))
    fit = ordinary if method == "ols" else generalised
    found = fit(series, mean, start, end)
    return replace(found, messages=tuple(doubts(
        series, mean, slope=found.slope, error=found.error, start=found.start,
        straight=found.straight, unlike=found.unlike, time_step=time_step,
    )))  # fmt: skip


def generalised(series: Series, mean: np.ndarray, start: int | None, end: int | None) -> Estimate:
    """Fit by generalised least squares, from one start or from several, weighted.

    Where both ends are left open and ions rest between hops, their hops are counted instead.
    """
    last = end or series.longest // 2
    together, apart = excess(series, mean)
    scale, unlike = float(np.sqrt(together)), float(np.sqrt(apart))
    if start is None:
        lines = blend(series, mean, last, scale)
    else:
        last = end or max(last, min(4 * start, series.longest - 2))
        line = fit_line(series, mean, start, last, LAGS)
        seen = bend_at(series, mean, start, last)
        lines = Blend([line], np.ones(1), float(seen < (BEND + 0.5) * scale), scale)
    slope, error, intercept = lines.mean()
    error *= max(1.0, unlike / scale)
    first = lines.best.start
    hops = slope_from_hops(series) if start is None and end is None else None
    if hops is not None and hops[0] < slope + AGREES * error:
        slope, error = hops[0], hops[1] * scale
        intercept = float(mean[first] - slope * first)
    return Estimate(slope, error, intercept, first, last, lines.straight > 0.5, unlike)


def ordinary(series: Series, mean: np.ndarray, start: int | None, end: int | None) -> Estimate:
    """Fit a line to all lags from 10 % to 50 % of the run, each weighted alike, as is usual.

    The error is the textbook's, from the scatter of points about the line as if they were
    independent, which they are not: it is far too small.
    """
    first = start or max(1, series.longest // 10)
    last = end or max(first + 2, series.longest // 2)
    lags = np.arange(first, last + 1)
    (slope, intercept), errors = np.polyfit(lags, mean[lags], 1, cov="unscaled")
    rest = mean[lags] - slope * lags - intercept
    variance = rest @ rest / (len(lags) - 2)
    return Estimate(
        float(slope), float(np.sqrt(variance * errors[0, 0])), float(intercept), first, last
    )
