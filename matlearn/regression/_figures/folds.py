"""Figures of folds: by the way samples are divided, around a search, for two models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes
from matlearn.regression._figures.diagnostics import METRIC_NAMES, error_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.regression.diagnostics import FoldComparison, ModelComparison, NestedResult

SCHEME_NAMES = {
    "plain": "plain folds",
    "formula": "grouped by\nformula",
    "system": "grouped by\nchemical system",
    "element": "one element\nleft out",
}


def fold_comparison(result: FoldComparison, *, unit: str = "", ax: Axes | None = None) -> Axes:
    """Draw the error of each fold by the way samples were divided, with means and baselines.

    Parameters
    ----------
    result : FoldComparison
        From `matlearn.regression.diagnostics.compare_folds`.
    unit : str
        That of the target, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from matlearn.regression import diagnostics
    >>> formulas = [a + b for a in ("Li", "Na", "K", "Rb") for b in ("F", "Cl", "Br", "I")]
    >>> X = np.random.default_rng(0).normal(size=(16, 1))
    >>> found = diagnostics.compare_folds(
    ...     LinearRegression(), X, X[:, 0], formulas, elements=["F"], progress=False
    ... )
    >>> [tick.get_text() for tick in fold_comparison(found).get_xticklabels()][0]
    'plain folds'
    """
    table, summary = result.to_frame(), result.summary()
    ax = new_axes(ax)
    for k, scheme in enumerate(summary.index):
        rows = table[table["scheme"] == scheme]
        errors = rows["test_error"].to_numpy()
        offset = 0.5 * (np.argsort(np.argsort(errors)) + 0.5) / len(errors) - 0.25
        ax.scatter(k + offset, errors, color=PALETTE[k], marker=MARKERS[k], s=40, zorder=3)
        ax.plot([k - 0.32, k + 0.32], [errors.mean()] * 2, color="0.1", linewidth=2,
                label="mean" if k == 0 else None)  # fmt: skip
        ax.plot([k - 0.32, k + 0.32], [rows["baseline"].mean()] * 2, color="0.5", linewidth=2,
                linestyle=":", label="features unknown" if k == 0 else None)  # fmt: skip
        if scheme == "element":
            for place in np.argsort(errors)[-3:]:
                ax.annotate(rows["fold"].iloc[place], (k + offset[place], errors[place]), (6, 0),
                            textcoords="offset points", fontsize=11, va="center")  # fmt: skip
    ax.set_xticks(range(len(summary)), [SCHEME_NAMES[scheme] for scheme in summary.index])
    ax.set(ylabel=error_label(result.metric, unit), xlim=(-0.6, len(summary) - 0.4))
    ax.set_ylim(bottom=0)
    ax.grid(axis="x", visible=False)
    ax.legend(loc="best")
    said = "; ".join(
        f"{SCHEME_NAMES[name].replace(chr(10), ' ')}: mean {row['mean']:.3g}, baseline "
        f"{row['baseline']:.3g}"
        for name, row in summary.iterrows()
    )
    describe(ax, f"{METRIC_NAMES[result.metric]} of {result.model} in each fold. {said}.")
    return ax


def nested(result: NestedResult, *, unit: str = "", ax: Axes | None = None) -> Axes:
    """Draw, for each outer fold, what the search said of its choice and what the test said.

    Parameters
    ----------
    result : NestedResult
        From `matlearn.regression.diagnostics.nested_cross_validation`.
    unit : str
        That of the target, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from matlearn.regression import diagnostics
    >>> X = np.random.default_rng(0).normal(size=(60, 3))
    >>> found = diagnostics.nested_cross_validation(
    ...     Ridge(), X, X[:, 0], {"alpha": [0.1, 10.0]}, progress=False
    ... )
    >>> nested(found, unit="eV").get_ylabel()
    'Mean absolute error (eV)'
    """
    table = result.to_frame()
    labels = ("what the search says", "what unseen samples say")
    ax = _pairs(table["search_error"].to_numpy(), table["test_error"].to_numpy(), labels, ax)
    ax.set_ylabel(error_label(result.metric, unit))
    describe(ax, f"{METRIC_NAMES[result.metric]} of {result.model} in {len(table)} outer folds: the "
                 f"searches inside say {table['search_error'].mean():.3g} on average, their unseen "
                 f"samples {result.error:.3g}.")  # fmt: skip
    return ax


def paired(result: ModelComparison, *, unit: str = "", ax: Axes | None = None) -> Axes:
    """Draw the scores of two models, with a line for each fold.

    Parameters
    ----------
    result : ModelComparison
        From `matlearn.regression.diagnostics.compare_models`.
    unit : str
        That of the metric, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from matlearn.regression import diagnostics
    >>> a = pd.DataFrame({"fold": [0, 1], "n_train": 50, "n_test": 50, "mae": [0.5, 0.6]})
    >>> found = diagnostics.compare_models(a, a.assign(mae=[0.4, 0.5]))
    >>> paired(found, unit="eV").get_ylabel()
    'Mean absolute error (eV)'
    """
    ax = _pairs(result.scores[0], result.scores[1], result.names, ax)
    ax.set_ylabel(error_label(result.metric, unit))
    describe(ax, f"{METRIC_NAMES.get(result.metric, result.metric)} in each fold: {result.names[1]} "
                 f"less {result.names[0]} is {result.difference:.3g} on average, with a standard "
                 f"error of {result.std_error:.2g}.")  # fmt: skip
    return ax


def _pairs(first: Any, second: Any, names: tuple[str, str], ax: Axes | None) -> Axes:
    ax = new_axes(ax, size=(5.5, 4.4))
    for one, other in zip(first, second, strict=True):
        ax.plot([0, 1], [one, other], color="0.7", linewidth=1, zorder=1)
    for k, values in enumerate((first, second)):
        ax.scatter(np.full(len(values), k), values, color=PALETTE[k], marker=MARKERS[k], s=45)
        ax.plot([k - 0.15, k + 0.15], [np.mean(values)] * 2, color="0.1", linewidth=2.5)
    ax.set_xticks([0, 1], list(names))
    ax.set_xlim(-0.5, 1.5)
    ax.grid(axis="x", visible=False)
    return ax
