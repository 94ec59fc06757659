"""What a student potential lost against its teacher, and what it saves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from matlearn.fitting import ErrorReport
from matlearn.transport.diffusion import Diffusion
from matlearn.transport.structure import RadialDistribution

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class DistillationReport:
    """A student potential beside its teacher."""

    errors: ErrorReport
    """On configurations of the student's own dynamics, labelled after the training."""
    training: ErrorReport
    """On what was fitted."""
    rounds: pd.DataFrame
    """A row a temperature: ``temperature`` (K), ``calls``, ``images``, ``steps``,
    ``largest_late_grade`` (in the last quarter), ``finished``, ``reason``, ``cpu_s``."""
    history: pd.DataFrame
    """A row a graded step: ``temperature_set`` (K), ``step``, ``time`` (ps), ``grade``, ..."""
    calls: int
    """Teacher calculations made to learn."""
    test_calls: int
    """Teacher calculations made for `errors`."""
    teacher_seconds: float
    """CPU time of the teacher for one configuration (s)."""
    student_seconds: float
    """CPU time of the student for one step (s)."""
    reason: str
    """Why learning ended."""
    diffusion: tuple[Diffusion, Diffusion] | None = None
    """Teacher's and student's, in the same cell at the same temperature."""
    radial: dict[str, tuple[RadialDistribution, RadialDistribution]] = field(default_factory=dict)
    """Teacher's and student's, by pair of species."""
    messages: tuple[str, ...] = ()
    """What a user should know before trusting the student."""

    @property
    def speedup(self) -> float:
        """How many times less CPU time a step takes."""
        return self.teacher_seconds / self.student_seconds

    @property
    def deviation(self) -> float:
        """Difference of the two diffusion coefficients over their joint standard error."""
        teacher, student = self._both()
        return (student.value - teacher.value) / math.hypot(teacher.error, student.error)

    @property
    def joint_error(self) -> float:
        """Joint standard error of the two diffusion coefficients over the teacher's value."""
        teacher, student = self._both()
        return math.hypot(teacher.error, student.error) / teacher.value

    def _both(self) -> tuple[Diffusion, Diffusion]:
        if self.diffusion is None:
            raise ValueError(
                "the diffusion coefficients were not compared: give distil a teacher_run"
            )
        return self.diffusion

    def radial_difference(self, pair: str) -> float:
        """Give the root mean square difference of two radial distributions (no unit).

        Parameters
        ----------
        pair
            As ``"Ag-S"``; see `radial`.
        """
        if pair not in self.radial:
            raise ValueError(f"pair must be one of {', '.join(self.radial)}, got {pair!r}")
        teacher, student = self.radial[pair]
        return float(np.sqrt(np.mean((teacher.values - student.values) ** 2)))

    def to_frame(self) -> pd.DataFrame:
        """Give the report as a table.

        Returns
        -------
        DataFrame
            A row a quantity, its unit in the index: ``value``, ``error`` (NaN where it has none).
        """
        import pandas as pd

        rows: dict[str, tuple[float, float]] = {}
        for name, factor, unit in (("energy_per_atom", 1000.0, "meV/atom"), ("forces", 1.0, "eV/A"),
                                   ("stress", 1.0, "GPa")):  # fmt: skip
            if name in self.errors.errors:
                rows[f"RMSE {name} ({unit})"] = (factor * self.errors.errors[name].rms, np.nan)
        rows["teacher calls"] = (self.calls, np.nan)
        rows["teacher (CPU s a step)"] = (self.teacher_seconds, np.nan)
        rows["student (CPU s a step)"] = (self.student_seconds, np.nan)
        rows["speed-up"] = (self.speedup, np.nan)
        if self.diffusion is not None:
            for name, found in zip(("teacher", "student"), self.diffusion, strict=True):
                rows[f"D({found.species}), {name} (cm2/s)"] = (found.value, found.error)
            rows["difference of D over joint error"] = (self.deviation, np.nan)
        for pair in self.radial:
            rows[f"RMS difference of g(r), {pair}"] = (self.radial_difference(pair), np.nan)
        return pd.DataFrame(rows, index=["value", "error"]).T.rename_axis("quantity")

    def __repr__(self) -> str:
        forces = self.errors.errors["forces"].rms
        energy = 1000 * self.errors.errors["energy_per_atom"].rms
        beside = ""
        if self.diffusion is not None:
            beside = f", D {self.deviation:+.1f} joint sigma from the teacher's"
        return (
            f"DistillationReport(RMSE {energy:.2g} meV/atom and {forces:.2g} eV/A, "
            f"{self.calls} teacher calls, {self.speedup:.0f} times faster{beside})"
        )
