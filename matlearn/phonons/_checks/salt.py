"""References of exercises 2 and 3: rock salt by PBE, its fields, its sound and its heat."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from matlearn.phonons.conductivity import ThermalConductivity
    from matlearn.phonons.force_constants import ForceConstants


@functools.cache
def constants() -> ForceConstants:
    """Force constants of the own data set, fitted by symfc."""
    from matlearn import datasets
    from matlearn.phonons.force_constants import force_constants

    return force_constants(datasets.load("nacl-pbe"), method="symfc")


def optical(field: bool = True) -> np.ndarray:
    """The three optical frequencies at Gamma coming along [1, 0, 0] (THz), in ascending order."""
    found = constants()
    if field:
        return np.asarray(found.frequencies([0, 0, 0], direction=[1, 0, 0]))[3:]
    return np.asarray(found.frequencies([0, 0, 0], nac=False))[3:]


def plasma(mass: str = "reduced", cells: int = 1, epsilon: bool = True, charges: int = 2) -> float:
    """Frequency (THz) of the field that a long wave makes, by hand, with usual slips."""
    from scipy.constants import atomic_mass, elementary_charge, epsilon_0

    found = constants()
    sodium, chlorine = found.primitive.get_masses() * atomic_mass
    masses = {
        "reduced": sodium * chlorine / (sodium + chlorine),
        "sum": sodium + chlorine,
        "mean": (sodium + chlorine) / 2,
        "sodium": sodium,
        "chlorine": chlorine,
    }
    assert found.born is not None and found.dielectric is not None  # the data set has both
    charge = float(found.born[0, 0, 0]) ** charges
    screened = epsilon_0 * (found.dielectric[0, 0] if epsilon else 1.0)
    volume = cells * found.primitive.cell.volume * 1e-30
    squared = charge * elementary_charge**2 / (screened * masses[mass] * volume)
    return float(np.sqrt(squared) / (2 * np.pi) * 1e-12)


def sound(branch: int = 2) -> float:
    """Velocity of sound (km/s) along a cubic axis, from a long wave; 0 and 1 are transversal."""
    found = constants()
    wave = np.array([0.0, 0.02, 0.02])
    length = np.linalg.norm(wave @ found.primitive.cell.reciprocal())
    return float(found.frequencies(wave)[branch] / length * 0.1)


@functools.cache
def heat(mesh: int = 9, field: bool = True) -> ThermalConductivity:
    """The conductivity at 100 and 300 K, with relaxation times."""
    from dataclasses import replace

    from matlearn.phonons.conductivity import thermal_conductivity

    found = constants() if field else replace(constants(), born=None, dielectric=None)
    return thermal_conductivity(found, mesh=mesh, temperatures=[100, 300], progress=False)


def modes(kelvin: float = 300) -> pd.DataFrame:
    """Modes that have a lifetime."""
    found = heat().modes(kelvin)
    return found[found.lifetime > 0]


def powder(size: float, kelvin: float = 300) -> float:
    """Conductivity (W/mK) of grains of a size (nm), by Matthiessen's rule."""
    table = modes(kelvin)
    return float((table.kappa / (1 + table.mean_free_path / size)).sum())


def half(kelvin: float = 300) -> float:
    """Grain size (nm) at which half of the conductivity is left."""
    from scipy.optimize import brentq

    whole = float(modes(kelvin).kappa.sum())
    return float(brentq(lambda size: powder(size, kelvin) / whole - 0.5, 0.1, 1e5))


def median_path(kelvin: float = 300) -> float:
    """Mean free path (nm) up to which modes carry half of the heat."""
    table = modes(kelvin).sort_values("mean_free_path")
    reached = table.kappa.cumsum() > table.kappa.sum() / 2
    return float(table.mean_free_path[reached].iloc[0])
