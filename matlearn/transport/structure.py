"""Where the atoms are: radial distributions, and maps of the mobile ions' density."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from matlearn.transport._structure.inputs import as_replicas, checked_step, require_periodic
from matlearn.transport._structure.pairs import cell_heights, pair_counts
from matlearn.transport._structure.radial import RadialDistribution

if TYPE_CHECKING:
    from matlearn.transport.trajectories import Trajectory

__all__ = ["RadialDistribution", "radial_distribution"]

MOST_IMAGES = 5
"""A cut-off may reach over at most so many cells: beyond, a repeated cell is the faster way."""


def radial_distribution(
    trajectory: Trajectory | Sequence[Trajectory],
    first: str,
    second: str | None = None,
    *,
    cutoff: float | None = None,
    bins: int = 200,
    step: int = 1,
) -> RadialDistribution:
    r"""Count the neighbours of a species at each distance.

    The number of atoms of the second species in a shell around one of the first, over the number
    that the shell would hold if they were spread evenly (M. P. Allen and D. J. Tildesley, Computer
    Simulation of Liquids, 2nd edition, Oxford 2017, section 2.6):

    .. math:: g(r) = \frac{V}{N_1 N_2} \frac{\langle n(r, r + dr) \rangle}{4 \pi r^2 dr}

    An atom is never its own neighbour, but its images in other cells are neighbours like any other
    atom, so that the shells of a crystal are right at any cut-off. In a disordered material nothing
    beyond half the cell is news: the box repeats itself there. In each frame the volume is the
    frame's own, as constant pressure needs it; any cell will do. `N` atoms of one species without
    any order give 1 - 1/N.

    Parameters
    ----------
    trajectory : Trajectory or list of Trajectory
        A run, or replicas of the same atoms, which are counted together.
    first : str
        Species in the centre.
    second : str, optional
        Species that is counted around it; the same one where it is left out.
    cutoff : float, optional
        Largest distance, A; half the least height of the cell unless given.
    bins : int
        Number of bins up to the cut-off.
    step : int
        Take each how-manieth frame. Neighbouring frames say nearly the same.

    Returns
    -------
    RadialDistribution

    Raises
    ------
    ValueError
        If a species is not there, the cell is not periodic along all axes, or cutoff, bins or step
        make no sense.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.transport import Trajectory, radial_distribution
    >>> still = Trajectory.from_atoms([bulk("Cu", cubic=True) * (3, 3, 3)] * 2, time_step=0.1)
    >>> radial_distribution(still, "Cu", cutoff=4.7)
    RadialDistribution(Cu-Cu, first peak at 2.55 A, 12.00 neighbours up to 3.08 A, 2 frames)
    """
    runs = as_replicas(trajectory)
    require_periodic(runs, "radial_distribution")
    step = checked_step(step, runs)
    one = runs[0].indices(first)
    other = None if second is None or second == first else runs[0].indices(second)
    least = min(float(cell_heights(run.cells[::step]).min()) for run in runs)
    reach = _checked_cutoff(cutoff, least)
    if isinstance(bins, bool) or int(bins) != bins or bins < 2:
        raise ValueError(f"bins must be a whole number of at least 2, got {bins!r}")
    counts, weighted, frames, volume = np.zeros(bins), np.zeros(bins), 0, 0.0
    for run in runs:
        cells = run.cells[::step]
        around = None if other is None else run.positions[::step, other]
        found = pair_counts(run.positions[::step, one], around, cells, cutoff=reach, bins=int(bins))
        counts += found[0]
        weighted += found[1]
        frames += len(cells)
        volume += float(np.abs(np.linalg.det(cells)).sum())
    edges = np.linspace(0.0, reach, int(bins) + 1)
    shells = 4 / 3 * np.pi * np.diff(edges**3)
    number = len(one if other is None else other)
    return RadialDistribution(
        first=first,
        second=first if second is None else second,
        distances=0.5 * (edges[1:] + edges[:-1]),
        values=weighted / (frames * len(one) * number * shells),
        coordination=np.cumsum(counts) / (frames * len(one)),
        frames=frames,
        density=number * frames / volume,
    )


def _checked_cutoff(cutoff: float | None, least: float) -> float:
    """Give the cut-off in A; half the least height of the cell where none is given."""
    if cutoff is None:
        return 0.5 * least
    if not 0 < cutoff <= MOST_IMAGES * least:
        raise ValueError(
            f"cutoff must lie between 0 and {MOST_IMAGES * least:.2f} A ({MOST_IMAGES} times the "
            f"least height of the cell, {least:.2f} A), got {cutoff}: for more, repeat the cell"
        )
    return float(cutoff)
