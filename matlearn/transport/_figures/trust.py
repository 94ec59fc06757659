"""What a number may be off by, from different causes on one axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes
from matlearn.transport._figures.words import with_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NEEDED = ("source", "label", "value", "error")


def uncertainties(
    table: Any,
    *,
    reference: str | tuple[float, float] | None = None,
    label: str = "D",
    unit: str = "cm²/s",
    log: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw values with their errors on one axis, grouped by what makes them differ.

    Parameters
    ----------
    table : pandas.DataFrame or dict of dicts
        By cause and name results with ``value`` and ``error`` (such as diffusion coefficients), or
        pairs of numbers. Or columns ``source`` (the cause that a group shares, such as "system size"), ``label``,
        ``value`` and ``error`` (a standard error; NaN where there is none).
    reference : str or (float, float), optional
        Label of the row that the others are compared with, or a value and its error: a line
        through the whole figure with a band of one standard error.
    label, unit : str
        What is compared, and its unit.
    log : bool
        A logarithmic axis, for values that differ by factors.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a column is missing, there is no row, or no row is called like the reference.

    Examples
    --------
    >>> found = {"size": {"108 atoms": (2.0e-5, 1e-6), "256 atoms": (2.2e-5, 1e-6)}}
    >>> uncertainties(found, reference="108 atoms").get_xlabel()
    'D (10⁻⁵ cm²/s)'
    """
    if isinstance(table, Mapping):
        table = _as_table(table)
    if not hasattr(table, "columns"):
        raise TypeError(f"table must be a pandas.DataFrame or a dict, got {type(table).__name__}")
    missing = [name for name in _NEEDED if name not in table.columns]
    if missing or not len(table):
        raise ValueError(
            f"table must have rows and the columns {', '.join(_NEEDED)}; missing: "
            f"{', '.join(missing) or 'rows'}"
        )
    scale, unit = _scaled(table["value"].to_numpy(dtype=float), unit)
    table = table.assign(value=table["value"] * scale, error=table["error"] * scale)
    ax = new_axes(ax, size=(8.2, 1.3 + 0.36 * (len(table) + 0.6 * table["source"].nunique())))
    middle = None if reference is None else _reference(table, reference, scale)
    if middle is not None:
        ax.axvline(middle[0], color="0.3", linewidth=1.2, zorder=0)
        if np.isfinite(middle[1]) and middle[1] > 0:
            ax.axvspan(middle[0] - middle[1], middle[0] + middle[1], color="0.5", alpha=0.2,
                       linewidth=0, zorder=0)  # fmt: skip
    ticks: list[float] = []
    row, names, said = 0.0, [], []
    for index, (source, part) in enumerate(table.groupby("source", sort=False)):
        color, marker = PALETTE[index % len(PALETTE)], MARKERS[index % len(MARKERS)]
        rows = row + np.arange(len(part))
        errors = part["error"].to_numpy(dtype=float)
        ax.errorbar(
            part["value"].to_numpy(dtype=float), rows, xerr=np.where(np.isfinite(errors), errors, 0.0),
            color=color, marker=marker, linestyle="none", capsize=4, markersize=8, label=str(source),
        )  # fmt: skip
        ticks.extend(rows)
        names.extend(part["label"].astype(str))
        values = part["value"].to_numpy(dtype=float)
        said.append(
            f"{source}: "
            + ", ".join(
                f"{name} {with_error(value, error)}"
                for name, value, error in zip(part["label"], values, errors, strict=True)
            )
        )
        row = float(rows[-1]) + 1.6
    ax.set_yticks(ticks, names)
    ax.set_ylim(max(ticks) + 0.7, -0.7)
    ax.set_xlabel(f"{label} ({unit})" if unit else label)
    if log:
        ax.set_xscale("log")
    ax.grid(axis="y", visible=False)
    ax.legend(fontsize=10, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    against = "" if middle is None else f" The line is at {with_error(*middle)} {unit}."
    describe(ax, f"{label} ({unit}) by cause. " + "; ".join(said) + "." + against)
    return ax


def _as_table(groups: Mapping[str, Any]) -> Any:
    """Results by cause and name as a table."""
    import pandas as pd

    rows = []
    for source, found in groups.items():
        if not isinstance(found, Mapping):
            raise TypeError(
                f"table[{source!r}] must be a dict of results by name, got {type(found).__name__}"
            )
        for name, one in found.items():
            pair = (one.value, one.error) if hasattr(one, "value") else tuple(one)
            rows.append((source, name, *map(float, pair)))
    return pd.DataFrame(rows, columns=list(_NEEDED))


def run_length(pieces: Any, *, reference: Any = None, ax: Axes | None = None) -> Axes:
    """Draw what pieces of a run say, against their length: do their errors cover their scatter?

    Parameters
    ----------
    pieces : dict of float to list of Diffusion
        Results of the pieces by their length (ps).
    reference : Diffusion, optional
        Of the whole run; the mean of the longest pieces where it is left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        A dot a piece. Bars: the mean error that pieces quote; crosses: their standard deviation.

    Raises
    ------
    TypeError, ValueError
        If it is no such dict, or there is no piece.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> some = [SimpleNamespace(value=v * 1e-5, error=1e-6) for v in (1.9, 2.0, 2.2)]
    >>> run_length({10: some, 20: some}).get_xlabel()
    'Length of the piece (ps)'
    """
    if not isinstance(pieces, Mapping) or not pieces or not all(len(v) for v in pieces.values()):
        raise ValueError("pieces must be a dict of lengths (ps) to results that are not empty")
    ax, said = new_axes(ax, size=(7.6, 4.8)), []
    lengths = sorted(pieces)
    last = [float(one.value) for one in pieces[lengths[-1]]]
    middle = float(np.mean(last)) if reference is None else float(reference.value)
    scale, unit = _scaled(np.array([middle]), "cm²/s")
    rng = np.random.default_rng(0)
    for length in lengths:
        values = scale * np.array([float(one.value) for one in pieces[length]])
        quoted = scale * float(np.mean([float(one.error) for one in pieces[length]]))
        ax.plot(
            length * np.exp(0.05 * rng.uniform(-1, 1, len(values))), values, "o", color=PALETTE[0],
            markersize=5, alpha=0.5, label="a piece" if length == lengths[0] else None, zorder=3,
        )  # fmt: skip
        ax.errorbar(
            1.17 * length, scale * middle, yerr=quoted, color=PALETTE[5], capsize=5, linewidth=2.2,
            label="error that a piece quotes" if length == lengths[0] else None, zorder=4,
        )  # fmt: skip
        words = f"{length:g} ps: {len(values)} pieces quote {quoted:.2g}"
        if len(values) > 1:
            scatter = float(values.std(ddof=1))
            ax.errorbar(
                1.29 * length, scale * middle, yerr=scatter, color=PALETTE[7], capsize=5, linewidth=2.2,
                linestyle="none", label="scatter of the pieces" if length == lengths[0] else None,
                zorder=4,
            )  # fmt: skip
            words += f" and scatter by {scatter:.2g}"
        said.append(words)
    ax.axhline(scale * middle, color="0.3", linewidth=1.2, zorder=0)
    ax.set(xscale="log", xlabel="Length of the piece (ps)", ylabel=f"D ({unit})")
    ax.set_xticks(lengths, [f"{length:g}" for length in lengths])
    ax.minorticks_off()
    ax.legend(fontsize=10)
    describe(ax, f"D ({unit}) of pieces of a run. " + "; ".join(said) + ".")
    return ax


def _scaled(values: np.ndarray, unit: str) -> tuple[float, str]:
    """Return what small values are multiplied with to be read easily, and the unit that goes with it."""
    power = int(np.floor(np.log10(np.abs(values).max())))
    if -2 <= power <= 4:
        return 1.0, unit
    digits = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return 10.0**-power, f"10{digits} {unit}"


def _reference(table: Any, reference: Any, scale: float) -> tuple[float, float]:
    if isinstance(reference, str):
        rows = table[table["label"].astype(str) == reference]
        if not len(rows):
            raise ValueError(
                f"reference must be one of the labels, {', '.join(table['label'].astype(str))}, "
                f"got {reference!r}"
            )
        return float(rows["value"].iloc[0]), float(rows["error"].iloc[0])
    try:
        value, error = reference
        return scale * float(value), scale * float(error)
    except (TypeError, ValueError):
        raise ValueError(
            f"reference must be a label or a pair of a value and its error, got {reference!r}"
        ) from None
