"""Turn what is given, a run or several of the same material, into arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matlearn.transport.trajectories import Trajectory

__all__ = ["as_replicas", "checked_step", "drift_of", "fractions", "mean_cell", "require_periodic"]

RELATIVE = ("framework", "all", None)


def as_replicas(trajectory: Trajectory | Sequence[Trajectory]) -> list[Trajectory]:
    """Give the runs as a list, all of the same atoms.

    Raises
    ------
    TypeError
        If something else than a trajectory is given.
    ValueError
        If none is given, or their atoms differ.
    """
    from matlearn.transport.trajectories import Trajectory

    runs = [trajectory] if isinstance(trajectory, Trajectory) else list(trajectory)
    for run in runs:
        if not isinstance(run, Trajectory):
            raise TypeError(
                f"trajectory must be a Trajectory or a list of them, got {type(run).__name__}: make "
                "one by Trajectory.from_atoms(frames, time_step=...) or read_trajectory(path)"
            )
    if not runs:
        raise ValueError("trajectory must hold at least one run, got an empty list")
    for run in runs[1:]:
        if not np.array_equal(run.numbers, runs[0].numbers):
            raise ValueError(
                f"replicas must hold the same atoms in the same order, got {len(runs[0].numbers)} "
                f"atoms ({', '.join(runs[0].species)}) and {len(run.numbers)} "
                f"({', '.join(run.species)})"
            )
    return runs


def require_periodic(runs: Sequence[Trajectory], what: str) -> None:
    """Refuse runs that are not periodic along all three axes."""
    for run in runs:
        if not np.all(run.pbc) or not np.all(np.abs(np.linalg.det(run.cells)) > 1e-6):
            raise ValueError(
                f"{what} needs a cell that is periodic along all three axes (a density is a number "
                f"per volume), got pbc = {tuple(bool(p) for p in run.pbc)} and a volume of "
                f"{abs(np.linalg.det(run.cells[0])):.3g} A3"
            )


def checked_step(step: int, runs: Sequence[Trajectory]) -> int:
    """Give `step` back if it is a whole number from 1 to the number of frames."""
    longest = max(len(run) for run in runs)
    if isinstance(step, bool) or int(step) != step or not 1 <= step <= longest:
        raise ValueError(
            f"step must be a whole number from 1 to the {longest} frames of the run, got {step!r}"
        )
    return int(step)


def mean_cell(runs: Sequence[Trajectory]) -> np.ndarray:
    """Give the mean cell (3, 3) of all frames, A."""
    frames = sum(len(run) for run in runs)
    total: np.ndarray = sum((run.cells.sum(axis=0) for run in runs), np.zeros((3, 3)))
    return total / frames


def drift_of(
    run: Trajectory, mobile: np.ndarray, relative_to: str | None, *, step: int = 1
) -> np.ndarray:
    """Give how far a reference has drifted since the first frame, in fractions of the cell.

    Parameters
    ----------
    run
        Unwrapped positions.
    mobile
        Indices of the ions that move.
    relative_to
        ``"framework"``: the centre of mass of all other atoms (nothing drifts where there are no
        others); ``"all"``: that of all atoms; None: nothing drifts.
    step
        Each how many frames.

    Returns
    -------
    numpy.ndarray
        (frames, 3), fractions of each frame's own cell.
    """
    if relative_to not in RELATIVE:
        raise ValueError(f"relative_to must be 'framework', 'all' or None, got {relative_to!r}")
    mask = np.ones(len(run.numbers), dtype=bool)
    if relative_to == "framework":
        mask[mobile] = False
    cells = run.cells[::step]
    if relative_to is None or not mask.any():
        return np.zeros((len(cells), 3))
    weights = run.masses * mask
    centre = np.einsum("fac,a->fc", run.positions[::step], weights / weights.sum())
    path: np.ndarray = (centre[:, None] @ np.linalg.inv(cells))[:, 0]
    return path - path[0]


def fractions(
    run: Trajectory, chosen: np.ndarray, drift: np.ndarray, *, step: int = 1
) -> np.ndarray:
    """Give fractional coordinates (frames, atoms, 3) of some atoms, not wrapped, without the drift."""
    inverse = np.linalg.inv(run.cells[::step])
    found: np.ndarray = run.positions[::step, chosen] @ inverse
    return found - drift[:, None]
