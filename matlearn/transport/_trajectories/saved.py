"""A trajectory in a small file: rounded positions, and only how they change.

Positions are rounded to multiples of the resolution first and subtracted from frame to frame
afterwards, so that errors stay below half the resolution and do not add up. The bytes of the
differences are sorted by their weight, which deflate packs better.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn._arrays import read_arrays, write_arrays

if TYPE_CHECKING:
    from matlearn.transport.trajectories import Trajectory

FORMAT = "matlearn trajectory 1"
LARGEST = 2**31 - 1


def save(trajectory: Trajectory, path: Path, resolution: float | None) -> None:
    """Write a trajectory whole or not at all."""
    if path.suffix != ".npz":
        raise ValueError(f"path must end in .npz, got {path.name!r}; for other formats: write")
    if resolution is not None and not 0 < resolution < 1:
        raise ValueError(f"resolution must be between 0 and 1 A, or None, got {resolution}")
    about: dict[str, Any] = {
        "format": FORMAT,
        "time_step": trajectory.time_step,
        "pbc": trajectory.pbc.tolist(),
        "info": trajectory.info,
        "resolution": resolution,
    }
    constant = (trajectory.cells == trajectory.cells[0]).all()
    arrays: dict[str, Any] = {
        "numbers": trajectory.numbers,
        "masses": trajectory.masses,
        "cells": trajectory.cells[:1] if constant else trajectory.cells,
    }
    for name in ("energies", "kinetic_energies", "velocities"):
        if getattr(trajectory, name) is not None:
            arrays[name] = getattr(trajectory, name)
    if resolution is None:
        arrays["positions"] = trajectory.positions
    else:
        arrays |= _packed(trajectory.positions, resolution)
        if trajectory.velocities is not None:
            arrays["velocities"] = trajectory.velocities.astype(np.float32)
    arrays["about"] = np.array(json.dumps(about, default=_plain))
    write_arrays(path, arrays, compressed=True)


def _plain(value: Any) -> Any:
    """Give numbers and arrays of numpy, which JSON does not know, as its own."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(
        f"info must hold numbers, words, lists and dictionaries to be saved, got {value!r}"
    )


def load(path: Path) -> dict[str, Any]:
    """Give the fields of a trajectory that was saved."""
    arrays, about = read_arrays(path, FORMAT)
    try:
        if about["resolution"] is not None:
            arrays["positions"] = _unpacked(arrays, about["resolution"])
        fields = ("numbers", "masses", "cells", "positions", "energies", "kinetic_energies")
        found = {name: arrays.get(name) for name in (*fields, "velocities")}
        if found["velocities"] is not None:
            found["velocities"] = np.asarray(found["velocities"], dtype=float)
        return found | {
            "pbc": np.array(about["pbc"], dtype=bool),
            "time_step": about["time_step"],
            "info": about["info"],
        }
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is a damaged trajectory: {error}") from error


def _packed(positions: np.ndarray, resolution: float) -> dict[str, np.ndarray]:
    """Round positions to a grid, and take differences from frame to frame."""
    rounded = np.rint(positions / resolution)
    if np.abs(rounded).max() > LARGEST:
        raise ValueError(
            f"resolution = {resolution:g} A is too fine for positions up to "
            f"{np.abs(positions).max():.3g} A: take at least "
            f"{np.abs(positions).max() / LARGEST:.1g} A, or None for full precision"
        )
    grid = rounded.astype(np.int64)
    steps = np.diff(grid, axis=0)
    short = len(steps) == 0 or np.abs(steps).max() <= np.iinfo(np.int16).max
    kind = np.dtype("<i2" if short else "<i8")
    # one component of one atom after the other: neighbours in the file are neighbours in time
    series = np.ascontiguousarray(np.moveaxis(steps, 0, -1)).astype(kind)
    return {
        "start": grid[0].astype("<i4"),
        "steps": series.view(np.uint8).reshape(-1, kind.itemsize).T.copy(),
        "frames": np.array(len(positions)),
    }


def _unpacked(arrays: dict[str, Any], resolution: float) -> np.ndarray:
    start = arrays["start"].astype(np.int64)
    weights = arrays["steps"]
    kind = np.dtype(f"<i{len(weights)}")
    series = np.ascontiguousarray(weights.T).view(kind)
    steps = np.moveaxis(series.reshape(*start.shape, int(arrays["frames"]) - 1), -1, 0)
    grid = np.empty((int(arrays["frames"]), *start.shape), dtype=np.int64)
    grid[0] = start
    np.cumsum(steps, axis=0, dtype=np.int64, out=grid[1:])
    grid[1:] += start
    return grid * resolution
