"""Which species may sit where, and what a structure is made of in these terms."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Species:
    """The species of a lattice, one list a site of the primitive cell."""

    symbols: tuple[tuple[str, ...], ...]
    """Allowed species of each site of the primitive cell."""

    @property
    def lists(self) -> list[list[str]]:
        """The species as icet takes them."""
        return [list(site) for site in self.symbols]

    @property
    def groups(self) -> list[tuple[tuple[str, ...], list[int]]]:
        """Active sublattices: species, and sites of the primitive cell that may hold them."""
        found: dict[tuple[str, ...], tuple[tuple[str, ...], list[int]]] = {}
        for site, species in enumerate(self.symbols):
            if len(species) > 1:
                found.setdefault(tuple(sorted(species)), (species, []))[1].append(site)
        return list(found.values())

    @property
    def active(self) -> list[str]:
        """Species of the active sites, each once, in the order given."""
        return list(dict.fromkeys(s for species, _ in self.groups for s in species))

    def fractions(self, structures: Sequence[Atoms]) -> list[Floats]:
        """Fractions of the species on each active sublattice, one array a sublattice.

        Atoms must be in the order of the enumeration: cell after cell, site after site.
        """
        tables = []
        for species, sites in self.groups:
            rows = np.empty((len(structures), len(species)))
            for row, atoms in zip(rows, structures, strict=True):
                here = atoms.numbers.reshape(-1, len(self.symbols))[:, sites]
                row[:] = [(here == atomic_numbers[symbol]).mean() for symbol in species]
            tables.append(rows)
        return tables

    def concentrations(self, structures: Sequence[Atoms]) -> dict[str, Floats]:
        """Concentration of each species over all active sites that may hold it."""
        counted = {symbol: np.zeros(len(structures)) for symbol in self.active}
        sites_of = dict.fromkeys(self.active, 0)
        for (species, sites), table in zip(self.groups, self.fractions(structures), strict=True):
            for column, symbol in enumerate(species):
                counted[symbol] += table[:, column] * len(sites)
                sites_of[symbol] += len(sites)
        return {symbol: counted[symbol] / sites_of[symbol] for symbol in self.active}

    def end_members(self) -> list[tuple[str, ...]]:
        """One species on each active sublattice, in every combination."""
        return list(itertools.product(*(species for species, _ in self.groups)))

    def shares(self, structures: Sequence[Atoms]) -> Floats:
        """Share of each end member in each structure, shape (n, m); rows sum to one.

        With several sublattices it is the product of the fractions, the surface of reference of
        the compound-energy formalism (Hillert, J. Alloys Compd. 320, 161 (2001)).
        """
        shares = np.ones((len(structures), 1))
        for table in self.fractions(structures):
            shares = (shares[:, :, None] * table[:, None, :]).reshape(len(structures), -1)
        return shares

    def reference(self, structures: Sequence[Atoms]) -> Floats:
        """Weight of each end member in the energy of reference, shape (n, m); rows sum to one.

        The reference is linear in the numbers of atoms, for only then do differences of mixing
        energies between phases of different composition mean what those of energies do. On one
        sublattice it goes through all end members. Several sublattices have more end members than
        a linear function can meet: it is the one closest to them by least squares.
        """
        if len(self.groups) == 1:
            return self.shares(structures)
        ends = self._atomic_fractions([structures[i] for i in self.rows_of_end_members(structures)])
        weights: Floats = self._atomic_fractions(structures) @ np.linalg.pinv(ends)
        return weights

    def _atomic_fractions(self, structures: Sequence[Atoms]) -> Floats:
        numbers = sorted({atomic_numbers[symbol] for site in self.symbols for symbol in site})
        return np.array([[np.mean(atoms.numbers == z) for z in numbers] for atoms in structures])

    def rows_of_end_members(self, structures: Sequence[Atoms]) -> list[int]:
        """Position of each end member among structures.

        Raises
        ------
        ValueError
            If one is not among them.
        """
        shares = self.shares(structures) > 1 - 1e-9
        missing = np.flatnonzero(~shares.any(axis=0))
        if len(missing):
            names = ", ".join("-".join(self.end_members()[i]) for i in missing)
            raise ValueError(
                f"a training set needs all its end members, and {names} is not among the "
                f"{len(structures)} structures: keep the end members"
            )
        return [int(np.argmax(column)) for column in shares.T]

    def formula(self, atoms: Atoms) -> str:
        """Reduced formula, with the species in the order given."""
        order = list(dict.fromkeys(symbol for site in self.symbols for symbol in site))
        counts = {symbol: int((atoms.numbers == atomic_numbers[symbol]).sum()) for symbol in order}
        common = int(np.gcd.reduce(list(counts.values())))
        parts = [(symbol, n // common) for symbol, n in counts.items() if n]
        return "".join(symbol + (str(n) if n > 1 else "") for symbol, n in parts)


def read_species(primitive: Atoms, species: Any) -> Species:
    """Check what a user says may sit where.

    Raises
    ------
    TypeError, ValueError
        For something that is no list of chemical symbols, or not one list for each site.
    """
    if isinstance(species, str) or not isinstance(species, Sequence) or len(species) == 0:
        raise TypeError(
            "species must be a list of chemical symbols, such as ['Cu', 'Au'], or one such list "
            f"for each site of the primitive cell; got {species!r}"
        )
    one_list = all(isinstance(symbol, str) for symbol in species)
    sites = [species] * len(primitive) if one_list else list(species)
    for site in sites:
        if isinstance(site, str) or not isinstance(site, Sequence) or len(site) == 0:
            raise TypeError(f"species must hold a list of symbols for each site, got {site!r}")
    if len(sites) != len(primitive):
        raise ValueError(
            f"species must be one list, or one for each of the {len(primitive)} sites of the "
            f"primitive cell; got {len(sites)}"
        )
    for symbol in itertools.chain(*sites):
        if symbol == "X":
            raise ValueError(
                "species must be atoms, got a vacancy 'X': what is missing cannot be relaxed here. "
                "Relax such structures with matlearn.search.run_search and map them back with "
                "icet.tools.map_structure_to_reference"
            )
        if symbol not in atomic_numbers:
            raise ValueError(f"species must be chemical symbols, got {symbol!r}")
    for site in sites:
        if len(set(site)) < len(site):
            raise ValueError(f"species must be different on a site, got {list(site)}")
    if all(len(site) == 1 for site in sites):
        raise ValueError(
            f"species must leave a choice on at least one site, got {[list(s) for s in sites]}"
        )
    return Species(tuple(tuple(site) for site in sites))
