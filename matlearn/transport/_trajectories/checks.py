"""What a trajectory must be like."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.data import atomic_masses

if TYPE_CHECKING:
    from matlearn.transport.trajectories import Trajectory

LONG_STEP = 10.0
"""Frames further apart than this (ps) are rare, and more often femtoseconds."""
FAST, ABSURD = 100.0, 1000.0
"""Speeds of atoms (A/ps) that no melt reaches: 10 and 100 km/s."""


def checked_fields(trajectory: Trajectory) -> dict[str, Any]:
    """Return the arrays of a trajectory, in the right shapes and kinds."""
    numbers = np.asarray(trajectory.numbers, dtype=int)
    if numbers.ndim != 1 or len(numbers) == 0:
        raise ValueError(f"numbers must have the shape (atoms,), got {numbers.shape}")
    positions = checked_positions(trajectory.positions, len(numbers))
    frames = (len(positions),)
    masses = atomic_masses[numbers] if trajectory.masses is None else trajectory.masses
    shapes = {"energies": frames, "kinetic_energies": frames, "velocities": positions.shape}
    series = {
        name: checked_series(getattr(trajectory, name), shape, name)
        for name, shape in shapes.items()
    }
    return series | {
        "numbers": numbers,
        "positions": positions,
        "cells": checked_cells(trajectory.cells, len(positions)),
        "pbc": np.broadcast_to(np.asarray(trajectory.pbc, dtype=bool), (3,)).copy(),
        "time_step": checked_time_step(trajectory.time_step),
        "masses": checked_series(masses, numbers.shape, "masses"),
    }


def checked_time_step(time_step: Any) -> float:
    """Return the time between frames in ps, or say what is wrong with it."""
    if isinstance(time_step, bool) or not isinstance(time_step, int | float | np.number):
        raise TypeError(
            "time_step must be the time between two frames in ps (0.1 for frames 100 fs apart), "
            f"got {time_step!r}"
        )
    if not 0 < float(time_step) < np.inf:
        raise ValueError(
            "time_step must be positive: the time between two frames in ps (0.1 for frames 100 fs "
            f"apart), got {time_step}"
        )
    return float(time_step)


def check_unit(time_step: float, positions: np.ndarray) -> None:
    """Warn or refuse where the time between frames seems to be in another unit."""
    if time_step >= LONG_STEP:
        text = (
            f"time_step = {time_step:g} ps between frames is long: is it in fs? Then give "
            f"{time_step / 1000:g}"
        )
        if time_step >= 100 * LONG_STEP:
            raise ValueError(text)
        warnings.warn(text, stacklevel=4)
    if len(positions) < 2:
        return
    moved = np.sqrt(np.mean(np.sum(np.diff(positions, axis=0) ** 2, axis=2)))
    speed = moved / time_step
    if speed > FAST:
        text = (
            f"time_step = {time_step:g} ps would have atoms move at {speed / 10:.3g} km/s "
            f"({moved:.2g} A from frame to frame): time_step must be in ps between two frames"
        )
        if speed > ABSURD:
            raise ValueError(text)
        warnings.warn(text, stacklevel=4)


def checked_positions(positions: Any, atoms: int) -> np.ndarray:
    """Return positions as (frames, atoms, 3) floats."""
    array = np.asarray(positions, dtype=float)
    if array.ndim != 3 or array.shape[1:] != (atoms, 3) or len(array) == 0:
        raise ValueError(
            f"positions must have the shape (frames, {atoms} atoms, 3), got {array.shape}"
        )
    if not np.isfinite(array).all():
        frame = int(np.argmax(~np.isfinite(array).all(axis=(1, 2))))
        raise ValueError(f"positions must be finite; frame {frame} holds a position that is not")
    return array


def checked_cells(cells: Any, frames: int) -> np.ndarray:
    """Return cells as (frames, 3, 3); one cell for all frames is not copied."""
    array = np.asarray(cells, dtype=float)
    if array.shape == (3, 3):
        array = array[None]
    if array.shape == (1, 3, 3):
        array = np.broadcast_to(array[0], (frames, 3, 3))
    if array.shape != (frames, 3, 3):
        raise ValueError(f"cells must have the shape (3, 3) or ({frames}, 3, 3), got {array.shape}")
    return array


def checked_series(values: Any, shape: tuple[int, ...], name: str) -> np.ndarray | None:
    """Return an array of the right shape, or None."""
    if values is None:
        return None
    array = np.asarray(values, dtype=float)
    if array.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}, got {array.shape}")
    return array
