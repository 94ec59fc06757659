"""Runs up and down the temperature, and side by side at several sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols
from numpy.typing import NDArray

from matlearn.lattice._order.patterns import Pattern
from matlearn.lattice._phases.measuring import Row, averages, grand_energy, independent, sample
from matlearn.lattice._scans.shipping import unpack
from matlearn.lattice.statistics import binder_cumulant, heat_capacity

Floats = NDArray[np.float64]
ENOUGH = 150.0
"""Independent samples that a patient run collects."""


@dataclass(frozen=True)
class Setting:
    """What all runs of one search for a transition share; can be sent to another process."""

    packed: str
    ensemble: str
    chemical_potentials: Mapping[str, float] | None
    sweeps: int
    equilibration: int
    boltzmann_constant: float
    order: Any
    """Observer, or function of Atoms, of the order parameter; None: none."""

    def simulation(
        self,
        atoms: Atoms,
        temperature: float,
        seed: int,
        concentrations: Mapping[str, float] | None = None,
    ) -> Any:
        """Build a simulation."""
        from matlearn.lattice.monte_carlo import MonteCarlo

        return MonteCarlo(
            unpack(self.packed),
            atoms,
            ensemble=self.ensemble,
            temperature=temperature,
            chemical_potentials=self.chemical_potentials,
            concentrations=concentrations,
            boltzmann_constant=self.boltzmann_constant,
            seed=seed,
        )

    def series(self, simulation: Any, *, patient: bool) -> dict[str, Floats]:
        """Equilibrate and record; the order parameter's column is ``order``.

        A patient run goes on, doubling its length, until it counts for enough independent
        samples.
        """
        pure = self.order if isinstance(self.order, Pattern) and self.order.uniform else None
        observers = [] if self.order is None or pure else [self.order]
        found: dict[str, Floats] = {}
        equilibration, sweeps = self.equilibration, self.sweeps
        for _ in range(5 if patient else 1):
            more = sample(
                simulation, sweeps=sweeps, equilibration=equilibration, observers=observers
            )
            if pure is not None:  # read from the concentration, which costs nothing
                share = more[f"concentration_{chemical_symbols[pure.second]}"]
                more["order"] = np.abs(2.0 * share - 1.0)
            found = {name: np.append(found.get(name, []), v) for name, v in more.items()}
            equilibration, sweeps = 0, len(found["energy"])
            watched = [found["energy"]]
            if self.order is not None:
                watched.append(found[_order_column(found)] ** 2)
            if min(independent(values) for values in watched) >= ENOUGH:
                break
        if self.order is not None:
            found["order"] = np.abs(found.pop(_order_column(found)))
        return found

    def row(self, simulation: Any, *, patient: bool = False) -> tuple[Row, Floats]:
        """Average at the simulation's temperature; also the energies, a site."""
        series = self.series(simulation, patient=patient)
        n = simulation.n_active
        row = averages(series, n)
        capacity = heat_capacity(
            series["grand_energy"], simulation.temperature, n_sites=n,
            boltzmann_constant=self.boltzmann_constant,
        )  # fmt: skip
        row |= {"heat_capacity": capacity.value, "heat_capacity_error": capacity.error}
        if self.order is not None:
            found = binder_cumulant(series["order"])
            row |= {"binder": found.value, "binder_error": found.error}
        state = {"temperature": float(simulation.temperature), "n_sites": n}
        return {**state, **row}, series["grand_energy"] / n


@dataclass(frozen=True)
class Chain:
    """One run over several temperatures, each from the configuration of the one before."""

    setting: Setting
    atoms: Atoms
    temperatures: tuple[float, ...]
    random: Mapping[str, float] | None
    """Start from a random arrangement of these concentrations."""
    seed: int
    patient: bool = False
    """Go on at each temperature until there are enough independent samples."""


def _order_column(found: Mapping[str, Floats]) -> str:
    """Name the column that the order parameter made."""
    known = ("sweep", "energy", "energy_per_atom", "acceptance", "grand_energy")
    own = [n for n in found if n not in known and not n.startswith("concentration_")]
    if len(own) != 1:
        raise ValueError(f"order_parameter must give one number, got {', '.join(own) or 'none'}")
    return own[0]


def run_chain(chain: Chain) -> tuple[list[Row], list[Floats], NDArray[np.int64], float]:
    """Run it; give rows, energies, the last configuration and its grand energy (eV a site)."""
    first = chain.temperatures[0]
    simulation = chain.setting.simulation(chain.atoms, first, chain.seed, chain.random)
    rows, energies = [], []
    for temperature in chain.temperatures:
        simulation.temperature = temperature
        row, values = chain.setting.row(simulation, patient=chain.patient)
        rows.append(row)
        energies.append(values)
    return rows, energies, np.array(simulation.numbers), float(energies[-1][-1])


def stirred(setting: Setting, atoms: Atoms, seed: int) -> Atoms:
    """Disorder a configuration at a temperature at which nothing holds it."""
    simulation = setting.simulation(atoms, 1.0, seed)
    scale = max(abs(simulation.energy / simulation.n_active), 1e-6)
    simulation.temperature = 1e4 * scale / setting.boltzmann_constant
    simulation.run(30, record_every=30)
    return simulation.atoms


def quenched(setting: Setting, atoms: Atoms, temperature: float, seed: int) -> tuple[Atoms, float]:
    """Cool a configuration on to a twentieth of a temperature; also give its grand energy."""
    simulation = setting.simulation(atoms, temperature, seed)
    count = max(50, setting.sweeps // 8)
    for factor in np.geomspace(1.0, 0.05, 10):
        simulation.temperature = factor * temperature
        simulation.run(count, record_every=count)
    return simulation.atoms, grand_energy(simulation) / simulation.n_active


def repeats(matrix: NDArray[np.int64], size: int) -> tuple[int, int, int]:
    """Say how often to repeat a supercell: only where it repeats the primitive cell itself.

    So a sheet of atoms stays one sheet.
    """
    extended: Sequence[bool] = np.abs(matrix).sum(axis=1) > 1
    a, b, c = (size if far else 1 for far in extended)
    return a, b, c
