"""ASE's integrators, with the right number of degrees of freedom and a state that can be kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms, units

PICOSECOND = 1000.0 * units.fs
"""A picosecond in ASE's unit of time."""
ENSEMBLES = ("nvt", "nve", "langevin", "npt")
BAROSTAT = 10.0
"""Relaxation time of the barostat in those of the thermostat (ASE's advice)."""


def integrator(
    kind: str,
    atoms: Atoms,
    *,
    timestep: float,
    temperature: float | None,
    relaxation: float,
    pressure: float,
    free: int,
    rng: np.random.Generator,
) -> Any:
    """Make one of ASE's integrators.

    Parameters
    ----------
    kind
        One of `ENSEMBLES`.
    atoms
        They are moved by it.
    timestep, relaxation
        In ps.
    temperature
        In K, None for ``"nve"``.
    pressure
        In GPa.
    free
        Degrees of freedom that move. ASE's Nose-Hoover chain counts three an atom; with the centre
        of mass at rest there are three less, which in small cells makes several kelvin.
    rng
        For ``"langevin"``.
    """
    step, damping = timestep * PICOSECOND, relaxation * PICOSECOND
    if kind == "nve":
        from ase.md.verlet import VelocityVerlet

        return VelocityVerlet(atoms, step)
    if kind == "langevin":
        from ase.md.langevin import Langevin

        return Langevin(
            atoms, step, temperature_K=temperature, friction=1.0 / damping, fixcm=False, rng=rng
        )
    assert temperature is not None
    from ase.md.nose_hoover_chain import (
        IsotropicMTKNPT,
        NoseHooverChainNVT,
        NoseHooverChainThermostat,
    )

    if kind == "nvt":
        made: Any = NoseHooverChainNVT(atoms, step, temperature_K=temperature, tdamp=damping)
    else:
        made = IsotropicMTKNPT(
            atoms,
            step,
            temperature_K=temperature,
            pressure_au=pressure * units.GPa,
            tdamp=damping,
            pdamp=BAROSTAT * damping,
        )
        made._num_atoms_global = free / 3
    atoms_that_count: Any = free / 3
    made._thermostat = NoseHooverChainThermostat(
        num_atoms_global=atoms_that_count,
        masses=made.masses,
        temperature_K=temperature,
        tdamp=damping,
    )
    return made


_OWN = {
    "nvt": ("_thermostat._eta", "_thermostat._p_eta"),
    "npt": (
        "_thermostat._eta",
        "_thermostat._p_eta",
        "_barostat._xi",
        "_barostat._p_xi",
        "_eps",
        "_p_eps",
        "_volume0",
        "_cell0",
    ),
}
"""What an integrator remembers from step to step, besides positions and momenta."""


def memory(kind: str, made: Any) -> dict[str, np.ndarray]:
    """Give what an integrator remembers."""
    found = {}
    for name in _OWN.get(kind, ()):
        value = made
        for part in name.split("."):
            value = getattr(value, part)
        found[name] = np.array(value)
    return found


def remember(kind: str, made: Any, known: dict[str, np.ndarray]) -> None:
    """Put back what an integrator remembered."""
    for name in _OWN.get(kind, ()):
        *owners, last = name.split(".")
        owner = made
        for part in owners:
            owner = getattr(owner, part)
        value = known[name]
        setattr(owner, last, value.copy() if value.ndim else float(value))
