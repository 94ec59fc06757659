"""Mean squared displacements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from matlearn.transport._estimators.coordinates import as_replicas, check, coordinates
from matlearn.transport._estimators.series import Series

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.transport.trajectories import Trajectory


@dataclass(frozen=True, repr=False)
class MeanSquaredDisplacement:
    """How far ions got, squared and averaged over all ions and all windows of a run."""

    lags: np.ndarray
    """Lengths of the windows (ps), shape (lags,); the first is zero."""
    values: np.ndarray
    """Mean squared displacement (A2), summed over the axes, shape (lags,)."""
    by_axis: np.ndarray
    """The same along each axis (A2), shape (lags, axes)."""
    species: str
    """What moves."""
    kind: str
    """``"self"`` or ``"collective"``."""
    drift: str | None
    """What was taken off: ``"framework"``, ``"all"`` or None."""
    axes: str
    """Directions that count, some of ``"xyz"``."""
    ions: int
    """Ions of the species."""
    frames: int
    """Frames of the run, the longest one of replicas."""
    replicas: int
    """Runs that were averaged."""
    time_step: float
    """Between frames (ps)."""
    temperature: float | None = field(default=None)
    """K, where the trajectory knows it."""

    @property
    def dimension(self) -> int:
        """Number of directions that count."""
        return len(self.axes)

    def to_frame(self) -> pd.DataFrame:
        """Return columns ``time`` (ps), ``msd`` and, for each axis, ``msd_x`` and so on (A2)."""
        import pandas as pd

        columns = {f"msd_{axis}": self.by_axis[:, k] for k, axis in enumerate(self.axes)}
        return pd.DataFrame({"time": self.lags, "msd": self.values, **columns})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the mean squared displacement (`matlearn.transport.plots.msd`)."""
        from matlearn.transport import plots

        return plots.msd(self, ax=ax)

    def __repr__(self) -> str:
        end = self.values[len(self.values) // 2]
        many = f", {self.replicas} runs" if self.replicas > 1 else ""
        return (
            f"MeanSquaredDisplacement({self.species}, {self.kind}, {self.ions} ions, "
            f"{self.frames} frames, {self.lags[-1]:.4g} ps{many}, "
            f"{end:.3g} A2 after {self.lags[len(self.values) // 2]:.3g} ps)"
        )


def mean_squared_displacement(
    trajectory: Trajectory | Sequence[Trajectory],
    species: str,
    *,
    kind: str = "self",
    drift: str | None = "framework",
    axes: str = "xyz",
) -> MeanSquaredDisplacement:
    r"""Average squared displacements over all windows of a run, for every lag at once.

    .. math:: \mathrm{MSD}(n) = \frac{1}{N_\mathrm{ions} (N - n)} \sum_i \sum_{k=0}^{N-n-1}
        |\mathbf r_i(k + n) - \mathbf r_i(k)|^2

    The double sum is done by fast Fourier transform, N log N instead of N^2.

    Parameters
    ----------
    trajectory : Trajectory, or list of them
        The run, unwrapped as a `matlearn.transport.Trajectory` always is. Replicas (a list) are
        averaged, each window counted once.
    species : str
        Symbol of what moves, such as ``"Li"``.
    kind : {"self", "collective"}
        The displacement of each ion, or of all together: the square of their summed displacement
        over their number, which is the same where ions move independently.
    drift : {"framework", "all", None}
        Whose centre of mass is taken off first: that of all other species (of nothing where there
        are none), of all atoms, or none. The mobile ions' own centre must not be: what all of
        them did together would be lost.
    axes : str
        Directions that count, some of ``"xyz"``.

    Returns
    -------
    MeanSquaredDisplacement
        In A2 against ps.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense, the species is not there, replicas differ, or there are
        fewer than 3 frames.

    References
    ----------
    V. Calandrini, E. Pellegrini, P. Calligari, K. Hinsen and G. R. Kneller, nMoldyn,
    Collection SFN 12, 201 (2011): the transform.

    Examples
    --------
    >>> from matlearn import transport
    >>> walk = transport.random_walk(frames=400, ions=20, step=2.5, probability=0.2, seed=1)
    >>> msd = transport.mean_squared_displacement(walk, "Li")
    >>> print(f"{msd.values[1]:.2f} A2 after {msd.lags[1]:.1f} ps; expected 0.2 x 2.5^2 = 1.25 A2")
    1.2... A2 after 0.1 ps; expected 0.2 x 2.5^2 = 1.25 A2
    """
    check(kind, drift, axes)
    runs = as_replicas(trajectory)
    series = observe(runs, species, kind=kind, drift=drift, axes=axes)
    return average(series, runs, species, kind=kind, drift=drift, axes=axes)


def observe(
    runs: Sequence[Trajectory], species: str, *, kind: str, drift: str | None, axes: str
) -> Series:
    """Give what the estimators see of the runs."""
    for run in runs:
        if len(run) < 3:
            raise ValueError(f"trajectory has {len(run)} frames: at least 3 are needed")
    return Series([coordinates(run, species, kind=kind, drift=drift, axes=axes) for run in runs])


def average(
    series: Series,
    runs: Sequence[Trajectory],
    species: str,
    *,
    kind: str,
    drift: str | None,
    axes: str,
) -> MeanSquaredDisplacement:
    """Put the averages into a result."""
    by_axis = series.by_axis()
    known = [run.temperature for run in runs]
    temperatures = [temperature for temperature in known if temperature is not None]
    return MeanSquaredDisplacement(
        lags=np.arange(len(by_axis)) * runs[0].time_step,
        values=by_axis.sum(axis=1),
        by_axis=by_axis,
        species=species,
        kind=kind,
        drift=drift,
        axes=axes,
        ions=len(runs[0].indices(species)),
        frames=series.longest,
        replicas=len(runs),
        time_step=runs[0].time_step,
        temperature=float(np.mean(temperatures)) if temperatures else None,
    )
