"""How much mean squared displacements really vary: between parts of a run, and between ions."""

from __future__ import annotations

import numpy as np
from scipy.stats import chi2

from matlearn.transport._estimators.covariance import window_covariance
from matlearn.transport._estimators.regression import process
from matlearn.transport._estimators.series import Series

CHANCE = 0.05
"""How often chance alone may do what is taken for real."""
BLOCKS = 40
"""At most, of a run."""
EARLY = 200
"""The rise is that from this part of the run on: early, so that there are blocks to compare."""


def excess(series: Series, mean: np.ndarray) -> tuple[float, float]:
    """By which factors variances are larger than those of independent, equal ions; 1 at least.

    Two ratios of measured to expected variance of the rise of the mean squared displacement from
    an early lag to three times that: between blocks of the run, which ions that move together
    enlarge, and between ions, which ions that are not alike enlarge. Either counts where it is
    beyond chance.

    Returns
    -------
    tuple
        Factor between blocks, factor between ions.
    """
    first = max(1, series.longest // EARLY)
    lags = np.array([first, 3 * first])
    memory = 10 * first
    if 2 * memory > series.longest // 2:
        return 1.0, 1.0
    slope = (mean[2 * memory] - mean[memory]) / memory
    g, share, cumulant = process(series, mean, first, slope, int(lags[1]), memory)

    def expected(windows: int) -> float:
        model = window_covariance(lags, g, memory, windows + int(lags[1]), share, cumulant)
        return float(model[0, 0] - 2 * model[0, 1] + model[1, 1])

    between, blocks_free, apart, ions_free = 0.0, 0, 0.0, 0
    for run in series.runs:
        windows = len(run) - int(lags[1])
        if windows < 2:
            continue
        rise = _squares(run, int(lags[1])) - _squares(run, int(lags[0]))[:windows]
        size = max(5 * int(lags[1]), windows // BLOCKS)
        blocks = windows // size
        if blocks > 1:
            means = rise[: blocks * size].mean(axis=1).reshape(blocks, size).mean(axis=1)
            between += blocks * float(means.var()) * series.ions / expected(size)
            blocks_free += blocks - 1
        apart += series.ions * float(rise.mean(axis=0).var()) / expected(windows)
        ions_free += series.ions - 1
    return _beyond_chance(between, blocks_free), _beyond_chance(apart, ions_free)


def _squares(run: np.ndarray, lag: int) -> np.ndarray:
    """Squared displacements of each window and ion."""
    total = np.zeros((len(run) - lag, run.shape[1]))
    for axis in range(run.shape[2]):
        moved = run[lag:, :, axis] - run[:-lag, :, axis]
        moved *= moved
        total += moved
    return total


def _beyond_chance(squares: float, freedom: int) -> float:
    if freedom < 3 or squares < chi2.isf(CHANCE, freedom):
        return 1.0
    return squares / freedom
