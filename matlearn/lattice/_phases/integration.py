"""Integrals over noisy points whose slopes are known from fluctuations.

Arrays in, arrays out. A Monte Carlo run gives not only a mean (the energy, say) but by its variance
the derivative of that mean (the heat capacity), so between two points a cubic is known, and the
trapezoid rule gains two orders: the rule of Hermite,

    integral = h (y0 + y1) / 2 + h^2 (y0' - y1') / 12,   with an error of h^5 y'''' / 720.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Integral:
    """A cumulative integral from the first point on, in units of y times units of x."""

    value: Floats
    """At each point, shape (n,); zero at the first."""
    statistical: Floats
    """Standard error from the noise of the points, shape (n,)."""
    discretisation: Floats
    """Estimate of what the finite distance of the points costs, shape (n,)."""
    intervals: Floats
    """The same for each interval by itself, shape (n - 1,)."""

    @property
    def error(self) -> Floats:
        """Both errors, added in squares."""
        return np.hypot(self.statistical, self.discretisation)


def integrate(
    x: Floats,
    y: Floats,
    slope: Floats,
    y_error: Floats,
    slope_error: Floats | None = None,
) -> Integral:
    """Integrate y over x by Hermite's rule, with both kinds of error.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Rising or falling throughout.
    y, slope : ndarray, shape (n,)
        Means and their derivatives by x.
    y_error, slope_error : ndarray, shape (n,)
        Standard errors; those of different points are independent of each other.

    Returns
    -------
    Integral
        The discretisation error is estimated by leaving out every second point in turn: the rule
        is of fourth order, so that would make it 15 times larger. A single interval is compared
        with the trapezoid rule instead.

    Examples
    --------
    >>> x = np.linspace(0.0, 2.0, 6)
    >>> found = integrate(x, np.exp(x), np.exp(x), 0.01 * np.ones(6))
    >>> [round(float(number), 4) for number in (found.value[-1], np.exp(2.0) - 1.0)]
    [6.3888, 6.3891]
    """
    x, y, slope = (np.asarray(each, dtype=float) for each in (x, y, slope))
    step = np.diff(x)
    if len(step) and not ((step > 0).all() or (step < 0).all()):
        raise ValueError("x must rise or fall throughout")
    pieces = step * (y[:-1] + y[1:]) / 2 + step**2 * (slope[:-1] - slope[1:]) / 12
    bends = np.zeros_like(slope) if slope_error is None else np.asarray(slope_error, dtype=float)
    statistical = [
        np.hypot(
            np.linalg.norm(_weights(step[:k]) * np.asarray(y_error)[: k + 1]),
            np.linalg.norm(_slope_weights(step[:k]) * bends[: k + 1]),
        )
        for k in range(len(x))
    ]
    doubt = _doubt(pieces, step, y, slope)
    return Integral(
        np.concatenate([[0.0], np.cumsum(pieces)]),
        np.array(statistical),
        np.concatenate([[0.0], np.abs(np.cumsum(doubt))]),
        np.abs(doubt),
    )


def _weights(step: Floats) -> Floats:
    weights = np.zeros(len(step) + 1)
    weights[:-1] += step / 2
    weights[1:] += step / 2
    return weights


def _slope_weights(step: Floats) -> Floats:
    weights = np.zeros(len(step) + 1)
    weights[:-1] += step**2 / 12
    weights[1:] -= step**2 / 12
    return weights


def _doubt(pieces: Floats, step: Floats, y: Floats, slope: Floats) -> Floats:
    """Estimate the error of each interval from what both it and a neighbour give as one."""
    if len(pieces) < 2:
        return step**2 * (slope[:-1] - slope[1:]) / 12
    wide = step[:-1] + step[1:]
    merged = wide * (y[:-2] + y[2:]) / 2 + wide**2 * (slope[:-2] - slope[2:]) / 12
    of_pairs = (merged - pieces[:-1] - pieces[1:]) / 15.0
    share = np.zeros(len(pieces))
    share[:-1] += of_pairs * step[:-1] / wide
    share[1:] += of_pairs * step[1:] / wide
    count = np.full(len(pieces), 2.0)
    count[[0, -1]] = 1.0
    return share / count


def jumps(
    x: Floats, y: Floats, slope: Floats, y_error: Floats, *, least: float, factor: float = 2.0
) -> NDArray[np.bool_]:
    """Tell in which intervals y changes by more than its slopes can account for.

    A phase that turns into another (a transition of first order, crossed on the way) shows as a
    change of the mean that its fluctuations did not announce.

    Parameters
    ----------
    x, y, slope, y_error : ndarray, shape (n,)
        As in `integrate`.
    least : float
        Smaller surprises than this are never called jumps; in the unit of y.
    factor : float
        How many times the larger of the two slopes is still believed.

    Returns
    -------
    ndarray of bool, shape (n - 1,)

    Examples
    --------
    >>> x = np.linspace(0.0, 1.0, 5)
    >>> jumps(x, np.where(x > 0.6, 2.0, 1.0), np.zeros(5), np.zeros(5), least=0.1).tolist()
    [False, False, True, False]
    """
    y, slope, noise = (np.asarray(each, dtype=float) for each in (y, slope, y_error))
    believed = factor * np.abs(np.diff(x)) * np.maximum(np.abs(slope[:-1]), np.abs(slope[1:]))
    surprise = np.abs(np.diff(y)) - believed
    return surprise > np.maximum(least, 4 * np.hypot(noise[:-1], noise[1:]))
