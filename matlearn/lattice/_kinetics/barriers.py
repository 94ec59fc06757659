"""Barriers of hops: a number, one for each species, or a function of what surrounds the jump."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.lattice._kernels.rates import find
from matlearn.lattice._kinetics.hops import Floats, Hop, Ints, JumpNetwork, surroundings

Barrier = float | Callable[[Hop], float]
Barriers = Barrier | Mapping[str, Barrier]

Vector = tuple[float, float, float]

AROUND = 1.3
"""How far from the middle of a jump its surroundings reach, in units of the longest jump."""


def _vector(values: Floats) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z


class BarrierTable:
    """Kinetically resolved barriers, looked up in compiled code and filled as they are met."""

    def __init__(self, barriers: Any, argument: str, mobile: list[str], symbols: list[str]) -> None:
        """Check barriers.

        Parameters
        ----------
        barriers
            eV; see `matlearn.lattice.KineticMonteCarlo`.
        argument
            What to call the barriers in errors.
        mobile
            Species that may hop.
        symbols
            The vacancy, the species that may hop, then all others.
        """
        self.symbols = symbols
        self.argument = argument
        given = dict.fromkeys(mobile, barriers)
        if isinstance(barriers, Mapping):
            if set(mobile) != set(barriers):
                raise ValueError(
                    f"{argument} must have a barrier in eV for each species that shares sites with "
                    f"vacancies ({', '.join(mobile)}; float('inf') for one that never hops), "
                    f"got {', '.join(map(str, barriers)) or 'none'}"
                )
            given = {s: barriers[s] for s in mobile}
        self.functions: dict[str, Callable[[Hop], float]] = {}
        self.constants = np.full(len(symbols), np.inf)
        for species, barrier in given.items():
            if callable(barrier):
                self.functions[species] = barrier
                self.constants[symbols.index(species)] = np.nan
            else:
                self.constants[symbols.index(species)] = self._checked(barrier)
        self.keys = np.full(1024 if self.functions else 1, -1, dtype=np.int64)
        self.known = np.zeros(len(self.keys))
        self._geometry: list[tuple[Vector, tuple[Vector, ...]]] = []

    def _checked(self, barrier: Any) -> float:
        if isinstance(barrier, bool) or not isinstance(barrier, Real):
            raise TypeError(
                f"{self.argument} must be a number in eV, a dict with a number or a function for "
                f"each species, or a function of a hop, got {barrier!r}"
            )
        if not float(barrier) >= 0:
            raise ValueError(f"{self.argument} must be at least 0 eV, got {float(barrier)}")
        return float(barrier)

    def look_around(
        self, supercell: Atoms, network: JumpNetwork, radius: float | None
    ) -> tuple[Ints, Ints]:
        """Find what the functions depend on: sites around each jump, and the kinds of jumps."""
        if not self.functions:
            shape = network.neighbours.shape
            return np.zeros((*shape, 0), dtype=np.int32), np.zeros(shape, dtype=np.int32)
        reach = AROUND * network.lengths[-1] if radius is None else radius
        about = 4 / 3 * np.pi * reach**3 * len(supercell) / supercell.cell.volume
        if about < 100:  # else there is no need to count them
            around, kinds, geometry = surroundings(supercell, network, reach)
            self._geometry = [(_vector(v), tuple(map(_vector, sites))) for v, sites in geometry]
            about = around.shape[2]
            bits = np.log2(len(self._geometry)) + (about + 1) * np.log2(len(self.symbols))
            if bits <= 62:
                return around, kinds
        raise ValueError(
            f"surroundings must be smaller: {reach:.2f} A around the middle of a jump holds "
            f"{about:.0f} sites with {len(self.symbols)} species each, too many to tell apart"
        )

    def fill(self, keys: NDArray[np.int64]) -> None:
        """Compute and keep the barriers of surroundings that were met for the first time."""
        new = np.unique(keys)
        barriers = np.array([self._evaluate(int(key)) for key in new])
        old = self.keys >= 0
        count = int(old.sum()) + len(new)
        if 2 * count > len(self.keys):
            new = np.concatenate([self.keys[old], new])
            barriers = np.concatenate([self.known[old], barriers])
            size = 1 << (4 * count - 1).bit_length()
            self.keys, self.known = np.full(size, -1, dtype=np.int64), np.zeros(size)
        for key, barrier in zip(new, barriers, strict=True):
            place = find(int(key), self.keys)
            self.keys[place], self.known[place] = key, barrier

    def _evaluate(self, key: int) -> float:
        symbols, codes = self.symbols, []
        n = len(symbols)
        for _ in range(max((len(positions) for _, positions in self._geometry), default=0)):
            key, code = divmod(key, n)
            codes.append(code)
        kind, species = divmod(key, n)
        (x, y, z), positions = self._geometry[kind]
        around = tuple(symbols[c] for c in codes[::-1][: len(positions)])
        name = symbols[species]
        forward = Hop(name, (x, y, z), around, positions)
        backward = Hop(name, (-x, -y, -z), around, positions)
        there, back = (self._called(name, hop) for hop in (forward, backward))
        if not (there == back or abs(there - back) <= 1e-9):
            raise ValueError(
                f"{self.argument} must give a hop and its reverse the same barrier (detailed "
                f"balance), got {there} eV for {forward} and {back} eV for its reverse"
            )
        return there

    def _called(self, name: str, hop: Hop) -> float:
        value = self.functions[name](hop)
        if isinstance(value, bool) or not isinstance(value, Real) or not float(value) >= 0:
            raise ValueError(
                f"{self.argument} must give a number of at least 0 eV, got {value!r} for {hop}"
            )
        return float(value)
