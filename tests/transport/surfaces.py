"""Potentials of which everything is known, to find barriers in."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from matlearn.transport.barriers import MigrationPath, migration_barrier


class Surface(Calculator):
    """A potential of one atom's place, of which everything is known."""

    implemented_properties: ClassVar[list[str]] = ["energy", "forces"]

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.stop_after: int | None = None

    def value(self, x: float, y: float, z: float) -> tuple[float, list[float]]:
        raise NotImplementedError

    def calculate(
        self, atoms: Any = None, properties: Any = ("energy",), system_changes: Any = all_changes
    ) -> None:
        super().calculate(atoms, list(properties), system_changes)
        self.calls += 1
        if self.stop_after is not None and self.calls > self.stop_after:
            raise KeyboardInterrupt
        energy, slope = self.value(*self.atoms.positions[0])
        self.results = {"energy": energy, "forces": -np.array([slope])}


class Valley(Surface):
    """Two wells at x = -1 and 1, joined by the curved valley y = bend (1 - x^2)."""

    def __init__(self, height: float = 0.5, tilt: float = 0.0, bend: float = 0.7) -> None:
        super().__init__()
        self.height, self.tilt, self.bend = height, tilt, bend
        self.stiff = 8.0  # eV/A2, across the valley

    def value(self, x: float, y: float, z: float) -> tuple[float, list[float]]:
        off = y - self.bend * (1 - x * x)
        energy = self.height * (x * x - 1) ** 2 + self.tilt * x
        energy += self.stiff / 2 * (off**2 + z**2)
        along = 4 * self.height * x * (x * x - 1) + self.tilt + self.stiff * off * 2 * self.bend * x
        return energy, [along, self.stiff * off, self.stiff * z]

    def exact(self) -> tuple[float, float]:
        """Barriers forth and back: the valley's floor is a polynomial in x."""
        height, tilt = self.height, self.tilt
        low, top, high = np.sort(np.roots([4 * height, 0, -4 * height, tilt]).real)
        floor = np.polynomial.Polynomial([height, tilt, -2 * height, 0, height])
        return floor(top) - floor(low), floor(top) - floor(high)


class MuellerBrown(Surface):
    """K. Mueller and L. D. Brown, Theor. Chim. Acta 53, 75 (1979), 0.01 eV to the unit."""

    A = (-200.0, -100.0, -170.0, 15.0)
    a, b, c = (-1.0, -1.0, -6.5, 0.7), (0.0, 0.0, 11.0, 0.6), (-10.0, -10.0, -6.5, 0.7)
    x0, y0 = (1.0, 0.0, -0.5, -1.0), (0.0, 0.5, 1.5, 1.0)

    def value(self, x: float, y: float, z: float) -> tuple[float, list[float]]:
        energy, dx, dy = 5 * z * z, 0.0, 0.0
        for A, a, b, c, x0, y0 in zip(
            self.A, self.a, self.b, self.c, self.x0, self.y0, strict=True
        ):
            u, v = x - x0, y - y0
            term = 0.01 * A * np.exp(a * u * u + b * u * v + c * v * v)
            energy += term
            dx += term * (2 * a * u + b * v)
            dy += term * (b * u + 2 * c * v)
        return energy, [dx, dy, 10 * z]


def at(*place: float) -> Atoms:
    return Atoms("H", [[*place, *(0.0,) * (3 - len(place))]])


def find(initial: Atoms, final: Atoms, calculator: Any = "emt", **options: Any) -> MigrationPath:
    return migration_barrier(initial, final, calculator, **{"progress": False, **options})


class Ridge(Surface):
    """Two wells joined by two ways round a hill: straight on, the path is a ridge."""

    def value(self, x: float, y: float, z: float) -> tuple[float, list[float]]:
        off = y * y - 0.36 * (1 - x * x)
        energy = 0.5 * (x * x - 1) ** 2 + 2.0 * off**2 + 4.0 * z * z
        return energy, [2 * x * (x * x - 1) + 4 * off * 0.72 * x, 4 * off * 2 * y, 8 * z]


class Dip(Surface):
    """Two wells with a shallow minimum on the top between them."""

    def value(self, x: float, y: float, z: float) -> tuple[float, list[float]]:
        hole = 0.03 * np.exp(-((x / 0.12) ** 2))
        energy = 0.5 * (x * x - 1) ** 2 - hole + 4.0 * (y * y + z * z)
        return energy, [2 * x * (x * x - 1) + hole * 2 * x / 0.12**2, 8 * y, 8 * z]

    def exact(self) -> float:
        """Barrier: the top beside the middle, above the well."""
        x = np.linspace(-1.2, 1.2, 240_001)
        energies = 0.5 * (x * x - 1) ** 2 - 0.03 * np.exp(-((x / 0.12) ** 2))
        return float(energies[np.abs(x) < 0.8].max() - energies.min())
