"""Runs at several sizes: where Binder's cumulants cross, and whether the largest one jumps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.lattice._engine.supercells import place
from matlearn.lattice._order.patterns import BinaryLattice
from matlearn.lattice._phases.deciding import crossing, hysteresis
from matlearn.lattice._phases.measuring import Row
from matlearn.lattice._phases.sweeping import Chain, Setting, repeats
from matlearn.lattice._scans.shipping import unpack
from matlearn.lattice.statistics import Estimate

Floats = NDArray[np.float64]
Estimates = list[tuple[str, float, float, str]]
MOVES = 1
"""So often the window of temperatures is moved after a crossing."""
SHORT = 100.0
"""Runs worth fewer independent samples tell too little about their own errors."""


@dataclass
class Sizes:
    """Runs of several multiples of a supercell over a window of temperatures."""

    setting: Setting
    ordered: Atoms
    sizes: tuple[int, ...]
    lattice: BinaryLattice | None
    """Where the order parameter is found anew for each size."""
    seed: int
    run: Callable[[Sequence[Chain]], list[tuple[Any, ...]]]
    rows: list[tuple[int, Row]] = field(default_factory=list)
    window: Floats = field(default_factory=lambda: np.zeros(0))
    _count: int = 0

    def followed(self, window: Floats) -> tuple[Estimates, list[str]]:
        """Find the crossings; move the window where they lie at its end or beyond.

        Returns
        -------
        estimates, evidence : tuple of list
            Method, temperature, error and what the error is; what was seen, in words.
        """
        self.window = window
        for move in range(MOVES + 1):
            self._measure()
            if self.jump() is not None:
                return [], []
            found, said = self._crossings()
            shift = self._shift(found) if self.setting.order is not None else None
            if shift is None or move == MOVES or self.window[0] + shift <= 0.2 * self.window[0]:
                break
            self.window = self.window + shift
        return found, said

    def repeated(self, size: int) -> Atoms:
        """Repeat the ordered state, within its sheet where it is one."""
        space = unpack(self.setting.packed).get_cluster_space_copy()
        species = [sorted(m) for m in space.species_maps]
        matrix = place(space.primitive_structure, species, self.ordered).matrix
        return self.ordered.repeat(repeats(matrix, size))

    def jump(self) -> tuple[float, float] | None:
        """Give the temperatures between which the energy of the largest size jumps."""
        names = ("grand_energy", "grand_energy_error", "grand_energy_variance")
        mean, error, variance = (self._column(max(self.sizes), name) for name in names)
        curve = mean, error, variance
        kb = self.setting.boltzmann_constant
        return hysteresis(self.window, curve, curve, boltzmann_constant=kb).melting

    def matters(self) -> bool:
        """Tell whether the heat capacity depends on the size, as it does around a transition."""
        (small, noise), (large, more) = (
            [self._column(size, f"heat_capacity{of}") for of in ("", "_error")]
            for size in (min(self.sizes), max(self.sizes))
        )
        worth = ((large - small) ** 2 / np.maximum(noise**2 + more**2, 1e-12)).sum()
        n = len(self.window)
        return bool(worth > n + 4.0 * np.sqrt(2.0 * n))  # of chi squared

    def _column(self, size: int, name: str) -> Floats:
        return np.array([row[name] for s, row in self.rows if s == size])

    def _measure(self) -> None:
        """Run all sizes at all temperatures of the window."""
        cells = {size: self.repeated(size) for size in self.sizes}
        most = max(len(cell) for cell in cells.values())
        chains, at = [], []
        for size, atoms in cells.items():
            # small cells cost little: about as many trial steps for each size
            sweeps = int(self.setting.sweeps * min(most / len(atoms), 16.0))
            setting = replace(self.setting, sweeps=sweeps)
            if self.lattice is not None:
                setting = replace(setting, order=self.lattice.pattern("own", atoms))
            for temperature in self.window:
                self._count += 1
                state = np.random.SeedSequence([self.seed, 1000 + self._count])
                seed = int(state.generate_state(1)[0])
                chains.append(Chain(setting, atoms, (float(temperature),), None, seed, True))
                at.append(size)
        done = self.run(chains)
        self.rows = [(size, result[0][0]) for size, result in zip(at, done, strict=True)]

    def _crossings(self) -> tuple[Estimates, list[str]]:
        """Let the cumulants of each two successive sizes cross, if there is an order parameter."""
        if self.setting.order is None:
            return [], []
        curves, short = {}, set()
        for size in self.sizes:
            worth = np.array([_independent(row) for s, row in self.rows if s == size])
            if worth.min() < SHORT / 4:
                short.add(size)
            larger = np.maximum(1.0, np.sqrt(SHORT / worth))
            curves[size] = (
                self._column(size, "binder"),
                self._column(size, "binder_error") * larger,
            )
        found: Estimates = []
        said = []
        for small, large in zip(self.sizes, self.sizes[1:], strict=False):
            names = f"Binder's cumulants of sizes {small} and {large}"
            met = crossing(self.window, curves[small], curves[large], seed=self.seed)
            low, high = self.window[0], self.window[-1]
            if met is None or met[1] > 0.25 * (high - low):  # noise crosses somewhere, too
                said.append(f"{names} do not cross between {low:.5g} and {high:.5g}")
                continue
            said.append(f"{names} cross at {Estimate(*met)}")
            if {small, large} & short:
                said.append("these runs are too short for their size: use more sweeps")
                found.append(("short runs' cumulants", met[0], 0.5 * (high - low), "bracket"))
            else:
                found.append(("crossing of Binder's cumulants", *met, "statistical"))
        return found, said

    def _shift(self, found: Estimates) -> float | None:
        """Say by how much the window should move; None where it is well."""
        width = float(np.ptp(self.window))
        if found:
            place = (found[-1][1] - self.window[0]) / width
            if 0.15 < place < 0.85:
                return None
            return 0.5 * width * (1 if place > 0.5 else -1)
        small, large = (self._column(size, "binder") for size in self.sizes[-2:])
        return 0.7 * width * (1 if (large - small).mean() > 0 else -1)


def _independent(row: Row) -> float:
    """As how many independent samples of the order parameter a row counts."""
    error = row["order_error"]
    return row["order_variance"] / (row["n_sites"] * error**2) if error > 0 else SHORT
