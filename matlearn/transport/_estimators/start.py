"""From which lag on motion is diffusive: not one answer but several, each with a weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matlearn.transport._estimators.regression import Line, fit_line
from matlearn.transport._estimators.series import Series

BEND, SOFT = 2.2, 0.6
"""Standard errors by which points may bend away from a line and still pass half of the time, and
over how many the chance falls."""
SPREAD = 2.0
"""How much the spread of the lines counts in the error: they share the noise that chose them, so
they are closer to one another than to the truth. Set on walks with hops that go back, so that
errors are true two times in three even where the bend is hardly seen."""
MARGIN, STEPS = 2.2, 3
"""The start lies later than the lag that passes, by this factor and at least so many frames: a
bend may be there and yet too weak to be seen."""
LAGS = 30
"""Lags of a fit, evenly spaced in their logarithm."""


@dataclass(frozen=True)
class Blend:
    """Lines from several starts."""

    lines: list[Line]
    weights: np.ndarray
    """Of each, adding up to one."""
    straight: float
    """How much of the weight lies on lags that passed; the rest is on the last that was tried."""

    @property
    def best(self) -> Line:
        """The line with most weight."""
        return self.lines[int(np.argmax(self.weights))]

    def mean(self) -> tuple[float, float, float]:
        """Give slope, its standard error and intercept.

        The error holds the average variance of the lines and their spread, as that of Buckland,
        Burnham and Augustin (Biometrics 53, 603 (1997)) does; the spread counts more here.
        """
        slopes = np.array([line.slope for line in self.lines])
        variances = np.array([line.errors[0, 0] for line in self.lines])
        intercepts = np.array([line.intercept for line in self.lines])
        slope = self.weights @ slopes
        variance = self.weights @ (variances + SPREAD * (slopes - slope) ** 2)
        return float(slope), float(np.sqrt(variance)), float(self.weights @ intercepts)


def candidates(last: int) -> list[int]:
    """Give lags to try, about 1.3 times one another."""
    tried, lag = [], 1
    while lag <= last:
        tried.append(lag)
        lag = max(lag + 1, round(1.3 * lag))
    return tried


def bend_at(series: Series, mean: np.ndarray, lag: int, end: int) -> float:
    """By how many standard errors the points bend from a lag on; infinite where they fall."""
    line = fit_line(series, mean, lag, min(end, 30 * lag), 20, bend=True)
    return line.bend if line.slope > 0.0 else np.inf


def blend(series: Series, mean: np.ndarray, end: int, scale: float = 1.0) -> Blend:
    """Fit lines from where the mean squared displacement is straight within its errors.

    Lags are tried from the shortest on. Each passes with a chance that falls with the bend that is
    seen there and at the next one; that chance is the weight of the line that begins a margin
    later, and what is left goes on. A hard first lag would follow the noise: what is seen as
    straight is so partly by luck, and its line would claim too much. Bends count in units of
    `scale` standard errors.
    """
    tried = candidates(max(1, min(series.longest // 12, end // 4)))
    weights: dict[int, float] = {}
    left, bends = 1.0, [bend_at(series, mean, tried[0], end)]
    for index, lag in enumerate(tried):
        if index + 1 < len(tried):
            bends.append(bend_at(series, mean, tried[index + 1], end))
        worst = max(bends[index : index + 2])
        chance = 1.0 / (1.0 + np.exp(min(50.0, (worst / scale - BEND) / SOFT)))
        start = min(max(lag + STEPS, round(MARGIN * lag)), max(1, end // 3))
        weights[start] = weights.get(start, 0.0) + left * chance
        left *= 1.0 - chance
        if left < 0.02:
            break
    straight = 1.0 - left
    if left >= 0.02:
        weights[start] += left
    kept = {start: weight for start, weight in weights.items() if weight >= 0.02}
    lines = [fit_line(series, mean, start, end, LAGS) for start in kept]
    shares = np.array(list(kept.values()))
    return Blend(lines, shares / shares.sum(), straight)
