"""What is on the sites during a simulation, and how a kernel is called to change it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matlearn.lattice._engine import ensembles as _ensembles
from matlearn.lattice._engine.tables import LatticeModel
from matlearn.lattice._kernels.energy import all_fields
from matlearn.lattice._kernels.metropolis import Lattice, Records, flips, swaps
from matlearn.lattice._kernels.model import new_work

PERIOD = 64
"""Sweeps after which sums are computed anew, and it is decided whether they are kept."""
WORTH_CACHING = {True: 0.2, False: 0.9}
"""Below which acceptance cached sums are faster: for spins, whose sums cost little, and others."""


class LatticeState:
    """The arrays of a simulation; kernels change them, so that an interrupt finds them whole.

    Parameters
    ----------
    model
        The expansion on the supercell.
    numbers
        Atomic numbers on its sites.
    random
        State of the random numbers.
    swapping
        Whether species change places (canonical), rather than turn into one another.
    """

    def __init__(
        self,
        model: LatticeModel,
        numbers: NDArray[np.int64],
        random: NDArray[np.uint64],
        swapping: bool,
    ) -> None:
        self.model = model
        self.random = random
        self.swapping = swapping
        self._rows = np.zeros(len(model.species), dtype=np.int64)
        for row, (kind, _) in enumerate(model.sublattices):
            for b, allowed in enumerate(model.species):
                if tuple(allowed) == kind:
                    self._rows[b] = row
        self._work = new_work(model.tables)
        self.begin(numbers)

    @property
    def width(self) -> int:
        """Most species on a site."""
        return int(self.model.tables.functions.shape[2])

    @property
    def sweeps(self) -> int:
        """Sweeps since the beginning."""
        return int(self.lattice.tally[0]) // len(self.model.active)

    @property
    def energy(self) -> float:
        """Total energy, eV."""
        return float(self.lattice.energy[0]) + self.model.constant

    def begin(self, numbers: NDArray[np.int64], trials: int = 0) -> None:
        """Put species on the sites.

        Raises
        ------
        ValueError
            If one is where it may not be, or nothing is left to exchange.
        """
        model = self.model
        occupations = model.occupations(numbers)
        counts = np.zeros((len(model.sublattices), self.width), dtype=np.int64)
        for row, (kind, sites) in enumerate(model.sublattices):
            counts[row, : len(kind)] = np.bincount(occupations[sites], minlength=len(kind))
        values = model.values(occupations)
        nothing = np.zeros(0, dtype=np.int64)
        self.places = (nothing, nothing, np.zeros((0, 4), dtype=np.int64))
        if self.swapping:
            self.places = _ensembles.swap_places(model, occupations)
        tally = np.array([trials, 0, 0])
        fields = np.zeros(len(values))
        self.lattice = Lattice(occupations, values, fields, counts, np.zeros(2), tally)
        self.compute()

    def compute(self) -> None:
        """Compute sums and energy anew, and decide whether to keep the sums right.

        The tally is set to zero last: where Ctrl-C comes before, all this is done again.
        """
        tables, lattice = self.model.tables, self.lattice
        _, trials, accepted = lattice.tally
        spins = len(tables.bits.tail_mask) > 0
        energy = all_fields(lattice.values, tables, self._work.near, lattice.fields)
        lattice.energy[:] = energy, 0.0
        self.cached = bool((accepted / trials if trials else 0.5) < WORTH_CACHING[spins])
        lattice.tally[1:] = 0

    def advance(
        self,
        records: int,
        sweeps: int,
        beta: float,
        potentials: NDArray[np.float64],
        phis: NDArray[np.float64],
        kappa: float,
    ) -> Records:
        """Make trial steps, and note a number of records of so many sweeps each."""
        if self.sweeps % PERIOD == 0 and self.lattice.tally[1]:
            self.compute()
        noted = Records(
            np.zeros(records),
            np.zeros(records, dtype=np.int64),
            np.zeros((records, *self.lattice.counts.shape), dtype=np.int64),
        )
        active = self.model.active
        common = (self.lattice, noted, self._work, self.model.tables, self.random)
        if self.swapping:
            swaps(sweeps * len(active), beta, self.cached, *self.places, *common)
        else:
            given = (beta, potentials, phis, kappa, self.cached)
            flips(sweeps * len(active), *given, active, self._rows, *common)
        return noted
