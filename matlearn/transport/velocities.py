"""How long ions remember their velocity, and at which frequencies they rattle."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.transport._figures.words import with_error
from matlearn.transport._structure.inputs import as_replicas
from matlearn.transport._structure.memory import (
    autocorrelation,
    central_velocities,
    density_of_states,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.transport.trajectories import Trajectory

__all__ = ["VelocityAutocorrelation", "velocity_autocorrelation"]

A2_PER_PS = 1e-4
"""1 A2/ps in cm2/s."""
HEAT = 0.8314462618
"""Boltzmann's constant in amu (A/ps)2 per K (of 8.314 J/(mol K), as 1 amu (A/ps)2 is 10 J/mol)."""
BLURRED = 0.9
"""Differences of positions that keep less of kT than this are too far apart."""
BELOW = 2.0
"""Standard errors by which D may fall below zero and pass for chance."""
DENSE = 0.01
"""Frames closer than this (ps) follow vibrations, where no temperature tells."""


@dataclass(frozen=True, repr=False)
class VelocityAutocorrelation:
    """How long a species remembers its velocity."""

    species: str
    """What moves."""
    times: np.ndarray = field(repr=False)
    """Lags, ps."""
    values: np.ndarray = field(repr=False)
    """Mean of v(0) v(t), summed over three axes, (A/ps)2."""
    frequencies: np.ndarray = field(repr=False)
    """THz."""
    spectrum: np.ndarray = field(repr=False)
    """Of the normalised correlation, 1/THz: the area under it is 1."""
    running_diffusion: np.ndarray = field(repr=False)
    """A third of the integral of `values` up to each time, cm2/s."""
    diffusion: float
    """By Green and Kubo, cm2/s: the integral up to the longest time."""
    diffusion_error: float
    """Its standard error from the scatter between ions and axes; NaN for fewer than three."""
    ions: int
    """Ions of the species."""
    recorded: bool
    """True: the run holds velocities; False: they are differences of positions."""
    temperature: float | None = None
    """K, where the run knows it."""
    messages: tuple[str, ...] = ()
    """Reasons to distrust it."""

    @property
    def normalized(self) -> np.ndarray:
        """The correlation over its value at zero."""
        return self.values / self.values[0]

    @property
    def peak(self) -> float:
        """Frequency at which the spectrum is highest, THz; of a liquid it may be 0."""
        return float(self.frequencies[int(np.argmax(self.spectrum))])

    def to_frame(self) -> pd.DataFrame:
        """Return ``time`` (ps), ``value`` ((A/ps)2) and ``running_diffusion`` (cm2/s)."""
        import pandas as pd

        columns = {"time": self.times, "value": self.values}
        return pd.DataFrame({**columns, "running_diffusion": self.running_diffusion})

    def plot(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw correlation and spectrum (`matlearn.transport.plots.velocity_autocorrelation`)."""
        from matlearn.transport import plots

        return plots.velocity_autocorrelation(self, ax=ax, **options)

    def __repr__(self) -> str:
        doubt = f", {len(self.messages)} doubts" if self.messages else ""
        return (
            f"VelocityAutocorrelation({self.species}, {self.ions} ions, up to {self.times[-1]:.3g} "
            f"ps, peak at {self.peak:.2f} THz, "
            f"D = {with_error(self.diffusion, self.diffusion_error)} cm2/s{doubt})"
        )


def velocity_autocorrelation(
    trajectory: Trajectory | Sequence[Trajectory],
    species: str,
    *,
    until: float | None = None,
    drift: str | None = "framework",
) -> VelocityAutocorrelation:
    r"""Correlate velocities with what they were a time before.

    .. math:: Z(t) = \langle \mathbf v(0) \cdot \mathbf v(t) \rangle \qquad
        D = \frac{1}{3} \int_0^\infty Z(t)\, dt

    The spectrum of Z is the density of the species' vibrations in a crystal; what it has at zero
    frequency is diffusion. The integral (Green and Kubo) is the same D as that of the mean squared
    displacement, with more noise: use it as a check.

    Parameters
    ----------
    trajectory : Trajectory or list of Trajectory
        A run, or replicas. With recorded velocities; else they are differences of positions, which
        needs frames much closer than a vibration (about 10 fs).
    species : str
        What moves.
    until : float, optional
        Longest time, ps; a tenth of the run unless given. The resolution of the spectrum is about
        1/until; the noise of D grows with its root.
    drift : {"framework", "all", None}
        Whose centre of mass is at rest: that of all other species, of all atoms, or neither.

    Returns
    -------
    VelocityAutocorrelation

    Warns
    -----
    UserWarning
        Where differences of positions miss part of the motion, or D is below zero by more than two
        standard errors.

    Raises
    ------
    ValueError
        If the species is not there, the run is too short, or an argument is impossible.

    References
    ----------
    D. Frenkel and B. Smit, Understanding Molecular Simulation, 2nd edition (2002), section 4.4.

    Examples
    --------
    An ion on a spring that swings twice a picosecond:

    >>> import numpy as np
    >>> from matlearn.transport import Trajectory
    >>> t = 0.01 * np.arange(2000)
    >>> swing = np.zeros((2000, 1, 3))
    >>> swing[:, 0, 0] = np.cos(2 * np.pi * 2.0 * t)
    >>> run = Trajectory(np.array([3]), swing, 9 * np.eye(3), np.array([True] * 3), 0.01)
    >>> print(f"{velocity_autocorrelation(run, 'Li', until=5.0).peak:.2f} THz")
    2.00 THz
    """
    if drift not in ("framework", "all", None):
        raise ValueError(f"drift must be 'framework', 'all' or None, got {drift!r}")
    runs = as_replicas(trajectory)
    step = runs[0].time_step
    if any(abs(run.time_step - step) > 1e-9 * step for run in runs):
        raise ValueError("replicas must have the same time between frames")
    ions = runs[0].indices(species)
    recorded = all(run.velocities is not None for run in runs)
    shortest = min(len(run) for run in runs) - (0 if recorded else 2)
    lags = _checked_lags(until, step, shortest)
    found = [_velocities(run, ions, drift, recorded) for run in runs]
    weights = np.array([len(one) for one in found], dtype=float)
    parts = [autocorrelation(one.reshape(len(one), -1), lags) for one in found]
    columns = np.concatenate(parts, axis=1)  # each ion, axis and replica
    share = np.repeat(weights / weights.sum(), 3 * len(ions)) / (3 * len(ions))
    values = columns @ share * 3
    integrals = np.cumsum(0.5 * (columns[1:] + columns[:-1]), axis=0) * step
    running = np.concatenate([[0.0], integrals @ share]) * A2_PER_PS
    error = float("nan")
    if columns.shape[1] >= 3:
        rest = integrals[-1] - integrals[-1] @ share
        error = float(np.sqrt((share**2) @ rest**2 / (1 - (share**2).sum()))) * A2_PER_PS
    frequencies, spectrum = density_of_states(values / values[0], step)
    kelvin = runs[0].temperature
    messages = [] if recorded else _doubts(values[0], runs[0].masses[ions], kelvin, step)
    value = float(running[-1])
    if value < -BELOW * error:
        messages.append(
            f"D is {value:.1e} cm2/s, {-value / error:.1f} standard errors below zero, which no "
            f"motion has. Either the integral up to {(lags - 1) * step:.3g} ps stops amid vibrations "
            "that have not died: run longer, or give another until. Or everything turns or drifts: "
            "see drift. The mean squared displacement is the safer way to D"
        )
    for message in messages:
        warnings.warn(message, UserWarning, stacklevel=2)
    return VelocityAutocorrelation(
        species=species,
        times=np.arange(lags) * step,
        values=values,
        frequencies=frequencies,
        spectrum=spectrum,
        running_diffusion=running,
        diffusion=value,
        diffusion_error=error,
        ions=len(ions),
        recorded=recorded,
        temperature=kelvin,
        messages=tuple(messages),
    )


def _checked_lags(until: float | None, step: float, frames: int) -> int:
    """Give the number of lags, zero included."""
    if frames < 20:
        raise ValueError(
            f"trajectory has {max(frames, 0)} frames with velocities: a correlation needs 20 at least"
        )
    longest = (frames // 2) * step
    if until is None:
        return max(3, frames // 10) + 1
    if not (np.isfinite(until) and 2 * step <= until <= longest * (1 + 1e-9)):
        raise ValueError(
            f"until must lie between two frames ({2 * step:.3g} ps) and half of the run "
            f"({longest:.3g} ps), got {until}"
        )
    return round(until / step) + 1


def _velocities(run: Trajectory, ions: np.ndarray, drift: str | None, recorded: bool) -> np.ndarray:
    """Give velocities (frames, ions, 3) in A/ps, those of the reference taken off."""
    if recorded and run.velocities is not None:
        every = run.velocities
    else:
        every = central_velocities(run.positions, run.cells, run.time_step)
    mask = np.ones(len(run.numbers), dtype=bool)
    if drift == "framework":
        mask[ions] = False
    chosen: np.ndarray = every[:, ions]
    if drift is None or not mask.any():
        return chosen
    weights = run.masses * mask
    return chosen - np.einsum("fac,a->fc", every, weights / weights.sum())[:, None]


def _doubts(square: float, masses: np.ndarray, kelvin: float | None, step: float) -> list[str]:
    """Say where differences of positions miss part of the motion."""
    if kelvin is None:
        if step <= DENSE:
            return []
        return [
            f"the run holds no velocities, and frames {1000 * step:.3g} fs apart are too far apart to "
            "follow vibrations: record velocities, or frames every 10 fs"
        ]
    kept = square / float(np.mean(3 * HEAT * kelvin / masses))
    if kept >= BLURRED:
        return []
    return [
        f"the run holds no velocities, and differences of positions {1000 * step:.3g} fs apart keep "
        f"{kept:.0%} of the kinetic energy at {kelvin:.0f} K: fast motion is missing. Record "
        "velocities, or frames every 10 fs"
    ]
