"""References of exercise 1: the spring of an atom of aluminium by EMT, and all its waves."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

    from matlearn.phonons.force_constants import ForceConstants

LATTICE = 3.9943  # A, EMT's own
MASS = 26.9815385  # u


def cell(lattice: float = LATTICE) -> Atoms:
    """The cubic cell of four atoms."""
    from ase.build import bulk

    return bulk("Al", a=lattice, cubic=True)


@functools.cache
def column() -> np.ndarray:
    """Force constants of all 32 atoms with atom 0 pushed along x (32, 3), in eV/A2."""
    from matlearn.calculators import get_calculator

    crystal = cell().repeat(2)
    crystal.calc = get_calculator("emt")
    crystal.positions[0, 0] += 0.01
    return np.asarray(-crystal.get_forces() / 0.01)


@functools.cache
def constants(order: Any = 2, lattice: float = LATTICE) -> ForceConstants:
    """Force constants by finite differences, without a word about what is wrong with them."""
    import warnings
    from dataclasses import replace

    from matlearn.phonons.force_constants import force_constants

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = force_constants(
            "emt", cell=cell(lattice), supercell=(2, 2, 2), order=order, workers=1, progress=False
        )
    return replace(found, messages=())


def waves(constants: ForceConstants, points: int = 6) -> np.ndarray:
    """Frequencies (THz) of a mesh of wave vectors; imaginary ones are negative."""
    mesh = (np.indices((points,) * 3).reshape(3, -1).T + 0.5) / points
    return np.asarray(constants.frequencies(mesh))


def frequency(stiffness: float, mass: float = MASS) -> float:
    """Frequency in THz of a mass (u) on a spring (eV/A2)."""
    from ase import units

    return float(np.sqrt(stiffness / mass) / (2 * np.pi) * 1000 * units.fs)
