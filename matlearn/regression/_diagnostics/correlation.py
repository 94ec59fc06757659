"""Which features say much the same: groups by rank correlation."""

from __future__ import annotations

from typing import Any

import numpy as np


def correlated_groups(X: Any, threshold: float = 0.8) -> dict[str, list[str]]:
    """Sort features into groups that say much the same.

    Hierarchical clustering of features by 1 - |rho|, Spearman's rank correlation, by average
    linkage: groups whose mean correlation is at least `threshold` are joined.

    Parameters
    ----------
    X : DataFrame or array, shape (n_samples, n_features)
        Features, all finite. A constant column is a group of its own.
    threshold : float
        From 0 (all in one group) to 1 (only perfectly correlated features).

    Returns
    -------
    dict of str to list of str
        Columns by the name of the group: the column that is most like the others, and how many
        more there are. Columns of an array are called ``"x0"``, ``"x1"``, ...

    Raises
    ------
    ValueError
        If the threshold is not from 0 to 1, or a value is not finite.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.normal(size=(2, 100))
    >>> correlated_groups(np.column_stack([a, b, -(a**3)]))
    {'x0 (+1)': ['x0', 'x2'], 'x1': ['x1']}
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform
    from scipy.stats import rankdata

    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold must be from 0 to 1, got {threshold}")
    names, values = column_names(X), np.asarray(X, dtype=float)
    if values.ndim != 2 or len(values) < 2:
        raise ValueError(f"X must have two rows or more and a column a feature, got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("X must be finite: leave out columns or rows with NaN")
    ranks = rankdata(values, axis=0)
    ranks -= ranks.mean(axis=0)
    length = np.linalg.norm(ranks, axis=0)
    ranks /= np.where(length > 0, length, 1.0)
    likeness = np.clip(np.abs(ranks.T @ ranks), 0.0, 1.0)
    np.fill_diagonal(likeness, 1.0)
    if len(names) == 1:
        return {names[0]: names}
    tree = linkage(squareform(1 - likeness, checks=False), method="average")
    labels = fcluster(tree, 1 - threshold + 1e-9, criterion="distance")
    found = {}
    for label in dict.fromkeys(labels):
        members = np.flatnonzero(labels == label)
        middle = members[likeness[np.ix_(members, members)].sum(axis=1).round(9).argmax()]
        more = f" (+{len(members) - 1})" if len(members) > 1 else ""
        found[names[middle] + more] = [names[k] for k in members]
    return found


def column_names(X: Any) -> list[str]:
    """Name the features: by the columns of a frame, else x0, x1, ..."""
    if hasattr(X, "columns"):
        return [str(name) for name in X.columns]
    shape: tuple[int, ...] = getattr(X, "shape", ())
    if len(shape) != 2:
        raise TypeError("X must be a DataFrame or an array with a column a feature")
    return [f"x{k}" for k in range(shape[1])]
