"""Thermal conductivity: over temperature, and added up over the modes that carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._figures.words import DASHES, labelled, measured
from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MEASURED = (PALETTE[5], PALETTE[7], PALETTE[3], PALETTE[4])
AXES = {"frequency": "Frequency (THz)", "mean free path": "Mean free path (nm)"}
ALIKE = 0.02
"""Directions whose conductivity differs by less than this share are drawn as one."""


def kappa(
    results: Any, *, experiment: Any = None, law: bool = True, ax: Axes | None = None
) -> Axes:
    """Draw lattice thermal conductivities against temperature, beside experiment.

    Of a single result whose directions differ each direction is drawn, and of a direct solution of
    the Boltzmann equation also its relaxation-time approximation.

    Parameters
    ----------
    results : ThermalConductivity, a list of them, or a dict of them by name
        From `matlearn.phonons.thermal_conductivity`: several potentials, methods or meshes.
    experiment : dict by name, optional
        Each a frame with ``temperature`` (K), ``value`` (W/mK) and perhaps ``error``, or pairs or
        triples of these.
    law : bool
        Whether a line of 1/T is drawn, where there are three temperatures or more.
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
    >>> t = np.array([200.0, 300, 400])
    >>> one = SimpleNamespace(temperatures=t, kappa=np.eye(3) * 2400 / t[:, None, None],
    ...                       method="rta", mesh=(11, 11, 11))
    >>> ax = kappa(one, experiment={"measured": [(310, 7.0)]})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['RTA, mesh 11', 'as 1/T', 'measured']
    """
    found = labelled(results, "results", needs=("temperatures", "kappa"), name=_name)
    points = measured(experiment)
    ax = new_axes(ax)
    said, place = [], 0
    for name, one in found:
        for label, values in _series(name, one, alone=len(found) == 1):
            order = np.argsort(one.temperatures)
            ax.plot(
                one.temperatures[order], values[order], color=PALETTE[place % len(PALETTE)],
                marker=MARKERS[place % len(MARKERS)], linestyle=DASHES[place % len(DASHES)],
                label=label, zorder=3,
            )  # fmt: skip
            said.append(f"{label}: {_at_room(one.temperatures, values)}")
            place += 1
    first = found[0][1]
    if law and len(first.temperatures) > 2:
        start = int(np.argmax(first.temperatures))
        ends = np.linspace(first.temperatures.min(), first.temperatures.max(), 60)
        top = float(np.trace(first.kappa[start])) / 3 * float(first.temperatures[start])
        ax.plot(
            ends, top / ends, color="0.5", linewidth=1.2, linestyle=":", label="as 1/T", zorder=1
        )
    for index, (name, (kelvin, values, errors)) in enumerate(points.items()):
        ax.errorbar(
            kelvin, values, yerr=errors, linestyle="none", color=_MEASURED[index % len(_MEASURED)],
            marker=MARKERS[(index + 3) % len(MARKERS)], markersize=9, markerfacecolor="white",
            markeredgewidth=1.8, capsize=3, label=name, zorder=5,
        )  # fmt: skip
        said.append(f"{name}: {_at_room(kelvin, values)}")
    ax.set(xlabel="Temperature (K)", ylabel="Thermal conductivity (W/mK)")
    _frame(ax, [first.temperatures, *(kelvin for kelvin, _, _ in points.values())])
    ax.legend(fontsize=11)
    describe(ax, "Lattice thermal conductivity against temperature. " + "; ".join(said) + ".")
    return ax


def _name(one: Any) -> str:
    method = str(getattr(one, "method", "")).upper()
    mesh = getattr(one, "mesh", None)
    if mesh is None:
        return method or "computed"
    size = f"{mesh[0]}" if len(set(mesh)) == 1 else "x".join(map(str, mesh))
    extra = ", isotopes" if getattr(one, "isotopes", False) else ""
    return f"{method}, mesh {size}{extra}"


def _series(name: str, one: Any, *, alone: bool) -> list[tuple[str, np.ndarray]]:
    """Return what is drawn of a result: label and values by temperature."""
    diagonal = np.diagonal(np.asarray(one.kappa), axis1=1, axis2=2)
    mean = diagonal.mean(axis=1)
    if not alone:
        return [(name, mean)]
    if (np.ptp(diagonal, axis=1) > ALIKE * mean).any():
        return [(f"{name}, along {axis}", diagonal[:, k]) for k, axis in enumerate("xyz")]
    plain = getattr(one, "kappa_rta", None)
    if plain is None:
        return [(name, mean)]
    return [(name, mean), ("relaxation times", np.trace(plain, axis1=1, axis2=2) / 3)]


def _at_room(kelvin: np.ndarray, values: np.ndarray) -> str:
    near = int(np.abs(np.asarray(kelvin) - 300).argmin())
    return f"{values[near]:.3g} W/mK at {kelvin[near]:g} K"


def _frame(ax: Axes, temperatures: list[np.ndarray]) -> None:
    """Show all temperatures, from zero conductivity on."""
    every = np.concatenate(temperatures)
    pad = 0.05 * float(np.ptp(every)) or 50.0
    ax.set_xlim(max(0.0, float(every.min()) - pad), float(every.max()) + pad)
    ax.set_ylim(0, 1.05 * ax.get_ylim()[1])


def cumulative(
    results: Any,
    *,
    quantity: str = "frequency",
    temperature: float | None = None,
    share: bool | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what all modes up to a frequency, or to a mean free path, carry of the heat.

    Parameters
    ----------
    results : ThermalConductivity, a list of them, or a dict of them by name
        From `matlearn.phonons.thermal_conductivity`.
    quantity : {"frequency", "mean free path"}
        The order in which modes are added up.
    temperature : float, optional
        K; the first one of each result unless given.
    share : bool, optional
        Draw the share of the whole, in percent, instead of W/mK; where it is left out, of several
        results.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no such result, or has no such quantity or temperature.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> constants = phonons.force_constants("emt", cell=bulk("Al", a=3.9943, cubic=True),
    ...                                     supercell=(2, 2, 2), workers=1, progress=False)
    >>> conductivity = phonons.thermal_conductivity(constants, mesh=3)
    >>> cumulative(conductivity, quantity="mean free path").get_xlabel()
    'Mean free path (nm)'
    """
    found = labelled(results, "results", needs=("cumulative", "temperatures"), name=_name)
    relative = len(found) > 1 if share is None else share
    ax = new_axes(ax)
    said = []
    for index, (name, one) in enumerate(found):
        table = one.cumulative(quantity, temperature)
        where = table[quantity].to_numpy(dtype=float)
        values = 100 * table["share"] if relative else table["kappa"]
        kelvin = float(one.temperatures[0] if temperature is None else temperature)
        color = PALETTE[index % len(PALETTE)]
        label = f"{name}, {kelvin:g} K"
        ax.step(
            where, values, where="post", color=color, linestyle=DASHES[index % len(DASHES)],
            label=label, zorder=3,
        )  # fmt: skip
        halves = {
            part: float(where[int(np.searchsorted(table["share"].to_numpy(), part))])
            for part in (0.5, 0.9)
        }
        if len(found) == 1:
            _shade(ax, where, table["kappa"].to_numpy(), quantity, color)
            _mark_half(ax, halves[0.5], float(values.iloc[-1]) / 2, quantity)
        unit = "THz" if quantity == "frequency" else "nm"
        said.append(f"{label}: half below {halves[0.5]:.3g} {unit}, 90 % below {halves[0.9]:.3g}")
        _reach(ax, where, table["share"].to_numpy(), quantity, first=index == 0)
    ax.set(xlabel=AXES[quantity], ylabel=f"Carried up to there ({'%' if relative else 'W/mK'})")
    ax.set_ylim(bottom=0)
    ax.legend(fontsize=11, loc="upper left" if quantity == "frequency" else "best")
    describe(ax, f"Conductivity added up over the {quantity}. " + "; ".join(said) + ".")
    return ax


def _reach(ax: Axes, where: np.ndarray, shares: np.ndarray, quantity: str, *, first: bool) -> None:
    """Set the axis: plain from zero for frequencies, logarithmic for mean free paths."""
    if quantity == "frequency":
        right = 1.03 * float(where.max())
        ax.set_xlim(0, right if first else max(right, ax.get_xlim()[1]))
        return
    ax.set_xscale("log")
    low = float(where[int(np.searchsorted(shares, 1e-3))]) / 2
    high = 2 * float(where[-1])
    old = (low, high) if first else ax.get_xlim()
    ax.set_xlim(min(low, old[0]), max(high, old[1]))


def _mark_half(ax: Axes, place: float, value: float, quantity: str) -> None:
    unit = "THz" if quantity == "frequency" else "nm"
    ax.plot([place], [value], marker="o", color="black", markersize=7, zorder=4)
    ax.annotate(
        f"half: {place:.3g} {unit}", (place, value), xytext=(10, -4), textcoords="offset points",
        fontsize=11, va="top",
    )  # fmt: skip


def _shade(ax: Axes, where: np.ndarray, carried: np.ndarray, quantity: str, color: str) -> None:
    """Shade how much the modes of each part of the axis carry, on a scale of its own."""
    parts = np.diff(carried, prepend=0.0)
    if quantity == "frequency":
        edges = np.linspace(0, where.max(), 31)
    else:
        positive = where > 0
        where, parts = where[positive], parts[positive]
        edges = np.geomspace(where.min(), where.max() * (1 + 1e-9), 41)
    heights, _ = np.histogram(where, bins=edges, weights=parts)
    heights = 0.6 * carried[-1] * heights / heights.max()
    ax.stairs(
        heights, edges, fill=True, color=color, alpha=0.22, zorder=1,
        label="carried in each part (not to scale)",
    )  # fmt: skip
