"""Where the atoms are: radial distributions, and maps of the mobile ions' density."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from matlearn.transport._structure.frameworks import mean_framework
from matlearn.transport._structure.grids import count_on_grid, grid_shape, smoothed
from matlearn.transport._structure.inputs import (
    as_replicas,
    checked_step,
    drift_of,
    fractions,
    mean_cell,
    require_periodic,
)
from matlearn.transport._structure.maps import DensityMap
from matlearn.transport._structure.pairs import cell_heights, pair_counts
from matlearn.transport._structure.radial import RadialDistribution

if TYPE_CHECKING:
    from matlearn.transport.trajectories import Trajectory

__all__ = ["DensityMap", "RadialDistribution", "density_map", "radial_distribution"]

MOST_IMAGES = 5
"""A cut-off may reach over at most so many cells: beyond, a repeated cell is the faster way."""
MOST_VOXELS = 20_000_000
"""A larger grid is rather a mistake of the spacing."""


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


def density_map(
    trajectory: Trajectory | Sequence[Trajectory],
    species: str,
    *,
    spacing: float = 0.2,
    fold: Sequence[int] = (1, 1, 1),
    relative_to: str | None = "framework",
    smoothing: float = 0.0,
    step: int = 1,
) -> DensityMap:
    """Count how often mobile ions are found in each voxel of the cell.

    Positions are taken in fractions of each frame's cell and shown in the mean one, so that a cell
    that breathes does not blur the map.

    Parameters
    ----------
    trajectory : Trajectory or list of Trajectory
        A run, or replicas that began with the framework in the same place.
    species : str
        What moves.
    spacing : float
        Largest width of a voxel, A.
    fold : sequence of three int
        How often the crystal's cell is repeated in that of the run, along each vector: the repeats
        are laid on top of one another, and a map of few frames is sharp.
    relative_to : {"framework", "all", None}
        Whose centre of mass is held where it is in the first frame: that of all other species, of
        all atoms, or nothing.
    smoothing : float
        Standard deviation (A) of a Gaussian to smooth with; none unless given.
    step : int
        Take each how-manieth frame.

    Returns
    -------
    DensityMap

    Raises
    ------
    ValueError
        If the species is not there, the cell is not periodic, or an argument is impossible.

    Examples
    --------
    >>> from matlearn.transport import density_map, random_walk
    >>> walk = random_walk(frames=200, ions=5, step=2.5, seed=1)
    >>> seen = density_map(walk, "Li", fold=(10, 10, 10))
    >>> seen
    DensityMap(Li, 0.005 ions on 13 x 13 x 13 voxels, highest 2197.0 times the mean, 200 frames)
    >>> print(f"{seen.values.sum() * seen.voxel:.3f} ions in a thousandth of the cell")
    0.005 ions in a thousandth of the cell
    """
    runs = as_replicas(trajectory)
    require_periodic(runs, "density_map")
    step = checked_step(step, runs)
    mobile = runs[0].indices(species)
    folds = _checked_fold(fold)
    if not (np.isfinite(spacing) and spacing > 0):
        raise ValueError(f"spacing must be positive, in A, got {spacing}")
    if not (np.isfinite(smoothing) and smoothing >= 0):
        raise ValueError(f"smoothing must be 0 or more, in A, got {smoothing}")
    cell = mean_cell(runs) / np.array(folds)[:, None]
    shape = grid_shape(cell, spacing)
    if np.prod(shape) > MOST_VOXELS:
        raise ValueError(
            f"spacing = {spacing:g} A needs {np.prod(shape):.2g} voxels, {MOST_VOXELS:.2g} are the "
            "most: make it wider, or fold the cell"
        )
    counts, frames = np.zeros(shape), 0
    for run in runs:
        drift = drift_of(run, mobile, relative_to, step=step)
        places = fractions(run, mobile, drift, step=step) * np.array(folds)
        counts += count_on_grid(places.reshape(-1, 3), shape)
        frames += len(drift)
    ions = len(mobile) / float(np.prod(folds))
    density = counts / counts.sum() * ions * counts.size / abs(float(np.linalg.det(cell)))
    known = [run.temperature for run in runs if run.temperature is not None]
    return DensityMap(
        values=smoothed(density, cell, smoothing),
        cell=cell,
        species=species,
        ions=ions,
        fold=folds,
        frames=frames,
        framework=mean_framework(runs, mobile, relative_to, cell=cell, fold=folds, step=step),
        temperature=float(np.mean(known)) if known else None,
    )


def _checked_fold(fold: Sequence[int]) -> tuple[int, int, int]:
    """Give the folds as three whole numbers."""
    try:
        a, b, c = (int(one) for one in fold)
    except (TypeError, ValueError):
        raise ValueError(
            f"fold must be three whole numbers such as (2, 2, 2), got {fold}"
        ) from None
    if [a, b, c] != list(fold) or min(a, b, c) < 1:
        raise ValueError(f"fold must be three whole numbers of at least 1, got {tuple(fold)}")
    return a, b, c
