"""Linear models for many penalties at once: the sums behind `matlearn.regression.linear`."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KINDS = ("lasso", "ridge")
POINTS = 60
"""Penalties of a path that is not told which."""
LEAST_SAMPLES = 10


def read_table(X: Any, y: Any) -> tuple[Floats, Floats, list[str]]:
    """Give features without constant columns, the target, and a name for each column.

    Raises
    ------
    ValueError
        If shapes do not fit, something is not finite or constant, or samples are too few.
    """
    table, target = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if table.ndim != 2 or target.shape != table.shape[:1]:
        raise ValueError(
            "X must be a table and y have a number for each row of it, got shapes "
            f"{table.shape} and {target.shape}"
        )
    if len(target) < LEAST_SAMPLES:
        raise ValueError(f"X and y must hold at least {LEAST_SAMPLES} samples, got {len(target)}")
    names = [
        str(c) for c in getattr(X, "columns", [f"feature {i + 1}" for i in range(table.shape[1])])
    ]
    if not np.isfinite(target).all():
        raise ValueError(
            f"y must be finite, got {(~np.isfinite(target)).sum()} values that are not"
        )
    bad = [
        name for name, good in zip(names, np.isfinite(table).all(axis=0), strict=True) if not good
    ]
    if bad:
        raise ValueError(f"X must be finite, but NaN or infinity is in {', '.join(bad[:5])}")
    varies = np.ptp(table, axis=0) > 0
    if not varies.any() or not np.ptp(target) > 0:
        raise ValueError(
            f"{'y' if varies.any() else 'every column of X'} is constant: nothing to fit"
        )
    return table[:, varies], target, [n for n, some in zip(names, varies, strict=True) if some]


def standardise(table: Floats, by: Floats) -> Floats:
    """Shift and scale columns so that those of `by` have mean 0 and standard deviation 1."""
    spread = by.std(axis=0)
    return np.asarray((table - by.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def default_alphas(kind: str, table: Floats, target: Floats) -> Floats:
    """Choose penalties from where nothing is left of a model to where hardly any is taken away."""
    if kind == "ridge":
        return np.geomspace(1e3 * len(target), 1e-5 * len(target), POINTS)
    scaled = (target - target.mean()) / target.std()
    largest = float(np.abs(standardise(table, table).T @ scaled).max()) / len(target)
    return np.geomspace(largest, largest / 1000, POINTS)


def fit_path(kind: str, table: Floats, target: Floats, alphas: Floats) -> Floats:
    """Fit scaled features and a centred target for each penalty; shape (penalties, features)."""
    return _ridge(table, target, alphas) if kind == "ridge" else _lasso(table, target, alphas)


def _ridge(table: Floats, target: Floats, alphas: Floats) -> Floats:
    """All penalties by one singular-value decomposition."""
    left, values, right = np.linalg.svd(table, full_matrices=False)
    shrunk = values / (values**2 + alphas[:, None])
    return np.asarray((shrunk * (left.T @ target)) @ right)


def _lasso(table: Floats, target: Floats, alphas: Floats) -> Floats:
    """Coordinate descent from the largest penalty down, each started from the one before.

    A penalty counts in units of the target's standard deviation, as in `make_model`.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import lasso_path

    scale = float(target.std()) or 1.0
    with warnings.catch_warnings():  # the smallest penalties may stay a little off
        warnings.simplefilter("ignore", ConvergenceWarning)
        _, found, _ = lasso_path(
            table, target / scale, alphas=alphas, precompute=True, max_iter=20_000, tol=1e-4
        )
    return np.asarray(found.T * scale)


def path_errors(
    kind: str, table: Floats, target: Floats, alphas: Floats, folds: list[tuple[Any, Any]]
) -> tuple[Floats, Floats]:
    """Mean absolute errors in the test part and in the training part of each fold.

    Scaling, fitting and the mean of the target know the training part alone.

    Returns
    -------
    test, train : ndarray, shape (folds, penalties)
    """
    errors = np.empty((2, len(folds), len(alphas)))
    for number, (train, test) in enumerate(folds):
        middle = target[train].mean()
        slopes = fit_path(
            kind, standardise(table[train], table[train]), target[train] - middle, alphas
        )
        for part, rows in enumerate((test, train)):
            said = standardise(table[rows], table[train]) @ slopes.T + middle
            errors[part, number] = np.abs(said - target[rows][:, None]).mean(axis=0)
    return errors[0], errors[1]
