"""Which single features go with a target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.regression._features.checks import numbers

if TYPE_CHECKING:
    import pandas as pd


def correlations(frame: pd.DataFrame, target: Any) -> pd.DataFrame:
    """Rank features by how well each one alone goes with the target.

    Spearman's coefficient is the correlation of ranks: 1 or -1 for any monotonic relation, bent or
    straight; Pearson's that of the values: 1 or -1 for a straight line.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row a sample, a column a feature.
    target : array_like, shape (n,)
        What is to be predicted.

    Returns
    -------
    pandas.DataFrame
        Indexed by feature, with columns ``spearman`` and ``pearson``, the largest Spearman
        coefficient in size first; NaN, at the end, for a feature that does not vary.

    Raises
    ------
    ValueError
        If there are missing or infinite values, the lengths differ, the target does not vary, or
        there are fewer than three samples.
    TypeError
        If the frame is no table of numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> found = correlations(pd.DataFrame({"x": [1, 2, 3, 4], "y": [1, 0, 1, 0]}), [1, 4, 9, 16])
    >>> found.round(2)
             spearman  pearson
    feature
    x            1.00     0.98
    y           -0.45    -0.44
    """
    import pandas as pd
    from scipy.stats import rankdata

    values, wanted = numbers(frame), np.asarray(target, dtype=float).ravel()
    if len(values) != len(wanted) or len(wanted) < 3:
        raise ValueError(
            "frame and target must be equally long, with three samples at least; got "
            f"{len(values)} rows and {len(wanted)} targets"
        )
    bad = np.flatnonzero(~np.isfinite(values).all(axis=0)).tolist()
    if bad or not np.isfinite(wanted).all():
        where = f"column {frame.columns[bad[0]]!r}" if bad else "the target"
        raise ValueError(f"missing or infinite values in {where}: see features.check")
    if np.ptp(wanted) == 0:
        raise ValueError(f"target must vary, got {wanted[0]:g} for all {len(wanted)} samples")
    ranks = rankdata(wanted)
    rows = [(_pearson(rankdata(column), ranks), _pearson(column, wanted)) for column in values.T]
    found = pd.DataFrame(rows, index=frame.columns, columns=["spearman", "pearson"])
    found.index.name = "feature"
    return found.sort_values("spearman", key=np.abs, ascending=False, kind="stable")


def _pearson(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size > 0 else np.nan
