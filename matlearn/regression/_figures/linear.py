"""Linear models: paths of the penalty, and coefficients with their errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.regression._models.path_result import RegularisationPath
    from matlearn.regression._models.spread import CoefficientSpread

_NAMED = 7


def regularisation_path(path: RegularisationPath, *, ax: Axes | None = None) -> Axes:
    """Draw coefficients against the penalty, and beside them the errors in test and training.

    Parameters
    ----------
    path : RegularisationPath
        From `matlearn.regression.linear.regularisation_path`.
    ax : matplotlib.axes.Axes, optional
        Where to draw the coefficients alone; left out, a new figure holds the errors as well.

    Returns
    -------
    matplotlib.axes.Axes
        That of the coefficients. Dashed: the penalty with the smallest error; dotted: the largest
        within one standard error of it, whose strongest features are named.

    Examples
    --------
    >>> from matlearn.regression.linear import regularisation_path as fit
    >>> x = np.random.default_rng(0).normal(size=(30, 3))
    >>> ax = regularisation_path(fit(x, x[:, 0] - x[:, 2], unit="eV"))
    >>> ax.get_ylabel()
    'Coefficient (eV)'
    """
    import matplotlib.pyplot as plt

    panels: list[Axes] = list(plt.subplots(1, 2, figsize=(11.5, 4.6))[1]) if ax is None else [ax]
    _draw_coefficients(path, panels[0])
    if ax is None:
        _draw_errors(path, panels[1])
    for one in panels:
        one.axvline(path.alphas[path.best], color="0.3", linestyle="--", linewidth=1.2)
        one.axvline(path.alpha, color="0.3", linestyle=":", linewidth=1.8)
        one.set(xscale="log", xlabel="Penalty α")
        one.set_xlim(path.alphas.max(), path.alphas.min())
    panels[0].legend(fontsize=10, loc="upper left")
    return panels[0]


def _draw_coefficients(path: RegularisationPath, ax: Axes) -> None:
    strong = [name for name, _ in path.left(path.one_standard_error)[:_NAMED]]
    for name, line in zip(path.names, path.coefficients.T, strict=True):
        if name not in strong:
            ax.plot(path.alphas, line, color="0.8", linewidth=0.8, zorder=1)
    for rank, name in enumerate(strong):
        line = path.coefficients[:, path.names.index(name)]
        ax.plot(path.alphas, line, color=PALETTE[rank], label=_short(name), zorder=2)
    largest = 4 * float(np.abs(path.coefficients[path.best]).max())
    if 0 < largest < np.abs(path.coefficients).max():  # those that fly off would hide the others
        ax.set_ylim(-largest, largest)
    suffix = f" ({path.unit})" if path.unit else ""
    ax.set_ylabel(f"Coefficient{suffix}")
    one = path.one_standard_error
    describe(
        ax, f"Paths of the coefficients of {len(path.names)} features ({path.kind}). At the largest "
        f"penalty within one standard error of the best, {path.alpha:.2g}, "
        f"{path.n_nonzero[one]} are not zero: {', '.join(strong)}."
    )  # fmt: skip


def _draw_errors(path: RegularisationPath, ax: Axes) -> None:
    suffix = f" ({path.unit})" if path.unit else ""
    error, spread = path.error, path.standard_error
    ax.plot(path.alphas, error, color=PALETTE[0], label="test folds, ± standard error")
    ax.fill_between(
        path.alphas, error - spread, error + spread, color=PALETTE[0], alpha=0.25, linewidth=0
    )
    ax.plot(
        path.alphas, path.train.mean(axis=0), color=PALETTE[1], linestyle="-.", label="training"
    )
    ax.set_ylabel(f"MAE{suffix}")
    top = min(error.max(), 1.3 * error[0]) if error[0] > 0 else error.max()
    ax.set_ylim(0, 1.08 * top)
    ax.legend(fontsize=10, loc="lower left")
    describe(
        ax, f"Mean absolute error{suffix}: {error[0]:.3g} at the largest penalty, {error.min():.3g} "
        f"at the best, {error[-1]:.3g} at the smallest in test folds."
    )  # fmt: skip


def coefficient_spread(spread: CoefficientSpread, *, top: int = 15, ax: Axes | None = None) -> Axes:
    """Draw the strongest effects of a linear model with the range that resamples give them.

    Parameters
    ----------
    spread : CoefficientSpread
        From `matlearn.regression.linear.bootstrap_coefficients`.
    top : int
        How many effects are drawn.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        Point: fitted to all samples. Line: the middle 95 % of the resamples; the range is
        sensible where it does not hold zero.

    Examples
    --------
    >>> from matlearn.regression.linear import bootstrap_coefficients
    >>> from matlearn.regression.models import make_model
    >>> x = np.random.default_rng(0).normal(size=(30, 3))
    >>> spread = bootstrap_coefficients(make_model("ols"), x, x[:, 0], repeats=20, unit="eV")
    >>> coefficient_spread(spread).get_xlabel()
    'Change of the prediction for one standard deviation (eV)'
    """
    table = spread.to_frame().iloc[: max(1, top)]
    ax = new_axes(ax, size=(8.0, 1.3 + 0.34 * len(table)))
    sure = (table.low > 0) | (table.high < 0)
    rows = np.arange(len(table))
    for chosen, color, marker, label in (
        (sure.to_numpy(), PALETTE[0], "o", "sign sure in 95 % of the resamples"),
        (~sure.to_numpy(), PALETTE[1], "s", "not sure"),
    ):
        part = table[chosen]
        ax.hlines(rows[chosen], part.low, part.high, color=color, linewidth=2.5)
        ax.scatter(
            part.effect, rows[chosen], color=color, marker=marker, s=45, zorder=3, label=label
        )
    ax.axvline(0, color="0.3", linewidth=1)
    ax.set_yticks(rows, [_short(name) for name in table.index], fontsize=11)
    ax.set(ylim=(len(table) - 0.5, -0.5))
    ax.set_xlabel(
        "Change of the prediction for one standard deviation"
        + (f" ({spread.unit})" if spread.unit else "")
    )
    ax.grid(axis="y", visible=False)
    if sure.any() and not sure.all():
        ax.legend(fontsize=10, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    shown = "; ".join(
        f"{name} {row.effect:.2g} ({row.low:.2g} to {row.high:.2g})"
        for name, row in table.head(6).iterrows()
    )
    describe(
        ax,
        f"Effects with the middle 95 % of {len(spread.resampled)} resamples: {shown} {spread.unit}.",
    )
    return ax


def _short(name: str) -> str:
    return name.removeprefix("MagpieData ")


def fitted_line(
    model: Any,
    x: Any,
    y: Any,
    *,
    label: str,
    unit: str = "",
    xlabel: str = "",
    slope: float | None = None,
    slope_label: str = "",
    top: int = 8,
    ax: Axes | None = None,
) -> Axes:
    """Draw a target against one feature, the line of a model of it, and name what lies far off.

    Parameters
    ----------
    model : estimator
        Fitted to this one feature.
    x : pandas.DataFrame, shape (n, 1)
        The feature; its index names the samples.
    y : array_like, shape (n,)
        The target.
    label, unit : str
        What the target is.
    xlabel : str
        What the feature is, with its unit; its column's name where left out.
    slope : float, optional
        Draw a line of this slope through the origin as well, called `slope_label`.
    top : int
        How many samples are named, those farthest from the model's line.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If `x` is no frame of one column, or not as long as `y`.

    Examples
    --------
    >>> import pandas as pd
    >>> from matlearn.regression.models import make_model
    >>> x = pd.DataFrame({"charge": [1.0, 2.0, 3.0]}, index=["NaF", "MgO", "AlN"])
    >>> model = make_model("ols").fit(x, [1.0, 2.0, 4.0])
    >>> fitted_line(model, x, [1.0, 2.0, 4.0], label="energy", unit="eV").get_xlabel()
    'charge'
    """
    target = np.asarray(y, dtype=float)
    if getattr(x, "ndim", 0) != 2 or x.shape != (len(target), 1):
        raise ValueError(
            "x must be a frame of one column with a row for each value of y, got "
            f"{getattr(x, 'shape', type(x).__name__)} and {len(target)} values"
        )
    column = x.iloc[:, 0].to_numpy(dtype=float)
    ax = new_axes(ax, size=(7.4, 5.0))
    ax.scatter(column, target, s=38, color=PALETTE[0], edgecolor="white", linewidth=0.5, zorder=3)
    ends = np.array([column.min(), column.max()])
    span = type(x)({x.columns[0]: ends})
    ax.plot(ends, model.predict(span), color=PALETTE[5], label="fit")
    if slope is not None:
        ax.plot(ends, slope * ends, color="0.3", linestyle="--", linewidth=1.5, label=slope_label)
    miss = target - np.asarray(model.predict(x), dtype=float)
    far = np.argsort(-np.abs(miss), kind="stable")[:top]
    for row in far:
        ax.annotate(
            str(x.index[row]), (column[row], target[row]), xytext=(6, 3),
            textcoords="offset points", fontsize=10,
        )  # fmt: skip
    suffix = f" ({unit})" if unit else ""
    ax.set(xlabel=xlabel or str(x.columns[0]), ylabel=f"{label.capitalize()}{suffix}")
    ax.legend(fontsize=10)
    named = ", ".join(f"{x.index[row]} {miss[row]:+.2g}" for row in far[:4])
    describe(
        ax, f"{label.capitalize()} of {len(target)} samples against {xlabel or x.columns[0]} with a "
        f"fitted line; mean distance {np.abs(miss).mean():.2g} {unit}. Farthest: {named}."
    )  # fmt: skip
    return ax
