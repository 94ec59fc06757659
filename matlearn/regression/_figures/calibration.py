"""Figures of error bars: how often they hold, and whether large ones mean large errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.regression.diagnostics import CalibratedUncertainty

_CURVES = (
    ("raw", "disagreement as it is", 5),
    ("calibrated", "calibrated, normal", 0),
    ("conformal", "conformal", 2),
)


def calibration(found: CalibratedUncertainty, *, ax: Axes | None = None) -> Axes:
    """Draw how many unseen targets are inside their intervals against how many should be.

    Below the diagonal error bars are too short, above it too long. The grey band is what chance
    alone makes of a perfect one (two standard deviations).

    Parameters
    ----------
    found : CalibratedUncertainty
        From `matlearn.regression.diagnostics.ensemble_uncertainty`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from matlearn.regression import diagnostics
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> y = X[:, 0] + np.random.default_rng(1).normal(size=200)
    >>> found = diagnostics.ensemble_uncertainty(
    ...     LinearRegression(), X, y, members=3, folds=2, progress=False
    ... )
    >>> calibration(found).get_ylabel()
    'Share that is inside'
    """
    table = found.coverage()
    areas = found.metrics().loc["miscalibration_area"]
    ax = new_axes(ax, size=(5.4, 5.0))
    level = table.index.to_numpy(float)
    ax.fill_between(level, level - 2 * table["noise"], level + 2 * table["noise"], color="0.85",
                    linewidth=0)  # fmt: skip
    ax.plot([0, 1], [0, 1], color="0.3", linewidth=1)
    for k, (name, label, color) in enumerate(_CURVES):
        if name in areas:
            label = f"{label} (area {areas[name]:.2f})"
        ax.plot(level, table[name], color=PALETTE[color], marker=MARKERS[k], label=label,
                markevery=2, linestyle=("-", "--", ":")[k])  # fmt: skip
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.set(xlabel="Share that should be inside", ylabel="Share that is inside")
    above = (table[["raw", "calibrated"]].mean(axis=1) > level).mean() > 0.5
    ax.legend(loc="lower right" if above else "upper left", fontsize=11).set_in_layout(False)
    row = found.coverage([0.9]).iloc[0]
    describe(ax, f"Share of targets inside their intervals against the share that should be, for "
                 f"{found.model}: of 90 % intervals, {row['raw']:.0%} with the disagreement as it "
                 f"is, {row['calibrated']:.0%} calibrated, {row['conformal']:.0%} "
                 "conformal.")  # fmt: skip
    return ax


def error_against_uncertainty(
    found: CalibratedUncertainty, *, label: str = "target", unit: str = "", ax: Axes | None = None
) -> Axes:
    """Draw true errors against calibrated error bars: every sample, and bins of them.

    Parameters
    ----------
    found : CalibratedUncertainty
        From `matlearn.regression.diagnostics.ensemble_uncertainty`.
    label, unit : str
        What the target is, and its unit, for the axes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from matlearn.regression import diagnostics
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> y = X[:, 0] + np.random.default_rng(1).normal(size=200)
    >>> found = diagnostics.ensemble_uncertainty(
    ...     LinearRegression(), X, y, members=3, folds=2, progress=False
    ... )
    >>> error_against_uncertainty(found, label="gap", unit="eV").get_xlabel()
    'Calibrated error bar of the gap (eV)'
    """
    table, bins = found.to_frame(), found.bins()
    ax = new_axes(ax, size=(5.8, 5.0))
    residual = np.abs(table["prediction"] - table["target"])
    ax.scatter(table["std"], residual, s=12, color=PALETTE[4], alpha=0.4, linewidth=0,
               label="samples")  # fmt: skip
    ax.errorbar(bins["std"], bins["rmse"], yerr=bins["rmse_error"], color=PALETTE[5], capsize=3,
                marker=MARKERS[1], linestyle="none", label="RMS of equally full bins")  # fmt: skip
    high = 1.05 * max(bins["std"].max(), (bins["rmse"] + bins["rmse_error"]).max())
    ax.plot([0, high], [0, high], color="0.3", linewidth=1, label="as it should be")
    wide = 1.05 * max(bins["std"].max(), np.quantile(table["std"], 0.99))
    ax.set(xlim=(0, wide), ylim=(0, max(high, np.quantile(residual, 0.99))))
    ending = f" ({unit})" if unit else ""
    ax.set_xlabel(f"Calibrated error bar of the {label}{ending}")
    ax.set_ylabel(f"True error{ending}")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=3, fontsize=11)
    rank = found.metrics().loc["rank_correlation", "calibrated"]
    describe(ax, f"True errors against calibrated error bars: bins from an error of "
                 f"{bins['rmse'].iloc[0]:.2g} at {bins['std'].iloc[0]:.2g} to "
                 f"{bins['rmse'].iloc[-1]:.2g} at {bins['std'].iloc[-1]:.2g}{ending}; rank "
                 f"correlation {rank:.2f}.")  # fmt: skip
    return ax


def residuals(
    table: pd.DataFrame, *, top: int = 15, unit: str = "", ax: Axes | None = None
) -> Axes:
    """Draw mean absolute errors and biases by chemistry, with standard errors.

    Parameters
    ----------
    table : DataFrame
        From `matlearn.regression.diagnostics.residuals_by_chemistry`.
    top : int
        How many rows: the first ones.
    unit : str
        That of the target, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a column is missing, or there are no rows.
    TypeError
        If it is no table, such as a result itself.

    Examples
    --------
    >>> from matlearn.regression import diagnostics
    >>> table = diagnostics.residuals_by_chemistry(["NaF", "KF", "NaCl"], [1, 2, 3], [1, 2.5, 3])
    >>> residuals(table, unit="eV").get_ylabel()
    'Error (eV)'
    """
    if not hasattr(table, "columns"):
        raise TypeError(
            "table must be what diagnostics.residuals_by_chemistry gives, got "
            f"{type(table).__name__}"
        )
    missing = [name for name in ("count", "mae", "mae_error", "bias", "bias_error", "spread")
               if name not in table]  # fmt: skip
    if missing or not len(table):
        raise ValueError(f"table must be what residuals_by_chemistry gives, it lacks {missing}")
    shown = table.head(top)
    ax = new_axes(ax, size=(8.0, 4.4))
    places = np.arange(len(shown))
    ax.bar(places, shown["mae"], color=PALETTE[4], width=0.7, label="mean absolute error",
           yerr=shown["mae_error"], error_kw={"capsize": 3})  # fmt: skip
    ax.errorbar(places, shown["bias"], yerr=shown["bias_error"], color=PALETTE[5], marker="D",
                linestyle="none", capsize=3, label="bias (predicted less true)")  # fmt: skip
    ax.plot(places, shown["spread"], color="0.3", marker="_", markersize=16, linestyle="none",
            label="spread of the targets")  # fmt: skip
    ax.axhline(0, color="0.3", linewidth=1)
    ax.set_xticks(places, [f"{name}\n{count}" for name, count in shown["count"].items()])
    ax.set(
        xlabel=f"{table.index.name} (samples below)", ylabel=f"Error ({unit})" if unit else "Error"
    )
    ax.grid(axis="x", visible=False)
    ax.legend(loc="best", fontsize=11)
    worst = shown["mae"].idxmax()
    describe(ax, f"Errors by {table.index.name}: the largest mean absolute error is that of {worst}, "
                 f"{shown['mae'].max():.3g}, the smallest that of {shown['mae'].idxmin()}, "
                 f"{shown['mae'].min():.3g} {unit}".strip() + ".")  # fmt: skip
    return ax
