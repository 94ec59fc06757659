r"""Covariance of a mean squared displacement between lags.

For a process with stationary increments and mean squared displacement g, two displacements, over n
frames from frame k and over m from frame k + s, have along one axis the covariance

.. math:: c(s) = [g(n - s) + g(m + s) - g(n - m - s) - g(s)] / 2

(g even), which for a random walk is their overlap times the mean square of a step. The covariance
of their squares is 2 c^2 where displacements are Gaussian, and the fourth cumulant of a step times
the overlap in addition where single steps are not (Isserlis; for a pure walk with noise
J. T. Bullerjahn, S. von Bülow and G. Hummer, J. Chem. Phys. 153, 024116 (2020)). Averages over
windows add these up, each shift s as often as it occurs.
"""

from __future__ import annotations

import numpy as np

from matlearn._compiling import compiled


def window_covariance(
    lags: np.ndarray, g: np.ndarray, memory: int, frames: int, share: float, cumulant: float
) -> np.ndarray:
    """Covariance of a mean squared displacement of one ion, averaged over the windows of one run.

    Parameters
    ----------
    lags
        In frames, ascending, below `frames`.
    g
        The process's own mean squared displacement, summed over axes, at every lag up to twice the
        largest and its memory.
    memory
        Frames from which on g is a straight line: windows farther apart know nothing of each other.
    share
        Sum over principal axes of the squared shares of each in g: 1/3 where all three are alike.
    cumulant
        Fourth cumulant of the squared displacement per frame of overlap. A negative one may halve
        what Gaussian displacements vary by, not more.
    """
    squares, overlaps = _sums(lags, g, memory, frames)
    gaussian = 2.0 * share * squares
    least = -0.5 * float(np.min(np.diag(gaussian) / np.diag(overlaps)))
    return gaussian + max(cumulant, least) * overlaps


@compiled(reorder=True)
def _sums(
    lags: np.ndarray, g: np.ndarray, memory: int, frames: int
) -> tuple[np.ndarray, np.ndarray]:
    """Average squared covariances and overlaps over all pairs of windows."""
    size = len(lags)
    squares = np.zeros((size, size))
    overlaps = np.zeros((size, size))
    for i in range(size):
        n = lags[i]
        for j in range(i, size):
            m = lags[j]
            square = 0.0
            shared = 0.0
            low = max(-(m + memory), -(frames - n - 1))
            high = min(n + memory, frames - m - 1)
            for s in range(low, high + 1):
                count = min(frames - n, frames - m - s) - max(0, -s)
                c = 0.5 * (g[abs(n - s)] + g[abs(m + s)] - g[abs(n - m - s)] - g[abs(s)])
                square += count * c * c
                overlap = min(n, s + m) - max(0, s)
                if overlap > 0:
                    shared += count * overlap
            pairs = (frames - n) * (frames - m)
            squares[i, j] = squares[j, i] = square / pairs
            overlaps[i, j] = overlaps[j, i] = shared / pairs
    return squares, overlaps
