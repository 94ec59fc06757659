"""What a time step does to the energy, and a thermostat to the temperature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes
from matlearn.transport._figures.words import labelled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DASHES = ("-", "--", "-.", ":")


def time_steps(trajectories: Any, *, ax: Axes | None = None) -> Axes:
    """Draw how far the total energy wanders, against the time step, on logarithmic axes.

    The grey line has the slope 2 and passes through the shortest time step: the error of velocity
    Verlet, as long as the time step is short.

    Parameters
    ----------
    trajectories : list of Trajectory, or a dict of them by name
        Runs of one system at constant energy with different time steps.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two runs, or one does not know its energies or its time step.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.transport import run_md
    >>> runs = [run_md(bulk("Cu", cubic=True), "emt", temperature=300, steps=20, timestep=step,
    ...                ensemble="nve", record_every=1, progress=False) for step in (0.002, 0.004)]
    >>> time_steps(runs).get_xlabel()
    'Time step (fs)'
    """
    found = labelled(trajectories, lambda _run: "", "trajectories", needs=("times", "energies"))
    points = sorted(_wander(run) for _, run in found)
    if len(points) < 2:
        raise ValueError("trajectories must hold runs with at least two time steps")
    steps, wander = np.array(points).T
    ax = new_axes(ax)
    ends = np.array([steps[0], steps[-1]])
    ax.plot(ends, wander[0] * (ends / steps[0]) ** 2, color="0.6", label="slope 2")
    ax.plot(
        steps, wander, color=PALETTE[0], marker=MARKERS[0], linestyle="none", label="runs",
        markersize=8,
    )  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="Time step (fs)")
    ax.set_ylabel("Standard deviation of\nthe total energy (meV/atom)")
    ax.set_xticks(steps, [f"{step:g}" for step in steps])
    ax.minorticks_off()
    ax.legend(loc="upper left")
    said = ", ".join(f"{w:.2g} at {s:g} fs" for s, w in zip(steps, wander, strict=True))
    describe(ax, f"Standard deviation of the total energy in meV/atom against time step: {said}.")
    return ax


def _wander(run: Any) -> tuple[float, float]:
    """Give time step (fs) and standard deviation of the energy (meV/atom)."""
    if run.energies is None or run.kinetic_energies is None:
        raise ValueError("trajectories must be runs that know their energies, as run_md makes them")
    if "timestep" not in run.info:
        raise ValueError("trajectories must say their time step: info['timestep'] in ps")
    total = np.asarray(run.energies) + np.asarray(run.kinetic_energies)
    return 1000.0 * float(run.info["timestep"]), 1000.0 * float(total.std()) / len(run.numbers)


def temperature_distribution(
    trajectories: Any, temperature: float | None = None, *, bins: int = 24, ax: Axes | None = None
) -> Axes:
    """Draw how often each temperature occurs, beside what the canonical ensemble prescribes.

    In equilibrium with a bath of temperature T, the kinetic energy of f degrees of freedom is
    distributed as a gamma function of the shape f/2: the temperature of a small system fluctuates
    by T sqrt(2/f).

    Parameters
    ----------
    trajectories : Trajectory, a list of them, or a dict of them by name
        Runs with kinetic energies and as many degrees of freedom.
    temperature : float, optional
        Of the bath (K); that of the first run that was set unless given.
    bins : int
        Number of bars.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If there is no run, or one does not know its temperatures.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.transport import run_md
    >>> run = run_md(bulk("Cu", cubic=True), "emt", temperature=300, steps=50, timestep=0.004,
    ...              record_every=1, progress=False)
    >>> temperature_distribution(run).get_xlabel()
    'Temperature (K)'
    """
    from scipy.stats import gamma

    found = labelled(
        trajectories, lambda run: run.info.get("ensemble", ""), "trajectories",
        needs=("times", "temperatures"),
    )  # fmt: skip
    if any(run.temperatures is None for _, run in found):
        raise ValueError("trajectories must know their kinetic energies, as those of run_md do")
    if temperature is None:
        known = [run.info.get("temperature") for _, run in found]
        temperature = next((value for value in known if value is not None), None)
    ax, said = new_axes(ax), []
    values = [np.asarray(run.temperatures, dtype=float) for _, run in found]
    edges = np.linspace(min(v.min() for v in values), max(v.max() for v in values), bins + 1)
    for index, ((name, _), measured) in enumerate(zip(found, values, strict=True)):
        words = f"{name}: {measured.mean():.0f} ± {measured.std():.0f} K".lstrip(": ")
        ax.hist(
            measured, bins=edges.tolist(), density=True, histtype="step", linewidth=2.2,
            color=PALETTE[index % len(PALETTE)], linestyle=_DASHES[index % len(_DASHES)],
            label=words,
        )  # fmt: skip
        said.append(words)
    if temperature is not None:
        first = found[0][1]
        free = first.info.get("degrees_of_freedom", max(1, 3 * len(first.numbers) - 3))
        grid = np.linspace(edges[0], edges[-1], 200)
        words = f"canonical: {temperature:.0f} ± {temperature * np.sqrt(2 / free):.0f} K"
        ax.fill_between(
            grid, gamma.pdf(grid, free / 2, scale=2 * temperature / free), color="0.85",
            label=words, zorder=0,
        )  # fmt: skip
        said.append(words)
    ax.set(xlabel="Temperature (K)", ylabel="Probability density (1/K)")
    ax.legend(fontsize=11)
    describe(ax, "Distributions of the temperature, mean ± spread. " + "; ".join(said) + ".")
    return ax
