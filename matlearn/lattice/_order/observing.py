"""What observers have in common: they prepare themselves for the simulation they first meet."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, chemical_symbols
from numpy.typing import NDArray

from matlearn.lattice._engine.supercells import Placement
from matlearn.lattice._scans.shipping import digest

if TYPE_CHECKING:
    from matlearn.lattice.monte_carlo import MonteCarlo

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Sublattice:
    """Sites that the same species may hold."""

    name: str
    """A, B, ... where there are several, otherwise empty."""
    species: tuple[int, ...]
    """Atomic numbers."""
    sites: Ints


@dataclass(frozen=True)
class Site:
    """Where an observer works: what of a simulation does not change."""

    atoms: Atoms
    sublattices: tuple[Sublattice, ...]
    placement: Placement

    @property
    def active(self) -> Ints:
        """Sites where more than one species is allowed."""
        return np.sort(np.concatenate([s.sites for s in self.sublattices]))


class Observer:
    """Something to be measured as a simulation runs: give it to ``MonteCarlo.run(observers=...)``.

    Called with ASE Atoms, it measures that one structure, taking all its atoms to be on one
    sublattice.
    """

    given: str
    """What it was made with, as a number: the same for the same arguments."""

    def __new__(cls, *given: Any, **named: Any) -> Observer:
        made = super().__new__(cls)
        made.given = digest(*given, *(part for pair in sorted(named.items()) for part in pair))
        return made

    def __init__(self) -> None:
        self._met: weakref.ref[Any] | None = None

    def measure(self, simulation: MonteCarlo) -> dict[str, float]:
        """Measure the present configuration of a simulation.

        Parameters
        ----------
        simulation : MonteCarlo

        Returns
        -------
        dict
            Name of a column -> value.
        """
        if self._met is None or self._met() is not simulation:
            self._prepare(_site_of(simulation))
            self._met = weakref.ref(simulation)
        return self._read(np.asarray(simulation.numbers))

    def __call__(self, atoms: Atoms) -> dict[str, float]:
        """Measure one structure."""
        if not isinstance(atoms, Atoms):
            raise TypeError(f"an observer measures ASE Atoms, got a {type(atoms).__name__}")
        species = tuple(sorted({int(z) for z in atoms.numbers}))
        self._met = None
        whole = Sublattice("", species, np.arange(len(atoms)))
        self._prepare(Site(atoms, (whole,), _by_itself(atoms)))
        return self._read(atoms.numbers)

    def _prepare(self, site: Site) -> None:
        """Work out what does not change."""
        raise NotImplementedError

    def _read(self, numbers: Ints) -> dict[str, float]:
        """Measure a configuration."""
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_met": None}  # a worker has a simulation of its own


def _site_of(simulation: MonteCarlo) -> Site:
    found = simulation.model.sublattices
    names = [""] if len(found) == 1 else [chr(ord("A") + k) for k in range(len(found))]
    sublattices = tuple(
        Sublattice(name, tuple(int(z) for z in species), np.asarray(sites))
        for name, (species, sites) in zip(names, found, strict=True)
    )
    return Site(simulation.atoms, sublattices, simulation.model.placement)


def _by_itself(atoms: Atoms) -> Placement:
    """Take a structure to be its own primitive cell."""
    n = len(atoms)
    return Placement(np.eye(3, dtype=np.int64), np.arange(n), np.zeros((n, 3), dtype=np.int64))


def number_of(symbol: str) -> int:
    """Return the atomic number of an element or of a vacancy (X).

    Raises
    ------
    ValueError
        If there is no such element.
    """
    if symbol not in atomic_numbers:
        raise ValueError(f"{symbol!r} is not the symbol of an element, nor X for a vacancy")
    return int(atomic_numbers[symbol])


def symbol_of(number: int) -> str:
    """Return the symbol of an atomic number; 0 is X, a vacancy."""
    return str(chemical_symbols[number])
