"""Charges, ions per volume, temperatures: what turns a diffusion coefficient into a conductivity."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from ase import units

if TYPE_CHECKING:
    from matlearn.transport.trajectories import Trajectory

__all__ = ["carriers", "charge_path", "einstein", "ions_per_volume", "temperature_of"]

S_PER_CM = units._e * 1e20
"""1 e2/(eV A ps), which is 1.602e-19 C / (V 1e-8 cm 1e-12 s), in S/cm."""
NEUTRAL = 1e-3
"""Charges that add up to less than this times their absolute sum count as neutral."""


def einstein(ions: float, charge: float, diffusion: float, temperature: float) -> float:
    """Give n (z e)^2 D / kT in S/cm, with n per A3, z in e and D in cm2/s."""
    return S_PER_CM * ions * charge**2 * (diffusion * 1e4) / (units.kB * temperature)


def carriers(
    species: str | None, charge: float | Mapping[str, float], known: Sequence[str] | None = None
) -> dict[str, float]:
    """Give the charge (e) of each species that counts.

    Raises
    ------
    TypeError, ValueError
        If a charge is zero or no number, a species is missing or not there.
    """
    if isinstance(charge, Mapping):
        found = {str(name): value for name, value in charge.items()}
        if species is not None and species not in found:
            raise ValueError(f"charge must have one for species {species!r}, got {sorted(found)}")
    else:
        if species is None:
            raise ValueError("species must be given: the symbol of the ion that carries the charge")
        found = {species: charge}
    for name, value in found.items():
        if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
            raise TypeError(f"charge of {name} must be a number (in e), got {value!r}")
        if not math.isfinite(value) or value == 0:
            raise ValueError(f"charge of {name} must be finite and not zero, got {value}")
        if abs(value) > 8:
            raise ValueError(
                f"charge of {name} must be in units of the elementary charge, such as 1, got {value}"
            )
        if known is not None and name not in known:
            named = "charge" if isinstance(charge, Mapping) else "species"
            raise ValueError(f"{named} names {name!r}, but the run holds {', '.join(known)}")
    if not found:
        raise ValueError("charge is empty: give a number, or one for each species that moves")
    return {name: float(value) for name, value in found.items()}


def ions_per_volume(runs: Sequence[Trajectory], species: str) -> float:
    """Give ions per A3, at the mean volume of all frames."""
    for run in runs:
        if not run.pbc.all():
            raise ValueError(
                "a conductivity needs a cell that is periodic along all three axes, got pbc = "
                f"{tuple(bool(p) for p in run.pbc)}: give number_density (ions per A3) instead"
            )
    volume = np.concatenate([run.volumes for run in runs]).mean()
    return float(len(runs[0].indices(species)) / volume)


def temperature_of(given: float | None, known: Sequence[float | None]) -> float:
    """Give the temperature (K): the one that is given, else the one of the runs."""
    if given is not None:
        if not (math.isfinite(given) and given > 0):
            raise ValueError(f"temperature must be positive, in kelvin, got {given}")
        return float(given)
    found = [one for one in known if one is not None]
    if not found:
        raise ValueError("temperature must be given (K): the run does not say it")
    if max(found) > 1.05 * min(found):
        raise ValueError(
            f"replicas must be at one temperature, got {min(found):.0f} to {max(found):.0f} K"
        )
    return float(np.mean(found))


def charge_path(run: Trajectory, charges: Mapping[str, float]) -> Trajectory:
    """Give a run of one atom that moves as all charges together do.

    It moves by the sum of charges times displacements over the root of the sum of squared charges,
    so that its diffusion coefficient is that of one ion where ions move independently. Taken off
    first is the motion of what carries no charge here; of the centre of mass of all atoms where
    everything does.

    Raises
    ------
    ValueError
        If all atoms are charged but the charges do not add up to zero: the answer would depend on
        the frame of reference.
    """
    from dataclasses import replace

    charge = np.array([charges.get(symbol, 0.0) for symbol in run.symbols])
    others = charge == 0.0
    if not others.any() and abs(charge.sum()) > NEUTRAL * np.abs(charge).sum():
        raise ValueError(
            f"charge must add up to zero over all atoms, got {charge.sum():+.3g} e: with a species "
            "left out (the framework), its frame is used instead"
        )
    weights = run.masses * (others if others.any() else np.ones_like(charge))
    weights = weights / weights.sum()
    moved = run.positions - run.positions[0]
    centre = np.einsum("fac,a->fc", moved, weights)
    size = math.sqrt(float((charge**2).sum()))
    path = np.einsum("fac,a->fc", moved, charge) - charge.sum() * centre
    return replace(
        run,
        numbers=np.array([0]),
        positions=(path / size)[:, None],
        masses=np.ones(1),
        energies=None,
        kinetic_energies=None,
        velocities=None,
        info={**run.info, "temperature": run.temperature},
    )
