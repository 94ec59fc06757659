"""A fit on one page: where it stands among others, its interactions, its hull, its errors."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, parity

from .fits import ecis
from .hulls import convex_hull

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def fit_overview(
    figure: Figure,
    frame: pd.DataFrame,
    fit: Any,
    visited: pd.DataFrame,
    methods: list[str] | None = None,
) -> Axes:
    """Fill a figure with four views of a fit.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        An empty one, about 11 by 8 inches.
    frame : pandas.DataFrame
        The training frame.
    fit : ClusterExpansionFit
        The fit to look at.
    visited : pandas.DataFrame
        All fits so far: ``method``, ``n_parameters``, ``rmse_train``, ``rmse_validation``
        (eV/atom); the last row is this one.
    methods : list of str, optional
        All methods there are, so that each keeps its colour.

    Returns
    -------
    matplotlib.axes.Axes
        The first of four.
    """
    axes = figure.subplots(2, 2)
    _standing(axes[0, 0], visited, fit.n_structures, methods)
    ecis(fit, ax=axes[0, 1])
    held_out = fit.predictions
    above = float(frame["mixing_energy"].max() - frame["mixing_energy"].min())
    convex_hull(frame, fit=fit, limit=1000 * (frame["mixing_energy"].min() + 0.6 * above),
                ax=axes[1, 0])  # fmt: skip
    parity(1000 * held_out["mixing_energy"], 1000 * held_out["held_out"],
           label="mixing energy", unit="meV/atom", ax=axes[1, 1])  # fmt: skip
    axes[1, 1].set_ylabel("Predicted unseen (meV/atom)")
    for ax in axes.flat:
        ax.tick_params(labelsize=11)
        ax.xaxis.label.set_size(12)
        ax.yaxis.label.set_size(12)
    first: Axes = axes[0, 0]
    return first


def _standing(
    ax: Axes, visited: pd.DataFrame, n_structures: int, methods: list[str] | None
) -> None:
    """Errors of all fits so far against their size; a ring marks the last."""
    from matplotlib.ticker import MaxNLocator

    methods = methods or list(dict.fromkeys(visited["method"]))
    for index, method in enumerate(methods):
        rows = visited[visited["method"] == method]
        if not len(rows):
            continue
        color, marker = PALETTE[index % len(PALETTE)], MARKERS[index % len(MARKERS)]
        sizes = rows["n_parameters"]
        ax.vlines(sizes, 1000 * rows["rmse_train"], 1000 * rows["rmse_validation"], color=color,
                  linewidth=1, alpha=0.5)  # fmt: skip
        ax.plot(sizes, 1000 * rows["rmse_validation"], marker, color=color, markersize=8,
                label=method)  # fmt: skip
        ax.plot(sizes, 1000 * rows["rmse_train"], marker, color=color, markerfacecolor="white",
                markersize=7)  # fmt: skip
    now = visited.iloc[-1]
    ax.plot(now["n_parameters"], 1000 * now["rmse_validation"], "o", markersize=17,
            markerfacecolor="none", markeredgecolor="black", markeredgewidth=2)  # fmt: skip
    widest = max(float(np.nanmax(visited["n_parameters"])), 10.0)
    if widest > 0.5 * n_structures:
        ax.axvline(n_structures, color="0.4", linestyle="--", linewidth=1.2)
        ax.annotate("as many as structures", (n_structures, 0.5), rotation=90, fontsize=10,
                    xycoords=("data", "axes fraction"), xytext=(-3, 0), va="center", ha="right",
                    textcoords="offset points", color="0.35")  # fmt: skip
        widest = max(widest, n_structures)
    ax.set(xlim=(0, 1.08 * widest), xlabel="Parameters", ylabel="Error (RMSE, meV/atom)")
    ax.set_ylim(0, 1200 * float(np.nanmax(visited["rmse_validation"])))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(fontsize=10, loc="lower left", title="filled: validation, open: training",
              title_fontsize=10, alignment="left")  # fmt: skip
    describe(
        ax, f"Errors of {len(visited)} fits against their number of parameters; the last has "
        f"{now['n_parameters']:g} parameters for {n_structures} structures, "
        f"{1000 * now['rmse_validation']:.2f} meV/atom in validation and "
        f"{1000 * now['rmse_train']:.2f} in training."
    )  # fmt: skip


def as_png(figure: Figure, dpi: float) -> bytes:
    """Return a figure as the bytes of a PNG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()
