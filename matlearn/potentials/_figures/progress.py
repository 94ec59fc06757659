"""A fit on one page: how the loss fell, predicted against reference, and what is left over."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from matlearn.fitting import FitResult

SIZE = (12.5, 4.2)
"""Of the page, inch."""
SHOWN = 3000
"""Points of the parity plot at most."""
_SCALES = {
    "energy_per_atom": ("energy", "meV/atom", 1000.0),
    "forces": ("force component", "eV/Å", 1.0),
    "stress": ("stress component", "GPa", 1.0),
}


def fit_overview(result: FitResult, quantity: str = "forces") -> Axes:
    """Draw the loss, a parity plot and the residuals of a fit beside each other.

    Parameters
    ----------
    result
        What a fit returns; what was held back is shown if anything was.
    quantity
        ``"energy_per_atom"``, ``"forces"`` or ``"stress"``.

    Returns
    -------
    matplotlib.axes.Axes
        The first of the three.

    Raises
    ------
    ValueError
        If the quantity was not compared, or there is no history.
    """
    import matplotlib.pyplot as plt

    report = result.validation or result.train
    if quantity not in report.parity:
        raise ValueError(f"quantity must be one of {', '.join(report.parity)}, got {quantity!r}")
    figure = plt.figure(figsize=SIZE)
    reference, predicted = report.parity[quantity]
    return draw_page(figure, result.history, reference, predicted, quantity)


def draw_page(
    figure: Figure,
    history: Sequence[dict[str, float]],
    reference: Sequence[float] | np.ndarray,
    predicted: Sequence[float] | np.ndarray,
    quantity: str,
) -> Axes:
    """Draw the three panels into an empty figure.

    Parameters
    ----------
    figure
        Where to.
    history
        Rows with ``loss``, and ``validation_loss`` and ``start`` where there are such.
    reference, predicted
        Values of the quantity, in the units of `matlearn.fitting.UNITS`.
    quantity
        ``"energy_per_atom"``, ``"forces"`` or ``"stress"``.
    """
    axes = figure.subplots(1, 3)
    _loss(axes[0], history)
    name, unit, factor = _SCALES[quantity]
    x, y = factor * np.asarray(reference, float), factor * np.asarray(predicted, float)
    error = y - x
    rms = float(np.sqrt(np.mean(error**2)))
    some = np.linspace(0, len(x) - 1, min(len(x), SHOWN)).astype(int)
    size = 4 if len(x) > 300 else 9
    axes[1].plot(x[some], y[some], ".", color=PALETTE[0], alpha=0.5, markersize=size)
    ends = [min(x.min(), y.min()), max(x.max(), y.max())]
    axes[1].plot(ends, ends, color="0.3", linewidth=1, zorder=0)
    axes[1].set(xlabel=f"Reference {name} ({unit})", ylabel=f"Predicted ({unit})")
    axes[1].set_title(f"RMS error {rms:.3g} {unit}")
    width = 4 * max(rms, 1e-12)
    axes[2].hist(np.clip(error, -width, width), bins=41, range=(-width, width), color=PALETTE[2])
    axes[2].axvline(0, color="0.3", linewidth=1)
    axes[2].set(xlabel=f"Predicted − reference ({unit})", ylabel="How many")
    axes[2].set_title("Residuals")
    describe(axes[1], f"Predicted against reference {name}: RMS error {rms:.3g} {unit}, "
                      f"{len(x)} values.")  # fmt: skip
    describe(axes[2], f"Residuals, mean {error.mean():.2g} {unit}; those beyond four times the RMS "
                      "error are counted at the ends.")  # fmt: skip
    return axes[0]


def as_png(figure: Figure, dpi: int = 90) -> bytes:
    """Give a figure that pyplot does not know as a PNG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()


def _loss(ax: Axes, history: Sequence[dict[str, float]]) -> None:
    if not history:
        raise ValueError("there is no history to draw: the fit has no iterations")
    starts: dict[float, list[dict[str, Any]]] = {}
    for row in history:
        starts.setdefault(row.get("start", 0.0), []).append(row)
    for number, (start, rows) in enumerate(starts.items()):
        color, marker = PALETTE[number % len(PALETTE)], MARKERS[number % len(MARKERS)]
        x = [row.get("iteration", row.get("epoch", i)) for i, row in enumerate(rows)]
        label = f"start {start:.0f}" if len(starts) > 1 else None
        ax.plot(
            x, [row["loss"] for row in rows], color=color, marker=marker, markersize=4, label=label
        )
        if "validation_loss" in rows[0]:
            held = [row["validation_loss"] for row in rows]
            ax.plot(x, held, ":", color=color, label="held back" if number == 0 else None)
    ax.set_yscale("log")
    ax.set(xlabel="Iteration", ylabel="Loss")
    ax.set_title(f"Loss {history[-1]['loss']:.3g}")
    if ax.get_legend_handles_labels()[0]:
        ax.legend()
    describe(ax, f"The loss falls from {history[0]['loss']:.3g} to {history[-1]['loss']:.3g} in "
                 f"{len(history)} rows of the history.")  # fmt: skip
