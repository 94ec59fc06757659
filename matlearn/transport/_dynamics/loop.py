"""A run of molecular dynamics, step after step, from its start or its last checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms, units

from matlearn.transport._dynamics.arguments import held
from matlearn.transport._dynamics.forces import FlownApart, Forces
from matlearn.transport._dynamics.integrators import PICOSECOND, integrator, memory, remember
from matlearn.transport._dynamics.runs import Run

HOTTEST = 20_000.0
"""A temperature (K) that no condensed matter has."""


@dataclass(frozen=True)
class Plan:
    """How the atoms move; see `matlearn.transport.run_md`."""

    ensemble: str
    temperature: float | None
    timestep: float
    relaxation: float
    pressure: float
    equilibrate: int
    record_every: int
    checkpoint_every: int
    seed: int
    momenta: str


def degrees_of_freedom(atoms: Atoms, ensemble: str) -> int:
    """Count what moves: less three where the centre of mass stays at rest."""
    fixed = held(atoms)
    if fixed:
        return 3 * (len(atoms) - fixed)
    return 3 * len(atoms) - (0 if ensemble == "langevin" else 3)


class Simulation:
    """Atoms, what moves them, and where they are in the run.

    Steps before 0 are the equilibration by Langevin dynamics; nothing is recorded of them.
    """

    def __init__(self, atoms: Atoms, calculator: Any, plan: Plan, run: Run) -> None:
        self.plan, self.run = plan, run
        self.atoms = Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
        for name in ("initial_magmoms", "initial_charges", "tags"):
            if atoms.has(name):
                self.atoms.set_array(name, atoms.get_array(name))
        self.atoms.info = dict(atoms.info)  # some calculators look there for charge and spin
        self.atoms.set_masses(atoms.get_masses())
        self.atoms.set_constraint([constraint.copy() for constraint in atoms.constraints])
        self.atoms.set_momenta(atoms.get_momenta())
        self.forces = Forces(calculator, stress=plan.ensemble == "npt")
        self.atoms.calc = self.forces
        self.rng = np.random.default_rng(plan.seed)
        self.step = -plan.equilibrate
        self.free = degrees_of_freedom(atoms, plan.ensemble)

    def begin(self) -> None:
        """Give the atoms velocities, and set out."""
        self.forces.reset()
        if self.plan.momenta == "maxwell":
            assert self.plan.temperature is not None
            spread = np.sqrt(self.atoms.get_masses() * units.kB * self.plan.temperature)
            self.atoms.set_momenta(self.rng.standard_normal((len(self.atoms), 3)) * spread[:, None])
        if self.step == 0:
            self._arrive()
        else:
            self._stand()
            self._integrator = self._made("langevin")

    def resume(self) -> None:
        """Go on from the last checkpoint."""
        state = self.run.state
        assert state is not None
        self.step = int(state["step"])
        self.rng.bit_generator.state = json.loads(str(state["random"]))
        self.atoms.set_cell(state["cell"])
        self.atoms.set_positions(state["positions"], apply_constraint=False)
        self.atoms.set_momenta(state["momenta"], apply_constraint=False)
        kind = self.plan.ensemble if self.step >= 0 else "langevin"
        self._integrator = self._made(kind)
        remember(kind, self._integrator, state)
        self.forces.reset()
        energy, before = self.atoms.get_potential_energy(), float(state["energy"])
        if abs(energy - before) > 1e-5 * len(self.atoms):
            raise ValueError(
                f"{self.run.path} was run with another calculator: where it stopped the energy was "
                f"{before:.6f} eV, and this one says {energy:.6f} eV"
            )

    def advance(self, steps: int, tick: Callable[[int], object]) -> None:
        """Go on to a step; call `tick` after each."""
        plan = self.plan
        while self.step < steps:
            self._integrator.step()
            self.step += 1
            if self.step == 0:
                self._arrive()
            else:
                if self.step > 0 and self.step % plan.record_every == 0:
                    self._record()
                if self.step % plan.checkpoint_every == 0:
                    self._checkpoint()
            tick(1)

    def _made(self, kind: str) -> Any:
        plan = self.plan
        return integrator(
            kind,
            self.atoms,
            timestep=plan.timestep,
            temperature=plan.temperature,
            relaxation=plan.relaxation,
            pressure=plan.pressure,
            free=self.free,
            rng=self.rng,
        )

    def _arrive(self) -> None:
        """Begin what is recorded."""
        if self.plan.ensemble != "langevin":
            self._stand()
        self._integrator = self._made(self.plan.ensemble)
        self._record()
        self._checkpoint()

    def _stand(self) -> None:
        """Bring the centre of mass to rest, unless atoms are fixed."""
        if self.atoms.constraints:
            return
        momenta, masses = self.atoms.get_momenta(), self.atoms.get_masses()
        momenta -= masses[:, None] * (momenta.sum(axis=0) / masses.sum())
        self.atoms.set_momenta(momenta)

    def _record(self) -> None:
        record = np.zeros((), self.run.layout)
        record["step"] = self.step
        record["energy"] = self.atoms.get_potential_energy()
        kinetic = self.atoms.get_kinetic_energy()
        record["kinetic"] = kinetic
        record["displacements"] = self.atoms.positions - self.run.start["positions"]
        if self.run.about["cells"]:
            record["cell"] = self.atoms.cell.array
        if self.run.about["velocities"]:
            record["velocities"] = self.atoms.get_velocities() * PICOSECOND
        temperature = 2 * kinetic / (self.free * units.kB)
        if not temperature <= max(HOTTEST, 20 * (self.plan.temperature or 0.0)):
            raise FlownApart(f"the temperature is {temperature:.3g} K")
        self.run.add(record)

    def _checkpoint(self) -> None:
        """Keep all that decides how the run goes on, and let the calculator forget the rest.

        Calculators carry things over from step to step (neighbour lists with a skin, densities),
        which an interrupted run no longer has; the run that goes on drops them as well, so that
        both give the same numbers.
        """
        kind = self.plan.ensemble if self.step >= 0 else "langevin"
        state = {
            "step": np.array(self.step),
            "positions": self.atoms.get_positions(),
            "momenta": self.atoms.get_momenta(),
            "cell": self.atoms.cell.array.copy(),
            "random": np.array(json.dumps(self.rng.bit_generator.state)),
            "energy": np.array(self.atoms.get_potential_energy()),
        }
        self.run.checkpoint(state | memory(kind, self._integrator))
        self.forces.reset()
