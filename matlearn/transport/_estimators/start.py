"""From which lag on motion is diffusive."""

from __future__ import annotations

import numpy as np

from matlearn.transport._estimators.regression import fit_line
from matlearn.transport._estimators.series import Series

BEND = 2.0
"""Standard errors by which the points may bend away from a line."""
MARGIN = 1.5
"""The start lies later than the first lag that passes by this factor: a bend may be there and yet
too weak to be seen."""


def candidates(last: int) -> list[int]:
    """Give lags to try, about 1.3 times one another."""
    tried, lag = [], 1
    while lag <= last:
        tried.append(lag)
        lag = max(lag + 1, round(1.3 * lag))
    return tried


def find_start(series: Series, mean: np.ndarray, end: int) -> tuple[int, bool]:
    """Find the first lag from which the mean squared displacement is straight within its errors.

    It and the next one tried must pass.

    Returns
    -------
    tuple
        The lag in frames, and whether any passed.
    """
    tried = candidates(max(1, min(series.longest // 12, end // 3)))
    before = False
    for index, lag in enumerate(tried):
        line = fit_line(series, mean, lag, min(end, 30 * lag), 20, bend=True)
        straight = line.bend < BEND and line.slope > 0.0
        if straight and before:
            return max(2, round(MARGIN * tried[index - 1])), True
        before = straight
    return tried[-1], len(tried) == 1 and before
