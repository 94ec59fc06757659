"""How much mean squared displacements really vary: between parts of a run, and between ions."""

from __future__ import annotations

import numpy as np
from scipy.stats import chi2

from matlearn.transport._estimators.covariance import window_covariance
from matlearn.transport._estimators.regression import Line, process
from matlearn.transport._estimators.series import Series

CHANCE = 0.05
"""How often chance alone may do what is taken for real."""
BLOCKS = 40
"""At most, of a run."""


def excess(series: Series, mean: np.ndarray, line: Line) -> float:
    """By which factor the variance is larger than that of independent, equal ions; 1 at least.

    Two ratios of measured to expected variance of the mean squared displacement, at twice the lag
    where the line begins: between blocks of the run, which ions that move together enlarge, and
    between ions, which ions that are not alike enlarge. Either counts where it is beyond chance.
    """
    lag = min(2 * line.start, series.longest // 4)
    g, share, cumulant = process(series, mean, line.start, (line.slope, line.intercept), lag)
    lags = np.array([lag])
    found = [1.0]
    between, expected, freedom = 0.0, 0.0, 0
    apart, others = 0.0, 0
    for run in series.runs:
        windows = len(run) - lag
        if windows < 2:
            continue
        size = max(10 * lag, windows // BLOCKS)
        blocks = windows // size
        total = np.zeros(windows)
        by_ion = np.zeros(series.ions)
        for axis in range(series.axes):
            moved = run[lag:, :, axis] - run[:-lag, :, axis]
            total += np.einsum("ki,ki->k", moved, moved)
            by_ion += np.einsum("ki,ki->i", moved, moved)
        if blocks > 1:
            means = total[: blocks * size].reshape(blocks, size).mean(axis=1) / series.ions
            model = window_covariance(lags, g, line.start, size + lag, share, cumulant)
            between += ((means - means.mean()) ** 2).sum()
            expected = float(model[0, 0]) / series.ions
            freedom += blocks - 1
        if series.ions > 1:
            by_ion /= windows
            model = window_covariance(lags, g, line.start, len(run), share, cumulant)
            apart += ((by_ion - by_ion.mean()) ** 2).sum() / float(model[0, 0])
            others += series.ions - 1
    if freedom >= 4 and expected > 0.0:
        found.append(_beyond_chance(between / expected, freedom))
    if others >= 4:
        found.append(_beyond_chance(apart, others))
    return max(found)


def _beyond_chance(squares: float, freedom: int) -> float:
    ratio = squares / freedom
    return ratio if squares > chi2.isf(CHANCE, freedom) else 1.0
