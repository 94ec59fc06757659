"""Mixing energies and their convex hull, computed and predicted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes

from .labels import as_frame, formula_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_STATES = {"lost": ("s", "0.1"), "spurious": ("o", PALETTE[3])}


def convex_hull(
    data: Any,
    *,
    fit: Any = None,
    limit: float | None = None,
    labels: bool = True,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw mixing energies against composition with their convex hull, as computed and predicted.

    Parameters
    ----------
    data : pandas.DataFrame, ClusterExpansionFit or Diagnosis
        A training frame (``concentration``, ``mixing_energy`` in eV/atom; structures that have
        left their lattice are crossed), or a fit, whose predictions are then drawn as well. A
        column ``predicted`` of a frame is drawn, too, and of a diagnosis which ground states are
        lost or spurious.
    fit : ClusterExpansionFit, optional
        Draw its predictions over a training frame.
    limit : float, optional
        Upper end of the energy axis (meV/atom), to look at the hull from near.
    labels : bool
        Write the formulas beside the corners of the computed hull.
    title : str, optional
        Written above the axes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no frame and no fit, a column is missing, or no energy is finite.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"concentration": [0, 0.25, 0.5, 1], "formula": ["Cu", "Cu3Au",
    ...     "CuAu", "Au"], "mixing_energy": [0, -0.0106, -0.0078, 0]})
    >>> convex_hull(frame).get_ylabel()
    'Mixing energy (meV/atom)'
    """
    if hasattr(data, "predictions"):
        fit = data
    elif hasattr(data, "to_frame"):
        data = data.to_frame()
    if fit is not None:
        predictions = as_frame(fit.predictions, "fit.predictions", ["concentration", "predicted"])
        frame = predictions if data is fit else as_frame(data, "data", ["concentration"])
    else:
        frame = as_frame(data, "data", ["concentration"])
        predictions = frame if "predicted" in frame else frame.iloc[:0]
    frame = as_frame(frame, "data", ["concentration", "mixing_energy"])
    ax = new_axes(ax)
    gone = (
        ~frame["on_lattice"].astype(bool) if "on_lattice" in frame else frame["concentration"] < 0
    )
    on = frame[~gone & np.isfinite(frame["mixing_energy"])]
    if not len(on):
        raise ValueError("data has no structure on the lattice with a finite mixing_energy")
    corners = _corners(on, "mixing_energy")
    ax.plot(on["concentration"], 1000 * on["mixing_energy"], "o", color=PALETTE[0], alpha=0.55,
            markersize=6, markeredgewidth=0, label="computed")  # fmt: skip
    ax.plot(corners["concentration"], 1000 * corners["mixing_energy"], "-o", color=PALETTE[0],
            markersize=9, markeredgecolor="white", label="computed hull")  # fmt: skip
    if gone.any():
        ax.plot(frame["concentration"][gone], 1000 * frame["mixing_energy"][gone], "x",
                color="0.55", label="left the lattice")  # fmt: skip
    said = [f"on the computed hull: {', '.join(_names(corners))}"]
    if len(predictions):
        found = _corners(predictions, "predicted")
        ax.plot(predictions["concentration"], 1000 * predictions["predicted"], "D", color=PALETTE[5],
                markersize=4, alpha=0.75, markeredgewidth=0, label="predicted")  # fmt: skip
        ax.plot(found["concentration"], 1000 * found["predicted"], "--D", color=PALETTE[5],
                markersize=7, markeredgecolor="white", label="predicted hull")  # fmt: skip
        said.append(f"on the predicted hull: {', '.join(_names(found))}")
    for state, (marker, color) in _STATES.items():
        mine = frame["status"] == state if "status" in frame else frame["concentration"] < 0
        if mine.any():
            column = "mixing_energy" if state == "lost" else "predicted"
            ax.plot(frame["concentration"][mine], 1000 * frame[column][mine], marker, color=color,
                    markersize=15, markerfacecolor="none", markeredgewidth=2, linestyle="none",
                    label=f"{state} ground state")  # fmt: skip
            said.append(f"{state}: {', '.join(_names(frame[mine]))}")
    ax.axhline(0, color="0.4", linewidth=0.8, zorder=0)
    if labels:
        for (_, row), name in zip(corners.iterrows(), _names(corners), strict=True):
            ax.annotate(
                formula_label(name), (row["concentration"], 1000 * row["mixing_energy"]),
                xytext=(0, -11), textcoords="offset points", ha="center", va="top", fontsize=12,
            )  # fmt: skip
    element = last_species(frame, fit)
    ax.set(xlabel=f"Fraction of {element}", ylabel="Mixing energy (meV/atom)")
    ax.margins(x=0.05, y=0.16)
    if limit is not None:
        ax.set_ylim(top=limit)
    narrow = ax.get_window_extent().width < 5.0 * ax.figure.dpi
    columns, size = (2, 10) if narrow else (3, 11)
    legend = ax.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns, frameon=False, fontsize=size,
    )  # fmt: skip
    rows = -(-len(legend.get_texts()) // columns)
    ax.set_title(title or "", pad=8 + 1.75 * size * rows)
    describe(
        ax, f"Mixing energy against the fraction of {element} of {len(frame)} structures; "
        f"{'; '.join(said)}."
    )  # fmt: skip
    return ax


def _corners(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    from matlearn.lattice.hulls import hull_vertices

    frame = frame[np.isfinite(frame[column])]
    return frame.iloc[hull_vertices(frame["concentration"], frame[column])]


def _names(frame: pd.DataFrame) -> list[str]:
    column = next((name for name in ("formula", "label") if name in frame), None)
    names = [str(name) for name in (frame[column] if column else frame.index)]
    return [re.sub(r"-0\d+$", "", name) for name in names]  # a running number


def last_species(frame: pd.DataFrame, fit: Any = None) -> str:
    """Return the species that ``concentration`` counts, in words where nothing says which.

    Examples
    --------
    >>> import pandas as pd
    >>> last_species(pd.DataFrame({"formula": ["Cu", "Cu3Au"], "concentration": [0, 0.25]}))
    'Au'
    """
    lists = frame.attrs.get("chemical_symbols")
    if lists is None and hasattr(fit, "cluster_expansion"):
        lists = fit.cluster_expansion.get_cluster_space_copy().chemical_symbols
    for symbols in lists or []:
        if len(symbols) > 1:
            return str(symbols[-1])
    column = next((name for name in ("formula", "label") if name in frame), None)
    if column:
        counts = [re.findall(r"([A-Z][a-z]?)(\d*)", str(name)) for name in frame[column]]
        atoms = [{symbol: int(n or 1) for symbol, n in one} for one in counts]
        for symbol in dict.fromkeys(s for one in atoms for s in one):
            shares = [one.get(symbol, 0) / max(sum(one.values()), 1) for one in atoms]
            if np.allclose(shares, frame["concentration"]):
                return str(symbol)
    return "the last species"
