"""Coefficients and errors of ridge and LASSO for many penalties at once. Private."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = ("lasso", "ridge")
COUNT = 40


@dataclass(frozen=True)
class Paths:
    """What a linear model becomes as its penalty falls."""

    kind: str
    alphas: np.ndarray
    """Penalties as `make_model` has them, the largest first; shape (m,)."""
    coefficients: np.ndarray
    """For features of standard deviation 1, in the unit of the target; shape (m, p)."""
    names: list[str]
    test: np.ndarray
    """Mean absolute error of each fold on its test part; shape (folds, m)."""
    train: np.ndarray
    """The same on the samples it was fitted to."""

    @property
    def best(self) -> int:
        """Position of the penalty with the smallest error in the test folds."""
        return int(self.test.mean(axis=0).argmin())

    def left(self, position: int) -> list[tuple[str, float]]:
        """Give the coefficients that are not zero at a penalty, the largest first."""
        values = self.coefficients[position]
        order = [i for i in np.argsort(-np.abs(values), kind="stable") if values[i] != 0]
        return [(self.names[i], float(values[i])) for i in order]


def checked(X: Any, y: Any) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Give features without constant columns, the target, and names.

    Raises
    ------
    ValueError
        If shapes do not fit, something is not finite, or there are fewer than 10 samples.
    """
    table = np.asarray(X, dtype=float)
    target = np.asarray(y, dtype=float)
    if table.ndim != 2 or target.shape != table.shape[:1]:
        raise ValueError(
            f"X must be a table and y have a number for each row, got shapes {table.shape} and "
            f"{target.shape}"
        )
    if len(target) < 10:
        raise ValueError(f"X and y must hold at least 10 samples, got {len(target)}")
    if not (np.isfinite(table).all() and np.isfinite(target).all()):
        raise ValueError("X and y must be finite; features.check names the columns that are not")
    names = [
        str(c) for c in getattr(X, "columns", [f"feature {i + 1}" for i in range(table.shape[1])])
    ]
    spread = np.ptp(table, axis=0) > 0
    if not spread.any() or not np.ptp(target) > 0:
        raise ValueError("X and y must vary: every column of X, or y, is constant")
    return (
        table[:, spread],
        target,
        [name for name, some in zip(names, spread, strict=True) if some],
    )


def make_paths(
    kind: str, table: np.ndarray, target: np.ndarray, names: Sequence[str], folds: int, seed: int
) -> Paths:
    """Fit all samples, and fold by fold.

    Parameters
    ----------
    kind : {"lasso", "ridge"}
    table, target, names
        As `checked` returns them.
    folds : int
        Number of folds, drawn with `seed`.
    """
    from sklearn.model_selection import KFold

    fit = _lasso if kind == "lasso" else _ridge
    alphas = _alphas(kind, table, target)
    coefficients = fit(_scaled(table, table), target - target.mean(), alphas)
    test: list[np.ndarray] = []
    train: list[np.ndarray] = []
    for seen, kept in KFold(folds, shuffle=True, random_state=seed).split(table):
        middle = target[seen].mean()
        slopes = fit(_scaled(table[seen], table[seen]), target[seen] - middle, alphas)
        for rows, errors in ((kept, test), (seen, train)):
            said = _scaled(table[rows], table[seen]) @ slopes.T + middle
            errors.append(np.abs(said - target[rows][:, None]).mean(axis=0))
    return Paths(kind, alphas, coefficients, list(names), np.array(test), np.array(train))


def _scaled(table: np.ndarray, by: np.ndarray) -> np.ndarray:
    spread = by.std(axis=0)
    return np.asarray((table - by.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def _alphas(kind: str, table: np.ndarray, target: np.ndarray) -> np.ndarray:
    if kind == "ridge":
        return np.geomspace(1e3 * len(target), 1e-4 * len(target), COUNT)
    scaled = (target - target.mean()) / target.std()
    largest = float(np.abs(_scaled(table, table).T @ scaled).max()) / len(target)
    return np.geomspace(largest, largest / 500, COUNT)


def _ridge(table: np.ndarray, target: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    left, values, right = np.linalg.svd(table, full_matrices=False)
    shrunk = values / (values**2 + alphas[:, None])
    return np.asarray((shrunk * (left.T @ target)) @ right)


def _lasso(table: np.ndarray, target: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    """LASSO's alpha counts in units of the target's standard deviation, as in `make_model`."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import lasso_path

    scale = float(target.std()) or 1.0
    with warnings.catch_warnings():  # the smallest penalties need not be exact to be drawn
        warnings.simplefilter("ignore", ConvergenceWarning)
        _, found, _ = lasso_path(
            table, target / scale, alphas=alphas, precompute=True, max_iter=20_000, tol=1e-6
        )
    return np.asarray(found.T * scale)


def still(paths: Paths, unit: str) -> Axes:
    """Draw coefficients and errors against the penalty, with the best one marked."""
    import matplotlib.pyplot as plt

    suffix = f" ({unit})" if unit else ""
    _, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6))
    best, alphas = paths.best, paths.alphas
    strong = np.argsort(-np.abs(paths.coefficients[best]), kind="stable")[:7]
    for index, line in enumerate(paths.coefficients.T):
        rank = np.flatnonzero(strong == index)
        color = PALETTE[rank[0]] if len(rank) else "0.8"
        label = paths.names[index] if len(rank) and line[best] else None
        left.plot(alphas, line, color=color, label=label, linewidth=2 if len(rank) else 0.8,
                  zorder=2 if len(rank) else 1)  # fmt: skip
    for errors, name, color in (
        (paths.test, "test folds", 0),
        (paths.train, "seen in training", 1),
    ):
        mean, spread = errors.mean(axis=0), errors.std(axis=0)
        right.plot(alphas, mean, color=PALETTE[color], label=name)
        right.fill_between(alphas, mean - spread, mean + spread, color=PALETTE[color], alpha=0.2)
    for ax in (left, right):
        ax.axvline(alphas[best], color="0.3", linestyle="--", linewidth=1.5)
        ax.set(xscale="log", xlabel="Penalty α")
        ax.invert_xaxis()
        ax.legend(fontsize=9)
    left.set(ylabel=f"Coefficient{suffix}", title=paths.kind)
    right.set(ylabel=f"MAE{suffix}")
    describe(
        left, f"Paths of {len(paths.names)} coefficients of {paths.kind}; the error in test folds "
        f"is smallest, {paths.test.mean(axis=0)[best]:.3g}{suffix}, at α = {alphas[best]:.2g}, "
        f"where {len(paths.left(best))} coefficients are not zero."
    )  # fmt: skip
    return left
