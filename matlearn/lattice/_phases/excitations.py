"""The low-temperature expansion: a perfect structure with single exchanged atoms.

A. F. Kohan et al., Comput. Mater. Sci. 9, 389 (1998), in first order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.lattice._order.patterns import BinaryLattice, Pattern
from matlearn.lattice._phases.measuring import Row

if TYPE_CHECKING:
    from matlearn.lattice.monte_carlo import MonteCarlo

Floats = NDArray[np.float64]
RARE = 2e-3
"""The low-temperature expansion is used where each site is exchanged more rarely than this."""


@dataclass(frozen=True)
class Excitations:
    """Single exchanged atoms in a perfect structure: what each costs."""

    energy: float
    """Of the perfect structure (eV a site)."""
    concentration: float
    costs: Floats
    """Energy of exchanging the atom on each site (eV)."""
    gains: Floats
    """By how much that changes the number of atoms of the second species: 1 or -1."""

    @classmethod
    def of(cls, simulation: MonteCarlo, lattice: BinaryLattice, pattern: Pattern) -> Excitations:
        """Find them, once for each kind of site of the structure."""
        simulation.set_atoms(pattern.atoms)
        perfect, n_sites = simulation.energy, simulation.n_active
        first, second = (int(Atoms(symbol).numbers[0]) for symbol in lattice.symbols)
        active = np.asarray(simulation.active)
        origin = pattern.atoms.arrays.get("site_of_structure", np.arange(len(pattern.atoms)))
        costs, gains = np.zeros(n_sites), np.zeros(n_sites)
        for kind in np.unique(origin[active]):
            sites = np.flatnonzero(origin[active] == kind)
            changed = pattern.atoms.copy()
            site = active[sites[0]]
            up = changed.numbers[site] != second
            changed.numbers[site] = second if up else first
            simulation.set_atoms(changed)
            costs[sites] = simulation.energy - perfect
            gains[sites] = 1.0 if up else -1.0
        simulation.set_atoms(pattern.atoms)
        return cls(perfect / n_sites, pattern.concentration, costs, gains)

    def row(self, temperature: float, mu: float, boltzmann_constant: float) -> Row | None:
        """Give averages and psi by the low-temperature expansion, None where it does not hold."""
        beta = 1.0 / (boltzmann_constant * temperature)
        costs = self.costs - mu * self.gains
        if (beta * costs).min() < -math.log(RARE):
            return None
        rare = np.exp(-beta * costs)
        n = len(costs)
        omega = self.energy - mu * self.concentration
        return {
            "temperature": temperature, "mu": mu,
            "psi": beta * omega - rare.sum() / n,
            "psi_error": 10.0 * float(rare.max() * rare.mean()),
            "energy": self.energy + float((rare * self.costs).sum() / n), "energy_error": 0.0,
            "grand_energy": omega + float((rare * costs).sum() / n), "grand_energy_error": 0.0,
            "grand_energy_variance": float((rare * costs**2).sum() / n),
            "grand_energy_variance_error": 0.0,
            "x": self.concentration + float((rare * self.gains).sum() / n), "x_error": 0.0,
            "x_variance": float(rare.mean()), "x_variance_error": 0.0, "expanded": 1.0,
        }  # fmt: skip

    def edge(self, temperature: float, boltzmann_constant: float, *, sign: int) -> float:
        """Chemical potential at which the expansion ends: the highest (sign 1) or the lowest."""
        rare = -math.log(RARE) * boltzmann_constant * temperature * 1.000001
        limits = (self.costs - rare)[self.gains == sign] * sign
        return float(limits.min() if sign > 0 else limits.max())
