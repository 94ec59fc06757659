"""Figures of diagnostics: errors against size and parameter, importance of features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.regression.diagnostics import (
        Importance,
        LearningCurve,
        ValidationCurve,
    )

METRIC_NAMES = {
    "mae": "Mean absolute error",
    "rmse": "Root mean square error",
    "balanced_error": "Balanced error rate",
    "balanced_accuracy": "Balanced accuracy",
    "error_rate": "Error rate",
    "test_error": "Test error",
}
_CLASSES = ("balanced_error", "error_rate", "balanced_accuracy")


def error_label(metric: str, unit: str) -> str:
    name = METRIC_NAMES.get(metric, metric)
    return f"{name} ({unit})" if unit and metric not in _CLASSES else name


def _two_curves(ax: Axes, x: Any, table: pd.DataFrame) -> None:
    sides = (("train", "training samples", 0), ("test", "unseen samples", 1))
    for side, label, k in sides:
        mean, std = table[f"{side}_error"].to_numpy(), table[f"{side}_std"].to_numpy()
        ax.plot(x, mean, color=PALETTE[k], marker=MARKERS[k], linestyle="--" if k == 0 else "-",
                label=label)  # fmt: skip
        ax.fill_between(x, mean - std, mean + std, color=PALETTE[k], alpha=0.2, linewidth=0)
    ax.legend()


def learning_curve(curve: LearningCurve, *, unit: str = "", ax: Axes | None = None) -> Axes:
    """Draw errors of training and of unseen samples against the number trained on.

    Bands are standard deviations over folds. Both axes are logarithmic, unless a training error is
    zero, as with one neighbour.

    Parameters
    ----------
    curve : LearningCurve
        From `matlearn.regression.diagnostics.learning_curve`.
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
    >>> X = np.random.default_rng(0).normal(size=(100, 3))
    >>> y = X[:, 0] + np.random.default_rng(1).normal(size=100)
    >>> curve = diagnostics.learning_curve(Ridge(), X, y, sizes=[10, 80], progress=False)
    >>> learning_curve(curve, unit="eV").get_ylabel()
    'Mean absolute error (eV)'
    """
    table = curve.summary()
    ax = new_axes(ax)
    sizes = table.index.to_numpy(float)
    _two_curves(ax, sizes, table)
    ax.set(xscale="log", xlabel="Samples trained on", ylabel=error_label(curve.metric, unit))
    low = (table["train_error"] - table["train_std"].fillna(0)).min()
    if low > 0.05 * table["test_error"].min():
        ax.set_yscale("log")
        _plain_ticks(ax)
    else:
        ax.set_ylim(bottom=0)
    ax.set_xticks(sizes, [f"{size:g}" for size in sizes])
    ax.minorticks_off()
    first, last = table.iloc[0], table.iloc[-1]
    describe(ax, f"{METRIC_NAMES[curve.metric]} of {curve.model} against the number of samples: "
                 f"unseen ones from {first['test_error']:.3g} with {table.index[0]} to "
                 f"{last['test_error']:.3g} with {table.index[-1]}; training samples from "
                 f"{first['train_error']:.3g} to {last['train_error']:.3g}.")  # fmt: skip
    return ax


def _plain_ticks(ax: Axes) -> None:
    """Write a few plain numbers at a logarithmic axis that spans no power of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    low, high = ax.get_ylim()
    subs = (1.0, 2.0, 5.0) if high / low > 5 else (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
    ax.yaxis.set_major_locator(LogLocator(subs=subs))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def validation_curve(curve: ValidationCurve, *, unit: str = "", ax: Axes | None = None) -> Axes:
    """Draw errors of training and of unseen samples against a parameter of the model.

    Bands are standard deviations over folds; the vertical line is at the best value. The axis is
    logarithmic for positive numbers that span a factor of ten or more.

    Parameters
    ----------
    curve : ValidationCurve
        From `matlearn.regression.diagnostics.train_against_test`.
    unit : str
        That of the target, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsRegressor
    >>> from matlearn.regression import diagnostics
    >>> X = np.random.default_rng(0).normal(size=(100, 1))
    >>> curve = diagnostics.train_against_test(
    ...     KNeighborsRegressor(), X, X[:, 0], "n_neighbors", [1, 20], progress=False
    ... )
    >>> validation_curve(curve).get_xscale()
    'log'
    """
    table = curve.summary()
    ax = new_axes(ax)
    values = list(table.index)
    if all(isinstance(one, (int, float, np.number)) and one is not True for one in values):
        x = np.array(values, dtype=float)
        if (x > 0).all() and x.max() / x.min() >= 10:
            ax.set_xscale("log")
            if x.min() >= 1e-3 and x.max() <= 1e4:
                ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        best = float(curve.best)
    else:
        x, best = np.arange(len(values), dtype=float), float(values.index(curve.best))
        ax.set_xticks(x, [str(one) for one in values])
    _two_curves(ax, x, table)
    ax.axvline(best, color="0.5", linewidth=1, linestyle=":")
    ax.set(xlabel=curve.parameter, ylabel=error_label(curve.metric, unit))
    top = (table["test_error"] + table["test_std"].fillna(0)).max()
    if top > 20 * table["test_error"].min() and table["train_error"].min() > 0:
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0)
    row = table.loc[curve.best]
    describe(ax, f"{METRIC_NAMES[curve.metric]} of {curve.model} against {curve.parameter}: least "
                 f"for unseen samples at {curve.best}, {row['test_error']:.3g}, where training "
                 f"samples have {row['train_error']:.3g}.")  # fmt: skip
    return ax


def importance(found: Importance, top: int = 10, *, unit: str = "", ax: Axes | None = None) -> Axes:
    """Draw the features or groups whose permutation does most harm, with standard errors.

    Parameters
    ----------
    found : Importance
        From `matlearn.regression.diagnostics.permutation_importance`.
    top : int
        How many.
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
    >>> X = np.random.default_rng(0).normal(size=(100, 3))
    >>> found = diagnostics.permutation_importance(
    ...     LinearRegression(), X, X[:, 1], progress=False
    ... )
    >>> importance(found, unit="eV").get_xlabel()
    'Growth of the mean absolute error (eV)'
    """
    table = found.to_frame().head(top)[::-1]
    ax = new_axes(ax, size=(7.5, 0.6 + 0.42 * len(table) + 0.8))
    places = np.arange(len(table))
    errors = table["std_error"].to_numpy(float)
    ax.barh(places, table["importance"], height=0.7, color=PALETTE[4],
            xerr=None if np.isnan(errors).any() else errors, error_kw={"capsize": 3})  # fmt: skip
    names = [str(name).removeprefix("MagpieData ") for name in table.index]
    ax.set_yticks(places, names)
    ax.grid(axis="y", visible=False)
    ax.axvline(0, color="0.3", linewidth=1)
    name = METRIC_NAMES[found.metric].lower()
    ax.set_xlabel(f"Growth of the {name}" + (f" ({unit})" if unit else ""))
    said = ", ".join(f"{one} {value:.3g}" for one, value in table["importance"][::-1].items())
    describe(ax, f"Growth of the {name} of {found.model} when groups of features are permuted: "
                 f"{said}.")  # fmt: skip
    return ax
