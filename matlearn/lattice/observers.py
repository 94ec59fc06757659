"""What to measure in a lattice simulation, beside the energy and the concentrations it records.

Each of these goes into ``MonteCarlo.run(observers=[...])`` and adds columns to its frame, and each
measures a single structure when it is called with ASE Atoms. Any function of Atoms that returns a
number or a dict of numbers is an observer as well, only slower.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matlearn.lattice._order.long_range import LongRangeOrder as LongRangeOrder
from matlearn.lattice._order.observing import Ints, Observer, Site, number_of, symbol_of
from matlearn.lattice._order.short_range import ShortRangeOrder as ShortRangeOrder

if TYPE_CHECKING:
    from matlearn.lattice.monte_carlo import MonteCarlo

__all__ = [
    "HeatCapacity",
    "LongRangeOrder",
    "Magnetization",
    "ShortRangeOrder",
    "StructureFactor",
    "SublatticeConcentrations",
]


class Magnetization(Observer):
    """Mean spin of a model of two species: columns ``magnetization`` and ``abs_magnetization``.

    Parameters
    ----------
    species : two str
        What stands for spin down (-1) and spin up (+1).

    Raises
    ------
    ValueError
        If a species is not an element.

    Examples
    --------
    >>> from matlearn.lattice.models import supercell
    >>> Magnetization()(supercell("square", 4, fill="Ag"))
    {'magnetization': -1.0, 'abs_magnetization': 1.0}
    """

    def __init__(self, species: Sequence[str] = ("Ag", "Au")) -> None:
        super().__init__()
        down, up = species
        self._numbers = number_of(down), number_of(up)

    def _prepare(self, site: Site) -> None:
        self._active = site.active
        found = {z for sublattice in site.sublattices for z in sublattice.species}
        if not found <= set(self._numbers):
            raise ValueError(
                f"species must be those of the model ({', '.join(map(symbol_of, sorted(found)))}), "
                f"got {', '.join(map(symbol_of, self._numbers))}"
            )

    def _read(self, numbers: Ints) -> dict[str, float]:
        up = np.count_nonzero(numbers[self._active] == self._numbers[1])
        value = float(2.0 * up / len(self._active) - 1.0)
        return {"magnetization": value, "abs_magnetization": abs(value)}


class SublatticeConcentrations(Observer):
    """Concentration of each species on each sublattice: columns such as ``concentration_Al_A``.

    Sublattices are sites that the same species may hold, A, B, ...; with a single one the
    simulation's own columns say all.

    Examples
    --------
    >>> from ase import Atoms
    >>> SublatticeConcentrations()(Atoms("CuAu3"))
    {'concentration_Cu_A': 0.25, 'concentration_Au_A': 0.75}
    """

    def _prepare(self, site: Site) -> None:
        self._parts = [
            (f"concentration_{symbol_of(z)}_{sublattice.name or 'A'}", z, sublattice.sites)
            for sublattice in site.sublattices
            for z in sublattice.species
        ]

    def _read(self, numbers: Ints) -> dict[str, float]:
        return {name: float((numbers[sites] == z).mean()) for name, z, sites in self._parts}


class StructureFactor(Observer):
    """Intensity of diffuse scattering at wave vectors, in Laue units.

    |sum over active sites of (n_j - c) exp(i q r_j)|^2 / (N c (1 - c)), where n_j is 1 on the sites
    that hold `species`, and c its concentration: 1 for a random alloy; in an ordered one it grows
    with the number of sites N at the wave vectors of the order, whatever the domain.

    Parameters
    ----------
    wave_vectors : dict
        Name -> wave vector (Cartesian, in units of 2 pi / `lattice_constant`), for example
        ``{"X": (1, 0, 0)}``. Columns are ``structure_factor_<name>``. Several equivalent vectors
        under one name, ``{"X": [(1, 0, 0), (0, 1, 0), (0, 0, 1)]}``, are summed.
    lattice_constant : float
        In angstrom.
    species : str
        What scatters.

    Raises
    ------
    ValueError
        If a wave vector does not fit into the supercell: order of that period has no place in it.

    References
    ----------
    M. A. Krivoglaz, Theory of X-Ray and Thermal-Neutron Scattering by Real Crystals (1969).

    Examples
    --------
    >>> from ase.build import bulk
    >>> crystal = bulk("Cu", cubic=True, a=4.0)
    >>> crystal.symbols[[0, 3]] = "Au"                          # L1_0: layers along z
    >>> observer = StructureFactor({"z": (0, 0, 1)}, lattice_constant=4.0, species="Au")
    >>> observer(crystal.repeat(2))["structure_factor_z"]       # as many as there are sites
    32.0
    """

    def __init__(
        self,
        wave_vectors: Mapping[str, Sequence[float] | Sequence[Sequence[float]]],
        *,
        lattice_constant: float,
        species: str,
    ) -> None:
        super().__init__()
        if not lattice_constant > 0:
            raise ValueError(f"lattice_constant must be positive, got {lattice_constant}")
        self._vectors = {
            name: np.atleast_2d(np.asarray(q, dtype=float)) / lattice_constant
            for name, q in wave_vectors.items()
        }
        for name, q in self._vectors.items():
            if q.ndim != 2 or q.shape[1] != 3:
                raise ValueError(f"wave vector {name!r} must have three components")
        self._number = number_of(species)

    def _prepare(self, site: Site) -> None:
        self._active = site.active
        positions = site.atoms.positions[self._active]
        self._phases: dict[str, NDArray[np.complex128]] = {}
        for name, q in self._vectors.items():
            turns = q @ site.atoms.cell.array.T
            if np.abs(turns - np.rint(turns)).max() > 1e-3:
                raise ValueError(
                    f"wave vector {name!r} does not fit into the supercell: along its vectors it "
                    f"makes {np.round(turns, 3).tolist()} periods, which must be whole numbers"
                )
            self._phases[name] = np.exp(2j * np.pi * (q @ positions.T))

    def _read(self, numbers: Ints) -> dict[str, float]:
        held = (numbers[self._active] == self._number).astype(float)
        c, n = held.mean(), len(held)
        norm = n * c * (1.0 - c)
        return {
            f"structure_factor_{name}": (
                float(round((np.abs(phases @ (held - c)) ** 2).sum() / norm, 9)) if norm else np.nan
            )
            for name, phases in self._phases.items()
        }


class HeatCapacity:
    """Heat capacity from all energies since `MonteCarlo.run` was called.

    Column ``heat_capacity`` (kB an active site): the running variance of the energy, in a
    semi-grand run of E - sum of mu_i N_i. Each run begins anew, and so does a changed temperature:
    equilibrate in a run before. It has no error bar; for a value to report use
    `matlearn.lattice.scan_temperature`. It is not for kinetic runs, whose records have weights.
    """

    def __init__(self) -> None:
        self._state: tuple[object, ...] | None = None
        self.reset()

    def reset(self) -> None:
        """Forget all energies."""
        self._count, self._mean, self._squares = 0, 0.0, 0.0

    def measure(self, simulation: MonteCarlo) -> dict[str, float]:
        """Add the present energy, and give the heat capacity so far.

        Raises
        ------
        TypeError
            If it is no `MonteCarlo`.
        """
        if not hasattr(simulation, "ensemble"):
            raise TypeError(
                "HeatCapacity averages the records of a MonteCarlo alike, and those of a "
                f"{type(simulation).__name__} have weights: average its energies by hand"
            )
        state = (id(simulation), simulation.temperature, str(simulation.chemical_potentials))
        if state != self._state:
            self._state = state
            self.reset()
        energy = grand_energy(simulation)
        self._count += 1
        change = energy - self._mean
        self._mean += change / self._count
        self._squares += change * (energy - self._mean)
        variance = self._squares / (self._count - 1) if self._count > 1 else np.nan
        return {"heat_capacity": variance * simulation.beta**2 / simulation.n_active}


def grand_energy(simulation: MonteCarlo) -> float:
    """Energy whose fluctuations are the heat capacity: E, less sum of mu_i N_i where mu is fixed.

    Parameters
    ----------
    simulation : MonteCarlo

    Returns
    -------
    float
        In eV.
    """
    energy = float(simulation.energy)
    if simulation.ensemble != "semi-grand":
        return energy
    numbers = np.asarray(simulation.numbers)[simulation.active]
    for symbol, potential in (simulation.chemical_potentials or {}).items():
        if potential:
            energy -= potential * float(np.count_nonzero(numbers == number_of(symbol)))
    return energy
