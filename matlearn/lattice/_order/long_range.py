"""Long-range order of a given ordered structure, in whichever of its domains."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.lattice._order.observing import Ints, Observer, Site, symbol_of

Floats = NDArray[np.float64]

_NEAR = 0.05
"""How far a site may lie from where the ordered structure has it, angstrom."""


class LongRangeOrder(Observer):
    """Bragg-Williams order parameter of an ordered structure: column ``long_range_order``.

    Each species has sites of its own in the ordered structure. The order parameter of a species is
    the probability to find it on its own sites, less that to find it on the others: 1 in the
    perfect structure, 0 where it is everywhere alike. For two species it is r_A + r_B - 1, the
    same for both, whatever the composition; with more species it is the mean over them. An ordered
    structure can begin on any of the lattice's sites and along any of its axes (L1_2 has 4 such
    variants, L1_0 has 6): the largest of their order parameters is given, which in a disordered
    crystal of n sites is not 0 but about 1 / sqrt(n).

    Parameters
    ----------
    ordered : ase.Atoms
        The ordered structure on the lattice of the simulation, oriented alike; its lattice constant
        does not matter.
    name : str
        Name of the column.

    Raises
    ------
    ValueError
        If the structure is not ordered, not on the lattice of the simulation, or if none of its
        variants fits into the supercell.

    References
    ----------
    W. L. Bragg and E. J. Williams, Proc. R. Soc. A 145, 699 (1934); B. E. Warren, X-Ray
    Diffraction (1969), chapter 12.

    Examples
    --------
    >>> from ase.build import bulk
    >>> l1_2 = bulk("Cu", cubic=True)
    >>> l1_2.symbols[0] = "Au"
    >>> crystal = l1_2.repeat(2)
    >>> crystal.positions += crystal.positions[1]               # another domain
    >>> LongRangeOrder(l1_2)(crystal)
    {'long_range_order': 1.0}
    """

    def __init__(self, ordered: Atoms, *, name: str = "long_range_order") -> None:
        super().__init__()
        if not isinstance(ordered, Atoms) or ordered.cell.rank < 3:
            raise TypeError("ordered must be ASE Atoms with a cell in three dimensions")
        if len(set(ordered.numbers.tolist())) < 2:
            raise ValueError("ordered must hold at least two species, or nothing in it is ordered")
        self._ordered = _primitive(ordered)
        self._name = name

    @property
    def n_variants(self) -> int:
        """Variants that fit into the supercell of the simulation measured last."""
        return len(self._variants[0][1]) if hasattr(self, "_variants") else 0

    def _prepare(self, site: Site) -> None:
        ordered = self._ordered.copy()
        ratio = (site.atoms.cell.volume / len(site.atoms)) / (ordered.cell.volume / len(ordered))
        ordered.set_cell(ordered.cell.array * ratio ** (1 / 3), scale_atoms=True)
        groups = _interchangeable(site)
        patterns = _variants(ordered, site, groups)
        active = np.zeros(len(site.atoms), dtype=bool)
        active[site.active] = True
        self._variants: list[tuple[int, Floats, Floats]] = []
        for number in sorted({int(z) for z in ordered.numbers}):
            own = (patterns == number) & active
            alike = active & np.array([groups[int(z)] == groups[number] for z in patterns[0]])
            others = alike & ~own
            if own.any() and others.any():
                self._variants.append((
                    number,
                    own / own.sum(axis=1, keepdims=True),
                    others / others.sum(axis=1, keepdims=True),
                ))  # fmt: skip
        if not self._variants:
            raise ValueError("ordered puts no species on some of the active sites alone")

    def _read(self, numbers: Ints) -> dict[str, float]:
        parameters = [
            own @ (numbers == z).astype(float) - others @ (numbers == z).astype(float)
            for z, own, others in self._variants
        ]
        return {self._name: float(round(np.mean(parameters, axis=0).max(), 12))}


def _primitive(ordered: Atoms) -> Atoms:
    """Return the smallest cell of the same structure, its atoms where they are."""
    import spglib

    cell: Any = (ordered.cell.array, ordered.get_scaled_positions(), ordered.numbers)
    found: Any = spglib.standardize_cell(cell, to_primitive=True, no_idealize=True, symprec=1e-3)
    if found is None or len(found[2]) == len(ordered):
        return ordered.copy()
    small = Atoms(cell=found[0], pbc=True)
    for atom in ordered:
        others = small.positions - atom.position
        turns = others @ np.linalg.inv(small.cell.array)
        near = np.linalg.norm((turns - np.rint(turns)) @ small.cell.array, axis=1) < _NEAR
        if not near.any():
            small.append(atom)
    return small


def _interchangeable(site: Site) -> dict[int, int]:
    """Give a number to each group of species that share sites; inactive species are by themselves."""
    groups: dict[int, int] = {}
    for k, sublattice in enumerate(site.sublattices):
        shared = {groups[z] for z in sublattice.species if z in groups}
        groups.update({z: g if g not in shared else k for z, g in groups.items()})
        groups.update(dict.fromkeys(sublattice.species, k))
    for z in sorted({int(z) for z in site.atoms.numbers} - set(groups)):
        groups[z] = len(site.sublattices) + z
    return groups


def _variants(ordered: Atoms, site: Site, groups: dict[int, int]) -> NDArray[np.int64]:
    """Return the atomic numbers that the variants which fit put on the sites; one row a variant."""
    unknown = sorted({int(z) for z in ordered.numbers} - set(groups))
    if unknown:
        raise ValueError(
            f"ordered holds {symbol_of(unknown[0])}, which is not a species of the simulation"
        )
    kinds = np.array([groups[int(z)] for z in site.atoms.numbers])
    parent, operations = _symmetry(ordered, np.array([groups[int(z)] for z in ordered.numbers]))
    inverse = np.linalg.inv(ordered.cell.array)
    finder = _finder(ordered)
    origin = _origin(ordered, site, groups, kinds, finder)
    translations = _translations(parent, ordered.cell.array)
    found: dict[bytes, NDArray[np.int64]] = {}
    for rotation, shift in operations:
        turned = site.atoms.cell.array @ rotation @ inverse
        if np.abs(turned - np.rint(turned)).max() > 1e-3:
            continue  # in this orientation it does not fit
        for translation in translations:
            back = (site.atoms.positions - origin - shift) @ rotation - translation
            pattern = ordered.numbers[finder(back)].astype(np.int64)
            found.setdefault(pattern.tobytes(), pattern)
    if not found:
        raise ValueError(
            "no variant of the ordered structure fits into the supercell: its cell is "
            f"{np.round(ordered.cell.array, 3).tolist()}, the supercell "
            f"{np.round(site.atoms.cell.array, 3).tolist()}. An incommensurate supercell suppresses "
            "the order; take a multiple of the ordered cell"
        )
    return np.array(list(found.values()))


def _symmetry(ordered: Atoms, kinds: Ints) -> tuple[Floats, list[tuple[Floats, Floats]]]:
    """Return the disordered lattice's primitive vectors and its operations, all Cartesian.

    An operation takes r to rotation r + shift.
    """
    import spglib

    cell: Any = (ordered.cell.array, ordered.get_scaled_positions(), kinds + 1)
    found: Any = spglib.standardize_cell(cell, to_primitive=True, no_idealize=True, symprec=1e-3)
    if found is None:
        raise ValueError("the symmetry of the lattice of the ordered structure was not found")
    vectors, fractions, numbers = found
    symmetry: Any = spglib.get_symmetry((vectors, fractions, numbers), symprec=1e-3)
    columns = np.asarray(vectors).T
    inverse = np.linalg.inv(columns)
    origin = _shift(ordered, kinds, fractions @ vectors, numbers - 1)
    operations = []
    for turn, fraction in zip(symmetry["rotations"], symmetry["translations"], strict=True):
        rotation = columns @ turn @ inverse
        operations.append((rotation, columns @ fraction + origin - rotation @ origin))
    return np.asarray(vectors), operations


def _shift(ordered: Atoms, kinds: Ints, positions: Floats, own_kinds: Ints) -> Floats:
    """Return where the origin of the primitive cell lies: spglib may choose another one."""
    finder = _finder(ordered)
    for position in ordered.positions:
        shift = position - positions[0]
        index = finder(positions + shift)
        if (index >= 0).all() and (kinds[index] == own_kinds).all():
            return np.asarray(shift)
    raise ValueError("the primitive cell of the lattice of the ordered structure was not found")


def _translations(parent: Floats, cell: Floats) -> Floats:
    """Return the translations of the lattice that are none of the ordered structure."""
    matrix = np.rint(cell @ np.linalg.inv(parent)).astype(int)
    number = abs(round(np.linalg.det(matrix)))
    grid = np.stack(np.meshgrid(*[np.arange(number)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    fractions = np.round(grid @ np.linalg.inv(matrix), 6) % 1.0
    first = np.unique(np.round(fractions, 5) % 1.0, axis=0, return_index=True)[1]
    return grid[np.sort(first)] @ parent


def _finder(ordered: Atoms) -> Any:
    """Return a function from positions to atoms of the periodic structure; -1 where there is none."""
    from scipy.spatial import cKDTree

    inverse = np.linalg.inv(ordered.cell.array)
    fractions = np.mod(ordered.positions @ inverse, 1.0) % 1.0
    tree = cKDTree(fractions, boxsize=1.0)

    def find(positions: Floats) -> Ints:
        wanted = np.mod(positions @ inverse, 1.0) % 1.0
        _, index = tree.query(wanted)
        difference = wanted - fractions[index]
        difference -= np.rint(difference)
        far = np.linalg.norm(difference @ ordered.cell.array, axis=1) > _NEAR
        return np.where(far, -1, index)

    return find


def _origin(ordered: Atoms, site: Site, groups: dict[int, int], kinds: Ints, finder: Any) -> Floats:
    """Return where the ordered structure must begin for all sites to be its own."""
    own_kinds = np.array([groups[int(z)] for z in ordered.numbers])
    for position in ordered.positions:
        origin = site.atoms.positions[0] - position
        index = finder(site.atoms.positions - origin)
        if (index >= 0).all() and (own_kinds[index] == kinds).all():
            return origin
    raise ValueError(
        "ordered is not on the lattice of the simulation: its sites, at the same volume an atom, "
        "are others. Give it in the orientation of the supercell"
    )
