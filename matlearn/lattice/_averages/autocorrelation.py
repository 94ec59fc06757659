"""How long a series remembers, and the error of its mean that follows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matlearn.lattice._averages.series import Estimate, Floats, as_series, autocorrelation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RELIABLE = 50.0
"""Shorter series than this many autocorrelation times tell little about their own errors."""


@dataclass(frozen=True, repr=False)
class Autocorrelation:
    """How long a series of samples remembers."""

    time: float
    """Integrated autocorrelation time, in steps of the series; 1/2 for independent samples."""
    error: float
    """Its standard error."""
    window: int
    """Lag up to which correlations were summed."""
    n_samples: int
    """Length of the series."""
    function: Floats = field(repr=False)
    """Normalised autocorrelation at lags 0, 1, 2, ..."""

    @property
    def n_effective(self) -> float:
        """As many independent samples would tell as much about the mean."""
        return self.n_samples / (2.0 * self.time)

    @property
    def reliable(self) -> bool:
        """Whether the series is at least 50 autocorrelation times long."""
        return bool(self.n_samples >= RELIABLE * self.time)

    def to_frame(self) -> pd.DataFrame:
        """Return ``lag`` (steps) and ``autocorrelation``, up to five windows."""
        shown = self.function[: 5 * self.window + 2]
        return pd.DataFrame({"lag": np.arange(len(shown)), "autocorrelation": shown})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the autocorrelation against the lag, and where the sum was cut.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.

        Returns
        -------
        matplotlib Axes
        """
        from matlearn.plotting import PALETTE, describe, new_axes

        ax = new_axes(ax)
        frame = self.to_frame()
        ax.plot(frame["lag"], frame["autocorrelation"], color=PALETTE[0])
        ax.axvline(self.window, color=PALETTE[7], linestyle="--", label=f"window {self.window}")
        ax.axhline(0.0, color="#888888", linewidth=0.8)
        ax.set(xlabel="Lag (steps of the series)", ylabel="Autocorrelation")
        ax.legend()
        describe(ax, f"Autocorrelation falls with lag; integrated time {self.time:.3g} steps.")
        return ax

    def __repr__(self) -> str:
        doubt = "" if self.reliable else ", series too short to be sure"
        return (
            f"Autocorrelation(time {Estimate(self.time, self.error)} steps, "
            f"{self.n_samples} samples worth {self.n_effective:.3g}{doubt})"
        )


def autocorrelation_time(
    series: Sequence[float] | NDArray[np.floating], *, window_factor: float = 5.0
) -> Autocorrelation:
    """Estimate the integrated autocorrelation time of a series, with an automatic window.

    tau = 1/2 + sum over t > 0 of rho(t), where rho is the normalised autocorrelation. The sum is
    cut at the first lag W >= `window_factor` * tau(W), where what is left out is smaller than its
    noise. The variance of the mean is 2 tau / n times that of a sample.
    Samples that avoid their predecessors would have tau below 1/2; they are taken as independent,
    so that an error is rather too large.

    Parameters
    ----------
    series : array_like, shape (n,)
        Equally spaced samples of an equilibrated run, in any unit.
    window_factor : float
        4 to 10; larger for correlations that decay by several exponentials.

    Returns
    -------
    Autocorrelation
        A constant series has time 1/2 and no error: nothing in it is correlated, or all.

    Raises
    ------
    ValueError
        If there are fewer than 4 samples, or one is not finite.

    References
    ----------
    N. Madras and A. D. Sokal, J. Stat. Phys. 50, 109 (1988), appendix C (the window, and the error
    2 (2 W + 1) / n tau^2); A. D. Sokal, Monte Carlo Methods in Statistical Mechanics (1996).
    Statistical inefficiency (Chodera) and emcee's time are twice this one.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=20000)
    >>> series = [0.0]
    >>> for one in noise:                  # memory fades as 0.8**t: tau = 1/2 + 0.8/0.2 = 4.5
    ...     series.append(0.8 * series[-1] + one)
    >>> autocorrelation_time(series)
    Autocorrelation(time 4.94(35) steps, 20001 samples worth 2.02e+03)
    """
    values = as_series(series)
    if not window_factor > 0:
        raise ValueError(f"window_factor must be positive, got {window_factor}")
    n = len(values)
    function = autocorrelation(values)
    times = np.maximum(np.cumsum(function) - 0.5, 0.5)
    enough = np.flatnonzero(np.arange(n) >= window_factor * times)
    window = int(enough[0]) if len(enough) else n - 1
    time = float(times[window])
    if function[0] == 0.0:  # constant
        return Autocorrelation(0.5, 0.0, 0, n, function)
    error = time * math.sqrt(2.0 * (2 * window + 1) / n)
    return Autocorrelation(time, error, window, n, function)


def mean(series: Sequence[float] | NDArray[np.floating]) -> Estimate:
    """Average a series of correlated samples, with the standard error of the average.

    Parameters
    ----------
    series : array_like, shape (n,)
        Equally spaced samples of an equilibrated run.

    Returns
    -------
    Estimate
        In the unit of the series. The error is sqrt(2 tau variance / n), with the integrated
        autocorrelation time tau of `autocorrelation_time`.

    Raises
    ------
    ValueError
        If there are fewer than 4 samples, or one is not finite.

    Examples
    --------
    >>> mean(np.random.default_rng(1).normal(2.0, 1.0, size=10000))
    1.989(10)
    """
    values = as_series(series)
    memory = autocorrelation_time(values)
    samples = max(memory.n_effective, 1.0)
    variance = values.var() / max(1.0 - 1.0 / samples, 1.0 / len(values))
    return Estimate(float(values.mean()), math.sqrt(variance / samples), samples)
