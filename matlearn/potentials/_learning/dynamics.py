"""Molecular dynamics that can be put back to any of its steps, random numbers included."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms, units
from ase.calculators.calculator import Calculator
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution, Stationary

THERMOSTATS = ("langevin", "bussi")
"""Both have no memory but the random numbers."""


@dataclass(frozen=True)
class Moment:
    """All that decides how a trajectory goes on."""

    step: int
    positions: np.ndarray
    """(n, 3) in A."""
    momenta: np.ndarray
    """(n, 3) in ASE's units."""
    random: str
    """State of the random numbers, in JSON."""


class Dynamics:
    """A canonical trajectory at constant cell.

    Parameters
    ----------
    atoms
        Where it begins; momenta are drawn from the temperature.
    temperature
        In K.
    timestep
        In ps.
    thermostat
        ``"langevin"``, or ``"bussi"`` (stochastic velocity rescaling).
    relaxation
        Time constant of the thermostat in ps.
    seed
        Of momenta and thermostat.
    """

    def __init__(
        self,
        atoms: Atoms,
        *,
        temperature: float,
        timestep: float,
        thermostat: str,
        relaxation: float,
        seed: int,
    ) -> None:
        self.atoms = Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
        self.atoms.set_masses(atoms.get_masses())
        self.temperature, self.timestep = temperature, timestep
        self.thermostat, self.relaxation = thermostat, relaxation
        self.rng = np.random.default_rng(seed)
        MaxwellBoltzmannDistribution(self.atoms, temperature_K=temperature, rng=self.rng)
        if len(self.atoms) > 1:
            Stationary(self.atoms)
        self.step = 0

    def use(self, calculator: Calculator) -> None:
        """Go on with another calculator, from where it is."""
        self.atoms.calc = calculator
        picoseconds = 1000.0 * units.fs
        timestep, relaxation = self.timestep * picoseconds, self.relaxation * picoseconds
        if self.thermostat == "langevin":
            from ase.md.langevin import Langevin

            self._integrator: Any = Langevin(
                self.atoms, timestep, temperature_K=self.temperature, friction=1.0 / relaxation,
                fixcm=False, rng=self.rng,
            )  # fmt: skip
        else:
            from ase.md.bussi import Bussi

            self._integrator = Bussi(
                self.atoms, timestep, self.temperature, taut=relaxation, rng=self.rng
            )

    def advance(self) -> None:
        """Take a step."""
        self._integrator.step()
        self.step += 1

    def moment(self) -> Moment:
        """Give the present state."""
        return Moment(
            self.step,
            self.atoms.get_positions(),
            self.atoms.get_momenta(),
            json.dumps(self.rng.bit_generator.state),
        )

    def restore(self, moment: Moment) -> None:
        """Put everything back."""
        self.step = moment.step
        self.atoms.set_positions(moment.positions)
        self.atoms.set_momenta(moment.momenta)
        state: dict[str, Any] = json.loads(moment.random)
        self.rng.bit_generator.state = state

    def at(self, positions: np.ndarray) -> Atoms:
        """Give the structure with other positions, without momenta and results."""
        return Atoms(self.atoms.numbers, positions, cell=self.atoms.cell, pbc=self.atoms.pbc)
