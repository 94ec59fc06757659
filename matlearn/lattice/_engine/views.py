"""What a Monte Carlo simulation lets one read, and what can be set between runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.lattice._engine import ensembles as _ensembles
from matlearn.lattice._engine.recording import Recording
from matlearn.lattice._engine.state import LatticeState
from matlearn.lattice._engine.tables import LatticeModel

if TYPE_CHECKING:
    import pandas as pd


class Views:
    """Properties of `matlearn.lattice.MonteCarlo`."""

    _ensemble: str
    _boltzmann_constant: float
    _temperature: float
    _kappa: float
    _potentials: dict[str, float]
    _mu: NDArray[np.float64]
    _given_phis: dict[str, float]
    _phis: NDArray[np.float64]
    _symbols: list[str]
    _model: LatticeModel
    _atoms: Atoms
    _state: LatticeState
    _recording: Recording

    # what it is

    @property
    def ensemble(self) -> str:
        """``"semi-grand"``, ``"canonical"`` or ``"vcsgc"``."""
        return self._ensemble

    @property
    def boltzmann_constant(self) -> float:
        """Boltzmann's constant, eV/K; 1 for models in units of their coupling."""
        return self._boltzmann_constant

    @property
    def temperature(self) -> float:
        """Temperature, K; can be set between runs."""
        return self._temperature

    @temperature.setter
    def temperature(self, value: float) -> None:
        self._temperature = _ensembles.check_temperature(value)

    @property
    def beta(self) -> float:
        """1 / kT, per eV."""
        return 1.0 / (self._boltzmann_constant * self._temperature)

    @property
    def chemical_potentials(self) -> dict[str, float]:
        """Chemical potentials, eV by symbol; can be set between runs (semi-grand only)."""
        return dict(self._potentials)

    @chemical_potentials.setter
    def chemical_potentials(self, given: Mapping[str, float]) -> None:
        _ensembles.check_ensemble(self.ensemble, given, self._given_phis or None)
        self._set_potentials(given)

    def _set_potentials(self, given: Mapping[str, float] | None) -> None:
        known = _ensembles.by_symbol(given, "chemical_potentials", set(self._symbols))
        semi_grand = self.ensemble == "semi-grand"
        self._potentials = {s: known.get(s, 0.0) for s in self._symbols} if semi_grand else {}
        self._mu = _ensembles.potentials_of_classes(self._model, self._potentials)

    @property
    def phis(self) -> dict[str, float]:
        """VCSGC's constraints on the averages, by symbol; can be set between runs (VCSGC only)."""
        return dict(self._given_phis)

    @phis.setter
    def phis(self, given: Mapping[str, float]) -> None:
        _ensembles.check_ensemble(self.ensemble, None, given)
        self._set_constraints(given, self.kappa)

    @property
    def kappa(self) -> float:
        """VCSGC's constraint on the variance; can be set between runs (VCSGC only, otherwise 0)."""
        return self._kappa

    @kappa.setter
    def kappa(self, value: float) -> None:
        if self.ensemble != "vcsgc":
            raise ValueError(f"kappa belongs to the VCSGC ensemble, not to {self.ensemble!r}")
        self._kappa = _ensembles.check_positive(value, "kappa")

    def _set_constraints(self, given: Mapping[str, float] | None, kappa: float) -> None:
        checked = _ensembles.check_positive(kappa, "kappa")
        self._kappa = checked if self.ensemble == "vcsgc" else 0.0
        self._given_phis = _ensembles.by_symbol(given, "phis", set(self._symbols))
        self._phis = _ensembles.phis_of_sublattices(self._model, self._given_phis)

    @property
    def model(self) -> LatticeModel:
        """The expansion on the supercell: tables, sublattices, clusters that meet themselves."""
        return self._model

    @property
    def n_sites(self) -> int:
        """Sites of the supercell."""
        return len(self._atoms)

    @property
    def n_active(self) -> int:
        """Sites with more than one species; one sweep is as many trial steps."""
        return len(self._model.active)

    @property
    def active(self) -> NDArray[np.int64]:
        """Indices of the active sites."""
        return self._model.active.copy()

    @property
    def supercell_matrix(self) -> NDArray[np.int64]:
        """Supercell vectors (rows) in units of icet's primitive ones, shape (3, 3)."""
        return self._model.placement.matrix.copy()

    # where it stands

    @property
    def occupations(self) -> NDArray[np.int8]:
        """Species on each site, counted from 0 on its sublattice by atomic number."""
        return self._state.lattice.occupations.copy()

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Atomic number on each site."""
        return self._model.numbers(self._state.lattice.occupations)

    @property
    def atoms(self) -> Atoms:
        """The supercell as it is now, a copy."""
        atoms = self._atoms.copy()
        atoms.numbers = self.numbers
        return atoms

    @property
    def energy(self) -> float:
        """Total energy of the supercell, eV: its number of sites times icet's prediction."""
        return self._state.energy

    @property
    def concentrations(self) -> dict[str, float]:
        """Fraction of the active sites that may hold it, by symbol."""
        counts = self._state.lattice.counts[None]
        return {s: float(c[0]) for s, c in self._recording.concentrations(counts).items()}

    @property
    def sweeps(self) -> int:
        """Sweeps since the beginning."""
        return self._state.sweeps

    @property
    def records(self) -> pd.DataFrame:
        """What the last call of `run` recorded, also where it was interrupted."""
        return self._table(self._recording)

    def _table(self, recording: Recording) -> pd.DataFrame:
        frame = recording.to_frame(self._model.constant, self.n_sites)
        frame.attrs["boltzmann_constant"] = self.boltzmann_constant
        return frame
