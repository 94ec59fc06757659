"""Find the sites of a lattice in a supercell, whatever its setting, origin or orientation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols
from numpy.typing import NDArray

TOLERANCE = 0.01
"""How far a site may lie from where the lattice has it, angstrom."""


@dataclass(frozen=True)
class Placement:
    """Where the sites of a supercell lie on a lattice."""

    matrix: NDArray[np.int64]
    """Supercell vectors (rows) in units of the primitive ones, shape (3, 3)."""
    basis: NDArray[np.int64]
    """Which site of the primitive cell each site is, shape (n_sites,)."""
    offsets: NDArray[np.int64]
    """Its cell, in units of the primitive vectors, shape (n_sites, 3)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hermite", hermite_normal_form(self.matrix))
        sites = np.full((int(self.basis.max()) + 1, self.n_cells), -1)
        sites[self.basis, self.cell_index(self.offsets)] = np.arange(len(self.basis))
        object.__setattr__(self, "_sites", sites)

    @property
    def n_cells(self) -> int:
        """Primitive cells in the supercell."""
        return int(np.prod(np.diag(self._hermite)))  # type: ignore[attr-defined]

    def reduced(self, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
        """Move cells into one chosen copy of the supercell; shape (..., 3)."""
        hermite = self._hermite  # type: ignore[attr-defined]
        moved = np.array(offsets, dtype=np.int64)
        for k in range(3):
            moved -= (moved[..., k] // hermite[k, k])[..., None] * hermite[k]
        return moved

    def cell_index(self, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
        """Number the cells of the supercell from 0; shape (...,)."""
        size = np.diag(self._hermite)  # type: ignore[attr-defined]
        moved = self.reduced(offsets)
        return (moved[..., 0] * size[1] + moved[..., 1]) * size[2] + moved[..., 2]

    def sites_at(
        self, basis: int | NDArray[np.int64], offsets: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Give the sites of one kind, or of one for each, in certain cells; shape (...,)."""
        return self._sites[basis, self.cell_index(offsets)]  # type: ignore[attr-defined]


def hermite_normal_form(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the upper triangular basis of the lattice that the rows of an integer matrix span.

    Examples
    --------
    >>> hermite_normal_form(np.array([[-1, 1, 1], [1, -1, 1], [1, 1, -1]])).tolist()
    [[1, 1, 1], [0, 2, 0], [0, 0, 2]]
    """
    rows = [[int(x) for x in row] for row in matrix]  # Python's integers do not overflow
    for k in range(3):
        while True:
            used = [row for row in rows[k:] if row[k]]
            pivot = min(used, key=lambda row: abs(row[k]))
            rows.remove(pivot)
            rows.insert(k, pivot)
            if len(used) == 1:
                break
            for row in rows[k + 1 :]:
                factor = row[k] // pivot[k]
                row[:] = [x - factor * y for x, y in zip(row, pivot, strict=True)]
        if rows[k][k] < 0:
            rows[k] = [-x for x in rows[k]]
        for row in rows[:k]:
            factor = row[k] // rows[k][k]
            row[:] = [x - factor * y for x, y in zip(row, rows[k], strict=True)]
    return np.array(rows)


def place(
    primitive: Atoms, species: list[list[int]], supercell: Atoms, *, check_species: bool = True
) -> Placement:
    """Find which site of a lattice each atom of a supercell is on.

    Parameters
    ----------
    primitive
        The primitive cell of the lattice; what is on its sites does not matter.
    species
        The atomic numbers allowed on each of its sites.
    supercell
        Any cell of the same lattice: another choice of vectors, another origin or orientation are
        the same lattice.
    check_species
        Refuse what may not be on its site. Where that does not matter, it decides at most where
        the lattice begins.

    Raises
    ------
    TypeError, ValueError
        If the supercell is not made of whole primitive cells, or holds a species where it may not.
    """
    if not isinstance(supercell, Atoms):
        raise TypeError(f"supercell must be ASE Atoms, got a {type(supercell).__name__}")
    if not len(supercell) or supercell.cell.rank < 3:
        raise ValueError("supercell must have atoms and a cell in three dimensions")
    if not (np.isfinite(supercell.positions).all() and np.isfinite(supercell.cell.array).all()):
        raise ValueError("supercell must have finite positions and cell vectors, got NaN or inf")
    if check_species:
        _check_species(species, supercell)
    fits = None
    for placement in _placements(primitive, supercell, turned=check_species):
        fits = fits or placement
        if _forbidden(placement, species, supercell) is None:
            return placement
    if fits is None:
        raise ValueError(_misfit(primitive, supercell))
    if not check_species:
        return fits
    site = _forbidden(fits, species, supercell)
    assert site is not None
    allowed = ", ".join(chemical_symbols[z] for z in species[fits.basis[site]])
    raise ValueError(
        f"supercell has {supercell.symbols[site]} on site {site}, where the cluster expansion "
        f"allows only {allowed}"
    )


def _check_species(species: list[list[int]], supercell: Atoms) -> None:
    known = sorted({z for allowed in species for z in allowed})
    unknown = np.flatnonzero(~np.isin(supercell.numbers, known))
    if len(unknown):
        site = unknown[0]
        raise ValueError(
            f"supercell has {supercell.symbols[site]} on site {site}: the cluster expansion knows "
            f"only {', '.join(chemical_symbols[z] for z in known)}"
        )


def _placements(primitive: Atoms, supercell: Atoms, *, turned: bool = True) -> Iterator[Placement]:
    """Give the ways in which the sites of a supercell may lie on the lattice.

    If not `turned`, only those of one orientation.
    """
    for vectors in _orientations(primitive, supercell):
        matrix = np.rint(supercell.cell.array @ np.linalg.inv(vectors)).astype(np.int64)
        found = False
        if len(supercell) == len(primitive) * abs(round(np.linalg.det(matrix))):
            for placement in _origins(primitive, vectors, matrix, supercell):
                found = True
                yield placement
        if found and not turned:
            return


def _orientations(primitive: Atoms, supercell: Atoms) -> Iterator[NDArray[np.float64]]:
    """Give the primitive vectors as they may lie in the supercell: as they are, then turned."""
    cell = primitive.cell.array
    if _whole(supercell.cell.array, cell):
        yield cell
    metric = cell @ cell.T
    lengths = np.sqrt(np.diag(metric))
    found = _differences(supercell, float(lengths.max()) + 2 * TOLERANCE)
    norms = np.linalg.norm(found, axis=1)
    first, second, third = (found[np.abs(norms - length) < 2 * TOLERANCE] for length in lengths)
    roughly = 4 * TOLERANCE * lengths.max()
    for a in first:
        for b in second[np.abs(second @ a - metric[0, 1]) < roughly]:
            near = np.abs(third @ a - metric[0, 2]) < roughly
            for c in third[near & (np.abs(third @ b - metric[1, 2]) < roughly)]:
                vectors = _exactly(np.array([a, b, c]), supercell.cell.array)
                if vectors is None or np.linalg.det(vectors) * np.linalg.det(cell) < 0:
                    continue
                if np.abs(vectors @ vectors.T - metric).max() < TOLERANCE * lengths.max():
                    yield vectors


def _exactly(vectors: NDArray[np.float64], cell: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Free primitive vectors of what the positions of single atoms are off; None: they do not fit."""
    if abs(np.linalg.det(vectors)) < TOLERANCE:
        return None
    matrix = np.rint(cell @ np.linalg.inv(vectors))
    if abs(np.linalg.det(matrix)) < 0.5:
        return None
    exact = np.asarray(np.linalg.solve(matrix, cell), dtype=np.float64)
    return exact if np.abs(exact - vectors).max() < 2 * TOLERANCE else None


def _differences(supercell: Atoms, longest: float) -> NDArray[np.float64]:
    """Give the vectors from the first site to all others within a distance, images included."""
    cell = supercell.cell.array
    inverse = np.linalg.inv(cell)
    scaled = (supercell.positions - supercell.positions[0]) @ inverse
    scaled -= np.rint(scaled)
    reach = np.ceil(longest * np.linalg.norm(inverse, axis=0) + 0.5).astype(int)
    found = []
    for shift in product(*(range(-n, n + 1) for n in reach)):
        vectors = (scaled + shift) @ cell
        found.append(vectors[np.linalg.norm(vectors, axis=1) < longest])
    return np.concatenate(found)


def _whole(cell: NDArray[np.float64], vectors: NDArray[np.float64]) -> bool:
    """Tell whether cell vectors are whole combinations of others."""
    matrix = np.rint(cell @ np.linalg.inv(vectors))
    return bool(np.abs(matrix @ vectors - cell).max() < TOLERANCE)


def _origins(
    primitive: Atoms,
    vectors: NDArray[np.float64],
    matrix: NDArray[np.int64],
    supercell: Atoms,
) -> Iterator[Placement]:
    """Place the sites, the lattice's origin at the supercell's first, then on each kind of site."""
    inverse = np.linalg.inv(vectors)
    sites = primitive.positions @ np.linalg.inv(primitive.cell.array)
    atoms = supercell.positions @ inverse
    for shift in (np.zeros(3), *(atoms[0] - site for site in sites)):
        basis = np.full(len(atoms), -1)
        offsets = np.zeros((len(atoms), 3), dtype=np.int64)
        for b, site in enumerate(sites):
            difference = atoms - shift - site
            cells = np.rint(difference)
            near = np.linalg.norm((difference - cells) @ vectors, axis=1) < TOLERANCE
            basis[near], offsets[near] = b, cells[near]
        if (basis >= 0).all() and (np.bincount(basis) == len(atoms) // len(sites)).all():
            placement = Placement(matrix, basis, offsets)
            if (placement._sites >= 0).all():  # type: ignore[attr-defined]
                yield placement


def _forbidden(placement: Placement, species: list[list[int]], supercell: Atoms) -> int | None:
    """Give the first site that holds what it may not."""
    for b, allowed in enumerate(species):
        wrong = (placement.basis == b) & ~np.isin(supercell.numbers, allowed)
        if wrong.any():
            return int(np.flatnonzero(wrong)[0])
    return None


def _misfit(primitive: Atoms, supercell: Atoms) -> str:
    """Say why a supercell does not fit."""
    text = "supercell is not made of whole primitive cells of the cluster expansion"
    ratio = (supercell.cell.volume / len(supercell)) / (primitive.cell.volume / len(primitive))
    if abs(ratio - 1) > 1e-3 and _scaled_fits(primitive, supercell, ratio ** (-1 / 3)):
        return (
            f"{text}: its lengths are {ratio ** (1 / 3):.4f} times those of the expansion's "
            "lattice. Build it from cluster_space.primitive_structure, which has the right ones"
        )
    if len(supercell) % len(primitive):
        return f"{text}: it has {len(supercell)} sites, the primitive cell {len(primitive)}"
    matrix = supercell.cell.array @ np.linalg.inv(primitive.cell.array)
    sites = len(primitive) * abs(float(np.linalg.det(matrix)))
    if abs(sites - len(supercell)) > 0.5 and abs(sites - round(sites)) < 1e-3:
        return (
            f"{text}: it has {len(supercell)} sites where its cell has room for {round(sites)}. A "
            "vacancy is an atom of the symbol X, in the supercell and among the expansion's species"
        )
    return (
        f"{text}: in units of the primitive vectors its own are {np.round(matrix, 2).tolist()}, or "
        "its atoms do not lie on the sites. Build it from cluster_space.primitive_structure, "
        "for example with .repeat(...) or ase.build.make_supercell"
    )


def _scaled_fits(primitive: Atoms, supercell: Atoms, factor: float) -> bool:
    scaled = supercell.copy()
    scaled.set_cell(supercell.cell.array * factor, scale_atoms=True)
    return any(True for _ in _placements(primitive, scaled))
