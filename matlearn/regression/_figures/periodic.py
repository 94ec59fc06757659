"""The periodic table as a heat map: which elements a task holds, and what they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import describe, new_axes
from matlearn.regression._figures.data import quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.regression.tasks import Task

_ROWS = (
    "H                                 He",
    "LiBe                    B C N O F Ne",
    "NaMg                    AlSiP S ClAr",
    "K CaScTiV CrMnFeCoNiCuZnGaGeAsSeBrKr",
    "RbSrY ZrNbMoTcRuRhPdAgCdInSnSbTeI Xe",
    "CsBa  HfTaW ReOsIrPtAuHgTlPbBiPoAtRn",
    "FrRa  RfDbSgBhHsMtDsRgCn",
    "",
    "    LaCePrNdPmSmEuGdTbDyHoErTmYbLu",
    "    AcThPaU NpPuAmCmBkCfEsFmMdNoLr",
)
PLACES: dict[str, tuple[int, int]] = {
    line[start : start + 2].strip(): (row, start // 2)
    for row, line in enumerate(_ROWS)
    for start in range(0, len(line), 2)
    if line[start : start + 2].strip()
}
STATISTICS = ("count", "mean")


def element_map(task: Task, *, statistic: str = "count", ax: Axes | None = None) -> Axes:
    """Draw the periodic table coloured by the samples that hold each element.

    Parameters
    ----------
    task : Task
        Any.
    statistic : {"count", "mean"}
        How many samples hold the element (logarithmic colours), or the mean of their targets.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If `statistic` is unknown, or something is no formula.
    """
    from matplotlib.colors import LogNorm, Normalize

    from matlearn.regression.features import parse

    if statistic not in STATISTICS:
        raise ValueError(f"statistic must be one of {', '.join(STATISTICS)}, got {statistic!r}")
    found: dict[str, list[float]] = {}
    for formula, target in zip(task.formulas, task.target, strict=True):
        for symbol in parse(formula):
            found.setdefault(symbol, []).append(float(target))
    values = {
        symbol: float(len(targets)) if statistic == "count" else float(np.mean(targets))
        for symbol, targets in found.items()
    }
    low, high = min(values.values()), max(values.values())
    norm: Any = LogNorm(max(low, 1), max(high, 2)) if statistic == "count" else Normalize(low, high)
    ax = new_axes(ax, size=(9.0, 4.6))
    grid = np.full((len(_ROWS), 18), np.nan)
    for symbol, value in values.items():
        grid[PLACES[symbol]] = value
    image = ax.imshow(np.ma.masked_invalid(grid), norm=norm, cmap="cividis_r", aspect="equal")
    for symbol, (row, column) in PLACES.items():
        known = symbol in values
        dark = known and norm(values[symbol]) > 0.55
        ax.text(column, row, symbol, ha="center", va="center", fontsize=10,
                color="white" if dark else "black" if known else "0.45")  # fmt: skip
    ax.set_axis_off()
    figure: Any = ax.figure
    label = "Samples with the element" if statistic == "count" else f"Mean: {quantity(task)}"
    figure.colorbar(image, ax=ax, label=label, shrink=0.7, pad=0.01)
    ranked = sorted(values, key=lambda symbol: values[symbol], reverse=True)
    ends = ", ".join(f"{symbol} {values[symbol]:.3g}" for symbol in ranked[:3])
    last = ", ".join(f"{symbol} {values[symbol]:.3g}" for symbol in ranked[-3:])
    missing = [symbol for symbol in PLACES if symbol not in values]
    describe(ax, f"{task.name}, {label} in the periodic table: most {ends}; least {last}; "
                 f"{len(missing)} elements are in no sample.")  # fmt: skip
    return ax
