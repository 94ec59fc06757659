"""From which lag on motion is diffusive: not one answer but several, each with a weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matlearn.transport._estimators.curve import fit_curve
from matlearn.transport._estimators.regression import Line, fit_line
from matlearn.transport._estimators.series import Series

BEND, SOFT = 3.0, 0.4
"""Standard errors by which points may bend away from a line and still pass half of the time, and
over how many the chance falls."""
MARGIN, STEPS = 2.2, 3
"""The start lies later than the lag that passes, by this factor and at least so many frames: a
bend may be there and yet too weak to be seen."""
LATE = 20
"""Bends that are seen beyond this part of the run leave doubts: later ones could not be seen."""
SMALL = 0.05
"""Weights below this are left out."""
LAGS = 30
"""Lags of a fit, evenly spaced in their logarithm."""


@dataclass(frozen=True)
class Blend:
    """Lines from several starts."""

    lines: list[Line]
    weights: np.ndarray
    """Of each, adding up to one."""
    straight: float
    """How much of the weight lies on early lags that passed."""
    scale: float = 1.0
    """By which errors are larger than those of independent ions."""

    @property
    def best(self) -> Line:
        """The line with most weight."""
        return self.lines[int(np.argmax(self.weights))]

    def mean(self) -> tuple[float, float, float]:
        """Give slope, its standard error and intercept.

        The error holds the average variance of the lines and their spread, as that of Buckland,
        Burnham and Augustin (Biometrics 53, 603 (1997)) does.
        """
        slopes = np.array([line.slope for line in self.lines])
        variances = np.array([line.errors[0, 0] for line in self.lines])
        intercepts = np.array([line.intercept for line in self.lines])
        slope = self.weights @ slopes
        variance = self.weights @ (self.scale**2 * variances + (slopes - slope) ** 2)
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
    """Fit lines from where the mean squared displacement is straight within its errors, or bends
    as an exponential dies.

    Lags are tried from the shortest on. Each passes with a chance that falls with the bend that is
    seen there and at the next one; that chance is the weight of the line that begins a margin
    later. What is left goes to a line with an exponential from there on, with the chance that
    nothing else is seen, and what is left then goes on. A hard first lag would follow the noise:
    what is seen as straight is so partly by luck, and its line would claim too much. Bends count
    in units of `scale` standard errors.
    """
    tried = candidates(max(1, min(series.longest // 12, end // 4)))
    weights: dict[int, float] = {}
    curves: list[tuple[float, Line]] = []
    left, straight, bends = 1.0, 0.0, [bend_at(series, mean, tried[0], end)]
    for index, lag in enumerate(tried):
        if index + 1 < len(tried):
            bends.append(bend_at(series, mean, tried[index + 1], end))
        passes = chance(max(bends[index : index + 2]) / scale)
        start = min(max(lag + STEPS, round(MARGIN * lag)), max(1, end // 3))
        weights[start] = weights.get(start, 0.0) + left * passes
        left *= 1.0 - passes
        if left >= SMALL and lag <= series.longest / LATE:
            curve = fit_curve(series, mean, lag + max(1, lag // 2), end, LAGS, scale)
            if curve is not None:
                tail = fit_line(series, mean, curve.start, end, LAGS)
                passes = chance(max(curve.bend, apart(curve, tail)) / scale)
                curves.append((left * passes, curve))
                left *= 1.0 - passes
        if lag <= series.longest / LATE:
            straight = 1.0 - left
        if left < SMALL:
            break
    if left >= SMALL:
        weights[start] += left
    found = [(share, line) for share, line in curves if share >= SMALL]
    for start, share in weights.items():
        if share >= SMALL:
            found.append((share, fit_line(series, mean, start, end, LAGS)))
    shares = np.array([share for share, _ in found])
    return Blend([line for _, line in found], shares / shares.sum(), straight, scale)


def apart(sharp: Line, safe: Line) -> float:
    """By how many standard errors a slope differs from one that assumes less.

    Where the sharper of two estimates is right, the variance of their difference is the difference
    of their variances (J. A. Hausman, Econometrica 46, 1251 (1978)).
    """
    variance = safe.errors[0, 0] - sharp.errors[0, 0]
    return float(abs(safe.slope - sharp.slope) / np.sqrt(max(variance, 0.1 * safe.errors[0, 0])))


def chance(bend: float) -> float:
    """Give the chance that points which bend by so many standard errors pass for a model."""
    return float(1.0 / (1.0 + np.exp(min(50.0, (bend - BEND) / SOFT))))
