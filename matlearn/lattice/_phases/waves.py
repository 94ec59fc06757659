"""All waves that fit a supercell: do atoms order in a way that nobody has thought of?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.lattice._order.patterns import BinaryLattice

Floats = NDArray[np.float64]
LARGEST = 5000
"""In larger supercells nothing is looked for: it would take too much memory."""


@dataclass(frozen=True)
class Waves:
    """The structure factor of a supercell, but for its longest waves.

    The powers of all waves sum to 4 x (1 - x) n^2. Without order each has about one in n of that; a
    long-range order gives some share to few of them, however large the supercell. Atoms that only
    cluster do so in the longest waves, which are left out.
    """

    second: int
    table: NDArray[np.complex64] = field(repr=False)
    """Shape (n_waves, n_active)."""
    active: NDArray[np.bool_] = field(repr=False)

    @classmethod
    def of(cls, lattice: BinaryLattice, supercell: Atoms) -> Waves:
        """Prepare for a supercell; one of each two opposite waves is enough."""
        placement = lattice.place(supercell)
        active = lattice.active(placement)
        n = int(active.sum())
        if n > LARGEST:
            return cls(lattice.second, np.zeros((0, n), np.complex64), active)
        box = lattice.primitive.get_scaled_positions(wrap=False)
        where = (box[placement.basis] + placement.offsets)[active]
        ks = lattice.waves(placement)
        nearest = (ks - np.rint(ks)) @ np.linalg.inv(lattice.primitive.cell.array).T
        images = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3), axis=-1).reshape(-1, 3)
        images = images @ np.linalg.inv(lattice.primitive.cell.array).T
        lengths = np.linalg.norm(nearest[:, None] + images, axis=-1).min(axis=1)
        ks = ks[lengths > 1.5 * lengths.min()] if len(ks) else ks
        first = [
            tuple(np.round(k % 1.0, 6) % 1.0) <= tuple(np.round(-k % 1.0, 6) % 1.0) for k in ks
        ]
        phases = np.exp(2j * np.pi * (ks[np.array(first, dtype=bool)] @ where.T))
        return cls(lattice.second, phases.astype(np.complex64), active)

    def powers(self, numbers: NDArray[np.int64]) -> Floats:
        """Give the power of each wave in an arrangement."""
        spins = np.where(numbers[self.active] == self.second, 1, -1).astype(np.float32)
        return np.asarray(np.abs(self.table @ spins) ** 2, dtype=float)

    def strongest(self, powers: Sequence[Floats], x: float) -> float:
        """Give the largest share of the fluctuations, averaged, that one wave has; 0 in a pure crystal."""
        whole = 4.0 * x * (1.0 - x) * self.table.shape[1] ** 2
        if not len(self.table) or whole <= 0:
            return 0.0
        return float(np.mean(powers, axis=0).max() / whole)
