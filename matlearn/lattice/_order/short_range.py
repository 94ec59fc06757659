"""Short-range order: who has whom for a neighbour, more often than by chance."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement, product

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.lattice._order.observing import Ints, Observer, Site, symbol_of

TOLERANCE = 0.01  # angstrom; neighbours whose distances differ by less are of one shell


@dataclass(frozen=True)
class _Bonds:
    """All bonds of one shell between two sublattices."""

    first: Ints
    second: Ints
    columns: tuple[tuple[str, int, int], ...]


class ShortRangeOrder(Observer):
    """Warren-Cowley parameters of the first shells of neighbours.

    alpha = 1 - P(B next to A) / c_B: 0 for a random alloy, negative where unlike atoms prefer each
    other, positive where like atoms do. P is the probability that a neighbour of an A atom, in that
    shell and on that sublattice, is a B atom, and c_B the concentration on the neighbour's
    sublattice. It is not a number where there is no A or no B.

    Columns are ``sro_<A>_<B>_<shell>``, one for each pair of different species; on a single
    sublattice alpha_AB and alpha_BA are the same. Where there are several sublattices (A, B, ...)
    they are named with the species, as in ``sro_Ga.A_As.B_1``, and pairs of like species across
    sublattices have a column as well.

    Parameters
    ----------
    shells : int
        How many shells, by distance between active sites.

    Raises
    ------
    ValueError
        If `shells` is below 1.

    References
    ----------
    J. M. Cowley, Phys. Rev. 77, 669 (1950); several sublattices and species: D. de Fontaine,
    J. Appl. Cryst. 4, 15 (1971).

    Examples
    --------
    >>> from ase.build import bulk
    >>> crystal = bulk("Au", cubic=True, a=4.0)
    >>> crystal.symbols[1:] = "Cu"                              # L1_2
    >>> ShortRangeOrder(2)(crystal.repeat(3))                   # -1/3 and 1: perfect order
    {'sro_Cu_Au_1': -0.333..., 'sro_Cu_Au_2': 1.0}
    """

    def __init__(self, shells: int = 2) -> None:
        super().__init__()
        if int(shells) != shells or shells < 1:
            raise ValueError(f"shells must be a whole number of at least 1, got {shells}")
        self.shells = int(shells)

    def _prepare(self, site: Site) -> None:
        first, second, shell = neighbour_shells(site, self.shells)
        owner = np.full(len(site.atoms), -1)
        for k, sublattice in enumerate(site.sublattices):
            owner[sublattice.sites] = k
        self._bonds: list[_Bonds] = []
        for number in range(self.shells):
            for one, other in combinations_with_replacement(range(len(site.sublattices)), 2):
                here = (shell == number) & (owner[first] == one) & (owner[second] == other)
                if not here.any():
                    continue
                a, b = site.sublattices[one], site.sublattices[other]
                pairs = (
                    [(x, y) for x in a.species for y in a.species if x < y]
                    if one == other
                    else list(product(a.species, b.species))
                )
                columns = tuple(
                    (f"sro_{_name(x, a.name)}_{_name(y, b.name)}_{number + 1}", x, y)
                    for x, y in pairs
                )
                self._bonds.append(_Bonds(first[here], second[here], columns))

    def _read(self, numbers: Ints) -> dict[str, float]:
        found = {}
        for bonds in self._bonds:
            one, other = numbers[bonds.first], numbers[bonds.second]
            for column, a, b in bonds.columns:
                is_a, is_b = one == a, other == b
                n_a, n_b = np.count_nonzero(is_a), np.count_nonzero(is_b)
                both = np.count_nonzero(is_a & is_b)
                expected = n_a * n_b / len(one)
                found[column] = float(1.0 - both / expected) if expected else np.nan
        return found


def neighbour_shells(site: Site, shells: int) -> tuple[Ints, Ints, NDArray[np.int64]]:
    """Return both ends of all bonds between active sites, in both directions, and their shells."""
    from ase.neighborlist import neighbor_list

    placement = site.placement
    vectors = np.linalg.solve(placement.matrix, site.atoms.cell.array)
    one_of_each = np.unique(placement.basis, return_index=True)[1]
    origins = site.atoms.positions[one_of_each] - placement.offsets[one_of_each] @ vectors
    active = np.unique(placement.basis[site.active])
    unit = Atoms(["X"] * len(active), positions=origins[active], cell=vectors, pbc=True)
    reach = 1.2 * (unit.cell.volume / len(unit)) ** (1 / 3)
    while True:
        first, second, distance, cells = neighbor_list("ijdS", unit, reach)
        sorted_distances = np.unique(np.round(distance, 6))
        steps = np.flatnonzero(np.diff(sorted_distances) > TOLERANCE)
        if len(steps) >= shells:  # there is one shell more, so this one is complete
            break
        reach *= 1.25
    shell = np.searchsorted(sorted_distances[steps[:shells]] + TOLERANCE / 2, distance)
    if placement.n_cells == 1:
        near, sites = shell < shells, one_of_each[active]
        return sites[first[near]], sites[second[near]], shell[near]
    bonds = []
    for i, j, number, cell in zip(first, second, shell, cells, strict=True):
        if number < shells:
            here = np.flatnonzero(placement.basis == active[i])
            there = placement.sites_at(active[j], placement.offsets[here] + cell)
            bonds.append((here, there, np.full(len(here), number)))
    here, there, number = (np.concatenate(part) for part in zip(*bonds, strict=True))
    return here, there, number


def _name(number: int, sublattice: str) -> str:
    return symbol_of(number) + (f".{sublattice}" if sublattice else "")
