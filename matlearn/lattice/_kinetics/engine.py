"""Make hops: pieces short enough for Ctrl-C, barriers as they are asked for, sums kept exact."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.lattice._kernels import kinetic as kernel
from matlearn.lattice._kernels.energy import all_fields
from matlearn.lattice._kernels.hopping import ENERGY, NEXT, TIME
from matlearn.lattice._kernels.rates import asked_keys, update
from matlearn.lattice._kinetics.setup import Setup, new_state

CHUNK = 1 << 14
"""Hops at most before Ctrl-C is heard."""
REFRESH = 1 << 20
"""Hops after which energies are summed anew, against rounding."""


class Engine:
    """The state of a simulation and how it goes on."""

    def __init__(
        self, setup: Setup, supercell: Atoms, random: NDArray[np.uint64], beta: float
    ) -> None:
        """Begin.

        Parameters
        ----------
        setup
            What stays the same.
        supercell
            What is on the sites.
        random
            State of the random numbers.
        beta
            1 / kT (1/eV).
        """
        self.setup = setup
        self.state = new_state(setup, supercell, random)
        self.species = self.state.species[np.flatnonzero(self.state.atom_at >= 0)].copy()
        self.beta = beta
        self.refresh()

    @property
    def time(self) -> float:
        """Seconds since the beginning."""
        return float(self.state.clock[TIME])

    @property
    def hops(self) -> int:
        """Hops since the beginning."""
        return int(self.state.hops.sum())

    @property
    def total_rate(self) -> float:
        """Sum of all rates (Hz)."""
        return float(self.state.tree[1])

    def advance(self, hops: int | None = None, until: float = np.inf) -> None:
        """Make a number of hops, or all until a time (s).

        Raises
        ------
        RuntimeError
            If nothing is left that can hop.
        """
        left = int(np.iinfo(np.int64).max) if hops is None else hops
        while left > 0:
            due = REFRESH - self.hops % REFRESH
            most = min(left, due, CHUNK)
            status, made = kernel.advance(
                most, until, self.beta, self.setup.jumps, self.setup.tables, self.state
            )
            left -= made
            if status == kernel.ASKING:
                self._answer()
            if made == due:
                self.refresh()
            if status == kernel.BLOCKED:
                raise RuntimeError(self.blocked())
            if status == kernel.DONE and made < most:
                return

    def set_beta(self, beta: float) -> None:
        """Go on at another temperature; what waits has no memory, so the next hop is drawn anew."""
        self.beta = beta
        self.state.clock[NEXT] = -1.0
        self.set_rates()

    def refresh(self) -> None:
        """Sum energies anew, then set the rates."""
        state, tables = self.state, self.setup.tables
        energy = all_fields(state.values, tables, state.near, state.fields)
        state.clock[ENERGY] = energy + self.setup.constant
        self.set_rates()

    def set_rates(self) -> None:
        """Compute all rates."""
        kernel.todo_all(self.state)
        update(self.beta, self.setup.jumps, self.setup.tables, self.state)
        self._answer()

    def _answer(self) -> None:
        """Compute the barriers that the kernels asked for."""
        setup = self.setup
        while self.state.asked[0]:
            state = self.state
            keys = np.empty(state.asked[0], dtype=np.int64)
            asked_keys(setup.jumps, state, keys)
            setup.barriers.fill(keys)
            self.state = state._replace(keys=setup.barriers.keys, known=setup.barriers.known)
            state.todo[: len(keys) + 1] = state.asked[: len(keys) + 1]
            state.asked[0] = 0
            update(self.beta, setup.jumps, setup.tables, self.state)

    def blocked(self) -> str:
        """Say that nothing can hop, and why that may be."""
        return (
            "nothing can hop: no vacancy has an atom beside it whose rate is above 0. Are there "
            "barriers of infinite height, or so high at this temperature that exp(-E/kT) vanishes "
            f"(1/kT is {self.beta:.4g} per eV)?"
        )
