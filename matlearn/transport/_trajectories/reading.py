"""Which file holds what, and how it becomes a trajectory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from matlearn.transport._dynamics import runs
from matlearn.transport._trajectories import saved
from matlearn.transport._trajectories.checks import checked_time_step
from matlearn.transport.trajectories import Trajectory


def read(
    path: Path,
    time_step: float | None,
    timestep: float | None,
    species: Any,
    index: str | slice,
    unwrap: bool | str,
    cell: Any,
) -> Trajectory:
    """Read a trajectory; see `matlearn.transport.read_trajectory`."""
    if not path.is_file():
        raise FileNotFoundError(f"no trajectory {path}")
    chosen = sliced(index)
    step = None if time_step is None else checked_time_step(time_step)
    if runs.is_run(path):
        return runs.read(path)[chosen]
    if path.suffix == ".npz":
        return Trajectory(**saved.load(path))[chosen]
    return _from_ase(path, step, chosen, unwrap, cell)


def sliced(index: str | slice) -> slice:
    """Return frames to read as a slice."""
    if isinstance(index, slice):
        return index
    try:
        parts = [int(part) if part else None for part in str(index).split(":")]
    except ValueError:
        parts = []
    if not 2 <= len(parts) <= 3:
        raise ValueError(f"index must be a slice such as ':', '100:' or '::10', got {index!r}")
    return slice(*parts)


def _from_ase(
    path: Path, step: float | None, chosen: slice, unwrap: bool | str, cell: Any
) -> Trajectory:
    from ase.io import iread
    from ase.io.formats import UnknownFileTypeError

    def frames() -> Any:
        for atoms in iread(path, index=chosen):
            if cell is not None:
                atoms.set_cell(np.asarray(cell, dtype=float))
                atoms.pbc = True
            yield atoms

    between = None if step is None else step * (chosen.step or 1)
    try:
        return Trajectory.from_atoms(frames(), time_step=between, unwrap=unwrap)
    except UnknownFileTypeError as error:
        raise ValueError(f"{path} is in no format that ASE knows: {error}") from error
