"""Find the first peak of a curve and the minimum behind it."""

from __future__ import annotations

import numpy as np

__all__ = ["first_minimum", "first_peak"]


def _smoothed(distances: np.ndarray, values: np.ndarray, width: float) -> np.ndarray:
    from scipy.ndimage import gaussian_filter1d

    spacing = distances[1] - distances[0]
    return gaussian_filter1d(values, max(width / spacing, 0.5), mode="nearest")


def _peaks(values: np.ndarray, least: float) -> np.ndarray:
    """Give the places of peaks that rise above `least` and stand out by a tenth of the highest."""
    from scipy.signal import find_peaks

    padded = np.concatenate([[0.0], values, [0.0]])  # a peak in the last bin is one too
    found, _ = find_peaks(padded, height=least, prominence=0.1 * values.max())
    inside: np.ndarray = found - 1
    return inside


def first_peak(distances: np.ndarray, values: np.ndarray, width: float = 0.05) -> float:
    """Give the distance of the first maximum above 1.05; NaN where there is none."""
    smooth = _smoothed(distances, values, width)
    found = _peaks(smooth, 1.05)
    if len(found) == 0 or found[0] in (0, len(values) - 1):
        return float("nan")
    k = found[0]
    below, here, above = smooth[k - 1 : k + 2]
    bend = below - 2 * here + above
    shift = 0.5 * (below - above) / bend if bend < 0 else 0.0
    return float(distances[k] + shift * (distances[1] - distances[0]))


def first_minimum(distances: np.ndarray, values: np.ndarray, width: float = 0.05) -> float:
    """Give the distance of the lowest point between the first two peaks; NaN without two.

    Where nothing at all lies between two shells, it is the middle of the gap.
    """
    smooth = _smoothed(distances, values, width)
    found = _peaks(smooth, 1.05)
    if len(found) == 0 or found[0] in (0, len(values) - 1):
        return float("nan")
    rest = smooth[found[0] :]
    if len(found) > 1:
        rest = rest[: found[1] - found[0] + 1]
    lowest = np.flatnonzero(rest <= rest.min() + 1e-9 * smooth.max())
    if len(found) == 1 and lowest[-1] == len(rest) - 1:
        return float("nan")  # still falling at the cut-off
    return float(distances[found[0] + lowest].mean())
