"""Arguments of a learning run, checked before anything is computed."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

from ase import Atoms

from matlearn.potentials._learning.dynamics import THERMOSTATS
from matlearn.potentials._mtp.checks import (
    check_apart,
    check_reach,
    checked_images,
    checked_weights,
)
from matlearn.potentials.active import MODES

WHOLE = {"steps": 1, "grade_every": 1, "record_every": 1, "start": 1, "iterations": 1}
"""Whole numbers and the least they may be."""
POSITIVE = ("temperature", "timestep", "relaxation", "select", "stop")


def check(values: dict[str, Any]) -> None:
    """See that a run can be made of these arguments.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, what was given and what is allowed.
    """
    for name, least in WHOLE.items():
        if isinstance(values[name], bool) or not isinstance(values[name], Integral):
            raise TypeError(f"{name} must be a whole number, got {values[name]!r}")
        if values[name] < least:
            raise ValueError(f"{name} must be at least {least}, got {values[name]}")
    for name in POSITIVE:
        if isinstance(values[name], bool) or not isinstance(values[name], Real):
            raise TypeError(f"{name} must be a number, got {values[name]!r}")
        if not values[name] > 0:
            raise ValueError(f"{name} must be positive, got {values[name]}")
    if values["timestep"] > 0.05:
        raise ValueError(
            f"timestep is in ps and must be at most 0.05, got {values['timestep']}: a femtosecond "
            "is 0.001"
        )
    if not 1 < values["select"] <= values["stop"]:
        raise ValueError(
            f"select must be above 1 and at most stop, got select={values['select']}, "
            f"stop={values['stop']}"
        )
    if values["mode"] not in MODES:
        raise ValueError(f"mode must be {' or '.join(map(repr, MODES))}, got {values['mode']!r}")
    if values["thermostat"] not in THERMOSTATS:
        raise ValueError(
            f"thermostat must be {' or '.join(map(repr, THERMOSTATS))}, got "
            f"{values['thermostat']!r}"
        )
    checked_weights(values["weights"])
    if values["max_calls"] is not None and not values["max_calls"] >= 1:
        raise ValueError(f"max_calls must be at least 1 or None, got {values['max_calls']!r}")


def check_structure(atoms: Any, species: tuple[str, ...], cutoff: float) -> None:
    """See that the potential knows the atoms and reaches them, and that none is there twice."""
    if not isinstance(atoms, Atoms):
        raise TypeError(f"atoms must be ASE Atoms, got {type(atoms).__name__}")
    if len(atoms) < 2:
        raise ValueError(f"atoms must be two or more for molecular dynamics, got {len(atoms)}")
    if strange := sorted(set(atoms.get_chemical_symbols()) - set(species)):
        raise ValueError(
            f"atoms hold {', '.join(strange)}, which mtp does not know: its species are "
            f"{', '.join(species)}"
        )
    if atoms.constraints:
        raise ValueError("atoms must have no constraints: all atoms move in a learning run")
    check_apart([atoms], "atoms")
    check_reach([atoms], cutoff, "atoms")


def check_images(images: Any) -> list[Atoms]:
    """Give the start set as a list of labelled structures."""
    if isinstance(images, Atoms):
        raise TypeError("images must be a list of ASE Atoms; put the single one into a list")
    given = list(images)
    for number, atoms in enumerate(given):
        if not isinstance(atoms, Atoms):
            raise TypeError(f"images[{number}] must be ASE Atoms, got {type(atoms).__name__}")
        if atoms.calc is None or "energy" not in getattr(atoms.calc, "results", {}):
            raise ValueError(f"images[{number}] carries no reference energy")
    return checked_images(given) if given else given
