"""ATAT's clusters beside icet's orbits: matched by geometry, point functions converted.

A site is (index in the cell, three integers), so that symmetry and matching are exact once the
points of a file have been put onto the lattice. Both codes use the point functions of A. van de
Walle, Calphad 33, 266 (2009): -cos and -sin of 2 pi s (t + 1) / M. ATAT counts the species s in the
order of ``lat.in``, icet in the order of atomic numbers.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import spglib
from ase.data import atomic_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ase import Atoms

    from matlearn.lattice._atat.reading import AtatCluster, AtatLattice

Site = tuple[int, int, int, int]
Key = tuple[Site, ...]
Decorated = tuple[Key, tuple[int, ...]]


@dataclass(frozen=True)
class Symmetry:
    """A cell's sites and its space group as permutations of lattice sites.

    Attributes
    ----------
    cell : numpy.ndarray, shape (3, 3)
        Lattice vectors, one a row (A).
    positions : numpy.ndarray, shape (n, 3)
        Fractional positions.
    rotations : numpy.ndarray of int, shape (g, 3, 3)
        Rotations in fractional coordinates.
    images, shifts : numpy.ndarray of int, shapes (g, n) and (g, n, 3)
        Where each site of the cell goes: index and lattice vector.
    tolerance : float
        Distance from a lattice site that is still taken for it (A).
    """

    cell: np.ndarray
    positions: np.ndarray
    rotations: np.ndarray
    images: np.ndarray
    shifts: np.ndarray
    tolerance: float

    def site(self, position: np.ndarray) -> Site | None:
        """Lattice site at a Cartesian position (A), None where there is none."""
        offsets = np.linalg.solve(self.cell.T, position) - self.positions
        whole = np.round(offsets)
        distances = np.linalg.norm((offsets - whole) @ self.cell, axis=1)
        nearest = int(distances.argmin())
        if distances[nearest] > self.tolerance:
            return None
        a, b, c = (int(n) for n in whole[nearest])
        return nearest, a, b, c

    def diameter(self, sites: Sequence[Site]) -> float:
        """Longest distance between two of the sites (A)."""
        points = np.array([self.positions[site[0]] + site[1:] for site in sites]) @ self.cell
        return max(
            (float(np.linalg.norm(p - q)) for p, q in itertools.combinations(points, 2)), default=0
        )

    def equivalents(self, sites: Sequence[Site], functions: Sequence[int]) -> set[Decorated]:
        """Clusters that the space group makes of one, those apart by a lattice vector once."""
        index = np.array([site[0] for site in sites])
        offsets = np.array([site[1:] for site in sites])
        moved = np.einsum("gij,nj->gni", self.rotations, offsets) + self.shifts[:, index]
        images = self.images[:, index]
        found = set()
        for image, offset in zip(images.tolist(), moved.tolist(), strict=True):
            key, order = canonical([(i, *o) for i, o in zip(image, offset, strict=True)])
            found.add((key, tuple(functions[i] for i in order)))
        return found


def canonical(sites: Sequence[Site]) -> tuple[Key, tuple[int, ...]]:
    """A cluster moved by a lattice vector and sorted so that equal ones look equal; the order."""
    best: tuple[Key, tuple[int, ...]] | None = None
    lowest = min(site[0] for site in sites)
    for first in sites:
        if first[0] != lowest:
            continue
        moved = [(i, a - first[1], b - first[2], c - first[3]) for i, a, b, c in sites]
        order = tuple(sorted(range(len(moved)), key=moved.__getitem__))
        key = tuple(moved[i] for i in order)
        if best is None or key < best[0]:
            best = key, order
    assert best is not None
    return best


def find_symmetry(lattice: AtatLattice, tolerance: float) -> Symmetry:
    """Space group of a lattice whose sites differ where their species do, as ATAT finds it."""
    kinds = sorted({tuple(symbols) for symbols in lattice.chemical_symbols})
    types = [kinds.index(tuple(symbols)) + 1 for symbols in lattice.chemical_symbols]
    cell = np.array(lattice.primitive.cell)
    positions = lattice.primitive.get_scaled_positions(wrap=False)
    found = spglib.get_symmetry((cell.tolist(), positions.tolist(), types), symprec=tolerance)
    if found is None:
        raise ValueError(
            f"no symmetry was found for the lattice within {tolerance:g} A; do two sites coincide?"
        )
    images, shifts = [], []
    for rotation, translation in zip(found["rotations"], found["translations"], strict=True):
        offsets = (positions @ rotation.T + translation)[:, None] - positions[None]
        whole = np.round(offsets)
        nearest = np.linalg.norm((offsets - whole) @ cell, axis=2).argmin(axis=1)
        images.append(nearest)
        shifts.append(whole[np.arange(len(positions)), nearest].astype(int))
    return Symmetry(
        cell, positions, found["rotations"], np.array(images), np.array(shifts), tolerance
    )


def place(cluster: AtatCluster, lattice: AtatLattice, symmetry: Symmetry) -> list[Site]:
    """Sites of a cluster's points; a cluster that does not fit the lattice is refused."""
    where = f"clusters.out, cluster of line {cluster.line}"
    sites: list[Site] = []
    for point, n_species, function in zip(
        cluster.points, cluster.n_species, cluster.functions, strict=True
    ):
        site = symmetry.site(point @ lattice.axes)
        if site is None:
            raise ValueError(
                f"{where}: the point {' '.join(f'{x:g}' for x in point)} is farther than "
                f"{symmetry.tolerance:g} A from every site of lat.in"
            )
        symbols = lattice.chemical_symbols[site[0]]
        if len(symbols) != n_species or function > n_species - 2:
            raise ValueError(
                f"{where}: a point with {n_species} species and function {function} stands on a "
                f"site that lists {','.join(symbols)} (columns: species less two, function from 0)"
            )
        sites.append(site)
    if len(set(sites)) < len(sites):
        raise ValueError(f"{where}: a point is there twice")
    return sites


def decorations(
    lattice: AtatLattice, clusters: Sequence[AtatCluster], symmetry: Symmetry
) -> list[set[Decorated]]:
    """All equivalents of each cluster in a cell; the multiplicities of the file must be theirs."""
    found: list[set[Decorated]] = []
    for cluster in clusters:
        if not cluster.order:
            found.append({((), ())})
            continue
        sites = place(cluster, lattice, symmetry)
        equivalents = symmetry.equivalents(sites, cluster.functions)
        if len(equivalents) != cluster.multiplicity:
            raise ValueError(
                f"clusters.out, cluster of line {cluster.line}: its multiplicity is "
                f"{cluster.multiplicity:g}, but the symmetry of lat.in makes {len(equivalents)} "
                "clusters of it (is the file that of this lattice? is `tolerance` right?)"
            )
        found.append(equivalents)
    return found


def point_functions(n_species: int) -> np.ndarray:
    """Values of the point functions, shape (n_species - 1, n_species), of ATAT and of icet."""
    species = np.arange(n_species)
    rows = [
        -(np.sin if function % 2 else np.cos)(2 * np.pi * (function // 2 + 1) * species / n_species)
        for function in range(n_species - 1)
    ]
    return np.array(rows)


def conversion(symbols: Sequence[str]) -> np.ndarray:
    """ATAT's functions (rows) of a site in those of icet (columns), which orders by number."""
    order = sorted(symbols, key=atomic_numbers.__getitem__)
    functions = point_functions(len(symbols))
    ours = functions[:, [order.index(symbol) for symbol in symbols]]
    matrix = np.linalg.solve(ours @ ours.T, ours @ functions.T).T
    return np.asarray(np.where(np.abs(matrix) < 1e-14, 0.0, matrix))


@dataclass(frozen=True)
class Orbit:
    """One of icet's orbits on the sites of a lattice.

    Attributes
    ----------
    sites : list of tuple
        Its representative cluster.
    rows : list of dict
        icet's rows for it: index, multiplicity, multicomponent_vector and the rest.
    """

    sites: list[Site]
    rows: list[dict[str, Any]]


def orbits(cluster_space: Any, symmetry: Symmetry) -> list[Orbit]:
    """icet's orbits, placed; refuses a space on another lattice or with other symmetry."""
    primitive: Atoms = cluster_space.primitive_structure
    ratio = len(symmetry.positions) / len(primitive)
    table: dict[int, list[dict[str, Any]]] = {}
    for row in cluster_space.as_list[1:]:
        table.setdefault(row["orbit_index"], []).append(row)
    found = []
    for index, rows in table.items():
        orbit = cluster_space.orbit_list.get_orbit(index)
        sites = []
        for site in orbit.representative_cluster.lattice_sites:
            offset = np.asarray(site.unitcell_offset) @ primitive.cell
            placed = symmetry.site(primitive.positions[site.index] + offset)
            if placed is None:
                raise ValueError(
                    "the lattice of the cluster expansion is not that of lat.in: its primitive "
                    "cell must have the same sites in the same orientation"
                )
            sites.append(placed)
        n_found = len(symmetry.equivalents(sites, [0] * len(sites)))
        if n_found != round(ratio * len(orbit.clusters)):
            raise ValueError(
                f"orbit {index} of the cluster expansion holds {len(orbit.clusters)} clusters a "
                f"cell, but symmetry makes {n_found / ratio:g}: ATAT finds clusters by symmetry, "
                "so an expansion with merged orbits has no equivalent there"
            )
        found.append(Orbit(sites, rows))
    return found


def convert(
    cluster_space: Any,
    lattice: AtatLattice,
    table: Sequence[set[Decorated]],
    ecis: np.ndarray,
    symmetry: Symmetry,
) -> tuple[np.ndarray, list[dict[int, float]]]:
    """Energy (eV) of one cluster for each function of icet, and the blocks of ATAT it comes from.

    Parameters
    ----------
    cluster_space
        icet's.
    lattice, table, ecis, symmetry
        ATAT's lattice, the equivalents of each block (:func:`decorations`), its interactions (eV a
        cluster) and :func:`find_symmetry`'s.

    Returns
    -------
    energies : numpy.ndarray
        One a row of the cluster space; NaN where ATAT has no such cluster.
    sources : list of dict
        For each row the blocks on the same cluster, numbered from 0, and their weights.
    """
    parts: dict[Key, list[tuple[int, tuple[int, ...]]]] = {}
    for block, equivalents in enumerate(table):
        for key, functions in equivalents:
            parts.setdefault(key, []).append((block, functions))
    energies = np.full(len(cluster_space), np.nan)
    sources: list[dict[int, float]] = [{} for _ in energies]
    sources[0] = {block: 1.0 for block, _ in parts.get((), [])}
    for orbit in orbits(cluster_space, symmetry):
        key, order = canonical(orbit.sites)
        matrices = [conversion(lattice.chemical_symbols[site[0]]) for site in key]
        for row in orbit.rows:
            wanted = [row["multicomponent_vector"][i] for i in order]
            weights = sources[row["index"]]
            for block, functions in parts.get(key, []):
                factors = [m[f, w] for m, f, w in zip(matrices, functions, wanted, strict=True)]
                weights[block] = weights.get(block, 0.0) + float(np.prod(factors))
    for index, weights in enumerate(sources):
        if weights or index == 0:
            energies[index] = sum(ecis[block] * weight for block, weight in weights.items())
    return energies, sources
