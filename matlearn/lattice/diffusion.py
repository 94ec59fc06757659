"""Diffusion coefficients of a lattice model, with errors from blocks of the run."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from matlearn.lattice._averages.series import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class Diffusion:
    """Tracer and jump (collective) diffusion of the atoms of a kinetic Monte Carlo run.

    Errors are one standard error. See `matlearn.lattice.KineticMonteCarlo.diffusion` for the method.
    """

    tracer: float
    """Tracer diffusion coefficient, all mobile atoms taken as one species (cm2/s)."""
    tracer_error: float
    """Its error (cm2/s)."""
    jump: float
    """Jump diffusion coefficient: of the sum of all displacements, an atom (cm2/s)."""
    jump_error: float
    """Its error (cm2/s)."""
    correlation_factor: float
    """Tracer diffusion over that of as many hops in random directions."""
    correlation_factor_error: float
    """Its error."""
    temperature: float
    """K."""
    time: float
    """Length of the run (s)."""
    hops: int
    """Hops made in it."""
    atoms: int
    """Mobile atoms."""
    vacancies: int
    """Vacancies."""
    dimensions: int
    """Directions that count."""
    diffusive: bool
    """False: no lag was long enough for D to be one value, within its errors, from there on."""
    by_species: pd.DataFrame = field(repr=False)
    """`species`, `atoms`, `hops`, then, as above, of each species alone: `tracer`, `tracer_error`,
    `jump`, `jump_error` (cm2/s), `correlation_factor`, `correlation_factor_error`."""
    _lags: pd.DataFrame = field(repr=False)

    @property
    def haven_ratio(self) -> float:
        """Tracer over jump diffusion."""
        return self.tracer / self.jump

    @property
    def haven_ratio_error(self) -> float:
        """Error of the ratio, as if its two parts were independent."""
        parts = (self.tracer_error / self.tracer, self.jump_error / self.jump)
        return self.haven_ratio * math.hypot(*parts)

    def to_frame(self) -> pd.DataFrame:
        """Return what the choice of the lag rests on: ``lag`` (s), ``blocks``, and D (cm2/s)."""
        return self._lags.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw D against the lag that it was computed with; where it is flat, it is diffusion.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.

        Returns
        -------
        matplotlib Axes
        """
        from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

        ax = new_axes(ax)
        for k, name in enumerate(("tracer", "jump")):
            ax.errorbar(
                self._lags["lag"], self._lags[name], self._lags[f"{name}_error"], color=PALETTE[k],
                marker=MARKERS[k], capsize=3, label=f"{name} diffusion",
            )  # fmt: skip
        ax.set_xscale("log")
        ax.set(xlabel="Lag (s)", ylabel="Diffusion coefficient (cm²/s)")
        ax.set_ylim(bottom=0.0)
        ax.legend()
        describe(
            ax,
            f"Diffusion coefficients against the lag: {_text(self.tracer, self.tracer_error)} cm2/s "
            f"for tracers, {_text(self.jump, self.jump_error)} cm2/s for the sum of all jumps.",
        )
        return ax

    def __repr__(self) -> str:
        names = "-".join(self.by_species["species"])
        factor = Estimate(self.correlation_factor, self.correlation_factor_error)
        doubt = "" if self.diffusive else ", not diffusive yet: run longer"
        return (
            f"Diffusion({names}, tracer {_text(self.tracer, self.tracer_error)}, jump "
            f"{_text(self.jump, self.jump_error)} cm2/s at {self.temperature:g} K, f = {factor}, "
            f"{self.atoms} atoms, {self.vacancies} vacancies, {self.time:.3g} s{doubt})"
        )


def _text(value: float, error: float) -> str:
    """Write 2.31(5)e-09."""
    if not (math.isfinite(value) and value):
        return f"{value:g}"
    power = math.floor(math.log10(abs(value)))
    return f"{Estimate(value / 10.0**power, error / 10.0**power)}e{power:+03d}"
