"""What a potential's accuracy costs: in training data, and in time for each atom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

QUANTITIES = {
    "energy": ("RMS error of energies (meV/atom)", 1000.0),
    "forces": ("RMS error of force components (eV/Å)", 1.0),
}
"""Columns with errors (eV/atom, eV/A): the axis, and what to multiply by."""


def learning_curve(
    frame: pd.DataFrame, quantity: str = "energy", *, ax: Axes | None = None
) -> Axes:
    """Draw test errors against the number of structures that were trained on.

    Parameters
    ----------
    frame
        A row a fit: ``images`` (structures trained on), ``energy`` (RMS test error, eV/atom) and
        ``forces`` (of components, eV/A), and ``potential`` (a name) where there are several. Rows
        with the same name and number are averaged, and their spread is drawn.
    quantity
        ``"energy"`` or ``"forces"``.
    ax
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a column is missing or there are no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"images": [20, 40], "energy": [0.004, 0.002], "forces": [0.1, 0.06]})
    >>> learning_curve(frame).get_xlabel()
    'Structures trained on'
    """
    label, factor = _checked(frame, quantity, ["images", quantity])
    ax = new_axes(ax)
    said = []
    for number, (name, rows) in enumerate(_groups(frame)):
        found = rows.groupby("images")[quantity]
        mean, spread = factor * found.mean(), factor * found.std()
        color, marker = PALETTE[number % len(PALETTE)], MARKERS[number % len(MARKERS)]
        ax.errorbar(
            mean.index, mean, yerr=None if spread.isna().all() else spread.fillna(0.0),
            color=color, marker=marker, capsize=3, label=name or None,
        )  # fmt: skip
        said.append(
            f"{name or 'error'} from {mean.iloc[0]:.3g} with {mean.index[0]:g} structures to "
            f"{mean.iloc[-1]:.3g} with {mean.index[-1]:g}"
        )
    ax.set(xscale="log", yscale="log", xlabel="Structures trained on", ylabel=label)
    counts = sorted(set(frame["images"]))
    ax.set_xticks(counts, [f"{count:g}" for count in counts])
    ax.minorticks_off()
    _plain_ticks(ax)
    if "potential" in frame:
        ax.legend()
    describe(ax, f"{label} against the number of structures: " + "; ".join(said) + ".")
    return ax


def error_against_cost(
    frame: pd.DataFrame, quantity: str = "forces", *, ax: Axes | None = None
) -> Axes:
    """Draw test errors against the time that an evaluation takes for each atom.

    A line joins those that no other one beats in both.

    Parameters
    ----------
    frame
        A row a potential: ``potential`` (a name), ``microseconds`` (CPU time for energy and forces
        of an atom), ``energy`` (RMS test error, eV/atom) and ``forces`` (of components, eV/A);
        ``family`` where points are to be coloured by it.
    quantity
        ``"energy"`` or ``"forces"``.
    ax
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a column is missing or there are no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"potential": ["MTP 8", "MTP 12"], "microseconds": [6.0, 13.0],
    ...                       "energy": [0.002, 0.001], "forces": [0.04, 0.03]})
    >>> error_against_cost(frame).get_xlabel()
    'CPU time for energy and forces (µs/atom)'
    """
    label, factor = _checked(frame, quantity, ["potential", "microseconds", quantity])
    ax = new_axes(ax)
    cost, error = frame["microseconds"].to_numpy(float), factor * frame[quantity].to_numpy(float)
    families = frame["family"] if "family" in frame else frame["potential"].map(lambda _: "")
    for number, family in enumerate(dict.fromkeys(families)):
        chosen = (families == family).to_numpy()
        ax.plot(
            cost[chosen], error[chosen], linestyle="none", markersize=9,
            marker=MARKERS[number % len(MARKERS)], color=PALETTE[number % len(PALETTE)],
            label=family or None, zorder=3,
        )  # fmt: skip
    best = [i for i in np.argsort(cost) if error[i] <= error[cost <= cost[i]].min()]
    ax.plot(cost[best], error[best], color="0.5", linewidth=1, linestyle="--", zorder=1)
    for name, x, y in zip(frame["potential"], cost, error, strict=True):
        ax.annotate(str(name), (x, y), (6, 5), textcoords="offset points", fontsize=11)
    ax.set(
        xscale="log", yscale="log", xlabel="CPU time for energy and forces (µs/atom)", ylabel=label
    )
    ax.margins(0.15)
    _plain_ticks(ax)
    if "family" in frame:
        ax.legend()
    names = ", ".join(str(frame["potential"].iloc[i]) for i in best)
    describe(ax, f"{label} against the CPU time for an atom. No other is both faster and more "
                 f"accurate than: {names}.")  # fmt: skip
    return ax


def _plain_ticks(ax: Axes) -> None:
    """Write logarithmic axes in plain numbers where they span less than two decades."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        if isinstance(axis.get_major_locator(), LogLocator) and high < 100 * low:
            axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.set_minor_formatter(NullFormatter())


def _groups(frame: pd.DataFrame) -> list[tuple[str, Any]]:
    if "potential" not in frame:
        return [("", frame)]
    return [(str(name), rows) for name, rows in frame.groupby("potential", sort=False)]


def _checked(frame: pd.DataFrame, quantity: str, columns: list[str]) -> tuple[str, float]:
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity must be one of {', '.join(QUANTITIES)}, got {quantity!r}")
    missing = [column for column in columns if column not in frame]
    if missing or frame.empty:
        raise ValueError(
            f"frame must have rows and the columns {', '.join(columns)}; "
            f"{'missing: ' + ', '.join(missing) if missing else 'it has no rows'}"
        )
    return QUANTITIES[quantity]
