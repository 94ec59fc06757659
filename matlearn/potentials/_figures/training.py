"""How training went: an error, the loss or the learning rate against the epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.fitting import FitResult

LABELS = {
    "energy_rmse": ("RMS error of energies (meV/atom)", 1000.0),
    "energy_mae": ("Mean absolute error of energies (meV/atom)", 1000.0),
    "forces_rmse": ("RMS error of force components (eV/Å)", 1.0),
    "forces_mae": ("Mean absolute error of force components (eV/Å)", 1.0),
    "loss": ("Loss", 1.0),
    "learning_rate": ("Learning rate", 1.0),
}
"""Of columns of the history: the axis, and what to multiply by."""
STYLES = ("-", "--", "-.", ":")


def training_history(
    fits: FitResult | Mapping[str, FitResult],
    quantity: str = "energy_rmse",
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw a column of the history of one fit, or of several, on a logarithmic axis.

    Parameters
    ----------
    fits : FitResult or dict of str to FitResult
        One fit, or several by name.
    quantity : str
        A column of `FitResult.to_frame`, such as ``"energy_rmse"``, ``"forces_rmse"`` or
        ``"loss"``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a history has no such column, or no rows.
    """
    named = fits if isinstance(fits, Mapping) else {"": fits}
    ax = new_axes(ax)
    text, factor = LABELS.get(quantity, (quantity.replace("_", " "), 1.0))
    along = "epoch"
    said = []
    for number, (name, fit) in enumerate(named.items()):
        rows = fit.to_frame()
        if quantity not in rows or rows.empty:
            raise ValueError(
                f"quantity must be one of {', '.join(map(str, rows.columns)) or 'nothing: no rows'}, "
                f"got {quantity!r}"
            )
        along = "epoch" if "epoch" in rows else "iteration"
        x = rows[along] if along in rows else np.arange(1, len(rows) + 1)
        y = factor * rows[quantity]
        ax.plot(
            x, y, color=PALETTE[number % len(PALETTE)], linestyle=STYLES[number % len(STYLES)],
            label=name or None,
        )  # fmt: skip
        said.append(f"{name or 'it'} falls from {y.iloc[0]:.3g} to {y.iloc[-1]:.3g}"
                    if y.iloc[-1] < y.iloc[0]
                    else f"{name or 'it'} goes from {y.iloc[0]:.3g} to {y.iloc[-1]:.3g}")  # fmt: skip
    ax.set_yscale("log")
    ax.set(xlabel=along.capitalize(), ylabel=text)
    if any(named):
        ax.legend()
    describe(ax, f"{text} against the {along}: " + "; ".join(said) + ".")
    return ax
