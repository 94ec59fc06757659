"""A run of a simulation as a figure: its course, where it is in equilibrium, its mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes

from .labels import as_frame, column_label, is_model

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def trace(
    frame: pd.DataFrame,
    columns: str | Sequence[str] = "energy_per_atom",
    *,
    equilibration: float | None = None,
    model: bool | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the course of a run, the part before equilibrium in grey, with the mean after it.

    Parameters
    ----------
    frame : pandas.DataFrame
        What ``run`` of a :class:`matlearn.lattice.MonteCarlo` returns: a column ``sweep``, and
        those to draw.
    columns : str or sequence of str
        What is drawn, a panel each.
    equilibration : float, optional
        Sweep from which on the run is taken as stationary; by default it is found in the first
        column (:func:`matlearn.lattice.statistics.equilibration`), if there are enough rows.
    model : bool, optional
        Energies are in units of J; ``frame.attrs["boltzmann_constant"]`` decides by default.
    title : str, optional
        Written above the first panel.
    ax : matplotlib.axes.Axes, optional
        Where to draw, for a single column; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        Of several panels the first; ``ax.figure.axes`` holds all.

    Raises
    ------
    TypeError, ValueError
        If it is no frame, a column is missing, or several columns are to go into one `ax`.

    Examples
    --------
    >>> import pandas as pd
    >>> run = pd.DataFrame({"sweep": range(1, 6), "energy_per_atom": [0.0, -0.1, -0.2, -0.2, -0.2]})
    >>> trace(run, equilibration=3).get_ylabel()
    'Energy (meV/atom)'
    """
    names = [columns] if isinstance(columns, str) else list(columns)
    if not names:
        raise ValueError("columns is empty")
    frame = as_frame(frame, "frame", ["sweep", *names])
    if ax is not None and len(names) > 1:
        raise ValueError(f"several columns need a figure of their own, got an ax and {names}")
    start = _start(frame, names[0]) if equilibration is None else float(equilibration)
    in_model = is_model(None, frame) if model is None else model
    panels = [new_axes(ax)] if len(names) == 1 else _panels(len(names))
    said = []
    sweeps = frame["sweep"].to_numpy(dtype=float)
    for index, (panel, name) in enumerate(zip(panels, names, strict=True)):
        label, factor = column_label(name, model=in_model)
        values = factor * frame[name].to_numpy(dtype=float)
        color = PALETTE[index % len(PALETTE)]
        before = sweeps < start
        kept = values[~before]
        first = max(int(before.sum()), 0)
        panel.plot(sweeps[: first + 1], values[: first + 1], color="0.6", linewidth=1.2)
        panel.plot(sweeps[first:], kept, color=color, linewidth=1.2)
        if len(kept):
            mean = float(kept.mean())
            panel.hlines(mean, start, sweeps[-1], color="black", linewidth=1.5, linestyle="--")
            panel.annotate(
                f"mean {mean:.4g}", (1.0, mean), xycoords=("axes fraction", "data"),
                xytext=(-4, 5), textcoords="offset points", ha="right", fontsize=11,
                bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1},
            )  # fmt: skip
            said.append(f"{label}: mean {mean:.4g} after it")
        if before.any():
            panel.axvspan(0, start, color="0.92", zorder=0, linewidth=0)
        panel.set_ylabel(label)
        panel.set_xlim(0, sweeps[-1])
    if (sweeps < start).any():
        panels[0].annotate(
            "equilibration", (start, 1), xycoords=("data", "axes fraction"), xytext=(-4, -4),
            textcoords="offset points", ha="right", va="top", fontsize=11, color="0.35",
        )  # fmt: skip
    panels[-1].set_xlabel("Sweeps")
    panels[0].set_title(title or "")
    describe(
        panels[0], f"Course of {', '.join(names)} over {sweeps[-1]:g} sweeps; equilibration until "
        f"sweep {start:g}; {'; '.join(said)}."
    )  # fmt: skip
    return panels[0]


def _start(frame: pd.DataFrame, name: str) -> float:
    """The sweep from which on the series looks stationary; 0 where there are few rows."""
    from matlearn.lattice.statistics import equilibration

    values = frame[name].to_numpy(dtype=float)
    if len(values) < 20:
        return 0.0
    first = equilibration(values).start
    return float(frame["sweep"].iloc[first]) if first else 0.0


def _panels(count: int) -> list[Any]:
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(count, 1, sharex=True, figsize=(7.0, 1.4 + 1.9 * count))
    figure.align_ylabels()
    return list(np.atleast_1d(panels))
