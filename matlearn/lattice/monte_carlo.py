"""Metropolis Monte Carlo on cluster expansions of icet's."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms, units

from matlearn.lattice._engine import ensembles as _ensembles
from matlearn.lattice._engine import files as _monte_carlo_files
from matlearn.lattice._engine.recording import Recording
from matlearn.lattice._engine.state import PERIOD, LatticeState
from matlearn.lattice._engine.tables import build_tables
from matlearn.lattice._engine.views import Views
from matlearn.lattice._kernels.random import new_state

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 200_000
"""Trials at most before Ctrl-C is heard and progress shown."""


class MonteCarlo(Views):
    """Monte Carlo on a lattice, with any cluster expansion of icet's.

    Trial steps follow Metropolis et al., J. Chem. Phys. 21, 1087 (1953). In the semi-grand
    canonical ensemble a site changes its species, with the weight
    ``exp(-(E - sum_i mu_i N_i) / kT)``: raising the chemical potential of a species raises its
    concentration. In the canonical ensemble two different species on a sublattice change places.
    In the variance-constrained semi-grand canonical ensemble (VCSGC; Sadigh and Erhart,
    Phys. Rev. B 86, 134204 (2012)) a site changes its species, with the weight
    ``exp(-E / kT - kappa N sum_i (c_i + phi_i / 2)^2)``, for each sublattice with its own N sites
    and concentrations: they are held near ``-phi_i / 2``, inside a miscibility gap as well.

    Parameters
    ----------
    cluster_expansion
        icet's, or anything that has one as ``.cluster_expansion``: any number of sublattices and
        species, clusters of any order.
    supercell
        Whole primitive cells of its lattice, in any setting. What is on its sites is the start.
    ensemble
        ``"semi-grand"``, ``"canonical"`` or ``"vcsgc"``.
    temperature
        In kelvin (with `boltzmann_constant` 1: in units of the model's energies).
    chemical_potentials
        For the semi-grand ensemble: eV by symbol, as ``{"Au": 0.1}``; others are 0. Only
        differences between species of a sublattice matter.
    concentrations
        Start from a random arrangement instead, as ``{"Cu": 0.75, "Au": 0.25}``: fractions of the
        sites of a sublattice, rounded to whole atoms.
    phis
        For VCSGC: the constraint on the average of all species but one of each sublattice.
        -2 to 0 span the concentrations from 0 to 1.
    kappa
        For VCSGC: the constraint on the variance.
    boltzmann_constant
        eV/K; 1 for models whose energies are in units of their coupling.
    seed
        The same seed gives the same trajectory.

    Raises
    ------
    TypeError, ValueError
        If the supercell is not made of whole primitive cells, holds a species outside the
        expansion, concentrations do not sum to one, the temperature is not positive, or something
        belongs to another ensemble.

    Warns
    -----
    UserWarning
        If a cluster meets itself through the boundaries of a small supercell.

    Examples
    --------
    The Ising model on the square lattice, below its critical temperature of 2.27 J/kB:

    >>> from matlearn.lattice.models import ising
    >>> model = ising("square")
    >>> cell = model.get_cluster_space_copy().primitive_structure.repeat((16, 16, 1))
    >>> simulation = MonteCarlo(model, cell, temperature=2.0, boltzmann_constant=1, seed=1)
    >>> frame = simulation.run(500)
    >>> bool(-2.0 < frame["energy_per_atom"][100:].mean() < -1.6)
    True
    """

    def __init__(
        self,
        cluster_expansion: Any,
        supercell: Atoms,
        *,
        ensemble: str = "semi-grand",
        temperature: float,
        chemical_potentials: Mapping[str, float] | None = None,
        concentrations: Mapping[str, float] | None = None,
        phis: Mapping[str, float] | None = None,
        kappa: float = 200.0,
        boltzmann_constant: float = units.kB,
        seed: int | np.random.SeedSequence = 0,
    ) -> None:
        _ensembles.check_ensemble(ensemble, chemical_potentials, phis)
        expansion = getattr(cluster_expansion, "cluster_expansion", cluster_expansion)
        if not hasattr(expansion, "get_cluster_space_copy"):
            raise TypeError(
                "cluster_expansion must be a ClusterExpansion of icet's or a fit that has one, "
                f"got a {type(cluster_expansion).__name__}"
            )
        self._ensemble = ensemble
        self._boltzmann_constant = _ensembles.check_positive(
            boltzmann_constant, "boltzmann_constant"
        )
        self.temperature = temperature
        self._model = build_tables(expansion, supercell, check_species=concentrations is None)
        self._symbols = _ensembles.symbols_of(self._model)
        start, moves = _ensembles.two_seeds(seed)
        self._atoms = supercell.copy()
        self._atoms.calc = None
        if concentrations is not None:
            shares = _ensembles.by_symbol(concentrations, "concentrations", set(self._symbols))
            self._atoms.numbers = _ensembles.occupy_randomly(
                self._model, supercell.numbers, shares, start
            )
        self._set_constraints(phis, kappa)
        self._set_potentials(chemical_potentials)
        self._recording = Recording(self._symbols, self._model.sublattices, ())
        self._state = LatticeState(
            self._model, self._atoms.numbers, new_state(moves), ensemble == "canonical"
        )

    def __repr__(self) -> str:
        at = ", ".join(f"{s} {c:.3f}" for s, c in self.concentrations.items())
        unit = "" if self.boltzmann_constant == 1 else " K"
        return (
            f"MonteCarlo({self.ensemble}, {self.n_active} active of {self.n_sites} sites, "
            f"T = {self.temperature:g}{unit}, {at}, {self.sweeps} sweeps)"
        )

    def set_atoms(self, atoms: Atoms) -> None:
        """Go on from another arrangement on the same supercell.

        Raises
        ------
        TypeError, ValueError
            If it is another supercell, or a species is where it may not be.
        """
        if not isinstance(atoms, Atoms):
            raise TypeError(f"atoms must be ASE Atoms, got a {type(atoms).__name__}")
        same = len(atoms) == self.n_sites and np.allclose(atoms.cell.array, self._atoms.cell.array)
        if not same or not np.allclose(atoms.positions, self._atoms.positions, atol=1e-3):
            raise ValueError(
                "atoms must have the cell and the positions of the supercell of this simulation"
            )
        self._state.begin(atoms.numbers, trials=self.sweeps * self.n_active)

    # going on

    def run(
        self,
        sweeps: int,
        record_every: int = 1,
        observers: Sequence[Any] | Callable[[Atoms], Any] = (),
        progress: bool = False,
    ) -> pd.DataFrame:
        """Run, and record.

        Parameters
        ----------
        sweeps
            One sweep is as many trial steps as there are active sites.
        record_every
            Sweeps from one record to the next.
        observers
            Functions of an ASE Atoms that return a number or a dict of numbers (the column has the
            function's name), or observers of `matlearn.lattice.observers`.
        progress
            Show a progress bar.

        Returns
        -------
        DataFrame
            A row a record: ``sweep`` (since the beginning), ``energy`` (total, eV),
            ``energy_per_atom`` (eV/atom, all sites counted), ``acceptance`` (since the last
            record), ``concentration_<symbol>`` (of the active sites that may hold it), and the
            observers' columns. Ctrl-C stops at once and keeps what was recorded in ``.records``.

        Raises
        ------
        TypeError, ValueError
            If a number is not whole and positive, an observer is none or gives what is no number,
            or a column would be there twice.
        """
        _ensembles.check_whole(sweeps=sweeps, record_every=record_every)
        recording = Recording(self._symbols, self._model.sublattices, observers)
        self._recording = recording
        from tqdm.auto import tqdm

        settings = (self.beta, self._mu, self._phis, self.kappa)
        end = self.sweeps + int(sweeps)
        with tqdm(total=int(sweeps), disable=not progress, unit="sweep") as bar:
            since = accepted = 0
            while self.sweeps < end:
                left = PERIOD - self.sweeps % PERIOD
                most = max(1, CHUNK // self.n_active)
                if since == 0 and not recording.observers and record_every <= min(left, most):
                    stretch = min(left, most, end - self.sweeps)
                    records, length = max(1, stretch // record_every), min(record_every, stretch)
                else:
                    records, length = 1, min(left, most, end - self.sweeps, record_every - since)
                noted = self._state.advance(records, length, *settings)
                bar.update(records * length)
                since, accepted = since + length, accepted + int(noted.accepted[-1])
                if since >= record_every:
                    noted.accepted[-1] = accepted
                    recording.add(noted, self, record_every)
                    since = accepted = 0
        return self._table(recording)

    # to and from files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the whole state to a file (.npz): what follows is the same, bit for bit.

        The file is written whole or not at all. The expansion itself is not in it.
        """
        _monte_carlo_files.save(self, path)

    def restore(self, path: str | os.PathLike[str]) -> None:
        """Go back to a state that was saved from this simulation, or one like it.

        Raises
        ------
        ValueError
            If the file is no such state, or of another supercell, expansion or ensemble.
        """
        _monte_carlo_files.restore(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str], cluster_expansion: Any) -> MonteCarlo:
        """Make a simulation from a saved state and the expansion it was made with.

        Raises
        ------
        ValueError
            If the file is no such state, or of another expansion.

        Examples
        --------
        >>> import tempfile
        >>> from matlearn.lattice.models import ising
        >>> model = ising("square")
        >>> cell = model.get_cluster_space_copy().primitive_structure.repeat((4, 4, 1))
        >>> first = MonteCarlo(model, cell, temperature=2.0, boltzmann_constant=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     first.save(f"{folder}/state.npz")
        ...     second = MonteCarlo.load(f"{folder}/state.npz", model)
        >>> bool((first.run(10)["energy"] == second.run(10)["energy"]).all())
        True
        """
        simulation = cls(cluster_expansion, **_monte_carlo_files.arguments(path))
        simulation.restore(path)
        return simulation
