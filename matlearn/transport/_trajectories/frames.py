"""Frames of ASE as the arrays of a trajectory, and back."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms, units

from matlearn._disk import disk_full, is_full
from matlearn._structures import as_atoms
from matlearn.transport._trajectories.checks import check_unit
from matlearn.transport._trajectories.unwrapping import unwrap

if TYPE_CHECKING:
    import pandas as pd

    from matlearn.transport.trajectories import Trajectory

PICOSECOND = 1000.0 * units.fs
"""A picosecond in ASE's unit of time."""
TIME = "time_ps"
"""Where a frame that we wrote says its time."""


def gathered(frames: Iterable[Any], time_step: float | None, mode: bool | str) -> dict[str, Any]:
    """Give the fields of a trajectory from frames.

    Parameters
    ----------
    frames
        ASE Atoms or pymatgen structures, the same atoms in the same order.
    time_step
        Time between frames in ps; None takes it from frames that say their time.
    mode
        See `matlearn.transport._trajectories.unwrapping.unwrap`.
    """
    if mode not in (True, False, "auto"):
        raise ValueError(f"unwrap must be True, False or 'auto', got {mode!r}")
    if isinstance(frames, Atoms):
        raise TypeError("frames must be a sequence of structures, got one structure")
    first: Atoms | None = None
    positions: list[np.ndarray] = []
    cells: list[np.ndarray] = []
    momenta: list[np.ndarray] | None = []
    energies: list[float] | None = []
    times: list[float] | None = []
    for index, frame in enumerate(frames):
        atoms = as_atoms(frame, f"frames[{index}]")
        if first is None:
            first = atoms
        _check_same(first, atoms, index)
        positions.append(atoms.get_positions())
        cells.append(atoms.cell.array.copy())
        momenta = _added(momenta, atoms.get_momenta() if atoms.has("momenta") else None)
        results = getattr(atoms.calc, "results", None) or {}
        energies = _added(energies, results.get("energy"))
        times = _added(times, atoms.info.get(TIME))
    if first is None:
        raise ValueError("frames must hold at least one structure, got none")
    if time_step is None:
        time_step = _time_step(times)
    pbc = first.get_pbc()
    lattice = np.array(cells)
    if (lattice == lattice[0]).all():
        lattice = np.broadcast_to(lattice[0], lattice.shape)
    path = unwrap(np.array(positions), lattice, pbc, mode)
    check_unit(time_step, path)
    found: dict[str, Any] = {
        "numbers": first.get_atomic_numbers(),
        "positions": path,
        "cells": lattice,
        "pbc": pbc,
        "time_step": time_step,
        "masses": first.get_masses(),
        "energies": energies,
    }
    if momenta is not None:
        velocities = np.array(momenta) / found["masses"][:, None]
        found["kinetic_energies"] = 0.5 * np.einsum("fai,fai->f", np.array(momenta), velocities)
        found["velocities"] = velocities * PICOSECOND
    return found


def _added(values: list[Any] | None, value: Any) -> list[Any] | None:
    """Add a value to what each frame so far has had; None from the first that has not."""
    if values is None or value is None:
        return None
    values.append(value)
    return values


def _check_same(first: Atoms, atoms: Atoms, index: int) -> None:
    if len(atoms) != len(first):
        raise ValueError(
            f"the number of atoms must not change: frame 0 has {len(first)} atoms, frame {index} "
            f"has {len(atoms)}"
        )
    if (atoms.numbers != first.numbers).any():
        raise ValueError(
            f"frame {index} holds other species than frame 0, or the same in another order "
            f"({atoms.symbols} and {first.symbols}): sort the atoms alike in each frame"
        )
    if (atoms.pbc != first.pbc).any():
        raise ValueError(f"frame {index} is periodic along other axes than frame 0")


def _time_step(times: list[float] | None) -> float:
    """Give the time between frames that say when they are."""
    if times is None or len(times) < 2:
        raise ValueError(
            "time_step is needed: the time between two frames in ps (these frames do not say it)"
        )
    steps = np.diff(times)
    if np.ptp(steps) > 1e-6 * abs(steps).max():
        raise ValueError(
            f"frames must be equally far apart, got {steps.min():g} to {steps.max():g} ps"
        )
    return float(np.mean(steps))


def frame(trajectory: Trajectory, index: int, wrap: bool) -> Atoms:
    """Give one frame as ASE Atoms, with its energy and velocities if known."""
    from ase.calculators.singlepoint import SinglePointCalculator

    if not -len(trajectory) <= index < len(trajectory):
        raise IndexError(f"frame {index} of a trajectory of {len(trajectory)} frames")
    index %= len(trajectory)
    atoms = Atoms(
        trajectory.numbers,
        positions=trajectory.positions[index],
        cell=trajectory.cells[index],
        pbc=trajectory.pbc,
    )
    atoms.set_masses(trajectory.masses)
    atoms.info[TIME] = float(trajectory.times[index])
    if trajectory.velocities is not None:
        atoms.set_velocities(trajectory.velocities[index] / PICOSECOND)
    if wrap and trajectory.pbc.any():
        atoms.wrap()
    if trajectory.energies is not None:
        atoms.calc = SinglePointCalculator(atoms, energy=float(trajectory.energies[index]))
    return atoms


def cut(trajectory: Trajectory, frames: Any) -> dict[str, Any]:
    """Give the fields that a slice of the frames changes."""
    if not isinstance(frames, slice):
        raise TypeError(
            f"trajectory[{frames!r}]: give a slice of frames (trajectory[10:20]), or take one "
            f"frame by trajectory.atoms({frames!r})"
        )
    start, stop, step = frames.indices(len(trajectory))
    if step < 1 or stop <= start:
        raise ValueError(
            f"the slice {start}:{stop}:{step} leaves no frames in the order of time; there are "
            f"{len(trajectory)}"
        )
    series = ("positions", "cells", "energies", "kinetic_energies", "velocities")
    values = {name: getattr(trajectory, name) for name in series}
    found = {name: None if value is None else value[frames] for name, value in values.items()}
    return found | {"time_step": trajectory.time_step * step, "info": dict(trajectory.info)}


def described(trajectory: Trajectory) -> str:
    """Say in one line what it is."""
    formula = Atoms(trajectory.numbers).get_chemical_formula(empirical=True)
    atoms = f"{len(trajectory.numbers)} atom{'s' if len(trajectory.numbers) > 1 else ''}"
    parts = [formula, atoms, f"{len(trajectory)} frames {trajectory.time_step:.4g} ps apart"]
    parts.append(f"{trajectory.duration:.4g} ps")
    if trajectory.temperature is not None:
        parts.append(f"{trajectory.temperature:.0f} K")
    return f"Trajectory({', '.join(parts)})"


def write(trajectory: Trajectory, path: Any, options: dict[str, Any]) -> None:
    """Write all frames through ASE."""
    from ase.io import write as write_frames

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # formats that cannot hold everything say so
        frames = [frame(trajectory, i, False) for i in range(len(trajectory))]
        try:
            write_frames(path, frames, **options)
        except OSError as error:
            if not is_full(error):
                raise
            raise disk_full(
                error, Path(path), "is not whole; free some space and repeat"
            ) from error


def table(trajectory: Trajectory) -> pd.DataFrame:
    """Give what is known of each frame."""
    import pandas as pd

    total = None
    if trajectory.energies is not None and trajectory.kinetic_energies is not None:
        total = trajectory.energies + trajectory.kinetic_energies
    columns = {
        "time": trajectory.times,
        "temperature": trajectory.temperatures,
        "energy": trajectory.energies,
        "kinetic_energy": trajectory.kinetic_energies,
        "total_energy": total,
        "volume": trajectory.volumes if trajectory.pbc.all() else None,
    }
    return pd.DataFrame({name: value for name, value in columns.items() if value is not None})
