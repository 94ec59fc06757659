"""Which file holds what, and how it becomes a trajectory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from matlearn.transport._dynamics import runs
from matlearn.transport._trajectories import lammps, saved
from matlearn.transport._trajectories.checks import check_unit, checked_time_step
from matlearn.transport._trajectories.unwrapping import unwrap as unwrapped
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
    if runs.is_run(path) or path.suffix == ".npz":
        found = runs.read(path) if runs.is_run(path) else Trajectory(**saved.load(path))
        if step is not None and not np.isclose(step, found.time_step, rtol=1e-6):
            raise ValueError(
                f"time_step = {step:g} ps, but {path} says that its frames are {found.time_step:g} "
                "ps apart: leave time_step out"
            )
        return found[chosen]
    if lammps.is_dump(path):
        return _from_lammps(path, step, timestep, species, unwrap)[chosen]
    return _from_ase(path, step, unwrap, cell)[chosen]


def sliced(index: str | slice) -> slice:
    """Return frames to keep as a slice."""
    if isinstance(index, slice):
        return index
    try:
        parts = [int(part) if part else None for part in str(index).split(":")]
    except ValueError:
        parts = []
    if not 2 <= len(parts) <= 3:
        raise ValueError(f"index must be a slice such as ':', '100:' or '::10', got {index!r}")
    return slice(*parts)


def _from_lammps(
    path: Path, step: float | None, timestep: float | None, species: Any, unwrap: bool | str
) -> Trajectory:
    each = None if timestep is None else checked_time_step(timestep)
    found, already, between = lammps.read(path, species, each)
    step = step if step is not None else between
    if step is None:
        raise ValueError(
            f"{path} counts steps and does not say how long one is: give timestep (of the molecular "
            "dynamics, ps) or time_step (between two frames, ps)"
        )
    if not already:
        found["positions"] = unwrapped(found["positions"], found["cells"], found["pbc"], unwrap)
    check_unit(step, found["positions"])
    return Trajectory(time_step=step, **found)


def _from_ase(path: Path, step: float | None, unwrap: bool | str, cell: Any) -> Trajectory:
    from ase.io.formats import UnknownFileTypeError

    try:
        return Trajectory.from_atoms(_frames(path, cell), time_step=step, unwrap=unwrap)
    except UnknownFileTypeError as error:
        raise ValueError(f"{path} is in no format that ASE knows: {error}") from error
    except ValueError as error:
        if not str(error).startswith("Can't read from"):  # a format that ASE only writes
            raise
        raise ValueError(
            f"{path} holds no trajectory that can be read: give a run of run_md, an .npz, an ASE or "
            f"extxyz file, a LAMMPS dump or an XDATCAR ({error})"
        ) from error


def _frames(path: Path, cell: Any) -> Iterator[Atoms]:
    """Give frame after frame, with the cell of the simulation if the file has none."""
    from ase.io import iread

    kind = "vasp-xdatcar" if path.name.startswith("XDATCAR") else None
    for atoms in iread(path, index=":", format=kind):
        if cell is not None:
            atoms.set_cell(np.asarray(cell, dtype=float))
            atoms.pbc = True
        yield atoms
