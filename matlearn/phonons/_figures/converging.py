"""Whether a conductivity is converged: against data, mesh, displacement and supercell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._figures.words import DASHES, labelled
from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AXES = {
    "training": "Supercells for training",
    "mesh": "Wave vectors along each direction",
    "distance": "Displacement (Å)",
    "supercell": "Supercell",
}


def convergence(
    results: Any,
    *,
    tolerance: float = 0.02,
    reference: Mapping[str, float] | None = None,
    errors: bool | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw conductivities against what was varied, with the last value and a band around it.

    Values that failed are crosses on the axis. Where a potential was trained, the errors of its
    forces stand beside: they need not fall together.

    Parameters
    ----------
    results : Convergence, a list of them, or a dict of them by name
        From `matlearn.phonons.converge`, all over the same thing.
    tolerance : float
        Half width of the band, a share of the last conductivity; drawn for a single result.
    reference : dict of name and float, optional
        Conductivities (W/mK) drawn as horizontal lines.
    errors : bool, optional
        Whether the errors of forces stand beside; where left out, if there are any and `ax` is
        not given.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        Of the conductivity.

    Raises
    ------
    TypeError, ValueError
        If it is no such result, or different things were varied.

    Examples
    --------
    >>> from matlearn.phonons import Convergence
    >>> rows = [{"value": 5, "kappa": 10.1}, {"value": 7, "kappa": 9.2}, {"value": 9, "kappa": 9.1}]
    >>> convergence(Convergence("mesh", 300.0, rows)).get_xlabel()
    'Wave vectors along each direction'
    """
    found = labelled(
        results, "results", needs=("over", "rows", "to_frame"),
        name=lambda one: f"{one.temperature:g} K",
    )  # fmt: skip
    kinds = list(dict.fromkeys(str(one.over) for _, one in found))
    if len(kinds) > 1:
        raise ValueError(f"results must be over one thing, got {' and '.join(kinds)}")
    tables = [(name, one.to_frame()) for name, one in found]
    known = any("force_rmse" in table and table["force_rmse"].notna().any() for _, table in tables)
    if errors and not known:
        raise ValueError("errors: no potential was trained, so that there are no errors of forces")
    if errors and ax is not None:
        raise ValueError("errors have no place beside given axes: leave out ax or errors")
    beside = None
    if ax is None and (known if errors is None else errors):
        import matplotlib.pyplot as plt

        ax, beside = plt.subplots(1, 2, figsize=(10.5, 4.4))[1]
    ax = new_axes(ax)
    names = _categories([table for _, table in tables])
    said = []
    for index, (name, table) in enumerate(tables):
        said.append(_draw(ax, name, table, names, index))
    if len(tables) == 1:
        said[-1] += _band(ax, tables[0][1], tolerance)
    for index, (name, value) in enumerate((reference or {}).items()):
        color = PALETTE[(index + 5) % len(PALETTE)]
        ax.axhline(value, color=color, linewidth=1.4, linestyle="--", label=name, zorder=1)
        said.append(f"{name} {value:.4g} W/mK")
    every = [table["value"] for _, table in tables]
    _axis(ax, kinds[0], names, every)
    ax.set(ylabel="Thermal conductivity (W/mK)")
    ax.margins(y=0.15)
    ax.legend(fontsize=11)
    describe(ax, f"Conductivity against {AXES[kinds[0]].lower()}. " + "; ".join(said) + ".")
    if beside is not None:
        _errors(beside, tables, kinds[0], names)
    return ax


def place_of(value: Any, names: dict[str, int]) -> float:
    """Return where a value stands on the axis."""
    return float(names[text_of(value)]) if names else float(value)


def text_of(value: Any) -> str:
    """Write a value as the axis shows it."""
    if np.ndim(value) == 2:
        return str(np.asarray(value).tolist())
    return "×".join(f"{one:g}" for one in np.atleast_1d(value))


def _categories(tables: list[Any]) -> dict[str, int]:
    """Return places by name, where values are no plain numbers."""
    values = [value for table in tables for value in table["value"]]
    if all(np.ndim(value) == 0 for value in values):
        return {}
    return {name: place for place, name in enumerate(dict.fromkeys(map(text_of, values)))}


def _draw(ax: Axes, name: str, table: Any, names: dict[str, int], index: int) -> str:
    """Draw one table and put it into words."""
    x = np.array([place_of(value, names) for value in table["value"]])
    kappa = (
        table["kappa"].to_numpy(dtype=float) if "kappa" in table else np.full(len(table), np.nan)
    )
    good = np.isfinite(kappa)
    color = PALETTE[index % len(PALETTE)]
    ax.plot(
        x[good], kappa[good], color=color, marker=MARKERS[index % len(MARKERS)], label=name,
        linestyle=DASHES[index % len(DASHES)], zorder=3,
    )  # fmt: skip
    if (~good).any():
        ax.plot(
            x[~good], np.full(int((~good).sum()), 0.03), color=color, marker="x", markersize=10,
            markeredgewidth=2.5, linestyle="none", transform=ax.get_xaxis_transform(), zorder=4,
            label=f"failed ({int((~good).sum())})",
        )  # fmt: skip
    way = ", ".join(
        f"{text_of(value)}: {one:.4g}"
        for value, one in zip(table["value"][good], kappa[good], strict=True)
    )
    failed = f", {int((~good).sum())} failed" if (~good).any() else ""
    return f"{name}: {way or 'nothing'} W/mK{failed}"


def _band(ax: Axes, table: Any, tolerance: float) -> str:
    """Draw the band around the last conductivity."""
    kappa = table["kappa"].dropna().tolist() if "kappa" in table else []
    if len(kappa) < 2:
        return ""
    last = float(kappa[-1])
    ax.axhspan(
        last * (1 - tolerance), last * (1 + tolerance), color=PALETTE[2], alpha=0.15, linewidth=0,
        zorder=0, label=f"last value ± {100 * tolerance:g} %",
    )  # fmt: skip
    return f", with a band of {100 * tolerance:g} % around the last"


def _axis(ax: Axes, over: str, names: dict[str, int], every: list[Any]) -> None:
    """Name the axis, and mark the values that were computed where they are few."""
    ax.set(xlabel=AXES[over])
    if names:
        ax.set_xticks(list(names.values()), list(names))
        ax.set_xlim(-0.4, len(names) - 0.6)
        return
    values = sorted({float(value) for column in every for value in column})
    if 1 < len(values) <= 9 and np.diff(values).min() > 0.05 * np.ptp(values):
        ax.set_xticks(values, [f"{value:g}" for value in values])


def _errors(ax: Axes, tables: list[tuple[str, Any]], over: str, names: dict[str, int]) -> None:
    said = []
    for index, (name, table) in enumerate(tables):
        if "force_rmse" not in table:
            continue
        kept = table[table["force_rmse"].notna()]
        ax.plot(
            [place_of(value, names) for value in kept["value"]], kept["force_rmse"],
            color=PALETTE[index % len(PALETTE)], marker=MARKERS[index % len(MARKERS)],
            linestyle=DASHES[index % len(DASHES)], label=name,
        )  # fmt: skip
        values = kept["force_rmse"].to_numpy(dtype=float)
        if len(values):
            said.append(f"{name}: from {values[0]:.3g} to {values[-1]:.3g} meV/Å")
    ax.set(ylabel="Test error of forces, RMSE (meV/Å)")
    ax.set_ylim(0, 1.15 * ax.get_ylim()[1])
    _axis(ax, over, names, [table["value"] for _, table in tables])
    if len(tables) > 1:
        ax.legend(fontsize=11)
    describe(ax, "Beside it the error of the forces, " + "; ".join(said) + ".")
