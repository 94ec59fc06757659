"""From trajectories to the coordinates that an estimator sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matlearn.transport.trajectories import Trajectory

KINDS = ("self", "collective")
DRIFTS = ("framework", "all", None)


def as_replicas(trajectory: Any) -> list[Trajectory]:
    """Give a list of trajectories, checked to be of the same kind."""
    runs = list(trajectory) if isinstance(trajectory, (list, tuple)) else [trajectory]
    if not runs:
        raise ValueError("trajectory is an empty list: give a Trajectory, or replicas of one run")
    for run in runs:
        if not (hasattr(run, "positions") and hasattr(run, "time_step")):
            raise TypeError(
                f"trajectory must be a Trajectory or a list of them, got {type(run).__name__}; "
                "frames of ASE become one by transport.Trajectory.from_atoms(frames, time_step=...)"
            )
    first = runs[0]
    for number, run in enumerate(runs[1:], start=2):
        if not np.isclose(run.time_step, first.time_step, rtol=1e-9):
            raise ValueError(
                f"replicas must have the same time between frames: {first.time_step:g} ps in the "
                f"first, {run.time_step:g} ps in number {number}"
            )
        if sorted(run.numbers) != sorted(first.numbers):
            raise ValueError(
                f"replicas must hold the same atoms: number {number} holds {len(run.numbers)} of "
                f"{', '.join(run.species)}, the first {len(first.numbers)} of "
                f"{', '.join(first.species)}"
            )
    return runs


def check(kind: Any, drift: Any, axes: Any) -> None:
    """Refuse what is not offered."""
    if kind not in KINDS:
        raise ValueError(
            f'kind must be "self" (each ion) or "collective" (the sum of all), got {kind!r}'
        )
    if drift not in DRIFTS:
        raise ValueError(
            'drift must be "framework" (the other species\' centre of mass is taken off), "all" '
            f"(that of all atoms) or None, got {drift!r}"
        )
    if (
        not isinstance(axes, str)
        or not axes
        or len(set(axes)) != len(axes)
        or not set(axes) <= set("xyz")
    ):
        raise ValueError(f'axes must be some of "xyz", each once, as in "xy", got {axes!r}')


def coordinates(
    run: Trajectory, species: str, *, kind: str, drift: str | None, axes: str
) -> np.ndarray:
    """Give unwrapped coordinates of the ions, shape (frames, ions, axes), drift taken off.

    ``kind="collective"`` gives one ion: the sum of all over the square root of their number.
    """
    mobile = run.indices(species)
    weights = np.array(run.masses, dtype=float)
    if drift == "framework":
        weights[mobile] = 0.0
    positions = run.positions[:, mobile]
    positions -= positions[0].copy()
    if drift is not None and weights.any():
        centre = np.einsum("kia,i->ka", run.positions, weights / weights.sum())
        positions -= (centre - centre[0])[:, None]
    if axes != "xyz":
        positions = positions[:, :, ["xyz".index(axis) for axis in axes]]
    if kind == "collective":
        return positions.sum(axis=1, keepdims=True) / np.sqrt(positions.shape[1])
    return positions
