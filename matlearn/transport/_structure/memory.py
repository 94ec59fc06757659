"""Autocorrelations by Fourier transform, and their spectra."""

from __future__ import annotations

import numpy as np

__all__ = ["autocorrelation", "central_velocities", "density_of_states"]


def autocorrelation(series: np.ndarray, lags: int) -> np.ndarray:
    """Give the mean of x(t) x(t + lag) over all t, for each column.

    Parameters
    ----------
    series
        (frames, columns).
    lags
        How many, from 0.

    Returns
    -------
    numpy.ndarray
        (lags, columns). By the theorem of Wiener and Khinchin, N log N.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    frames = len(series)
    length = next_fast_len(frames + lags, real=True)
    found = np.empty((lags, series.shape[1]))
    for column in range(series.shape[1]):  # one at a time: memory stays flat
        wave = rfft(series[:, column], n=length)
        found[:, column] = irfft(wave * wave.conj(), n=length)[:lags]
    return found / (frames - np.arange(lags))[:, None]


def central_velocities(positions: np.ndarray, cells: np.ndarray, time_step: float) -> np.ndarray:
    """Give velocities (frames - 2, atoms, 3) in A/ps from positions of neighbouring frames.

    Where the cell changes, what the cell itself does to the positions is taken off.
    """
    inverse = np.linalg.inv(cells)
    places = positions @ inverse
    change = (places[2:] - places[:-2]) / (2 * time_step)
    velocities: np.ndarray = change @ cells[1:-1]
    return velocities


def density_of_states(normal: np.ndarray, time_step: float) -> tuple[np.ndarray, np.ndarray]:
    """Give frequencies (THz) and the spectrum of a normalised autocorrelation (1/THz).

    The correlation is damped to zero at its end by half a cosine (Hann), which costs resolution
    (about 1 / its length) and removes ripples. The area under the spectrum is 1.
    """
    lags = len(normal)
    damped = normal * 0.5 * (1 + np.cos(np.pi * np.arange(lags) / lags))
    number = 4 * lags
    even = np.concatenate([damped, np.zeros(2 * (number - lags) + 1), damped[:0:-1]])
    spectrum = np.fft.rfft(even).real * 2 * time_step
    return np.fft.rfftfreq(len(even), time_step), spectrum
