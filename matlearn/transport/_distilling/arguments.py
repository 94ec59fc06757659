"""Arguments of a distillation, checked before anything is paid for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from ase import Atoms

from matlearn._structures import as_atoms
from matlearn.transport.trajectories import Trajectory


def checked_structure(structure: Any) -> Atoms:
    """Give the structure as Atoms, periodic and free to move."""
    atoms = as_atoms(structure, "structure")
    if len(atoms) < 2:
        raise ValueError(f"structure must have at least two atoms, got {len(atoms)}")
    if not atoms.pbc.all() or atoms.cell.rank < 3:
        raise ValueError(
            "structure must be periodic along all three axes, as a crystal or a liquid is; got "
            f"pbc={atoms.pbc.tolist()}"
        )
    if atoms.constraints:
        raise ValueError("structure must have no constraints: all atoms move while it is learned")
    return atoms


def checked_temperatures(temperatures: Any) -> list[float]:
    """Give temperatures in K from low to high."""
    single = isinstance(temperatures, Real)
    given: Sequence[Any] = [temperatures] if single else list(temperatures)
    if not given:
        raise ValueError("temperatures must hold at least one temperature in K, got none")
    for value in given:
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"temperatures must be numbers in K, got {value!r}")
        if not (math.isfinite(value) and float(value) > 0):
            raise ValueError(f"temperatures must be positive, in K, got {value!r}")
    return sorted({float(value) for value in given})


def whole(name: str, value: Any, least: int) -> int:
    """Give a whole number of at least so many."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def checked_timestep(value: Any) -> float:
    """Give a time step in ps."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"timestep must be a number in ps, got {value!r}")
    if not 0 < float(value) <= 0.05:
        raise ValueError(
            f"timestep must be above 0 and at most 0.05 ps, got {value}: 2 fs are 0.002"
        )
    return float(value)


def checked_images(images: Any, species: Sequence[str]) -> list[Atoms]:
    """Give labelled images as a list."""
    if isinstance(images, Atoms):
        raise TypeError("images must be a list of ASE Atoms; put the single one into a list")
    given: list[Atoms] = list(images)
    for number, atoms in enumerate(given):
        if not isinstance(atoms, Atoms):
            raise TypeError(f"images[{number}] must be ASE Atoms, got {type(atoms).__name__}")
        if atoms.calc is None or "energy" not in getattr(atoms.calc, "results", {}):
            raise ValueError(
                f"images[{number}] carries no energy of the teacher: label it with "
                "matlearn.calculators.single_points"
            )
        if strange := sorted(set(atoms.get_chemical_symbols()) - set(species)):
            raise ValueError(
                f"images[{number}] holds {', '.join(strange)}, which structure does not"
            )
    return given


def checked_run(teacher_run: Any, species: Sequence[str]) -> Trajectory | int | None:
    """Give the teacher's trajectory, or the number of steps of one to be made."""
    if teacher_run is None:
        return None
    if not isinstance(teacher_run, Trajectory):
        return whole("teacher_run", teacher_run, 100)
    if sorted(set(teacher_run.symbols)) != sorted(species):
        raise ValueError(
            f"teacher_run holds {', '.join(sorted(set(teacher_run.symbols)))}, the structure "
            f"{', '.join(species)}"
        )
    if teacher_run.temperature is None:
        raise ValueError(
            "teacher_run does not know its temperature: give Trajectory.from_atoms "
            "info={'temperature': ...} (K)"
        )
    if not np.allclose(teacher_run.cells, teacher_run.cells[0]):
        raise ValueError("teacher_run must be at constant volume: the student runs in its cell")
    return teacher_run


def checked_mobile(mobile: Any, species: Iterable[str]) -> str | None:
    """Give the species whose diffusion is compared."""
    if mobile is not None and mobile not in species:
        raise ValueError(f"mobile must be one of {', '.join(species)}, got {mobile!r}")
    return None if mobile is None else str(mobile)
