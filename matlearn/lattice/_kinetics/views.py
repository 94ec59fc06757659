"""What a kinetic simulation lets one read."""

from __future__ import annotations

import numpy as np
import pandas as pd
from ase import Atoms
from ase.data import atomic_numbers
from numpy.typing import NDArray

from matlearn.lattice._engine.tables import LatticeModel
from matlearn.lattice._kernels.hopping import ENERGY, ENERGY_TIME, TIME
from matlearn.lattice._kinetics.checks import positive
from matlearn.lattice._kinetics.engine import Engine
from matlearn.lattice._kinetics.setup import PlainModel


class Views:
    """Properties of `matlearn.lattice.KineticMonteCarlo`."""

    _engine: Engine
    _atoms: Atoms
    _temperature: float
    _records: list[dict[str, float]]
    boltzmann_constant: float

    @property
    def temperature(self) -> float:
        """Temperature (K); can be set between runs."""
        return self._temperature

    @temperature.setter
    def temperature(self, value: float) -> None:
        self._temperature = positive(value, "temperature", "K")
        self._engine.set_beta(self.beta)

    @property
    def beta(self) -> float:
        """1 / kT (1/eV)."""
        return 1.0 / (self.boltzmann_constant * self._temperature)

    @property
    def model(self) -> LatticeModel | PlainModel:
        """Sublattices and where they lie; with a cluster expansion, its tables, too."""
        return self._engine.setup.model

    # where it stands

    @property
    def atoms(self) -> Atoms:
        """What is on the sites, vacancies included: a copy."""
        atoms = self._atoms.copy()
        atoms.numbers = self.numbers
        return atoms

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Atomic number on each site, shape (n_sites,)."""
        known = np.array([atomic_numbers[s] for s in self._engine.setup.symbols])
        numbers: NDArray[np.int64] = known[self._engine.state.species]
        return numbers

    @property
    def occupations(self) -> NDArray[np.int8]:
        """Species on each site, counted from 0 on its sublattice."""
        setup = self._engine.setup
        index = setup.jumps.index_of[setup.tables.site_class, self._engine.state.species]
        return index.astype(np.int8)

    @property
    def energy(self) -> float:
        """Total energy of the supercell (eV)."""
        return float(self._engine.state.clock[ENERGY])

    @property
    def time(self) -> float:
        """Time since the beginning (s)."""
        return self._engine.time

    @property
    def hops(self) -> int:
        """Hops since the beginning."""
        return self._engine.hops

    @property
    def total_rate(self) -> float:
        """Sum of the rates of all possible hops (Hz)."""
        return self._engine.total_rate

    @property
    def rates(self) -> NDArray[np.float64]:
        """Rate of each possible hop (Hz), those of one vacancy after those of another."""
        rates = self._engine.state.rates
        possible: NDArray[np.float64] = rates[rates > 0]
        return possible

    @property
    def records(self) -> pd.DataFrame:
        """What the last call of `run` recorded, also where it was interrupted."""
        return pd.DataFrame(self._records)

    def _row(self, before: NDArray[np.float64]) -> dict[str, float]:
        """Record the present; `before` is the clock at the last record."""
        state, n = self._engine.state, len(self._engine.species)
        spent = state.clock[TIME] - before[TIME]
        mean = (state.clock[ENERGY_TIME] - before[ENERGY_TIME]) / spent if spent else self.energy
        total = state.collective.sum(axis=0)
        return {
            "hops": self.hops,
            "time": self.time,
            "energy": self.energy,
            "energy_per_atom": self.energy / self.n_sites,
            "energy_mean": float(mean),
            "residence": 1.0 / self.total_rate if self.total_rate else np.inf,
            "mean_squared_displacement": float(np.square(state.displacements).sum() / n),
            "collective_squared_displacement": float(total @ total / n),
        }

    # atoms and sites

    @property
    def n_sites(self) -> int:
        """Sites of the supercell."""
        return len(self._engine.state.species)

    @property
    def active(self) -> NDArray[np.int64]:
        """Indices of the sites that atoms jump between."""
        return np.flatnonzero(self._engine.setup.network.neighbours.max(axis=1) >= 0)

    @property
    def n_active(self) -> int:
        """Number of sites that atoms jump between."""
        return len(self.active)

    @property
    def concentrations(self) -> dict[str, float]:
        """Fraction of the sites that atoms jump between, by symbol, vacancies included."""
        setup = self._engine.setup
        held = np.bincount(self._engine.state.species[self.active], minlength=len(setup.symbols))
        shares = held[: setup.n_mobile + 1] / held.sum()
        return dict(zip(setup.symbols[: setup.n_mobile + 1], shares.tolist(), strict=True))

    @property
    def displacements(self) -> NDArray[np.float64]:
        """Displacement of each mobile atom since the beginning (angstrom), shape (n_atoms, 3).

        Atoms are numbered in the order of the sites where they began. Boundaries do not count.
        """
        return self._engine.state.displacements.copy()

    @property
    def tracers(self) -> list[str]:
        """Symbol of each mobile atom, in the order of `displacements`."""
        return [self._engine.setup.symbols[s] for s in self._engine.species]

    @property
    def dimensions(self) -> int:
        """In how many directions jumps lead on for ever: 2 in a layer, 3 in a crystal."""
        return self._engine.setup.network.dimensions

    @property
    def jump_lengths(self) -> list[float]:
        """Different lengths of jumps (angstrom)."""
        return self._engine.setup.network.lengths

    def __repr__(self) -> str:
        held = ", ".join(f"{s} {x:.4g}" for s, x in self.concentrations.items())
        unit = "" if self.boltzmann_constant == 1 else " K"
        return (
            f"KineticMonteCarlo({self.n_active} of {self.n_sites} sites: {held}; "
            f"T = {self.temperature:g}{unit}, {self.hops} hops, {self.time:.4g} s)"
        )
