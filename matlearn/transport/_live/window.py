"""Diffusion coefficients of many fit windows from one pass over the run. Private."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.transport._estimators.arguments import window_frames
from matlearn.transport._estimators.coordinates import as_replicas, check
from matlearn.transport._estimators.estimates import Estimate, generalised, ordinary
from matlearn.transport._estimators.messages import doubts
from matlearn.transport.diffusion import A2_PER_PS
from matlearn.transport.displacements import average, observe

if TYPE_CHECKING:
    from matlearn.transport.trajectories import Trajectory

CHOICES = 90
"""Lags that the window may begin or end at."""
SCAN = 14
"""Starts for which D is shown beside that of the chosen one."""


class Windows:
    """A mean squared displacement, and what a line through any part of it says.

    Parameters
    ----------
    trajectory : Trajectory or list of Trajectory
        A run, or replicas.
    species : str
        What moves.
    kind, drift, axes
        As of :func:`matlearn.transport.diffusion_coefficient`.

    Attributes
    ----------
    msd : MeanSquaredDisplacement
        What is fitted.
    choices : (n,) array of int
        Lags (frames) to begin or end a window at, evenly spaced in their logarithm.
    """

    def __init__(
        self,
        trajectory: Trajectory | Sequence[Trajectory],
        species: str,
        *,
        kind: str = "self",
        drift: str | None = "framework",
        axes: str = "xyz",
    ) -> None:
        check(kind, drift, axes)
        runs = as_replicas(trajectory)
        self._series = observe(runs, species, kind=kind, drift=drift, axes=axes)
        self.msd = average(self._series, runs, species, kind=kind, drift=drift, axes=axes)
        self.step = float(self.msd.time_step)
        window_frames("auto", None, self.step, self._series.longest)  # refuses runs too short
        last = max(4, self._series.longest // 2)
        self.choices = np.unique(np.geomspace(1, last, CHOICES).round().astype(int))
        self.unit = A2_PER_PS / (2 * len(axes) * self.step)  # cm2/s for a slope of 1 A2 per frame
        self._known: dict[tuple[str, int | None, int | None], Estimate] = {}

    def fit(self, method: str, start: int | None, end: int | None) -> Estimate:
        """Fit a line between two lags in frames; None leaves an end to the estimator."""
        key = (method, start, end)
        if key not in self._known:
            fitted = ordinary if method == "ols" else generalised
            self._known[key] = fitted(self._series, self.msd.values, start, end)
        return self._known[key]

    def automatic(self) -> Estimate:
        """What :func:`matlearn.transport.diffusion_coefficient` says, and the window it chooses."""
        return self.fit("gls", None, None)

    def doubts(self, fit: Estimate) -> list[str]:
        """Reasons to distrust a fit."""
        return doubts(
            self._series, self.msd.values, slope=fit.slope, error=fit.error, start=fit.start,
            straight=fit.straight, time_step=self.step,
        )  # fmt: skip

    def position(self, lag: int) -> int:
        """Which of the choices is nearest to a lag in frames."""
        return int(np.argmin(np.abs(self.choices - lag)))

    def scan(self, end: int) -> list[tuple[float, Estimate]]:
        """Fit windows that begin at different lags and end alike: pairs of the start in ps and D."""
        latest = max(2, end // 3)
        starts = np.unique(np.geomspace(1, latest, SCAN).round().astype(int))
        return [(start * self.step, self.fit("gls", int(start), end)) for start in starts]

    def to_frame(self, fits: Sequence[tuple[float, Estimate]]) -> Any:
        """Fits as a table: ``from`` (ps), ``value`` and ``error`` (cm2/s)."""
        import pandas as pd

        rows = [(start, fit.slope * self.unit, fit.error * self.unit) for start, fit in fits]
        return pd.DataFrame(rows, columns=["from", "value", "error"])
