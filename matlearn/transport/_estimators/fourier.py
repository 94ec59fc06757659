"""Mean squared displacements over all windows of a run, by fast Fourier transform.

Arrays in, arrays out: nothing here knows of trajectories.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

CHUNK = 2_000_000
"""Numbers that are transformed at once: about 100 MB whatever the run's length."""


def mean_squares(coordinates: np.ndarray) -> np.ndarray:
    """Average squared displacements over windows and ions, for each lag and axis.

    The sum over windows of (x(k+n) - x(k))^2 is the sum of both squares less twice the
    autocorrelation, which is what the transform gives for all lags at once (Wiener and Khinchin).
    Where that difference cancels too many digits, at the shortest lags of a run that went far, it
    is summed directly.

    Parameters
    ----------
    coordinates
        Shape (frames, ions, axes), unwrapped.

    Returns
    -------
    ndarray
        Shape (frames, axes); row n belongs to a lag of n frames, row 0 is zero.
    """
    frames, ions, axes = coordinates.shape
    size = fft.next_fast_len(2 * frames, real=True)
    power = np.zeros((axes, size // 2 + 1))
    squares = np.zeros((frames, axes))
    step = max(1, CHUNK // (size * axes))
    for begin in range(0, ions, step):
        part = coordinates[:, begin : begin + step]
        part = np.ascontiguousarray((part - part.mean(axis=0)).transpose(2, 1, 0))
        squares += np.einsum("aik,aik->ka", part, part)
        transform = fft.rfft(part, n=size, axis=-1)
        power += np.einsum("aik,aik->ak", transform.real, transform.real)
        power += np.einsum("aik,aik->ak", transform.imag, transform.imag)
    product = fft.irfft(power, n=size, axis=-1)[:, :frames].T
    total = np.vstack([np.zeros(axes), np.cumsum(squares, axis=0)])
    both = total[:0:-1] + total[-1] - total[:-1]
    windows = (frames - np.arange(frames))[:, None]
    values = (both - 2 * product) / (windows * ions)
    lost = 1e-14 * frames * squares.max(initial=0.0) / ions  # roundings of the longest sums
    short = np.flatnonzero(values.max(axis=1)[1:33] * (frames - 1) < 1e11 * lost) + 1
    for lag in short:
        values[lag] = direct(coordinates, int(lag))
    values[0] = 0.0
    return np.maximum(values, 0.0)


def direct(coordinates: np.ndarray, lag: int) -> np.ndarray:
    """Average squared displacements over one lag, for each axis, by direct summation."""
    frames, ions, axes = coordinates.shape
    total = np.zeros(axes)
    step = max(1, CHUNK // (frames * axes))
    for begin in range(0, ions, step):
        part = coordinates[:, begin : begin + step]
        moved = part[lag:] - part[:-lag]
        total += np.einsum("kia,kia->a", moved, moved)
    return total / ((frames - lag) * ions)
