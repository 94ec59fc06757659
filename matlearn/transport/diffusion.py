"""Diffusion coefficients with honest errors."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matlearn.transport._estimators.arguments import check_method, window_frames
from matlearn.transport._estimators.coordinates import as_replicas, check
from matlearn.transport._estimators.estimates import estimate
from matlearn.transport._estimators.messages import drifting, unlike_temperatures
from matlearn.transport._estimators.peers import by_kinisi
from matlearn.transport.displacements import MeanSquaredDisplacement, average, observe

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.transport.trajectories import Trajectory

A2_PER_PS = 1e-4
"""1 A2/ps in cm2/s."""


@dataclass(frozen=True, repr=False)
class Diffusion:
    """A diffusion coefficient, its standard error, and what they rest on."""

    value: float
    """cm2/s."""
    error: float
    """Standard error (cm2/s)."""
    species: str
    """What moves."""
    kind: str
    """``"self"`` or ``"collective"``."""
    axes: str
    """Directions that count."""
    method: str
    """``"gls"``, ``"ols"`` or ``"kinisi"``."""
    window: tuple[float, float]
    """Lags between which the line holds (ps). The fit may begin before, see Notes."""
    intercept: float
    """Of the line, at lag zero (A2)."""
    ions: int
    """Ions of the species."""
    temperature: float | None
    """K, where the trajectory knows it."""
    msd: MeanSquaredDisplacement = field(repr=False)
    """What the line was fitted to."""
    messages: tuple[str, ...] = ()
    """Reasons to distrust the value."""

    @property
    def dimension(self) -> int:
        """Number of directions that count."""
        return len(self.axes)

    @property
    def slope(self) -> float:
        """Of the line (A2/ps): twice the dimension times D."""
        return 2 * self.dimension * self.value / A2_PER_PS

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``species``, ``temperature``, ``value``, ``error`` and so on."""
        import pandas as pd

        names = ("species", "kind", "temperature", "value", "error", "method", "ions")
        row = {name: getattr(self, name) for name in names}
        start, end = self.window
        return pd.DataFrame([row | {"from": start, "until": end, "messages": len(self.messages)}])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the mean squared displacement and the line (`matlearn.transport.plots.msd`)."""
        from matlearn.transport import plots

        return plots.msd(self, ax=ax)

    def __repr__(self) -> str:
        from matlearn.transport._estimators.words import with_error

        heat = "" if self.temperature is None else f" at {self.temperature:.0f} K"
        kind = "" if self.kind == "self" else f", {self.kind}"
        doubt = f", {len(self.messages)} doubts" if self.messages else ""
        return (
            f"Diffusion({self.species}{kind}, D = {with_error(self.value, self.error)} cm2/s{heat}, "
            f"{self.ions} ions, {self.msd.lags[-1]:.4g} ps, "
            f"diffusive from {self.window[0]:.3g} ps{doubt})"
        )


def diffusion_coefficient(
    trajectory: Trajectory | Sequence[Trajectory],
    species: str,
    *,
    method: str = "gls",
    diffusive_from: float | str = "auto",
    until: float | None = None,
    kind: str = "self",
    drift: str | None = "framework",
    axes: str = "xyz",
) -> Diffusion:
    r"""Estimate how fast ions diffuse, and how well that is known.

    A line is fitted to the mean squared displacement, MSD = 2 d D t + c with d the number of axes,
    by generalised least squares: windows of a run overlap, so what is measured at one lag and at
    the next is nearly the same number, and their covariance says how nearly. The intercept c holds
    vibrations and hops that are taken back; it is no error.

    Parameters
    ----------
    trajectory : Trajectory, or list of them
        The run; replicas (a list) are pooled, each weighing as much as it has windows.
    species : str
        Symbol of what moves.
    method : {"gls", "ols", "kinisi"}
        ``"gls"`` as above. ``"ols"``, for comparison, is what is often done: an ordinary line
        through all lags from 10 to 50 % of the run, with the textbook's error, which is far too
        small. ``"kinisi"`` asks the library of that name (`pip install "kinisi>=2.1"`), some
        hundred times slower; it begins where ``"gls"`` does.
    diffusive_from : float or "auto"
        Lag (ps) from which on motion is diffusive: a line is fitted from there on. ``"auto"``
        weighs several starts by how straight the points are from there on, and leaves a margin; see
        Notes for what else it may do. ``"ols"`` takes 10 % of the run.
    until : float, optional
        Last lag of the fit (ps); half of the run where left out.
    kind : {"self", "collective"}
        D of each ion, or of their sum, which has one coordinate however many ions there are: its
        error falls with the length of the run alone.
    drift, axes
        As of `matlearn.transport.mean_squared_displacement`. D is the mean over `axes`: along a
        plane of ions that move in it, ``axes="xy"``.

    Returns
    -------
    Diffusion
        In cm2/s. Reasons to distrust it are in ``.messages``, and issued as warnings: motion that
        is not diffusive, a run that is too short, D compatible with zero, ions that are not alike,
        a drift that nothing can be measured against.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense, the species is not there, there are fewer than 20 frames, or
        the window holds fewer than three lags.
    ImportError
        If kinisi is asked for and not there.

    Warns
    -----
    UserWarning
        For each message.

    Notes
    -----
    The covariance is that of a process with stationary increments: exact for Gaussian
    displacements with any memory (vibrations, ballistic starts, hops that go back), and with the
    fourth cumulant of displacements times their overlap in addition, so that rare hops count as
    what they are. It takes ions for independent and alike. Both are checked, on how much the rise
    of the mean squared displacement at an early lag varies between blocks of the run and between
    ions; where that is beyond chance (5 %), the error is enlarged to agree. Ions with a small part
    in common, or a run of few blocks, may hide it: then the error is too small.

    Left to choose (``"auto"``), it does better than a late line in two cases. Where early lags
    bend, a line and an exponential, A exp(-t / tau), are fitted to them too, if nothing else is
    seen: hops at random times that may be taken back, and velocities that friction forgets, give
    exactly this. Every tau counts by its likelihood. And where ions rest exactly in most frames, as
    in a walk on a lattice or kinetic Monte Carlo, and `until` is left out, hops are counted instead
    of frames: D is their rate times the sum of their correlations, from autoregressions; the line
    then says where motion is diffusive, and agrees with D.

    On walks of 1,000 frames and 50 ions that hop with a probability of 0.2 a frame, D comes out
    within 1.5 % (root mean square), and its error covers the truth in two of three cases, as it
    should. Where 5 to 50 % of the hops are taken back at once, it is within 2.3 % if ions rest
    between hops, and 2.5 to 3.4 % if they vibrate. Of the mean squared displacement alone no more
    can be had: the bounds for 20 %, 50 % and 70 % are 2.5, 2.9 and 3.5 %.

    References
    ----------
    Covariance of overlapping windows: J. T. Bullerjahn, S. von Bülow and G. Hummer, J. Chem. Phys.
    153, 024116 (2020). Its use in a Bayesian regression, and kinisi: A. R. McCluskey, S. W. Coles
    and B. J. Morgan, J. Chem. Theory Comput. 21, 79 (2025), doi:10.1021/acs.jctc.4c01249. Averages
    over models: S. T. Buckland, K. P. Burnham and N. H. Augustin, Biometrics 53, 603 (1997).
    Autoregressive spectra: E. Parzen, Technical Report N-28, Texas A&M University (1982).

    Examples
    --------
    >>> from matlearn import transport
    >>> walk = transport.random_walk(frames=500, ions=30, seed=2)
    >>> d = transport.diffusion_coefficient(walk, "Li")
    >>> abs(d.value - walk.info["diffusion"]) < 3 * d.error
    True
    """
    check(kind, drift, axes)
    check_method(method, kind)
    runs = as_replicas(trajectory)
    series = observe(runs, species, kind=kind, drift=drift, axes=axes)
    msd = average(series, runs, species, kind=kind, drift=drift, axes=axes)
    step = msd.time_step
    start, end = window_frames(diffusive_from, until, step, series.longest)
    unit = A2_PER_PS / (2 * len(axes) * step)
    found = estimate(series, msd.values, method, start, end, step)
    value, error, intercept = found.slope * unit, found.error * unit, found.intercept
    if method == "kinisi" and msd.values[1:].any():
        value, error, intercept = by_kinisi(runs, species, found.start * step, axes, drift)
    messages = [*found.messages, *unlike_temperatures([run.temperature for run in runs])]
    if drift == "framework" and kind == "self" and len(runs[0].species) == 1:
        messages += drifting(series, found.slope, found.error)
    for message in messages:
        warnings.warn(f"D of {species}: {message}", UserWarning, stacklevel=2)
    return Diffusion(
        value=value,
        error=error,
        species=species,
        kind=kind,
        axes=axes,
        method=method,
        window=(found.start * step, found.end * step),
        intercept=intercept,
        ions=msd.ions,
        temperature=msd.temperature,
        msd=msd,
        messages=tuple(messages),
    )
