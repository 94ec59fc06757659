"""Fitted interactions and the errors of fits as figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

from .labels import as_frame, name_lines

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_ORDERS = {1: "singlet", 2: "pairs", 3: "triplets", 4: "quadruplets", 5: "quintuplets"}


def ecis(fit: Any, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the effective cluster interactions against the size of the cluster, by order.

    What is drawn is the interaction times its multiplicity, the weight with which the cluster
    enters the energy per atom; a model that can be trusted falls off with the radius.

    Parameters
    ----------
    fit : ClusterExpansionFit or pandas.DataFrame
        The fit, or its ``ecis``: columns ``order``, ``radius`` (Å), ``multiplicity`` and ``eci``
        (eV).
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
        If it is neither, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"order": [0, 1, 2], "radius": [0, 0, 1.3], "multiplicity": [1, 1, 6],
    ...                       "eci": [-0.02, 0.003, 0.004]})
    >>> ecis(frame).get_xlabel()
    'Radius of the cluster (Å)'
    """
    needed = ["order", "radius", "multiplicity", "eci"]
    frame = as_frame(getattr(fit, "ecis", fit), "fit.ecis", needed)
    frame = frame[frame["order"] > 0]
    values = 1000 * frame["eci"] * frame["multiplicity"]
    ax = new_axes(ax)
    ax.axhline(0, color="0.4", linewidth=0.8, zorder=0)
    orders = sorted(frame["order"].unique())
    span = float(frame["radius"].max()) or 1.0
    for index, order in enumerate(orders):
        mine = frame["order"] == order
        shift = 0.006 * span * (index - (len(orders) - 1) / 2)  # stems of equal radius side by side
        x, y = frame["radius"][mine] + shift, values[mine]
        color = PALETTE[index % len(PALETTE)]
        ax.vlines(x, 0, y, color=color, linewidth=2.2, alpha=0.8)
        ax.plot(x, y, MARKERS[index % len(MARKERS)], color=color, markersize=8,
                markeredgecolor="white", label=_ORDERS.get(int(order), f"order {order}"))  # fmt: skip
    ax.set(xlabel="Radius of the cluster (Å)", ylabel="Interaction × multiplicity\n(meV/atom)")
    ax.set_title(title or "")
    ax.legend(fontsize=11)
    biggest = values.abs().idxmax()
    kept = int((values != 0).sum())
    describe(
        ax, f"Cluster interactions times multiplicity against radius: {len(values)} orbits of "
        f"order {', '.join(str(int(o)) for o in orders)}, {kept} of them not zero; the largest is "
        f"{values[biggest]:.2f} meV/atom at {frame['radius'][biggest]:.2f} Å."
    )  # fmt: skip
    return ax


def cross_validation(
    frame: pd.DataFrame,
    *,
    x: str = "n_parameters",
    limit: float | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the error of fits in training and in validation against their size, by method.

    Where validation rises while training falls the fit has begun to learn noise.

    Parameters
    ----------
    frame : pandas.DataFrame
        What :func:`matlearn.lattice.compare_fits` returns: ``method``, ``n_parameters``,
        ``rmse_train`` and ``rmse_validation`` (eV/atom).
    x : str
        Column on the horizontal axis: ``"n_parameters"``, or any other with numbers.
    limit : float, optional
        Upper end of the error axis (meV/atom); an arrow shows what lies above it.
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
        If it is no frame, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"method": "ridge", "n_parameters": [6, 15], "rmse_train": [0.009,
    ...                       0.005], "rmse_validation": [0.0101, 0.0063]})
    >>> cross_validation(frame).get_ylabel()
    'Error (RMSE, meV/atom)'
    """
    from matplotlib.ticker import MaxNLocator

    frame = as_frame(frame, "frame", ["method", x, "rmse_train", "rmse_validation"])
    ax = new_axes(ax)
    ends: dict[str, tuple[float, float, str]] = {}
    best: list[str] = []
    for index, (method, rows) in enumerate(frame.groupby("method", sort=False)):
        rows = rows[np.isfinite(rows["rmse_validation"])].sort_values(x)
        if not len(rows):
            continue
        color, marker = PALETTE[index % len(PALETTE)], MARKERS[index % len(MARKERS)]
        validation, train = 1000 * rows["rmse_validation"], 1000 * rows["rmse_train"]
        ax.plot(rows[x], validation, "-", marker=marker, color=color, markersize=8)
        ax.plot(rows[x], train, ":", marker=marker, color=color, markerfacecolor="white",
                linewidth=1.5)  # fmt: skip
        if limit is not None:
            above = validation > limit
            ax.plot(rows[x][above], [0.985 * limit] * int(above.sum()), "^", color=color)
        shown = validation if limit is None else validation.clip(upper=limit)
        ends[str(method)] = (float(rows[x].iloc[-1]), float(shown.iloc[-1]), color)
        lowest = validation.idxmin()
        best.append(f"{method} {validation[lowest]:.2f} meV/atom at {rows[x][lowest]:g}")
    ax.plot([], [], "-o", color="0.35", label="validation")
    ax.plot([], [], ":o", color="0.35", markerfacecolor="white", label="training")
    ax.legend(loc="best", fontsize=11)
    words = {"n_parameters": "Parameters", "n_nonzero": "Parameters that are not zero"}
    ax.set(xlabel=words.get(x, x.replace("_", " ")), ylabel="Error (RMSE, meV/atom)")
    ax.set_ylim(0, limit)
    if x.startswith("n_"):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_title(title or "")
    name_lines(ax, ends)
    describe(
        ax, "Errors of fits in training and validation against "
        f"{words.get(x, x).lower()}. Lowest in validation: {'; '.join(best)}."
    )  # fmt: skip
    return ax


def learning_curve(diagnosis: Any, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the error of a fit against the number of structures it was given.

    Parameters
    ----------
    diagnosis : Diagnosis or pandas.DataFrame
        What :func:`matlearn.lattice.diagnose` returns, or its ``learning_curve``.
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
        If it is neither, a column is missing, or the diagnosis was made without the curve.

    Examples
    --------
    >>> import pandas as pd
    >>> curve = pd.DataFrame({"n_structures": [20, 40], "rmse_train": [0.004, 0.005],
    ...                       "rmse_validation": [0.012, 0.008], "error": [0.001, 0.001]})
    >>> learning_curve(curve).get_xlabel()
    'Structures fitted'
    """
    needed = ["n_structures", "rmse_train", "rmse_validation"]
    frame = as_frame(getattr(diagnosis, "learning_curve", diagnosis), "learning_curve", needed)
    ax = new_axes(ax)
    sizes = frame["n_structures"]
    ax.errorbar(sizes, 1000 * frame["rmse_validation"], color=PALETTE[0], marker="o", capsize=3,
                yerr=1000 * frame["error"] if "error" in frame else None, label="validation")  # fmt: skip
    ax.plot(sizes, 1000 * frame["rmse_train"], ":o", color=PALETTE[0], markerfacecolor="white",
            label="training")  # fmt: skip
    ax.set(xlabel="Structures fitted", ylabel="Error (RMSE, meV/atom)")
    ax.set_ylim(bottom=0)
    ax.set_title(title or "")
    ax.legend()
    first, last = 1000 * frame["rmse_validation"].iloc[[0, -1]]
    describe(
        ax, f"Error in validation falls from {first:.2f} meV/atom with {sizes.iloc[0]:g} "
        f"structures to {last:.2f} with {sizes.iloc[-1]:g}."
        if last < first
        else f"Error in validation goes from {first:.2f} to {last:.2f} meV/atom.",
    )  # fmt: skip
    return ax


def diagnosis(diagnosis: Any, *, title: str | None = None) -> Axes:
    """Draw a diagnosis on one page: both hulls, error against distance from the hull, learning.

    Parameters
    ----------
    diagnosis : Diagnosis
        What :func:`matlearn.lattice.diagnose` returns.
    title : str, optional
        Written above the first panel.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel; ``ax.figure.axes`` holds all.

    Raises
    ------
    TypeError
        If it is no diagnosis.
    """
    import matplotlib.pyplot as plt

    from .hulls import convex_hull

    if not hasattr(diagnosis, "errors_by_distance"):
        raise TypeError(f"diagnosis must be a Diagnosis, got {type(diagnosis).__name__}")
    curve = len(diagnosis.learning_curve) > 0
    count = 2 + curve
    axes = plt.subplots(1, count, figsize=(5.0 * count, 4.6))[1]
    table = diagnosis.to_frame()
    energies = table["mixing_energy"]
    convex_hull(diagnosis, limit=1000 * (energies.min() + 0.6 * np.ptp(energies)), ax=axes[0])
    axes[0].set_title(title or "")
    groups = diagnosis.errors_by_distance
    names = [
        f"{1000 * a:.0f} to {1000 * b:.0f}"
        for a, b in zip(groups["distance_from"], groups["distance_to"], strict=True)
    ]
    place = np.arange(len(groups))
    axes[1].bar(place - 0.2, 1000 * groups["rmse_held_out"], 0.4, color=PALETTE[0], label="unseen")
    axes[1].bar(place + 0.2, 1000 * groups["rmse"], 0.4, color=PALETTE[4], label="fitted")
    axes[1].axhline(1000 * diagnosis.energy_scale, color=PALETTE[5], linestyle="--", linewidth=1.6)
    axes[1].annotate(
        diagnosis.energy_scale_is, (1, 1000 * diagnosis.energy_scale), va="bottom", ha="right",
        xycoords=("axes fraction", "data"), fontsize=11, color=PALETTE[5],
        bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1},
    )  # fmt: skip
    axes[1].set_xticks(place, names, fontsize=11)
    axes[1].set(xlabel="Distance from the hull (meV/atom)", ylabel="Error (RMSE, meV/atom)")
    axes[1].legend(fontsize=11)
    described = "; ".join(
        f"{name}: {1000 * error:.2f}"
        for name, error in zip(names, groups["rmse_held_out"], strict=True)
    )
    describe(
        axes[1], f"Error of unseen structures by distance from the hull, meV/atom: {described}."
    )
    if curve:
        learning_curve(diagnosis, ax=axes[2])
    first: Axes = axes[0]
    return first
