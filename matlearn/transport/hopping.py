"""Ions that hop from site to site: how often, how far, and how often back."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn.transport._figures.words import with_error
from matlearn.transport._structure.hops import Hops, jackknifed, observe
from matlearn.transport._structure.inputs import (
    as_replicas,
    drift_of,
    fractions,
    mean_cell,
    require_periodic,
)
from matlearn.transport._structure.sites import as_sites, nearest_sites

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.transport.trajectories import Trajectory

__all__ = ["HopStatistics", "hop_statistics"]

A2_PER_PS = 1e-4
"""1 A2/ps in cm2/s."""


@dataclass(frozen=True, repr=False)
class HopStatistics:
    """How ions hop between sites."""

    species: str
    """What moves."""
    hops: int
    """How many were seen."""
    rate: float
    """Hops of an ion per ps."""
    rate_error: float
    """Its standard error, as of independent (Poisson) events; of no event, that of one."""
    length: float
    """Root mean square of the distance between the sites of a hop, A; NaN without hops."""
    back_fraction: float
    """Hops that return to where the ion came from, of those with a hop before; NaN without any."""
    back_fraction_error: float
    """Its standard error."""
    correlation_factor: float
    """f: 1 where each hop forgets the last, below 1 where ions turn back."""
    correlation_factor_error: float
    """Its standard error, from leaving out groups of ions."""
    diffusion: float
    """rate x length^2 x f / 6, in cm2/s: of the jumps alone, to compare with the MSD's D."""
    diffusion_error: float
    """Its standard error, from leaving out groups of ions."""
    occupancy: np.ndarray = field(repr=False)
    """Mean number of ions nearest to each site, shape (sites,)."""
    sites: Atoms = field(repr=False)
    """The sites, in the mean cell of the run."""
    events: pd.DataFrame = field(repr=False)
    """A row a hop: ``replica``, ``ion`` (index of the atom), ``time`` (ps), ``start``, ``end``
    (sites), ``length`` (A), ``stay`` (ps at the start; NaN where it began before the run),
    ``back``."""
    ions: int
    """Ions of the species."""
    duration: float
    """All replicas together, ps."""
    minimum_stay: float
    """A visit shorter than this (ps) was none."""
    messages: tuple[str, ...] = ()
    """Reasons to distrust it."""

    @property
    def residence_time(self) -> float:
        """Mean time between two hops of an ion, ps: 1 / rate; infinite without hops."""
        return 1 / self.rate if self.rate > 0 else math.inf

    @property
    def uncorrelated_diffusion(self) -> float:
        """Diffusion as if each hop forgot the last, rate x length^2 / 6, in cm2/s."""
        return self.rate * self.length**2 / 6 * A2_PER_PS if self.hops else 0.0

    def to_frame(self) -> pd.DataFrame:
        """Return the hops, a row each: a copy of `events`."""
        return self.events.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how long ions stayed, beside what a constant rate gives.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure where it is left out.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from matlearn.transport._figures.stays import stays

        return stays(self, ax=ax)

    def __repr__(self) -> str:
        doubt = f", {len(self.messages)} doubts" if self.messages else ""
        if not self.hops:
            return f"HopStatistics({self.species}, no hop in {self.duration:.4g} ps{doubt})"
        return (
            f"HopStatistics({self.species}, {self.hops} hops, {with_error(self.rate, self.rate_error)} "
            f"per ps and ion, {self.length:.2f} A, {self.back_fraction:.0%} back, "
            f"D = {with_error(self.diffusion, self.diffusion_error)} cm2/s{doubt})"
        )


def hop_statistics(
    trajectory: Trajectory | Sequence[Trajectory],
    species: str,
    sites: Any,
    *,
    minimum_stay: float = 0.0,
    relative_to: str | None = "framework",
) -> HopStatistics:
    r"""Follow ions from site to site.

    In each frame an ion is at the site that is nearest, in the periodic cell and relative to the
    framework. Where it changes and stays, it has hopped. From the rate of hops :math:`\Gamma`, their
    mean square length and their correlation

    .. math:: D = \frac{\Gamma \langle l^2 \rangle}{6} f, \qquad
        f = 1 + 2 \sum_{k=1}^{10}
        \frac{\langle \mathbf l_i \cdot \mathbf l_{i+k} \rangle}{\langle l^2 \rangle}

    Parameters
    ----------
    trajectory : Trajectory or list of Trajectory
        A run, or replicas that began with the framework in the same place. Frames must be close:
        an ion that hops twice between two of them is seen to hop once.
    species : str
        What moves.
    sites : array, Atoms, DensityMap or "interstices"
        Positions (sites, 3) in A; Atoms, whose cell may be one that the run repeats; a density map,
        for its `sites()`; or the holes between the mean positions of all other atoms.
    minimum_stay : float
        A visit shorter than this (ps) is none: its time goes to the stay before, so that an ion that
        looks over the edge and returns has not hopped. Some periods of a vibration, about 0.5 ps;
        unless given, every visit counts.
    relative_to : {"framework", "all", None}
        Whose centre of mass is held where it is in the first frame.

    Returns
    -------
    HopStatistics

    Warns
    -----
    UserWarning
        Where hops look like recrossings, skip sites or are few, or ions are far from all sites.

    Raises
    ------
    TypeError, ValueError
        If the species is not there, the cell is not periodic, or sites or times make no sense.

    References
    ----------
    K. Compaan and Y. Haven, Trans. Faraday Soc. 52, 786 (1956): the correlation factor.

    Examples
    --------
    >>> import numpy as np
    >>> from matlearn.transport import random_walk
    >>> walk = random_walk(frames=500, ions=20, step=2.5, probability=0.1, time_step=0.1, seed=5)
    >>> grid = 2.5 * np.stack(np.meshgrid(*[np.arange(10)] * 3), axis=-1).reshape(-1, 3)
    >>> hops = hop_statistics(walk, "Li", grid)
    >>> hops  # 0.1 hops in 0.1 ps, one of six back
    HopStatistics(Li, 992 hops, 0.99(3) per ps and ion, 2.50 A, 16% back, D = 1.07(15)e-4 cm2/s)
    """
    import pandas as pd

    runs = as_replicas(trajectory)
    require_periodic(runs, "hop_statistics")
    step = runs[0].time_step
    if any(abs(run.time_step - step) > 1e-9 * step for run in runs):
        raise ValueError("replicas must have the same time between frames")
    if min(len(run) for run in runs) < 3:
        raise ValueError(
            f"trajectory has {min(len(run) for run in runs)} frames, too few to see an ion stay and "
            "hop: at least 3 are needed, and hundreds for a rate that means something"
        )
    shortest = min(run.duration for run in runs)
    if not (np.isfinite(minimum_stay) and 0 <= minimum_stay < shortest / 2):
        raise ValueError(
            f"minimum_stay must be 0 or more and below half of the run ({shortest / 2:.3g} ps), "
            f"got {minimum_stay}"
        )
    mobile, cell = runs[0].indices(species), mean_cell(runs)
    places = as_sites(sites, runs, mobile, cell, relative_to)
    least = max(1, math.ceil(minimum_stay / step - 1e-9))
    every: list[Hops] = []
    rows, short, occupancy, apart = [], 0, np.zeros(len(places)), []
    frames = sum(len(run) for run in runs)
    for number, run in enumerate(runs):
        ions = fractions(run, mobile, drift_of(run, mobile, relative_to))
        found, occupied, brief, distance = observe(ions, places, cell, least)
        every += found
        short += brief
        occupancy += occupied * len(run) / frames
        apart.append(float(np.median(distance)))
        rows += [_rows(one, number, int(ion), step) for ion, one in zip(mobile, found, strict=True)]
    events = pd.concat(rows, ignore_index=True).sort_values(
        ["replica", "time", "ion"], ignore_index=True
    )
    total = sum(run.duration for run in runs)
    count, time = len(events), len(mobile) * total
    factor, factor_error, diffusion, diffusion_error = jackknifed(every, total / len(runs))
    second = sum(max(len(one.frames) - 1, 0) for one in every)
    back = float(events["back"].sum() / second) if second else math.nan
    messages = _doubts(events, back, nearest_sites(places, cell), max(apart), minimum_stay, short)
    for message in messages:
        warnings.warn(message, UserWarning, stacklevel=2)
    return HopStatistics(
        species=species,
        hops=count,
        rate=count / time,
        rate_error=math.sqrt(max(count, 1)) / time,
        length=float(np.sqrt((events["length"] ** 2).mean())) if count else math.nan,
        back_fraction=back,
        back_fraction_error=math.sqrt(back * (1 - back) / second) if second else math.nan,
        correlation_factor=factor,
        correlation_factor_error=factor_error,
        diffusion=diffusion * A2_PER_PS,
        diffusion_error=diffusion_error * A2_PER_PS,
        occupancy=occupancy,
        sites=Atoms([species] * len(places), scaled_positions=places, cell=cell, pbc=True),
        events=events,
        ions=len(mobile),
        duration=total,
        minimum_stay=float(minimum_stay),
        messages=tuple(messages),
    )


def _rows(hops: Hops, replica: int, ion: int, step: float) -> pd.DataFrame:
    """Give the hops of an ion as a table."""
    import pandas as pd

    stay = np.where(hops.begun >= 0, (hops.frames - hops.begun) * step, np.nan)
    lengths = np.linalg.norm(hops.vectors, axis=1)
    columns = {"replica": np.full(len(stay), replica), "ion": np.full(len(stay), ion)}
    columns |= {"time": hops.frames * step, "start": hops.start, "end": hops.end}
    return pd.DataFrame({**columns, "length": lengths, "stay": stay, "back": hops.back})


def _doubts(
    events: pd.DataFrame,
    back: float,
    neighbours: np.ndarray,
    apart: float,
    minimum_stay: float,
    short: int,
) -> list[str]:
    """Say what is doubtful about hops."""
    messages = []
    between = float(np.median(neighbours))
    if apart > 0.45 * between:
        messages.append(
            f"half of the time ions are further than {apart:.2f} A from the nearest site, and sites "
            f"are {between:.2f} A apart: sites are missing, shifted, or ions do not keep to sites"
        )
    if len(events) < 30:
        messages.append(
            f"{len(events)} hops are too few for more than the size of a rate; run longer"
        )
        return messages
    if back > 0.6 and minimum_stay == 0:
        messages.append(
            f"{back:.0%} of the hops return at once: recrossings rather than hops. Give a "
            "minimum_stay of some vibrations, such as 0.5 ps"
        )
    far = float((events["length"] > 1.8 * between).mean())
    if far > 0.1:
        messages.append(
            f"{far:.0%} of the hops are longer than 1.8 times the distance between neighbouring "
            f"sites ({between:.2f} A): frames too far apart, or a minimum_stay that skips sites"
        )
    return messages
