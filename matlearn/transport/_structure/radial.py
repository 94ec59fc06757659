"""The result of a radial distribution."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from matlearn.transport._structure import peaks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["RadialDistribution"]


@dataclass(frozen=True, repr=False)
class RadialDistribution:
    """How many neighbours an atom has at each distance, relative to evenly spread atoms."""

    first: str
    """Species in the centre."""
    second: str
    """Species that is counted around it."""
    distances: np.ndarray = field(repr=False)
    """Middles of the bins, A."""
    values: np.ndarray = field(repr=False)
    """g(r): 1 where the second species is as dense as on average."""
    coordination: np.ndarray = field(repr=False)
    """Atoms of the second species around one of the first, up to the outer edge of each bin."""
    frames: int
    """Frames that were counted, all replicas together."""
    density: float
    """Mean number of atoms of the second species per A3."""

    def __repr__(self) -> str:
        found = "no peak"
        if np.isfinite(self.first_peak):
            found = f"first peak at {self.first_peak:.2f} A"
        if np.isfinite(self.first_minimum):
            found += f", {self.first_coordination:.2f} neighbours up to {self.first_minimum:.2f} A"
        return f"RadialDistribution({self.first}-{self.second}, {found}, {self.frames} frames)"

    @property
    def cutoff(self) -> float:
        """Largest distance, A."""
        return float(self.distances[-1] + 0.5 * (self.distances[1] - self.distances[0]))

    @property
    def first_peak(self) -> float:
        """Distance of the first maximum (A), after smoothing by 0.05 A; NaN where there is none."""
        return peaks.first_peak(self.distances, self.values)

    @property
    def first_minimum(self) -> float:
        """Distance of the lowest point behind the first peak (A), NaN where it is not reached.

        Where two shells are apart, the middle of the gap.
        """
        return peaks.first_minimum(self.distances, self.values)

    @property
    def first_coordination(self) -> float:
        """Neighbours up to the first minimum: the coordination number; NaN without a minimum."""
        edge = self.first_minimum
        return self.neighbours(edge) if np.isfinite(edge) else float("nan")

    def neighbours(self, distance: float) -> float:
        """Give the mean number of neighbours up to a distance.

        Parameters
        ----------
        distance
            In A, from 0 to the cut-off.

        Returns
        -------
        float
            Interpolated between the edges of the bins.

        Raises
        ------
        ValueError
            If the distance lies outside.
        """
        if not 0 <= distance <= self.cutoff * (1 + 1e-9):
            raise ValueError(
                f"distance must lie between 0 and the cut-off of {self.cutoff:.3f} A, "
                f"got {distance}"
            )
        edges = np.linspace(0.0, self.cutoff, len(self.distances) + 1)
        return float(np.interp(distance, edges, np.concatenate([[0.0], self.coordination])))

    def to_frame(self) -> pd.DataFrame:
        """Return ``distance`` (A), ``value`` and ``coordination`` as a table."""
        import pandas as pd

        columns = {"distance": self.distances, "value": self.values}
        return pd.DataFrame({**columns, "coordination": self.coordination})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw it, with the running coordination number.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure where it is left out.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from matlearn.transport import plots

        return plots.radial_distribution([self], ax=ax)
