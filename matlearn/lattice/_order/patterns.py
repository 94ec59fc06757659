"""Ordered structures on a supercell, and how much of their order a configuration has.

The order of a structure shows as peaks in reciprocal space: amplitudes S_b(k) = sum over the sites
of kind b of s exp(2 pi i k r) that grow with the number of sites, with s = +1 for the one species
and -1 for the other. Structures that a symmetry of the lattice makes from one another have their
peaks at equivalent k (a star), so the sum over the star sees all of them alike.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.lattice._engine.supercells import Placement, hermite_normal_form, place

if TYPE_CHECKING:
    from matlearn.lattice.monte_carlo import MonteCarlo

Floats = NDArray[np.float64]
_UNIFORM = 1e-9  # a peak weaker than this share of the sites is none


@dataclass(frozen=True)
class BinaryLattice:
    """The lattice of a cluster expansion whose active sites all hold the same two species."""

    primitive: Atoms
    species: list[list[int]]
    """Atomic numbers allowed on each site of the primitive cell."""
    symbols: tuple[str, str]
    """The two species; concentrations are those of the second."""

    @classmethod
    def of(cls, cluster_expansion: Any) -> BinaryLattice:
        """Read it from an expansion of icet's.

        Raises
        ------
        ValueError
            If there are more than two species, or sublattices that differ.
        """
        space = cluster_expansion.get_cluster_space_copy()
        allowed = [tuple(site) for site in space.chemical_symbols]
        active = {site for site in allowed if len(site) > 1}
        if len({frozenset(site) for site in active}) != 1 or len(next(iter(active))) != 2:
            shown = "; ".join(", ".join(site) for site in sorted(active))
            raise ValueError(
                "cluster_expansion must be of a binary: two species, the same on all active sites. "
                f"This one has {shown or 'no active site'}"
            )
        species = [sorted(m) for m in space.species_maps]
        first, second = next(site for site in allowed if len(site) > 1)
        return cls(space.primitive_structure, species, (first, second))

    @cached_property
    def second(self) -> int:
        """Atomic number of the second species."""
        return int(Atoms(self.symbols[1]).numbers[0])

    def place(self, atoms: Atoms) -> Placement:
        """Find the sites of a cell on this lattice."""
        return place(self.primitive, self.species, atoms)

    def active(self, placement: Placement) -> NDArray[np.bool_]:
        """Tell which sites of a cell are active."""
        return np.array([len(self.species[b]) > 1 for b in placement.basis])

    def concentration(self, atoms: Atoms) -> float:
        """Fraction of the second species on the active sites."""
        return float((atoms.numbers == self.second).sum() / self.active(self.place(atoms)).sum())

    @cached_property
    def operations(self) -> list[tuple[NDArray[np.int64], Floats]]:
        """Rotations and translations that leave the empty lattice as it is."""
        import spglib

        kinds = [hash(tuple(allowed)) % 2**31 for allowed in self.species]
        cell = (self.primitive.cell.array, self.primitive.get_scaled_positions(), kinds)
        found = spglib.get_symmetry(cell, symprec=1e-3)
        if found is None:  # pragma: no cover  (spglib finds the identity at least)
            return [(np.eye(3, dtype=int), np.zeros(3))]
        return list(zip(found["rotations"].astype(np.int64), found["translations"], strict=True))

    def laid_over(self, structure: Atoms, supercell: Atoms) -> Atoms | None:
        """Fill a supercell with an ordered structure, turned as it must be to fit.

        Parameters
        ----------
        structure : Atoms
            Any cell of the lattice.
        supercell : Atoms
            What to fill.

        Returns
        -------
        Atoms or None
            None where no orientation of the structure has the supercell as a repeat. Its array
            ``site_of_structure`` says which site of the structure each site repeats.
        """
        goal = self.place(supercell)
        small = self.place(structure)
        inverse = np.linalg.inv(self.primitive.cell.array)
        sites = self.primitive.positions @ inverse
        where = sites[small.basis] + small.offsets
        for rotation, shift in self.operations:
            matrix = small.matrix @ rotation.T
            if not _whole(goal.matrix @ np.linalg.inv(matrix)):
                continue
            turned = Atoms(
                structure.numbers,
                cell=matrix @ self.primitive.cell.array,
                scaled_positions=(where @ rotation.T + shift) @ np.linalg.inv(matrix),
                pbc=True,
            )
            found = self._placed_as_is(turned, matrix)
            if found is None:
                continue
            pairs = zip(goal.basis, goal.offsets, strict=True)
            origin = np.array([int(found.sites_at(int(b), offset)) for b, offset in pairs])
            filled = supercell.copy()
            filled.numbers = turned.numbers[origin]
            filled.arrays["site_of_structure"] = origin
            return filled
        return None

    def _placed_as_is(self, turned: Atoms, matrix: NDArray[np.int64]) -> Placement | None:
        """Place a structure that lies on the sites of the primitive cell, not on shifted ones."""
        basis, offsets = self._sites_at(turned.positions @ np.linalg.inv(self.primitive.cell.array))
        return Placement(matrix, basis, offsets) if (basis >= 0).all() else None

    def _sites_at(self, fractional: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Say on which site of which primitive cell points are, -1 where on none."""
        basis = np.full(len(fractional), -1)
        offsets = np.zeros((len(fractional), 3), dtype=np.int64)
        for b, site in enumerate(self.primitive.get_scaled_positions(wrap=False)):
            cells = np.rint(fractional - site)
            near = np.abs(fractional - site - cells).max(axis=1) < 1e-3
            basis[near], offsets[near] = b, cells[near]
        return basis, offsets

    def pattern(self, name: str, filled: Atoms) -> Pattern:
        """Analyse the order of a supercell that is filled with an ordered structure."""
        placement = self.place(filled)
        active = self.active(placement)
        spins = np.where(filled.numbers == self.second, 1.0, -1.0) * active
        strongest: list[tuple[float, Floats]] = []
        for k in self.waves(placement):
            power = float((np.abs(self._phases(k[None], placement, active) @ spins) ** 2).sum())
            strongest.append((power, k))
        top = max((power for power, _ in strongest), default=0.0)
        uniform = top < _UNIFORM * active.sum() ** 2
        own = [k for power, k in strongest if power > 0.5 * top] if not uniform else [np.zeros(3)]
        star: dict[tuple[float, ...], Floats] = {}
        for k, (rotation, _) in itertools.product(own, self.operations):
            turned = np.linalg.inv(rotation.astype(float)).T @ k
            if _whole(placement.matrix @ turned):
                star.setdefault(tuple(np.round(turned % 1.0, 6) % 1.0), turned)
        ks = np.array(list(star.values()))
        waves = self._phases(ks, placement, active)
        share = float((spins > 0).sum() / active.sum())
        return Pattern(name, filled, share, uniform, self, ks, waves)

    def variants(self, pattern: Pattern) -> NDArray[np.complex128]:
        """Give the amplitudes of all orientations and translations of a pattern.

        Returns
        -------
        ndarray of complex, shape (n_variants, n_k * n_kinds)
        """
        placement = self.place(pattern.atoms)
        sites = self.primitive.get_scaled_positions(wrap=False)
        where = sites[placement.basis] + placement.offsets
        phases = np.exp(2j * np.pi * (placement.offsets @ pattern.ks.T))
        phases = np.tile(_distinct(phases), len(pattern.star) // len(pattern.ks))
        perfect = pattern.amplitudes(pattern.atoms.numbers)
        found = []
        for rotation, shift in self.operations:
            basis, offsets = self._sites_at((where - shift) @ np.linalg.inv(rotation).T)
            origin = placement.sites_at(basis, offsets)
            turned = pattern.amplitudes(pattern.atoms.numbers[origin])
            if abs(np.linalg.norm(turned) / np.linalg.norm(perfect) - 1) < 1e-6:  # it fits
                found.append(_distinct(turned * phases))
        return _distinct(np.concatenate(found))

    def waves(self, placement: Placement) -> Floats:
        """List the waves that fit a supercell, all but k = 0, in reciprocal primitive units."""
        box = np.diag(hermite_normal_form(placement.matrix.T))
        whole = np.array(list(itertools.product(*(range(int(side)) for side in box)))[1:])
        return np.asarray(whole.reshape(-1, 3) @ np.linalg.inv(placement.matrix).T)

    def _phases(self, ks: Floats, placement: Placement, active: NDArray[np.bool_]) -> NDArray[Any]:
        """Rows that give the amplitudes S_b(k), shape (n_k * n_kinds, n_sites)."""
        waves = np.exp(2j * np.pi * (ks @ placement.offsets.T))
        kinds = [b for b, allowed in enumerate(self.species) if len(allowed) > 1]
        return np.concatenate([waves * (active & (placement.basis == b)) for b in kinds])


@dataclass(frozen=True)
class Pattern:
    """An ordered structure on a supercell, and an observer of its order (``measure``)."""

    name: str
    atoms: Atoms = field(repr=False)
    """The supercell, perfectly ordered."""
    concentration: float
    """Fraction of the second species on the active sites."""
    uniform: bool
    """Whether all active sites are alike: a pure element. Its order is the magnetisation."""
    lattice: BinaryLattice = field(repr=False)
    ks: Floats = field(repr=False)
    """Its strongest waves and all that symmetry makes of them, shape (n_k, 3)."""
    star: NDArray[Any] = field(repr=False)
    """What gives their amplitudes, for each kind of site: shape (n_k * n_kinds, n_sites)."""

    @cached_property
    def second(self) -> int:
        """Atomic number of the second species."""
        return self.lattice.second

    def amplitudes(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        """Give the amplitudes of the star for atomic numbers on the sites of the supercell."""
        return np.asarray(self.star @ np.where(numbers == self.second, 1.0, -1.0))

    @cached_property
    def _perfect(self) -> float:
        return float(np.linalg.norm(self.amplitudes(self.atoms.numbers)))

    @cached_property
    def _variants(self) -> NDArray[np.complex128]:
        return self.lattice.variants(self).conj() / self._perfect**2

    def measure(self, simulation: MonteCarlo) -> dict[str, float]:
        """Give the ``order`` of a simulation: the root of the summed power of the star.

        1 in the perfect structure, near 0 (as 1 / sqrt(n_sites)) without order.
        """
        found = self.amplitudes(simulation.numbers)
        return {f"order_{self.name}": float(np.linalg.norm(found)) / self._perfect}

    def compare(self, simulation: MonteCarlo) -> dict[str, float]:
        """Give also the ``overlap`` with that variant of the structure that it is most like.

        It is as large as the order where that is of this structure; smaller where it is of
        another one with the same peaks (L1_0 and L1_2, say).
        """
        overlaps = np.real(self._variants @ self.amplitudes(simulation.numbers))
        return {**self.measure(simulation), f"overlap_{self.name}": float(overlaps.max())}


def _distinct(rows: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Leave out rows that are equal but for rounding."""
    scale = float(np.abs(rows).max()) or 1.0
    _, first = np.unique(np.round(rows / scale, 6) + 0.0, axis=0, return_index=True)
    return rows[np.sort(first)]


def _whole(matrix: NDArray[Any]) -> bool:
    return bool(np.abs(matrix - np.rint(matrix)).max() < 1e-6)
