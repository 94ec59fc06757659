"""What `run_md` may be asked for."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from ase import Atoms, units
from ase.constraints import FixAtoms

from matlearn.transport._dynamics.integrators import ENSEMBLES

LONG_TIMESTEP = 0.010
"""Time steps beyond this (ps) are too long for nearly every material."""
FEMTOSECONDS = 0.09
"""A time step this long (ps) was meant in fs."""


def number(name: str, value: Any, unit: str) -> float:
    """Return a finite number, or say what is wrong with it."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name} must be a number ({unit}), got {value!r}")
    if not np.isfinite(value):
        raise ValueError(f"{name} must be finite ({unit}), got {value}")
    return float(value)


def whole(name: str, value: Any, least: int) -> int:
    """Return a whole number that is large enough."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def checked_steps(steps: Any, record_every: Any) -> int:
    """Return how many steps to make."""
    value = whole("steps", steps, 1)
    if value < whole("record_every", record_every, 1):
        raise ValueError(
            f"record_every = {record_every} is more than all {value} steps: nothing but the start "
            "would be recorded; make it smaller"
        )
    return value


def checked_calculator(calculator: Any, ensemble: str) -> Any:
    """Return a calculator that gives what the ensemble needs."""
    if not hasattr(calculator, "get_forces") and not hasattr(calculator, "get_property"):
        raise TypeError(
            f"calculator must be, or make, an ASE calculator; got {type(calculator).__name__}"
        )
    given = getattr(calculator, "implemented_properties", None)
    for wanted in ["energy", "forces", *(["stress"] if ensemble == "npt" else [])]:
        if given and wanted not in given:
            raise ValueError(
                f"the calculator {type(calculator).__name__} gives no {wanted}, which "
                f"ensemble={ensemble!r} needs; it gives {', '.join(given)}"
            )
    return calculator


def checked_timestep(timestep: Any) -> float:
    """Return the time step in ps; warn where it is long, refuse where it was meant in fs."""
    value = number("timestep", timestep, "ps")
    if value <= 0:
        raise ValueError(f"timestep must be positive, in ps (0.002 is 2 fs), got {timestep}")
    if value >= FEMTOSECONDS:
        text = f"timestep = {value:g} ps is {1000 * value:g} fs, longer than atoms vibrate: "
        whole_fs = value / units.fs
        if value < 1 and abs(whole_fs - round(whole_fs, 1)) < 0.002:
            text += (
                f"it is in ps here, not in ASE's own unit, so give {whole_fs / 1000:.4g} for "
                f"{whole_fs:.3g} * units.fs"
            )
        else:
            text += f"it is in ps here, so give {value / 1000:g} for {value:g} fs"
        raise ValueError(text)
    if value > LONG_TIMESTEP:
        warnings.warn(
            f"timestep = {value:g} ps is {1000 * value:g} fs: beyond 10 fs the energy is not "
            "conserved in most materials; look at it (ensemble='nve'), or take 1 to 5 fs",
            stacklevel=4,
        )
    return value


def checked_atoms(atoms: Atoms, ensemble: str) -> None:
    """Refuse structures that cannot be moved."""
    if len(atoms) < 2:
        raise ValueError(
            f"atoms must hold at least two atoms that move against each other, got {len(atoms)}"
        )
    if not np.isfinite(atoms.positions).all():
        raise ValueError("atoms must have finite positions")
    if (atoms.get_masses() <= 0).any():
        raise ValueError("atoms must have masses above 0")
    empty = ~atoms.cell.array.any(axis=1)
    if (atoms.pbc & empty).any():
        raise ValueError(
            f"atoms are periodic (pbc = {atoms.pbc.tolist()}) but have no cell: give them one, or "
            "set atoms.pbc = False for a molecule or cluster"
        )
    for constraint in atoms.constraints:
        if not isinstance(constraint, FixAtoms):
            raise TypeError(
                "of ASE's constraints only FixAtoms is known here, got "
                f"{type(constraint).__name__}: remove it"
            )
    if held(atoms) == len(atoms):
        raise ValueError("atoms are all held by their constraints: leave some of them free to move")
    if ensemble == "npt":
        if not atoms.pbc.all() or atoms.cell.rank < 3:
            raise ValueError(
                "ensemble='npt' needs atoms that are periodic along all three axes: without a cell "
                "there is no volume to change; take ensemble='nvt'"
            )
        if atoms.constraints:
            raise ValueError("ensemble='npt' does not go with fixed atoms: take ensemble='nvt'")


def held(atoms: Atoms) -> int:
    """Count the atoms that constraints hold, each once."""
    indices = [np.arange(len(atoms))[constraint.index] for constraint in atoms.constraints]
    return len(np.unique(np.concatenate(indices))) if indices else 0


def checked_ensemble(ensemble: Any) -> str:
    """Return the name of an ensemble in lower case."""
    if not isinstance(ensemble, str) or ensemble.lower() not in ENSEMBLES:
        raise ValueError(f"ensemble must be one of {', '.join(ENSEMBLES)}; got {ensemble!r}")
    return ensemble.lower()


def checked_temperature(
    temperature: Any, ensemble: str, momenta: str, equilibrate: int
) -> float | None:
    """Return the temperature in K, or None where none is needed."""
    if temperature is None:
        if ensemble == "nve" and momenta == "keep" and not equilibrate:
            return None
        raise ValueError(
            "temperature is needed (K): for the thermostat, and for the velocities at the start; "
            "only ensemble='nve' with momenta='keep' goes without"
        )
    value = number("temperature", temperature, "K")
    if value <= 0 or value > 1e5:
        raise ValueError(f"temperature must be above 0 K and below 100,000 K, got {temperature}")
    return value


def checked_relaxation(relaxation: Any, timestep: float, *, used: bool) -> float:
    """Return the relaxation time of the thermostat in ps."""
    value = number("relaxation", relaxation, "ps")
    if used and value < 4 * timestep:
        raise ValueError(
            f"relaxation must be at least four time steps ({4 * timestep:g} ps), got {relaxation} ps"
        )
    if value > 50:
        raise ValueError(
            f"relaxation = {value:g} ps is longer than most runs: it is in ps here, so give "
            f"{value / 1000:g} for {value:g} fs"
        )
    return value


def digest(atoms: Atoms, *, momenta: bool) -> str:
    """Tell one start from another."""
    found = hashlib.sha256()
    arrays: list[Any] = [atoms.numbers, atoms.positions, atoms.cell.array, atoms.pbc]
    arrays += [atoms.get_masses()] + ([atoms.get_momenta()] if momenta else [])
    arrays += [constraint.index for constraint in atoms.constraints]
    for array in arrays:
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:16]


def check_same_run(found: Mapping[str, Any], asked: Mapping[str, Any], store: Any) -> None:
    """Compare the settings of a stored run with what is asked for now."""
    other = [
        f"{name} was {found.get(name)!r} and is now {asked[name]!r}"
        for name in asked
        if found.get(name) != asked[name]
    ]
    if other:
        raise ValueError(
            f"{store} holds a run with other settings: {'; '.join(other)}; give them as they were "
            "to go on, or another name to begin anew"
        )
