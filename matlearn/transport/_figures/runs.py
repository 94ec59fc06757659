"""What a run did: temperature, energy, volume, and whether energy was kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes
from matlearn.transport._figures.words import labelled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 3000
_DASHES = ("-", "--", "-.", ":")


def energy_conservation(trajectories: Any, *, smooth: int = 1, ax: Axes | None = None) -> Axes:
    """Draw how the total energy of runs drifts and fluctuates.

    Newton's equations keep it. What a time step makes of it is an error of integration: it
    fluctuates with the square of the time step, and should not drift.

    Parameters
    ----------
    trajectories : Trajectory, a list of them, or a dict of them by name
        Runs with potential and kinetic energies, at constant energy (``ensemble="nve"``).
    smooth : int
        Mean over so many frames before drawing.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        Each line against its own start; the legend has the drift, the slope of a straight line.

    Raises
    ------
    TypeError, ValueError
        If there is no run, or one has no energies.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.transport import run_md
    >>> run = run_md(bulk("Cu", cubic=True), "emt", temperature=300, steps=20, timestep=0.002,
    ...              ensemble="nve", record_every=1, progress=False)
    >>> energy_conservation({"2 fs": run}).get_ylabel()
    'Change of the total energy (meV/atom)'
    """
    found = labelled(trajectories, _run_name, "trajectories", needs=("times", "energies"))
    if smooth < 1:
        raise ValueError(f"smooth must be at least 1 frame, got {smooth}")
    ax, said = new_axes(ax), []
    for index, (name, run) in enumerate(found):
        if run.energies is None or run.kinetic_energies is None:
            raise ValueError(
                f"{name or 'the run'} has no energies: draw a run of run_md, or frames with results"
            )
        total = 1000.0 * (np.asarray(run.energies) + np.asarray(run.kinetic_energies))
        total = total / len(run.numbers)
        times = np.asarray(run.times, dtype=float)
        rows = np.isfinite(total)
        times, total = times[rows], total[rows]
        if len(total) < max(3, 2 * smooth):
            raise ValueError(f"{name or 'the run'} has {len(total)} frames with energies: too few")
        slope = float(np.polyfit(times, total, 1)[0])
        scatter = float(total.std())
        words = f"drift {slope:+.2g} meV/atom/ps, scatter {scatter:.2g} meV/atom"
        title = f"{name}: " if name else ""
        times, total = (_means(values, smooth) for values in (times, total - total[0]))
        ax.plot(
            times, total, color=PALETTE[index % len(PALETTE)], linewidth=1.6,
            linestyle=_DASHES[index % len(_DASHES)], label=f"{title}{words}",
        )  # fmt: skip
        said.append(f"{title}{words} over {times[-1]:.3g} ps")
    ax.axhline(0, color="0.4", linewidth=1, zorder=0)
    ax.set(xlabel="Time (ps)", ylabel="Change of the total energy (meV/atom)")
    ax.set_xlim(left=0)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + (0.1 + 0.075 * len(found)) * (high - low))  # room for the legend
    ax.legend(fontsize=10, loc="upper left")
    describe(ax, "Change of the total energy with time. " + "; ".join(said) + ".")
    return ax


def _run_name(run: Any) -> str:
    info = getattr(run, "info", {}) or {}
    step = info.get("timestep")
    return f"{1000 * float(step):g} fs" if step else ""


def _means(values: np.ndarray, width: int) -> np.ndarray:
    """Means of neighbouring frames, thinned to what can be seen."""
    count = len(values) // width
    means = values[: count * width].reshape(count, width).mean(axis=1)
    return means[:: max(1, count // _MOST)]


def thermodynamics(
    trajectory: Any, *, quantities: Any = None, smooth: int = 1, ax: Axes | None = None
) -> Axes:
    """Draw temperature, potential energy and volume of a run against time.

    The dashed line is the mean of the second half: what was reached, if the first half reached it.

    Parameters
    ----------
    trajectory : Trajectory, or a dict of them by name
        A run, or several to compare.
    quantities : str or sequence of str, optional
        ``"temperature"``, ``"energy"``, ``"volume"``; left out, all that are known and change.
    smooth : int
        Mean over so many frames before drawing.
    ax : matplotlib.axes.Axes, optional
        Where to draw a single quantity; a new figure with a panel for each where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        The first one.

    Raises
    ------
    TypeError, ValueError
        If there is no run, it does not know a quantity, or there are several for one axes.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.transport import run_md
    >>> run = run_md(bulk("Cu", cubic=True), "emt", temperature=300, steps=20, timestep=0.002,
    ...              record_every=1, progress=False)
    >>> thermodynamics(run, quantities="temperature").get_ylabel()
    'Temperature (K)'
    """
    import matplotlib.pyplot as plt

    found = labelled(trajectory, lambda _run: "", "trajectory", needs=("times", "temperatures"))
    if quantities is None:
        wanted = [name for name in _QUANTITIES if all(_changes(run, name) for _, run in found)]
    else:
        wanted = [quantities] if isinstance(quantities, str) else list(quantities)
    unknown = [name for name in wanted if name not in _QUANTITIES]
    if unknown or not wanted:
        raise ValueError(f"quantities must be of {', '.join(_QUANTITIES)}, got {unknown or wanted}")
    if ax is not None and len(wanted) > 1:
        raise ValueError(
            f"ax has room for one quantity: give quantities='temperature', for example; these were "
            f"to be drawn: {', '.join(wanted)}"
        )
    if ax is None:
        size = (7.0, 0.9 + 2.3 * len(wanted))
        panels = list(np.atleast_1d(plt.subplots(len(wanted), 1, figsize=size, sharex=True)[1]))
    else:
        panels = [ax]
    for panel, name in zip(panels, wanted, strict=True):
        _panel(found, name, smooth, panel)
    panels[-1].set_xlabel("Time (ps)")
    if len(panels) > 1:
        panels[0].figure.align_ylabels(panels)
    return panels[0]


_QUANTITIES: Mapping[str, tuple[str, str]] = {
    "temperature": ("Temperature (K)", "K"),
    "energy": ("Potential energy (eV/atom)", "eV/atom"),
    "volume": ("Volume (Å³/atom)", "Å³/atom"),
}


def _values(run: Any, name: str) -> np.ndarray | None:
    if name == "temperature":
        values = run.temperatures
        return None if values is None else np.asarray(values, dtype=float)
    values = run.energies if name == "energy" else run.volumes
    return None if values is None else np.asarray(values, dtype=float) / len(run.numbers)


def _changes(run: Any, name: str) -> bool:
    values = _values(run, name)
    return values is not None and bool(
        np.nanmax(values) - np.nanmin(values) > 1e-9 * abs(values[0])
    )


def _panel(found: list[tuple[str, Any]], name: str, smooth: int, ax: Axes) -> None:
    label, unit = _QUANTITIES[name]
    said = []
    for index, (title, run) in enumerate(found):
        values = _values(run, name)
        if values is None:
            raise ValueError(f"{title or 'the run'} does not know its {name}")
        times = np.asarray(run.times, dtype=float)
        rows = np.isfinite(values)
        times, values = times[rows], values[rows]
        mean, spread = (
            float(values[len(values) // 2 :].mean()),
            float(values[len(values) // 2 :].std()),
        )
        color = PALETTE[index % len(PALETTE)]
        ax.plot(
            _means(times, smooth), _means(values, smooth), color=color, linewidth=1.2,
            linestyle=_DASHES[index % len(_DASHES)], label=title or None,
        )  # fmt: skip
        ax.axhline(mean, color=color, linestyle="--", linewidth=1.2)
        said.append(f"{title}: {mean:.5g} ± {spread:.2g} {unit} in the second half".lstrip(": "))
    ax.set_ylabel(label)
    ax.set_xlim(left=0)
    if any(title for title, _ in found):
        ax.legend(fontsize=10)
    describe(ax, f"{label} against time. " + "; ".join(said) + ".")
