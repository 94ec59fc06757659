"""Turn a cluster expansion of icet's into tables for the kernels, on any supercell."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols
from numpy.typing import NDArray

from matlearn.lattice._engine.bits import as_bits, as_ints
from matlearn.lattice._engine.supercells import Placement, place
from matlearn.lattice._kernels.model import Tables

if TYPE_CHECKING:
    from icet import ClusterExpansion

Cell = tuple[int, int, int]
Factor = tuple[int, Cell, int]
"""A function on a site: site of the primitive cell, its cell, number of the function."""
Term = tuple[tuple[Factor, ...], float]
"""A product of functions on different sites, and its coefficient (eV a primitive cell)."""


@dataclass(frozen=True)
class LatticeModel:
    """A cluster expansion on a supercell, ready for the kernels."""

    placement: Placement
    """Which site of the lattice each site of the supercell is."""
    species: list[list[int]]
    """Atomic numbers allowed on each site of the primitive cell; what is at n is species n."""
    constant: float
    """Energy that no species changes, for the whole supercell (eV)."""
    tables: Tables
    """All other energy."""
    wrapped: tuple[str, ...]
    """Clusters that meet themselves through the boundaries of the supercell, in words."""

    @cached_property
    def active(self) -> NDArray[np.int64]:
        """Sites where more than one species is allowed."""
        return np.flatnonzero(self.tables.n_species[self.tables.site_class] > 1)

    @cached_property
    def sublattices(self) -> list[tuple[tuple[int, ...], NDArray[np.int64]]]:
        """Allowed species and sites of each active sublattice, as icet distinguishes them."""
        kinds = sorted({tuple(allowed) for allowed in self.species if len(allowed) > 1})
        return [
            (kind, np.flatnonzero([tuple(self.species[b]) == kind for b in self.placement.basis]))
            for kind in kinds
        ]

    def occupations(self, numbers: NDArray[np.int64]) -> NDArray[np.int8]:
        """Give the species on each site, counted from 0 on its sublattice.

        Raises
        ------
        ValueError
            If a species is on a site where it may not be.
        """
        found = np.full(len(numbers), -1, dtype=np.int8)
        for b, allowed in enumerate(self.species):
            for s, z in enumerate(allowed):
                found[(self.placement.basis == b) & (numbers == z)] = s
        if (found < 0).any():
            site = int(np.flatnonzero(found < 0)[0])
            allowed = self.species[self.placement.basis[site]]
            raise ValueError(
                f"{chemical_symbols[numbers[site]]} is not allowed on site {site}, only "
                f"{', '.join(chemical_symbols[z] for z in allowed)}"
            )
        return found

    def numbers(self, occupations: NDArray[np.int8]) -> NDArray[np.int64]:
        """Give the atomic number on each site."""
        width = max(len(allowed) for allowed in self.species)
        table = np.array([allowed + [0] * (width - len(allowed)) for allowed in self.species])
        return table[self.placement.basis, occupations]

    def values(self, occupations: NDArray[np.int8]) -> NDArray[np.float64]:
        """Give the values of all functions on all sites, shape (n_sites * n_own,)."""
        return self.tables.functions[self.tables.site_class, :, occupations].ravel()


def build_tables(
    cluster_expansion: ClusterExpansion, supercell: Atoms, *, check_species: bool = True
) -> LatticeModel:
    """Prepare a cluster expansion for Monte Carlo on a supercell.

    Parameters
    ----------
    cluster_expansion
        An expansion of icet's, of any order, with any number of species and sublattices.
    supercell
        Whole primitive cells of its lattice.
    check_species
        Look at what is on the sites; not needed where it will be replaced.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not finite, the supercell is not periodic, or it does not fit; see
        `matlearn.lattice._engine.supercells.place`.

    Warns
    -----
    UserWarning
        If a cluster meets itself through the boundaries of a small supercell. Energies are those of
        the periodic crystal all the same, as icet's are.
    """
    if not np.isfinite(cluster_expansion.parameters).all():
        raise ValueError("cluster_expansion has parameters that are not finite: it was not fitted")
    if isinstance(supercell, Atoms) and not supercell.pbc.all():
        raise ValueError(
            "supercell must be periodic in all directions, as the lattice of a cluster expansion "
            f"is, got pbc={supercell.pbc.tolist()}; set supercell.pbc = True if that is meant"
        )
    space = cluster_expansion.get_cluster_space_copy()
    primitive = space.primitive_structure
    species = [sorted(m, key=dict(m).__getitem__) for m in space.species_maps]
    placement = place(primitive, species, supercell, check_species=check_species)
    functions = _functions(space, species)
    constant = float(cluster_expansion.parameters[0]) * len(supercell)
    terms: dict[tuple[Factor, ...], float] = defaultdict(float)
    wrapped: dict[str, None] = {}
    for factors, coefficient, name in _clusters(cluster_expansion, space, len(primitive)):
        reduced = [(b, _cell(placement.reduced(np.array(cell))), k) for b, cell, k in factors]
        if len({(b, cell) for b, cell, _ in reduced}) < len(reduced):
            wrapped[name] = None
        for parts, part in _expanded(reduced, functions):
            if parts:
                terms[parts] += coefficient * part
            else:
                constant += coefficient * part * placement.n_cells
    if wrapped:
        warnings.warn(_warning(list(wrapped)), stacklevel=3)
    classes = _by_class(terms.items(), placement, len(primitive))
    tables = _flatten(classes, placement, species, functions)
    return LatticeModel(placement, species, constant, tables, tuple(wrapped))


def _functions(space: Any, species: list[list[int]]) -> NDArray[np.float64]:
    """Evaluate the point functions: [primitive site, function, species], zero where there are none."""
    most = max(len(allowed) for allowed in species)
    table = np.zeros((len(species), max(most - 1, 1), most))
    for b, allowed in enumerate(species):
        n = len(allowed)
        for k, s in product(range(n - 1), range(n)):
            table[b, k, s] = space.evaluate_cluster_function(n, k, s)
    whole = np.rint(table)
    near = np.abs(table - whole) < 1e-14
    table[near] = whole[near]
    return table


def _clusters(
    expansion: ClusterExpansion, space: Any, n_primitive: int
) -> Iterator[tuple[list[Factor], float, str]]:
    """Give the clusters of one primitive cell with their coefficients, as icet counts them."""
    orbits = space.orbit_list
    k = 1
    for index in range(len(orbits)):
        orbit = orbits.get_orbit(index)
        clusters = [
            [(site.index, _cell(site.unitcell_offset)) for site in cluster.lattice_sites]
            for cluster in orbit.clusters
        ]
        name = f"order {orbit.order}, radius {orbit.radius:.2f} A (orbit {index + 1})"
        for element in orbit.cluster_vector_elements:
            parameter = float(expansion.parameters[k])
            k += 1
            if parameter == 0:
                continue
            functions = element["multicomponent_vector"]
            orders = element["site_permutations"]
            weight = n_primitive * parameter / (len(clusters) * len(orders))
            for cluster, order in product(clusters, orders):
                factors = [(*site, functions[o]) for site, o in zip(cluster, order, strict=True)]
                yield factors, weight, name
    assert k == len(expansion.parameters), "parameters do not match the orbits"


def _cell(offset: Any) -> Cell:
    x, y, z = (int(c) for c in offset)
    return x, y, z


def _expanded(
    factors: list[Factor], functions: NDArray[np.float64]
) -> Iterator[tuple[tuple[Factor, ...], float]]:
    """Write a product of functions as a sum of products with one function a site.

    Only where a cluster meets itself there is more than one function on a site. Their product is a
    combination of the functions of that site and a constant (for spins, the constant 1).
    """
    sites: dict[tuple[int, Cell], list[int]] = {}
    for b, cell, k in factors:
        sites.setdefault((b, cell), []).append(k)
    choices = []
    for (b, cell), ks in sorted(sites.items()):
        if len(ks) == 1:
            choices.append([((b, cell, ks[0]), 1.0)])
            continue
        used = (functions[b] != 0).any(axis=1)
        n = int(used.sum()) + 1
        basis = np.vstack([np.ones(n), functions[b][used][:, :n]]).T
        weights = np.linalg.solve(basis, functions[b][ks][:, :n].prod(axis=0))
        options: list[tuple[Factor | None, float]] = [(None, float(weights[0]))]
        options += [((b, cell, k), float(w)) for k, w in enumerate(weights[1:])]
        choices.append([(f, w) for f, w in options if abs(w) > 1e-13])  # type: ignore[misc]
    for chosen in product(*choices):
        kept = tuple(sorted(f for f, _ in chosen if f is not None))
        yield kept, float(np.prod([w for _, w in chosen]))


def _warning(wrapped: list[str]) -> str:
    some = "; ".join(wrapped[:3]) + (f"; and {len(wrapped) - 3} more" if len(wrapped) > 3 else "")
    return (
        f"the supercell is so small that clusters meet themselves through its boundaries: {some}. "
        "Energies are right for this periodic cell, but it is too small for thermodynamics"
    )


def _by_class(
    terms: Any, placement: Placement, n_classes: int
) -> list[dict[tuple[int, tuple[Factor, ...]], float]]:
    """List the terms of a site of each class: own function, other factors, coefficient."""
    classes: list[dict[tuple[int, tuple[Factor, ...]], float]] = [
        defaultdict(float) for _ in range(n_classes)
    ]
    for factors, coefficient in terms:
        for own in range(len(factors)):
            b, home, k = factors[own]
            rest = factors[:own] + factors[own + 1 :]
            cells = np.array([cell for _, cell, _ in rest], dtype=np.int64).reshape(-1, 3)
            moved = placement.reduced(cells - np.array(home))
            others = sorted((o[0], _cell(cell), o[2]) for o, cell in zip(rest, moved, strict=True))
            classes[b][k, tuple(others)] += coefficient
    return classes


def _flatten(
    classes: list[dict[tuple[int, tuple[Factor, ...]], float]],
    placement: Placement,
    species: list[list[int]],
    functions: NDArray[np.float64],
) -> Tables:
    """Put terms into arrays, alike ones in groups."""
    n_own = functions.shape[1]
    group_start = [0]
    groups: list[tuple[int, int, float]] = []
    terms_of: list[list[list[int]]] = []
    windows: list[dict[Factor, int]] = []
    for terms in classes:
        alike = defaultdict(list)
        for (own, others), coefficient in terms.items():
            if coefficient != 0.0:
                alike[len(others), own, f"{coefficient:.12e}"].append((others, coefficient))
        slots: dict[Factor, int] = {}
        for (order, own, _), members in sorted(alike.items(), reverse=True):
            groups.append((own, order, members[0][1]))
            terms_of.append(
                [[slots.setdefault(f, len(slots)) for f in others] for others, _ in members]
            )
        group_start.append(len(groups))
        windows.append(slots)
    width = -(-max(1, *map(len, windows)) // 8) * 8
    table = np.zeros((len(placement.basis), width), dtype=np.uint32)
    for b, slots in enumerate(windows):
        here = np.flatnonzero(placement.basis == b)
        for (other, cell, k), slot in slots.items():
            there = placement.sites_at(other, placement.offsets[here] + np.array(cell))
            table[here, slot] = there * n_own + k
    entries = [[slot for term in terms for slot in term] for terms in terms_of]
    return Tables(
        site_class=placement.basis.astype(np.uint32),
        slots=table,
        n_slots=as_ints(len(slots) for slots in windows),
        n_species=as_ints(len(allowed) for allowed in species),
        functions=functions,
        group_start=as_ints(group_start),
        group_own=as_ints(own for own, _, _ in groups),
        group_order=as_ints(order for _, order, _ in groups),
        group_coefficient=np.array([c for _, _, c in groups], dtype=float),
        entry_start=as_ints(np.cumsum([0, *map(len, entries)])),
        entries=as_ints(slot for slots in entries for slot in slots),
        bits=as_bits(functions, groups, terms_of),
    )
