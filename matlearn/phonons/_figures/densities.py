"""Densities of states, and the heat capacity that follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._figures.words import DASHES, labelled, measured
from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

_NEEDS = ("frequencies", "total", "by_element")
GAS_CONSTANT = 8.31446
"""J/(K mol)."""


def dos(results: Any, *, by_element: bool | None = None, ax: Axes | None = None) -> Axes:
    """Draw phonon densities of states, of several potentials over each other.

    Parameters
    ----------
    results : DensityOfStates, a list of them, or a dict of them by name
        From `ForceConstants.dos`.
    by_element : bool, optional
        Whether the share of each element is drawn; where it is left out, of a single result with
        several elements.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no such result, or the shares of several are asked for.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> f = np.linspace(0, 5, 50)
    >>> one = SimpleNamespace(frequencies=f, total=f**2, by_element={"Al": f**2})
    >>> dos(one).get_xlabel()
    'Frequency (THz)'
    """
    found = labelled(results, "results", needs=_NEEDS)
    shares = len(found) == 1 and len(found[0][1].by_element) > 1
    if by_element and len(found) > 1:
        raise ValueError("by_element needs a single result: draw each in axes of its own")
    ax = new_axes(ax)
    if shares if by_element is None else by_element:
        _shares(found[0][1], ax)
    said = []
    for index, (name, one) in enumerate(found):
        ax.plot(
            one.frequencies, one.total, color="black" if len(found) == 1 else PALETTE[index],
            linestyle=DASHES[index % len(DASHES)], label=name or ("total" if shares else "_none"),
        )  # fmt: skip
        highest = float(one.frequencies[int(np.argmax(one.total))])
        top = float(one.frequencies[np.flatnonzero(one.total > 1e-3 * one.total.max())[-1]])
        said.append(
            f"{f'{name}: ' if name else ''}up to {top:.2f} THz, highest at {highest:.2f} THz"
        )
    ax.set(xlabel="Frequency (THz)", ylabel="Modes per THz and cell")
    ax.set_ylim(bottom=0)
    lowest = [one.frequencies[one.total > 1e-2 * one.total.max()].min() for _, one in found]
    ax.set_xlim(left=float(min(lowest)) if min(lowest) < 0 else 0)
    if ax.get_legend_handles_labels()[1]:
        ax.legend(fontsize=11)
    describe(ax, "Phonon density of states. " + "; ".join(said) + ".")
    return ax


def _shares(one: Any, ax: Axes) -> None:
    below = np.zeros_like(one.total)
    for index, (element, share) in enumerate(one.by_element.items()):
        ax.fill_between(
            one.frequencies, below, below + share, color=PALETTE[index % len(PALETTE)], alpha=0.55,
            linewidth=0, label=element, hatch=("", "//", "..", "xx")[index % 4], edgecolor="white",
        )  # fmt: skip
        below = below + share


def sideways(results: Any, ax: Axes, names: Sequence[str]) -> None:
    """Draw densities of states beside bands, in the colours of the bands of the same name."""
    found = labelled(results, "dos", needs=_NEEDS)
    said = []
    for index, (name, one) in enumerate(found):
        place = names.index(name) if name in names else index
        ax.plot(
            one.total, one.frequencies, color=PALETTE[place % len(PALETTE)],
            linestyle=DASHES[place % len(DASHES)],
        )  # fmt: skip
        if len(found) == 1:
            ax.fill_betweenx(one.frequencies, 0, one.total, color=PALETTE[place], alpha=0.25)
        highest = float(one.frequencies[int(np.argmax(one.total))])
        said.append(f"{f'{name} ' if name else ''}highest at {highest:.2f} THz")
    ax.set_xlim(left=0)
    ax.set(xlabel="Modes per THz")
    ax.tick_params(axis="y", labelleft=False)
    describe(ax, "Beside them the density of states, " + ", ".join(said) + ".")


def heat_capacity(results: Any, *, experiment: Any = None, ax: Axes | None = None) -> Axes:
    """Draw heat capacities against temperature, with the limit of Dulong and Petit.

    Parameters
    ----------
    results : ThermalProperties, a list of them, or a dict of them by name
        From `ForceConstants.thermal_properties`.
    experiment : dict by name, optional
        Each a frame with ``temperature`` (K), ``value`` (J/(K mol of primitive cells)) and perhaps
        ``error``, or pairs or triples of these.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no such result, or `experiment` holds no points.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> one = SimpleNamespace(temperatures=np.array([0, 300.0]), heat_capacity=np.array([0, 23.0]),
    ...                       atoms=1)
    >>> heat_capacity(one).get_ylabel()
    'Heat capacity (J/(K mol))'
    """
    found = labelled(results, "results", needs=("temperatures", "heat_capacity", "atoms"))
    ax = new_axes(ax)
    said = []
    for index, (name, one) in enumerate(found):
        ax.plot(
            one.temperatures, one.heat_capacity, color=PALETTE[index % len(PALETTE)],
            linestyle=DASHES[index % len(DASHES)], label=name or "harmonic crystal",
        )  # fmt: skip
        said.append(
            f"{f'{name}: ' if name else ''}{one.heat_capacity[-1]:.1f} J/(K mol) at "
            f"{one.temperatures[-1]:g} K"
        )
    for atoms in dict.fromkeys(int(one.atoms) for _, one in found):
        limit = 3 * atoms * GAS_CONSTANT
        ax.axhline(limit, color="0.4", linewidth=1.2, linestyle=":")
        ax.annotate(
            f"Dulong and Petit, {limit:.1f}", (0.98, limit), xycoords=("axes fraction", "data"),
            xytext=(0, 4), textcoords="offset points", color="0.25", fontsize=11, ha="right",
        )  # fmt: skip
        said.append(f"the limit of Dulong and Petit is {limit:.1f}")
    for index, (name, (kelvin, values, errors)) in enumerate(measured(experiment).items()):
        ax.errorbar(
            kelvin, values, yerr=errors, linestyle="none", color=PALETTE[(index + 5) % len(PALETTE)],
            marker=MARKERS[(index + 3) % len(MARKERS)], markerfacecolor="white", capsize=3, label=name,
        )  # fmt: skip
        said.append(f"{name}: {len(kelvin)} points")
    ax.set(xlabel="Temperature (K)", ylabel="Heat capacity (J/(K mol))")
    ax.set_xlim(left=0)
    ax.set_ylim(0, 1.12 * ax.get_ylim()[1])
    ax.legend(fontsize=11, loc="lower right")
    describe(ax, "Heat capacity of a mole of primitive cells. " + "; ".join(said) + ".")
    return ax
