"""From disagreement to an error bar: a line through held-out residuals, and conformal quantiles."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RESOLUTION = 0.05


def fit_line(std: Floats, residual: Floats) -> tuple[float, float]:
    """Find a and b, neither negative, so that residuals are normal with a + b * std.

    By maximum likelihood, where a residual counts as no smaller than a twentieth of their root mean
    square (added in squares): exact hits, such as metals whose gap of zero every tree knows, would
    else make an error bar of zero the most likely one. Where `std` is all the same, the line is
    level.

    Parameters
    ----------
    std : ndarray, shape (n,)
        Disagreement of the ensemble.
    residual : ndarray, shape (n,)
        Prediction less target, of the same samples, which were not trained on.

    Returns
    -------
    a, b : float
        Constant part, in the unit of the target, and factor.
    """
    from scipy.optimize import minimize

    size = math.sqrt(float((residual**2).mean()))
    unit = float(std.mean())
    if size == 0 or unit == 0 or np.ptp(std) <= 1e-12 * unit:
        return size, 0.0
    x, r = std / unit, residual / size
    squares, least = r**2 + _RESOLUTION**2, 1e-3 * _RESOLUTION

    def cost(line: Floats) -> tuple[float, Floats]:
        sigma = np.maximum(line[0] + line[1] * x, least)
        slope = (1 - squares / sigma**2) / sigma
        value = float((np.log(sigma) + 0.5 * squares / sigma**2).mean())
        return value, np.array([slope.mean(), (slope * x).mean()])

    starts = ((0.5, 0.5), (1.0, 0.0), (1e-3, 1.0))
    found = [
        minimize(cost, start, jac=True, method="L-BFGS-B", bounds=[(least, None), (0, None)])
        for start in starts
    ]
    best = min(found, key=lambda one: one.fun)
    return float(best.x[0] * size), float(best.x[1] * size / unit)


def conformal_factor(scores: Floats, level: float) -> float:
    """Give the factor of the error bar that holds a new sample with the chance `level` at least.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        Absolute residuals in units of their error bars, of samples used for nothing else.
    level : float
        From 0 to 1.

    Returns
    -------
    float
        The ceil((n + 1) level)-th smallest score; infinite where n is too small for the level.

    Examples
    --------
    >>> conformal_factor(np.arange(1.0, 10.0), 0.9), conformal_factor(np.arange(1.0, 10.0), 0.95)
    (9.0, inf)
    """
    rank = math.ceil((len(scores) + 1) * level - 1e-9)
    if rank <= 0:
        return 0.0
    return float(np.partition(scores, rank - 1)[rank - 1]) if rank <= len(scores) else math.inf


def normal_factor(level: float | Floats) -> Floats:
    """Give the half width of the central interval of a normal distribution, in its std."""
    from scipy.stats import norm

    return np.asarray(norm.ppf(0.5 + np.asarray(level) / 2))


def miscalibration_area(levels: Floats, coverage: Floats) -> float:
    """Area between the curve of coverage and the diagonal: 0 is perfect, 0.5 the worst."""
    x = np.concatenate([[0.0], levels, [1.0]])
    y = np.concatenate([[0.0], coverage, [1.0]])
    return float(np.trapezoid(np.abs(y - x), x))
