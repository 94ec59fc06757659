"""How diffusion and conductivity depend on the temperature, beside experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes
from matlearn.transport._figures.words import (
    NAMES,
    labelled,
    plain_powers,
    temperature_axes,
    with_error,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FIT = ("activation_energy", "activation_energy_error", "points", "band")
_MEASURED = (PALETTE[5], PALETTE[7], PALETTE[3], PALETTE[4])
Measured = tuple[np.ndarray, np.ndarray, np.ndarray | None]


def arrhenius(
    fit: Any,
    *,
    experiment: Any = None,
    extrapolate_to: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw values on a logarithmic axis against the inverse temperature, with the fitted line.

    The band holds 68 % of the lines that the errors of the points allow. Beyond the points it
    opens; what it does not know is whether the same mechanism carries on there.

    Parameters
    ----------
    fit : Arrhenius, a list of them, or a dict of them by name
        From :func:`matlearn.transport.arrhenius`.
    experiment : dict by name, optional
        Each a frame with ``temperature`` (K), ``value`` and perhaps ``error``, a sequence of
        (temperature, value) or (temperature, value, error), or a fit of its own (drawn as a line).
    extrapolate_to : float, optional
        Temperature (K) to which line and band are drawn on.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no such fit, different quantities are mixed, or a temperature is not positive.

    Examples
    --------
    >>> from matlearn.transport import arrhenius as fitted
    >>> fit = fitted([(500, 1.5e-5, 1e-6), (600, 2.5e-5, 1e-6), (800, 4.0e-5, 1e-6)])
    >>> ax = arrhenius(fit, extrapolate_to=400, experiment={"measured": [(550, 2e-5)]})
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('1000 K / temperature', 'D (cm²/s)')
    """
    fits = labelled(fit, lambda _one: "", "fit", needs=_FIT)
    kinds = list(dict.fromkeys(str(getattr(one, "quantity", "diffusion")) for _, one in fits))
    if len(kinds) > 1:
        raise ValueError(f"fit must hold results of one quantity, got {' and '.join(kinds)}")
    if extrapolate_to is not None and not extrapolate_to > 0:
        raise ValueError(f"extrapolate_to must be a temperature above 0 K, got {extrapolate_to}")
    label, unit = NAMES.get(kinds[0], (kinds[0], ""))
    ax = new_axes(ax, size=(7.4, 5.0))
    reach: list[float] = []
    said = []
    for index, (name, one) in enumerate(fits):
        color, marker = PALETTE[index % len(PALETTE)], MARKERS[index % len(MARKERS)]
        said.append(_fitted(one, ax, name, color, marker, extrapolate_to, unit, reach))
    said += _measured(experiment, ax, len(fits), reach)
    ax.set(ylabel=label, yscale="log")
    plain_powers(ax)
    temperature_axes(ax, reach)
    ax.legend(fontsize=10, loc="best")
    describe(ax, f"{label} against the inverse temperature. " + "; ".join(said) + ".")
    return ax


def _fitted(
    one: Any, ax: Axes, name: str, color: str, marker: str, beyond: float | None, unit: str,
    reach: list[float],
) -> str:  # fmt: skip
    """Draw the points, line and band of a fit, and put it into words."""
    points = one.points
    temperatures = points["temperature"].to_numpy(dtype=float)
    reach.extend([*temperatures, *([] if beyond is None else [beyond])])
    energy = with_error(one.activation_energy, one.activation_energy_error)
    title = f"{name}: " if name else ""
    ax.errorbar(
        1000.0 / temperatures, points["value"], yerr=points["error"], color=color, marker=marker,
        linestyle="none", capsize=3, zorder=4, label=f"{title}$E_a$ = {energy} eV",
    )  # fmt: skip
    low, high = temperatures.min(), temperatures.max()
    middle, lower, upper = band(one, np.linspace(low, high, 40))
    inverse = 1000.0 / np.linspace(low, high, 40)
    ax.plot(inverse, middle, color=color, zorder=3)
    ax.fill_between(inverse, lower, upper, color=color, alpha=0.22, linewidth=0, zorder=2)
    words = f"{title}{len(points)} temperatures, activation energy {energy} eV"
    if beyond is not None and not low <= beyond <= high:
        far = np.linspace(beyond, low if beyond < low else high, 60)
        middle, lower, upper = band(one, far)
        ax.plot(1000.0 / far, middle, color=color, linestyle="--", linewidth=1.4, zorder=3)
        ax.fill_between(1000.0 / far, lower, upper, color=color, alpha=0.14, linewidth=0, zorder=2)
        words += f", extrapolated to {beyond:g} K {middle[0]:.2g} ({lower[0]:.2g} to {upper[0]:.2g}) {unit}"
    return words


def band(fit: Any, temperatures: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what a fit says at temperatures (K), and the ends of its 68 % band."""
    table = fit.band(temperatures)
    value, lower, upper = (table[c].to_numpy(dtype=float) for c in ("value", "lower", "upper"))
    return value, lower, upper


def measured(experiment: Any) -> dict[str, Measured]:
    """Return temperatures, values and errors of what was measured, by name; fits are left out."""
    if experiment is None:
        return {}
    known = experiment if isinstance(experiment, Mapping) else {"experiment": experiment}
    return {
        str(name): _points(what, str(name))
        for name, what in known.items()
        if not hasattr(what, "activation_energy")
    }


def _measured(experiment: Any, ax: Axes, used: int, reach: list[float]) -> list[str]:
    """Draw what was measured, in the colours that are left."""
    if experiment is None:
        return []
    known = experiment if isinstance(experiment, Mapping) else {"experiment": experiment}
    said = []
    for index, (name, what) in enumerate(known.items(), start=used):
        color, marker = (
            _MEASURED[(index - used) % len(_MEASURED)],
            MARKERS[(index + 2) % len(MARKERS)],
        )
        if hasattr(what, "activation_energy"):
            ends = np.linspace(min(reach), max(reach), 60)
            middle, _, _ = band(what, ends)
            ax.plot(1000.0 / ends, middle, color=color, linestyle="-.", label=name, zorder=1)
            said.append(f"{name}: activation energy {what.activation_energy:.3g} eV")
            continue
        temperatures, values, errors = _points(what, name)
        ax.errorbar(
            1000.0 / temperatures, values, yerr=errors, color=color, marker=marker, capsize=3,
            linestyle="none", markerfacecolor="white", markersize=8, label=name, zorder=5,
        )  # fmt: skip
        reach.extend(temperatures)
        few = ", ".join(
            f"{v:.2g} at {t:g} K" for t, v in list(zip(temperatures, values, strict=True))[:4]
        )
        said.append(f"{name}: {few}")
    return said


def _points(what: Any, name: str) -> Measured:
    """Temperatures, values and errors of a frame or a sequence of pairs or triples."""
    if hasattr(what, "columns"):
        missing = [column for column in ("temperature", "value") if column not in what.columns]
        if missing:
            raise ValueError(
                f"experiment[{name!r}] must have columns 'temperature' and 'value', "
                f"got {', '.join(map(str, what.columns))}"
            )
        columns = [what[c].to_numpy(dtype=float) for c in ("temperature", "value")]
        columns += [what["error"].to_numpy(dtype=float)] if "error" in what.columns else []
    else:
        try:
            table = np.atleast_2d(np.asarray(what, dtype=float))
        except (TypeError, ValueError):
            table = np.empty((0, 0))
        if table.ndim != 2 or table.shape[1] not in (2, 3) or not len(table):
            raise ValueError(
                f"experiment[{name!r}] must be a frame, a fit, or pairs of a temperature (K) and a "
                f"value (a third number is the error), got {what!r}"
            )
        columns = list(table.T)
    if not (columns[0] > 0).all() or not (columns[1] > 0).all():
        raise ValueError(f"experiment[{name!r}] must hold positive temperatures and values only")
    return columns[0], columns[1], columns[2] if len(columns) == 3 else None


def conductivity(results: Any, *, experiment: Any = None, ax: Axes | None = None) -> Axes:
    """Draw ionic conductivities against the inverse temperature, a series for each kind.

    Parameters
    ----------
    results : Conductivity, a list of them, or a dict by name of such lists
        From :func:`matlearn.transport.ionic_conductivity`. Of a list, those from single ions
        (Nernst-Einstein) and from the motion of all charges are drawn as a series each.
    experiment : dict by name, optional
        As of :func:`arrhenius`; conductivities in S/cm.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If something is no conductivity, or has no temperature.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> one = SimpleNamespace(value=1.3, error=0.1, kind="nernst-einstein", temperature=500.0)
    >>> conductivity([one]).get_ylabel()
    'σ (S/cm)'
    """
    series = _series(results)
    ax = new_axes(ax, size=(7.4, 5.0))
    reach: list[float] = []
    said = []
    for index, (name, found) in enumerate(series.items()):
        found = sorted(found, key=lambda one: -float(one.temperature))
        temperatures = np.array([float(one.temperature) for one in found])
        values = np.array([float(one.value) for one in found])
        ax.errorbar(
            1000.0 / temperatures, values, yerr=[float(one.error) for one in found], label=name,
            color=PALETTE[index % len(PALETTE)], marker=MARKERS[index % len(MARKERS)], capsize=3,
            linestyle="none",
        )  # fmt: skip
        reach.extend(temperatures)
        said.append(
            f"{name}: "
            + ", ".join(
                f"{with_error(one.value, one.error)} at {one.temperature:.0f} K" for one in found
            )
        )
    said += _measured(experiment, ax, len(series), reach)
    ax.set(ylabel=NAMES["conductivity"][0], yscale="log")
    plain_powers(ax)
    temperature_axes(ax, reach)
    ax.legend(fontsize=10)
    describe(
        ax, "Ionic conductivity (S/cm) against the inverse temperature. " + "; ".join(said) + "."
    )
    return ax


def _series(results: Any) -> dict[str, list[Any]]:
    """Conductivities by name, those without one by their kind."""
    series: dict[str, list[Any]] = {}
    if isinstance(results, Mapping):
        groups = {
            str(k): list(v) if isinstance(v, (list, tuple)) else [v] for k, v in results.items()
        }
    else:
        groups = {"": list(results) if isinstance(results, (list, tuple)) else [results]}
    for name, found in groups.items():
        for _, one in labelled(
            found, str, "results", needs=("value", "error", "kind", "temperature")
        ):
            if not one.temperature:
                raise ValueError(f"results must have temperatures, got {one!r} without one")
            series.setdefault(name or _KINDS.get(one.kind, str(one.kind)), []).append(one)
    if not series:
        raise ValueError("results holds no conductivities")
    return series


_KINDS = {"nernst-einstein": "Nernst-Einstein (single ions)", "charge": "motion of all charges"}
