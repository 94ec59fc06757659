"""Scans over the temperature as figures: heat capacity, order, hysteresis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

from .labels import as_frame, column_label, is_model

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    Exact: TypeAlias = Callable[[np.ndarray], np.ndarray]


def heat_capacity(
    scan: Any,
    *,
    exact: Exact | None = None,
    exact_label: str = "exact",
    model: bool | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the heat capacity of a scan against temperature, with its errors.

    Parameters
    ----------
    scan : Scan, pandas.DataFrame, or dict of them
        ``temperature`` and ``heat_capacity`` (kB a site), with ``heat_capacity_error`` if known;
        of several (system sizes, say) each has a colour and its name in the legend.
    exact : callable, optional
        Heat capacity (kB a site) of an array of temperatures, drawn as a line, for example
        :func:`matlearn.lattice.exact.onsager_heat_capacity`.
    exact_label : str
        How that line is called.
    model : bool, optional
        Temperatures are in J/kB; by default the scan's Boltzmann constant decides.
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
        If it is no scan or frame, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> scan = pd.DataFrame({"temperature": [300, 400], "heat_capacity": [0.2, 0.5],
    ...                      "heat_capacity_error": [0.01, 0.02]})
    >>> heat_capacity(scan).get_ylabel()
    'Heat capacity (k$_B$/site)'
    """
    ax = against_temperature(
        scan, "heat_capacity", exact=exact, exact_label=exact_label, model=model, title=title, ax=ax
    )
    ax.set_ylim(bottom=0)
    return ax


def order_parameter(
    scan: Any,
    column: str = "order_parameter",
    *,
    exact: Exact | None = None,
    exact_label: str = "exact",
    model: bool | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw an order parameter, or the magnetisation, of a scan against temperature.

    Parameters
    ----------
    scan : Scan, pandas.DataFrame, or dict of them
        ``temperature`` and `column`, with ``<column>_error`` if known.
    column : str
        What is drawn: any column of the scan.
    exact, exact_label, model, title, ax
        As of :func:`heat_capacity`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no scan or frame, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> scan = pd.DataFrame({"temperature": [2.0, 3.0], "order_parameter": [0.91, 0.05]})
    >>> order_parameter(scan, model=True).get_xlabel()
    'Temperature (J/k$_B$)'
    """
    return against_temperature(
        scan, column, exact=exact, exact_label=exact_label, model=model, title=title, ax=ax
    )


def against_temperature(
    scan: Any,
    column: str,
    *,
    exact: Exact | None,
    exact_label: str,
    model: bool | None,
    title: str | None,
    ax: Axes | None,
) -> Axes:
    """Draw a column of one scan or of several against temperature."""
    scans = dict(scan) if isinstance(scan, Mapping) else {"": scan}
    if not scans:
        raise ValueError("scan is empty")
    frames = {
        str(name): as_frame(one, "scan", ["temperature", column]).sort_values("temperature")
        for name, one in scans.items()
    }
    if model is None:
        model = any(is_model(one, frames[str(name)]) for name, one in scans.items())
    label, factor = column_label(column, model=model)
    ax = new_axes(ax)
    ends = [frame["temperature"].iloc[i] for frame in frames.values() for i in (0, -1)]
    said = []
    if exact is not None:
        temperatures = np.linspace(min(ends), max(ends), 600)
        ax.plot(temperatures, factor * exact(temperatures), color="0.35", linewidth=1.6,
                label=exact_label, zorder=1)  # fmt: skip
    for index, (name, frame) in enumerate(frames.items()):
        error = _error_column(frame.columns, column)
        ax.errorbar(
            frame["temperature"], factor * frame[column],
            yerr=factor * frame[error] if error else None, capsize=2.5, elinewidth=1.4,
            linestyle="none" if exact is not None else "-", linewidth=1.0,
            color=PALETTE[index % len(PALETTE)], marker=MARKERS[index % len(MARKERS)],
            markeredgecolor="white", markeredgewidth=0.5, markersize=7, zorder=3,
            label=name or ("simulated" if exact is not None else None),
        )  # fmt: skip
        top = frame[column].idxmax()
        said.append(
            f"{name + ': ' if name else ''}largest {factor * frame[column][top]:.3g} at "
            f"{frame['temperature'][top]:.4g}"
        )
    ax.set(xlabel=column_label("temperature", model=model)[0], ylabel=label)
    ax.set_title(title or "")
    if exact is not None or len(frames) > 1:
        ax.legend()
    describe(ax, f"{label.replace('$', '')} against temperature; {'; '.join(said)}.")
    return ax


def _error_column(columns: Any, column: str) -> str | None:
    names = (f"{column}_error", f"{column.removesuffix('_per_atom')}_error")
    return next((name for name in names if name in columns), None)


def hysteresis(
    heating: Any,
    cooling: Any,
    *,
    column: str = "energy_per_atom",
    model: bool | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a quantity on heating and on cooling: where they part, a transition is delayed.

    Parameters
    ----------
    heating, cooling : Scan or pandas.DataFrame
        ``temperature`` and `column` of each.
    column : str
        What is drawn.
    model, title, ax
        As of :func:`heat_capacity`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no scan or frame, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> up = pd.DataFrame({"temperature": [1, 2, 3], "energy_per_atom": [-2, -1.9, -0.8]})
    >>> down = pd.DataFrame({"temperature": [3, 2, 1], "energy_per_atom": [-0.8, -0.9, -2]})
    >>> hysteresis(up, down, model=True).get_ylabel()
    'Energy (J/site)'
    """
    ax = new_axes(ax)
    branches = {"heating": (heating, PALETTE[5], ">"), "cooling": (cooling, PALETTE[0], "<")}
    frames = {
        name: as_frame(data, name, ["temperature", column])
        for name, (data, _, _) in branches.items()
    }
    if model is None:
        model = is_model(heating, frames["heating"])
    label, factor = column_label(column, model=model)
    for name, (_, color, marker) in branches.items():
        frame = frames[name].sort_values("temperature")
        error = _error_column(frame.columns, column)
        ax.errorbar(
            frame["temperature"], factor * frame[column],
            yerr=factor * frame[error] if error else None, color=color, marker=marker,
            markersize=8, markeredgecolor="white", linewidth=1.6, capsize=2, label=name,
        )  # fmt: skip
    ax.set(xlabel=column_label("temperature", model=model)[0], ylabel=label)
    ax.set_title(title or "")
    ax.legend()
    describe(
        ax, f"{label.replace('$', '')} on heating and on cooling between "
        f"{frames['heating']['temperature'].min():g} and "
        f"{frames['heating']['temperature'].max():g}; {_gap(frames, column)}"
    )  # fmt: skip
    return ax


def _gap(frames: Mapping[str, Any], column: str) -> str:
    """Where heating and cooling lie apart by more than a fifth of all change, in words."""
    up, down = (frames[name].sort_values("temperature") for name in ("heating", "cooling"))
    other = np.interp(up["temperature"], down["temperature"], down[column])
    apart = np.abs(up[column].to_numpy() - other)
    change = float(np.ptp(np.concatenate([up[column], down[column]])))
    there = up["temperature"].to_numpy()[apart > 0.2 * change] if change else np.array([])
    if not len(there):
        return "the branches lie on each other."
    return f"the branches lie apart from {there.min():g} to {there.max():g}."
