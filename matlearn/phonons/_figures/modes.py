"""How long modes live, and how fast they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._figures.words import labelled
from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ACOUSTIC = 3
"""Branches that begin at zero frequency."""


def lifetimes(
    results: Any, *, temperature: float | None = None, guides: bool = True, ax: Axes | None = None
) -> Axes:
    """Draw the lifetime of each mode against its frequency; large points carry more heat.

    Parameters
    ----------
    results : ThermalConductivity, a list of them, or a dict of them by name
        From `matlearn.phonons.thermal_conductivity`. Of a single one acoustic and optical branches
        are told apart.
    temperature : float, optional
        K; the first one of each result unless given.
    guides : bool
        Whether the line is drawn below which a mode dies within one period.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no such result, or has no such temperature.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> constants = phonons.force_constants("emt", cell=bulk("Al", a=3.9943, cubic=True),
    ...                                     supercell=(2, 2, 2), workers=1, progress=False)
    >>> lifetimes(phonons.thermal_conductivity(constants, mesh=3)).get_ylabel()
    'Lifetime (ps)'
    """
    from matplotlib.collections import PathCollection

    groups, said = _groups(results, temperature)
    ax = new_axes(ax)
    living = []
    most = max((float(table["kappa"].max()) for _, table in groups), default=0.0)
    for index, (name, table) in enumerate(groups):
        alive = table[(table["lifetime"] > 0) & (table["frequency"] > 1e-3)]
        living.append(alive)
        carried = alive["kappa"].clip(lower=0)
        ax.scatter(
            alive["frequency"], alive["lifetime"], s=10 + 150 * carried / max(most, 1e-12),
            color=PALETTE[index % len(PALETTE)], marker=MARKERS[index % len(MARKERS)], alpha=0.6,
            edgecolor="white", linewidth=0.3, label=name, zorder=3,
        )  # fmt: skip
        if len(alive):
            said.append(
                f"{name}: {alive['lifetime'].min():.2g} to {alive['lifetime'].max():.2g} ps, "
                f"{100 * carried.sum() / table['all'].iloc[0]:.0f} % of the heat"
            )
    ax.set_yscale("log")
    top = max((float(one["frequency"].max()) for one in living if len(one)), default=1.0)
    ax.set_xlim(0, 1.04 * top)
    if guides:
        low, high = ax.get_ylim()
        periods = np.geomspace(1 / high, top, 60)
        ax.plot(periods, 1 / periods, color="0.35", linestyle="--", linewidth=1.3,
                label="one period", zorder=2)  # fmt: skip
        ax.set_ylim(min(low, 0.7 / top), high)
    ax.set(xlabel="Frequency (THz)", ylabel="Lifetime (ps)")
    for handle in ax.legend(fontsize=11).legend_handles:
        if isinstance(handle, PathCollection):
            handle.set_sizes([50])
    describe(ax, "Lifetimes of modes against frequency. " + "; ".join(said) + ".")
    return ax


def group_velocities(
    results: Any, *, temperature: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how fast each mode carries energy, against its frequency.

    Parameters
    ----------
    results, temperature, ax
        As of :func:`lifetimes`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no such result, or has no such temperature.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> constants = phonons.force_constants("emt", cell=bulk("Al", a=3.9943, cubic=True),
    ...                                     supercell=(2, 2, 2), workers=1, progress=False)
    >>> group_velocities(phonons.thermal_conductivity(constants, mesh=3)).get_ylabel()
    'Group velocity (km/s)'
    """
    groups, _ = _groups(results, temperature)
    ax = new_axes(ax)
    said = []
    for index, (name, table) in enumerate(groups):
        ax.scatter(
            table["frequency"], table["speed"], s=22, color=PALETTE[index % len(PALETTE)], alpha=0.7,
            marker=MARKERS[index % len(MARKERS)], edgecolor="white", linewidth=0.3, label=name,
        )  # fmt: skip
        said.append(f"{name}: up to {table['speed'].max():.2g} km/s")
    ax.set(xlabel="Frequency (THz)", ylabel="Group velocity (km/s)")
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    ax.legend(fontsize=11)
    describe(ax, "Group velocities of modes against frequency. " + "; ".join(said) + ".")
    return ax


def _groups(
    results: Any, temperature: float | None
) -> tuple[list[tuple[str, pd.DataFrame]], list[str]]:
    """Return tables of modes by name, each with the sum of all shares, and what holds for all."""
    found = labelled(
        results, "results", needs=("modes", "temperatures"),
        name=lambda one: str(getattr(one, "method", "")).upper(),
    )  # fmt: skip
    tables = [(name, one.modes(temperature)) for name, one in found]
    for _, table in tables:
        table["all"] = float(table["kappa"].sum())
    kelvin = [
        float(one.temperatures[0] if temperature is None else temperature) for _, one in found
    ]
    said = [f"At {' and '.join(f'{one:g}' for one in dict.fromkeys(kelvin))} K"]
    if len(tables) > 1:
        return tables, said
    table = tables[0][1]
    acoustic = table["band"] < ACOUSTIC
    parts = [("acoustic", table[acoustic]), ("optical", table[~acoustic])]
    return [(name, part) for name, part in parts if len(part)], said
