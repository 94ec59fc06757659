"""Kinetic Monte Carlo: atoms hop into vacancies, one after another, in real time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms, units

from matlearn.lattice._engine.recording import checked, observed
from matlearn.lattice._kernels.random import new_state as new_random
from matlearn.lattice._kinetics import files as files
from matlearn.lattice._kinetics.checks import checked_records, positive, shown, whole
from matlearn.lattice._kinetics.displacements import measure
from matlearn.lattice._kinetics.engine import Engine
from matlearn.lattice._kinetics.hops import Hop as Hop
from matlearn.lattice._kinetics.setup import set_up
from matlearn.lattice._kinetics.views import Views

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from matlearn.lattice._kinetics.barriers import Barriers
    from matlearn.lattice.diffusion import Diffusion


class KineticMonteCarlo(Views):
    r"""Rejection-free kinetic Monte Carlo of atoms that hop into vacancies.

    Each hop exchanges a vacancy with an atom on a site beside it, at the rate

    .. math:: \Gamma = \nu \exp(-E_b / k T), \quad
        E_b = \max(E_\mathrm{KRA} + (E_\mathrm{final} - E_\mathrm{initial}) / 2, \;
        0, \; E_\mathrm{final} - E_\mathrm{initial}),

    so that a hop and its reverse are in detailed balance whatever the energies. One of all possible
    hops is drawn with the probability of its rate, and time goes on by an exponentially distributed
    waiting time with the mean of 1 / (sum of all rates). After a hop only the rates near it change.

    Parameters
    ----------
    cluster_expansion_or_barriers : icet ClusterExpansion, ClusterExpansionFit, or barriers
        An expansion with vacancies among its species; the sublattices that may hold vacancies are
        those where atoms hop. Or, for a lattice gas without interactions, the barriers themselves
        (eV), as in `kra`: a dict names the species that hop, all others are a host that stays.
    supercell : ase.Atoms
        Sites and what is on them at the beginning; vacancies are atoms of the symbol `vacancy`.
    temperature : float
        K (or in units of the energy over `boltzmann_constant`). Settable.
    attempt_frequency : float or dict
        Hz; one for all species, or one for each that hops.
    kra : float, callable or dict, optional
        Kinetically resolved barrier beside a cluster expansion (eV, at least 0): a number, a
        function of a `matlearn.lattice.kinetic.Hop` (what hops, along which vector, what is around
        the middle of its jump) that returns one, or a dict with either for each species that
        shares sites with vacancies. ``float("inf")``: never. A function is called once for each
        surroundings that is met, for the hop and for its reverse, and must give both the same.
    surroundings : float, optional
        How far from the middle of a jump a function sees (angstrom); 1.3 times the longest jump
        where it is left out.
    vacancy : str
        Symbol of vacancies.
    jumps : float, optional
        Longest jump (angstrom). Left out: jumps lead to the nearest sites, which are those up to 5 %
        farther away than the nearest two sites of all.
    boltzmann_constant : float
        eV/K; 1 where energies and temperatures are in the same unit.
    seed : int
        Seed of the random numbers.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense, nothing can hop, or the supercell does not fit.

    References
    ----------
    A. B. Bortz, M. H. Kalos and J. L. Lebowitz, J. Comput. Phys. 17, 10 (1975);
    A. Van der Ven, G. Ceder, M. Asta and P. D. Tepesch, Phys. Rev. B 64, 184307 (2001).

    Examples
    --------
    One vacancy in copper, with a barrier of 0.7 eV:

    >>> from ase.build import bulk
    >>> copper = bulk("Cu", "fcc", a=3.6).repeat(6)
    >>> copper.symbols[0] = "X"
    >>> simulation = KineticMonteCarlo(0.7, copper, temperature=800.0, attempt_frequency=5e12)
    >>> frame = simulation.run(1000, record_every=500)
    >>> frame["hops"].tolist()
    [500, 1000]
    """

    def __init__(
        self,
        cluster_expansion_or_barriers: Any,
        supercell: Atoms,
        *,
        temperature: float,
        attempt_frequency: float | Mapping[str, float],
        kra: Barriers | None = None,
        surroundings: float | None = None,
        vacancy: str = "X",
        jumps: float | None = None,
        boltzmann_constant: float = units.kB,
        seed: int | np.random.SeedSequence = 0,
    ) -> None:
        self.boltzmann_constant = positive(boltzmann_constant, "boltzmann_constant", "eV/K")
        self._temperature = positive(temperature, "temperature", "K")
        if not isinstance(seed, np.random.SeedSequence):
            seed = whole(seed, "seed", 0)
        setup = set_up(
            cluster_expansion_or_barriers, supercell, attempt_frequency=attempt_frequency, kra=kra,
            surroundings=surroundings, vacancy=vacancy, cutoff=jumps,
        )  # fmt: skip
        self._atoms = supercell.copy()
        self._atoms.calc = None
        self._records = []
        self._engine = Engine(setup, supercell, new_random(seed), self.beta)
        if not self.total_rate > 0:
            raise ValueError(self._engine.blocked())

    def run(
        self,
        hops: int | None = None,
        *,
        time: float | None = None,
        record_every: float | None = None,
        observers: Sequence[Any] | Callable[[Atoms], Any] = (),
        progress: bool = False,
    ) -> pd.DataFrame:
        """Let atoms hop.

        Parameters
        ----------
        hops : int, optional
            Number of hops.
        time : float, optional
            Time to simulate instead (s).
        record_every : int or float, optional
            Hops between records, or seconds where `time` is given; a hundredth of the run where it
            is left out. There is a record at the end in any case. Records at equal times are
            averaged as they are; those at equal numbers of hops are weighted by ``residence``.
        observers : iterable
            As in `matlearn.lattice.MonteCarlo.run`: functions of Atoms, or objects with a method
            ``measure(simulation)`` that returns a dict of numbers.
        progress : bool
            Show a progress bar.

        Returns
        -------
        DataFrame
            A row a record: ``hops`` and ``time`` (s) since the beginning, ``energy`` (eV),
            ``energy_per_atom`` (eV a site), ``energy_mean`` (eV, averaged over the time since the
            record before), ``residence`` (s: how long the recorded configuration lasts on average),
            ``mean_squared_displacement`` (angstrom^2, of an atom, since the beginning) and
            ``collective_squared_displacement`` (angstrom^2, of the sum of all displacements,
            divided by the number of atoms), then what the observers measured. Interrupted, the
            simulation is where it was stopped, and ``.records`` has the rows so far.

        Raises
        ------
        TypeError, ValueError
            If an argument makes no sense.
        RuntimeError
            If nothing is left that can hop.
        """
        marks = checked_records(hops, time, record_every)
        watched = checked(observers)
        begin, made = self.time, self.hops
        self._records = []
        for number in shown(len(marks), progress):
            clock = self._engine.state.clock.copy()
            if hops is None:
                self._engine.advance(until=begin + marks[number])
            else:
                self._engine.advance(hops=made + int(marks[number]) - self.hops)
            row = self._row(clock)
            self._records.append(row | observed(watched, self, row))
        return self.records

    def diffusion(
        self, hops: int, *, equilibration: int | None = None, progress: bool = False
    ) -> Diffusion:
        """Measure tracer and jump diffusion coefficients.

        The run is cut into blocks of equal time. With d the displacement of an atom over a block and
        d' that over the next, the tracer coefficient is <d^2 + 2 d.d'> / (2 dimensions lag): the
        mean square over two blocks less that over one, so that what atoms hop forth and back within
        a block's time does not count. The same of the sum of the displacements of all N atoms,
        divided by N, is the jump coefficient (Gomer, Rep. Prog. Phys. 53, 917 (1990)).

        The lag for the tracer is 1/128 of the run. The sum of all displacements is a single path
        and needs many blocks: its lag is the shortest one (an atom, or a vacancy if those are
        fewer, makes about one hop in it) from which on all longer ones agree within two standard
        errors. Blocks do not overlap, and errors come from 32 means over neighbouring blocks; in
        the shortest runs, of 128 blocks, they are about a fifth too small.
        Interrupted, the simulation is where it was stopped, and a measurement begins anew.

        Parameters
        ----------
        hops : int
            About how many hops to make; at least 1,000. The more there are for each atom, the
            better.
        equilibration : int, optional
            Hops to make before; a tenth of `hops` where it is left out, at least 100.
        progress : bool
            Show a progress bar.

        Returns
        -------
        matlearn.lattice.diffusion.Diffusion

        Raises
        ------
        TypeError, ValueError
            If an argument makes no sense.
        RuntimeError
            If nothing is left that can hop.

        Examples
        --------
        >>> from ase.build import bulk
        >>> gas = bulk("Li", "sc", a=3.0).repeat(6)
        >>> gas.symbols[::2] = "X"
        >>> simulation = KineticMonteCarlo(0.3, gas, temperature=300.0, attempt_frequency=1e13)
        >>> result = simulation.diffusion(20_000)
        >>> result.atoms, result.vacancies, result.dimensions
        (108, 108, 3)
        """
        wanted = whole(hops, "hops", 1000)
        before = max(100, wanted // 10) if equilibration is None else equilibration
        before = whole(before, "equilibration", 100)
        return measure(self._engine, wanted, before, self.dimensions, self.temperature, progress)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the whole state to a file (.npz): what follows is the same, bit for bit.

        The file is written whole or not at all. Energies and barriers are not in it.
        """
        files.save(path, self._engine, temperature=self.temperature)

    def restore(self, path: str | PathLike[str]) -> None:
        """Go on from a state that was saved from this simulation, or one like it.

        Raises
        ------
        ValueError
            If the file is no such state, or of another simulation.
        """
        about = files.restore(path, self._engine)
        self._temperature = float(about["temperature"])
        self._engine.beta = self.beta
        self._engine.set_rates()
