"""Five colleagues who hand over a run and a claim: material of the diagnosis in exercise 4."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np

from matlearn.transport.trajectories import Trajectory

LETTERS = ("A", "B", "C", "D", "E")
SIGNS = {
    "nothing": "the framework would stay where it is, no atom would jump by the edge of the cell, and "
    "neither energy nor temperature would climb: at least one of these is not so here",
    "wrapped positions": "single atoms would jump by the edge of the cell from one frame to the next, "
    "and no displacement would ever get beyond the cell: look at the largest step between two frames",
    "drift of the whole cell": "all atoms would move alike, the framework too: its mean squared "
    "displacement (`drift=None`) would grow as the square of the time, and vanish with the mean motion "
    "taken off",
    "time step too long": "the total energy (`run.energies + run.kinetic_energies`) of a run without a "
    "thermostat would climb, and the temperature with it: look whether the run has these and what they do",
    "the crystal melted": "the mean squared displacement of the *framework*, its mean motion taken off, "
    "would grow without end, from some moment on: compare the first third of the run with the last",
    "too short to be diffusive": "the ions would not have left their places: compare the root of the "
    "mean squared displacement at the end with the distance between two places, some 3 Å",
}
"""Causes that a diagnosis may name, and what would be seen if each were so."""
TRUE = dict(
    zip(
        LETTERS,
        (
            "wrapped positions",
            "drift of the whole cell",
            "time step too long",
            "the crystal melted",
            "nothing",
        ),
        strict=True,
    )
)


@dataclass(frozen=True)
class Colleague:
    """A run that was handed over, and what is claimed of it."""

    letter: str
    """A to E."""
    run: Trajectory
    """Positions as they were handed over."""
    species: str
    """What is said to diffuse."""
    claim: str
    """In the colleague's words."""

    def __repr__(self) -> str:
        return f"Colleague {self.letter}: {self.claim}"


@functools.cache
def colleague(letter: str) -> Colleague:
    """Give what one of the five colleagues hands over.

    Parameters
    ----------
    letter
        ``"A"`` to ``"E"``.

    Returns
    -------
    Colleague
        ``.run``, ``.species`` and ``.claim``.

    Raises
    ------
    ValueError
        If there is no such colleague.

    Examples
    --------
    >>> given = colleague("B")
    >>> given.run.species, given.species
    (['Ag', 'S'], 'Ag')
    """
    if letter not in LETTERS:
        raise ValueError(f"letter must be one of {', '.join(LETTERS)}; got {letter!r}")
    run, species = _argon() if letter == "C" else (_silver(letter), "Ag")
    slope = straight_line(run, species)[0]
    words = f"D({species}) = {slope:.2g} cm2/s at {run.info['temperature']:.0f} K"
    if letter == "C":
        words = (
            "a perfect crystal of argon, and without any thermostat it gets warmer all by itself"
        )
    return Colleague(letter, run, species, f"{words}, from {run.duration:.0f} ps")


def straight_line(run: Trajectory, species: str) -> tuple[float, float]:
    """Fit as many do: a line through the lags from 2 to 50 % of the run, nothing taken off.

    Returns
    -------
    tuple of float
        D in cm2/s, and the coefficient of determination.
    """
    from matlearn.transport.displacements import mean_squared_displacement

    msd = mean_squared_displacement(run, species, drift=None)
    part = slice(len(msd.lags) // 50, len(msd.lags) // 2)
    lags, values = msd.lags[part], msd.values[part]
    line = np.polyfit(lags, values, 1)
    left = values - np.polyval(line, lags)
    return float(line[0] / 6e4), float(1 - left.var() / values.var())


def _silver(letter: str) -> Trajectory:
    """Recorded runs of silver sulfide, spoiled or not."""
    from matlearn import datasets

    runs = datasets.load("silver-sulfide-runs")
    if letter == "A":
        run = runs["550K"]
        inverse = np.linalg.inv(run.cells[0])
        return replace(run, positions=(run.positions @ inverse % 1.0) @ run.cells[0])
    if letter == "B":
        run = runs["450K"]
        velocity = np.array([0.06, 0.03, 0.0])  # A/ps
        return replace(run, positions=run.positions + run.times[:, None, None] * velocity)
    return runs["600K-melts"] if letter == "D" else runs["650K"][334:]


def _argon() -> tuple[Trajectory, str]:
    """A crystal without a thermostat, and with too long a time step, until it flies apart."""
    import warnings

    from ase.build import bulk

    from matlearn.calculators import get_calculator
    from matlearn.transport.dynamics import DynamicsError, run_md

    crystal = bulk("Ar", cubic=True, a=5.30).repeat(2)
    argon = get_calculator("lj", sigma=3.40, epsilon=0.01034, rc=8.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the time step is what is to be found out
        try:
            run = run_md(
                crystal, argon, ensemble="nve", temperature=160, steps=130, timestep=0.075,
                record_every=1, seed=1, progress=False,
            )  # fmt: skip
        except DynamicsError as error:
            if error.trajectory is None:
                raise
            run = error.trajectory
    kept = {"ensemble": "nve", "temperature": 60.0}
    return replace(run, info=kept), "Ar"
