"""A value with its error, and what is common to all statistics of a series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Estimate:
    """A value with its standard error.

    Examples
    --------
    >>> Estimate(-1.74561, 0.00123, 812.0)
    -1.7456(12)
    """

    value: float
    """In the unit of what was estimated."""
    error: float
    """One standard error, in the same unit."""
    n_effective: float = math.inf
    """How many independent samples would have this error."""

    def __repr__(self) -> str:
        if not math.isfinite(self.error) or not math.isfinite(self.value):
            return f"{self.value:.6g} +- {self.error:.2g}"
        if self.error == 0.0:
            return f"{self.value:.6g}(0)"
        digits = 1 - math.floor(math.log10(self.error))
        if round(self.error, digits) * 10**digits >= 99.5:  # 0.0996 is 0.10, not 0.100
            digits -= 1
        if digits <= 0:
            return f"{self.value:.0f}({self.error:.0f})"
        return f"{self.value:.{digits}f}({self.error * 10**digits:.0f})"


def as_series(series: Sequence[float] | NDArray[np.floating], name: str = "series") -> Floats:
    """Check that a series is one, and return it as an array of floats."""
    values = np.asarray(series, dtype=float)
    if values.ndim != 1 or len(values) < 4:
        raise ValueError(
            f"{name} must hold at least 4 samples in one dimension, got shape {values.shape}"
        )
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).sum())
        raise ValueError(f"{name} must be finite, got {bad} samples that are not")
    return values


def autocorrelation(values: Floats) -> Floats:
    """Return the normalised autocorrelation at all lags (all 0 for a constant series)."""
    n = len(values)
    centred = values - values.mean()
    if np.abs(centred).max() <= 1e-13 * np.abs(values).max():
        return np.zeros(n)
    length = 1 << (2 * n - 1).bit_length()
    spectrum = np.fft.rfft(centred / np.abs(centred).max(), length)
    function = np.fft.irfft(np.abs(spectrum) ** 2, length)[:n]
    return function / function[0]
