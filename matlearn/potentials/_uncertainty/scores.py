"""How well an indicator tells large errors from small ones: ranks only, no calibration."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rank_correlation(indicator: Floats, error: Floats) -> float:
    """Correlate ranks (Spearman): 1 where the indicator orders the errors, 0 by chance.

    Examples
    --------
    >>> rank_correlation(np.array([1.0, 2.0, 30.0]), np.array([0.1, 0.2, 0.3]))
    1.0
    """
    from scipy.stats import rankdata

    x, y = rankdata(indicator), rankdata(error)
    if x.std() == 0 or y.std() == 0:
        return float("nan")
    return round(float(np.corrcoef(x, y)[0, 1]), 12)


def area_under_curve(indicator: Floats, large: NDArray[np.bool_]) -> float:
    """Give the area under the receiver operating characteristic.

    It is the probability that of a large and a small error the large one has the larger
    indicator: 1 perfect, 0.5 by chance; NaN where all errors are of one kind.

    Examples
    --------
    >>> area_under_curve(np.array([1.0, 3.0, 2.0, 4.0]), np.array([False, False, True, True]))
    0.75
    """
    from scipy.stats import rankdata

    n, m = int(large.sum()), int((~large).sum())
    if n == 0 or m == 0:
        return float("nan")
    ranks = rankdata(indicator)
    return float((ranks[large].sum() - n * (n + 1) / 2) / (n * m))


def retention_curve(indicator: Floats, error: Floats) -> Floats:
    """Give the RMS error of what is kept, if what has the largest indicators is dropped.

    Returns
    -------
    ndarray, shape (n,)
        Of the k + 1 with the smallest indicators, in the error's unit.

    Examples
    --------
    >>> retention_curve(np.array([1.0, 2.0]), np.array([3.0, 4.0])).round(3).tolist()
    [3.0, 3.536]
    """
    order = np.argsort(indicator, kind="stable")
    kept: Floats = np.sqrt(np.cumsum(error[order] ** 2) / np.arange(1, len(error) + 1))
    return kept


def retention_score(indicator: Floats, error: Floats) -> float:
    """Compare the area under the retention curve with the best and with none at all.

    Returns
    -------
    float
        1: as good as knowing the errors themselves; 0: as good as dropping at random.

    Examples
    --------
    >>> errors = np.array([0.1, 0.2, 0.9])
    >>> retention_score(errors**2, errors), retention_score(-errors, errors) < 0
    (1.0, True)
    """
    best = retention_curve(error, error).mean()
    none = float(np.sqrt(np.mean(error**2)))
    if none - best <= 0:
        return float("nan")
    return float((none - retention_curve(indicator, error).mean()) / (none - best))


def scatter_of(
    score: Callable[[NDArray[np.int64]], float],
    groups: NDArray[np.int64],
    draws: int,
    rng: np.random.Generator,
) -> float:
    """Give the standard deviation of a score over draws of whole groups, with replacement.

    Parameters
    ----------
    score : callable
        Of the indices drawn.
    groups : ndarray of int, shape (n,)
        What belongs together (the atoms of a configuration); drawn together.
    draws : int
        How many draws.
    rng : numpy.random.Generator
        Where chance comes from.
    """
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    values = np.array([
        score(np.concatenate([members[k] for k in rng.integers(len(members), size=len(members))]))
        for _ in range(draws)
    ])  # fmt: skip
    finite = values[np.isfinite(values)]
    return float(finite.std(ddof=1)) if len(finite) > 1 else float("nan")
