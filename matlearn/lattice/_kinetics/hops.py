"""Where atoms can jump to, along which vectors, and what surrounds a jump."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.lattice._kernels.hopping import Terms
from matlearn.lattice._kinetics.neighbours import neighbours

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

SAME_SHELL = 1.05
"""Sites this much farther away than the nearest one still count as nearest."""
SAME_VECTOR = 0.02
"""Vectors that differ by less are one (angstrom)."""
MOST = 255
"""Jumps from one site that kernels can number."""


@dataclass(frozen=True)
class Hop:
    """A jump that is about to happen, as a function for its barrier sees it."""

    species: str
    """What jumps."""
    vector: tuple[float, float, float]
    """Along what (angstrom)."""
    symbols: tuple[str, ...]
    """Species on the sites around the middle of the jump, the nearest first; X is a vacancy."""
    positions: tuple[tuple[float, float, float], ...]
    """Where these sites are, from the middle of the jump (angstrom)."""

    @property
    def length(self) -> float:
        """Length of the jump (angstrom)."""
        return float(np.linalg.norm(self.vector))

    def count(self, symbol: str) -> int:
        """Count the sites around that hold a species."""
        return self.symbols.count(symbol)


@dataclass(frozen=True)
class JumpNetwork:
    """The jumps between the sites of a supercell; jump k of a site without one leads to -1."""

    neighbours: Ints
    """Shape (n_sites, n_jumps)."""
    reverse: Ints
    """Which jump of that neighbour leads back, shape (n_sites, n_jumps)."""
    vector_index: Ints
    """Shape (n_sites, n_jumps)."""
    vectors: Floats
    """Different jump vectors (angstrom), shape (n_vectors, 3)."""
    dimensions: int
    """In how many directions jumps lead on for ever."""

    @property
    def lengths(self) -> list[float]:
        """Different jump lengths (angstrom), the shortest first."""
        found: list[float] = []
        for length in np.sort(np.linalg.norm(self.vectors, axis=1)):
            if not found or length - found[-1] > SAME_VECTOR:
                found.append(float(length))
        return found


def build_network(
    supercell: Atoms, mobile: NDArray[np.int64], cutoff: float | None = None
) -> JumpNetwork:
    """Connect the mobile sites of a supercell.

    Parameters
    ----------
    supercell
        The lattice.
    mobile
        Indices of the sites that atoms jump between.
    cutoff
        Longest jump (angstrom); None: to the nearest sites, which are those up to 5 % farther away
        than the nearest of all.

    Raises
    ------
    ValueError
        If no site has a neighbour, or a site is its own neighbour.
    """
    sites = supercell[mobile]
    reach = SAME_SHELL * _shortest(sites) if cutoff is None else cutoff
    first, second, vectors, cells = neighbours(sites, reach + 0.5 * SAME_VECTOR)
    if cutoff is None and len(first):
        lengths = np.linalg.norm(vectors, axis=1)
        near = lengths <= SAME_SHELL * lengths.min()
        first, second, vectors, cells = first[near], second[near], vectors[near], cells[near]
    if not len(first):
        raise ValueError(
            f"no jump is possible: the {len(mobile)} sites that may hold vacancies have no "
            f"neighbours within {reach:.3f} A; give jumps, the longest jump in angstrom"
        )
    if (first == second).any():
        raise ValueError(
            "supercell is so small that an atom could jump onto its own image; repeat it"
        )
    kinds, index = distinct(vectors)
    order = np.lexsort((index, first))
    first, second, index, cells = first[order], second[order], index[order], cells[order]
    start = np.searchsorted(first, np.arange(len(sites) + 1))
    rank = np.arange(len(first)) - start[first]
    shape = (len(supercell), int(rank.max()) + 1)
    if shape[1] > MOST:
        raise ValueError(
            f"jumps reach {shape[1]} sites from one, more than {MOST}; make them shorter"
        )
    leads_to, vector_index = (np.full(shape, -1, dtype=np.int32) for _ in range(2))
    leads_to[mobile[first], rank] = mobile[second]
    vector_index[mobile[first], rank] = index
    back = _opposite(kinds)[index]
    reverse = np.full(shape, -1, dtype=np.int32)
    reverse[mobile[first], rank] = np.argmax(
        (vector_index[mobile[second]] == back[:, None])
        & (leads_to[mobile[second]] == mobile[first][:, None]),
        axis=1,
    )
    dimensions = _dimensions(len(sites), first, second, cells, start)
    return JumpNetwork(leads_to, reverse, vector_index, kinds, dimensions)


def _shortest(sites: Atoms) -> float:
    """Give the distance from the first site to the one nearest to it, images included."""
    from ase.geometry import find_mic, minkowski_reduce

    lengths = [np.inf]
    if sites.pbc.any():
        reduced = minkowski_reduce(sites.cell.array, sites.pbc)[0]
        lengths += np.linalg.norm(reduced[sites.pbc], axis=1).tolist()
    if len(sites) > 1:
        others = sites.positions[1:] - sites.positions[0]
        lengths.append(float(find_mic(others, sites.cell, sites.pbc)[1].min()))
    return min(lengths)


def distinct(vectors: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Find the different ones among many vectors, and which of them each is."""
    index = np.full(len(vectors), -1)
    kinds: list[Floats] = []
    left = np.arange(len(vectors))
    while len(left):
        near = np.abs(vectors[left] - vectors[left[0]]).max(axis=1) < SAME_VECTOR
        index[left[near]] = len(kinds)
        kinds.append(vectors[left[near]].mean(axis=0))
        left = left[~near]
    table = np.array(kinds).reshape(-1, 3)
    order = np.lexsort(np.round(table.T, 1))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return table[order], place[index]


def _opposite(vectors: Floats) -> NDArray[np.int64]:
    difference = np.abs(vectors[:, None] + vectors[None]).max(axis=2)
    return np.argmin(difference, axis=1)


def _dimensions(
    n_sites: int, first: NDArray, second: NDArray, cells: NDArray, start: NDArray
) -> int:
    """Count the independent directions of closed paths that end in another cell."""
    image = np.zeros((n_sites, 3), dtype=np.int64)
    seen = np.zeros(n_sites, dtype=bool)
    for root in range(n_sites):
        if seen[root]:
            continue
        seen[root] = True
        front = np.array([root])
        while len(front):
            edges = np.concatenate([np.arange(start[i], start[i + 1]) for i in front])
            edges = edges[~seen[second[edges]]]
            front, chosen = np.unique(second[edges], return_index=True)
            image[front] = image[first[edges[chosen]]] + cells[edges[chosen]]
            seen[front] = True
    loops = np.unique(image[first] + cells - image[second], axis=0)
    return int(np.linalg.matrix_rank(loops))


def shared_terms(tables: Terms, network: JumpNetwork) -> dict[str, NDArray]:
    """Find, for each jump, the terms of the energy that both of its ends have a part in.

    Returns
    -------
    dict
        What `matlearn.lattice._kernels.hopping.Jumps` has under the same names.
    """
    n_own, n_jumps = tables.functions.shape[1], network.neighbours.shape[1]
    near_start, near_slots, pair_start, entry_start = [0], [], [0], [0]
    groups: list[tuple[int, int, float, int]] = []
    entries: list[int] = []
    mobile = network.neighbours.max(axis=1) >= 0
    for c in range(len(tables.n_slots)):
        here = np.flatnonzero((tables.site_class == c) & mobile)
        jumps: dict[int, list[int]] = {}
        if len(here):
            read = tables.slots[here[0], : tables.n_slots[c]]
            sites, slots = np.unique(read // n_own, return_index=True)
            near_slots += slots[mobile[sites]].tolist()
            for k, site in enumerate(network.neighbours[here[0]]):
                if site >= 0:
                    jumps.setdefault(int(site), []).append(k)
        near_start.append(len(near_slots))
        found: list[dict[tuple[int, int, float, int], list[int]]] = [{} for _ in range(n_jumps)]
        for own, coefficient, term in _terms(tables, c) if jumps else ():
            for slot in term:
                site, other = divmod(int(read[slot]), n_own)
                rest = [s for s in term if s != slot]
                for k in jumps.get(site, ()):
                    found[k].setdefault((own, other, coefficient, len(rest)), []).extend(rest)
        for part in found:
            for group, slots_of in sorted(part.items()):
                groups.append(group)
                entries += slots_of
                entry_start.append(len(entries))
            pair_start.append(len(groups))
    ints = {
        "near_start": near_start, "near_slots": near_slots, "pair_start": pair_start,
        "pair_own": [g[0] for g in groups], "pair_other": [g[1] for g in groups],
        "pair_order": [g[3] for g in groups], "entry_start": entry_start, "entries": entries,
    }  # fmt: skip
    tables_of = {name: np.array(values, dtype=np.int32) for name, values in ints.items()}
    return {**tables_of, "pair_coefficient": np.array([g[2] for g in groups], dtype=float)}


def _terms(tables: Terms, c: int) -> list[tuple[int, float, list[int]]]:
    """List the terms of a class: own function, coefficient, slots of the others."""
    terms = []
    for g in range(tables.group_start[c], tables.group_start[c + 1]):
        own, order = int(tables.group_own[g]), int(tables.group_order[g])
        coefficient = float(tables.group_coefficient[g])
        entries = tables.entries[tables.entry_start[g] : tables.entry_start[g + 1]].tolist()
        width = max(order, 1)
        terms += [(own, coefficient, entries[t : t + width]) for t in range(0, len(entries), width)]
    return terms


def surroundings(
    supercell: Atoms, network: JumpNetwork, radius: float
) -> tuple[Ints, Ints, list[tuple[Floats, Floats]]]:
    """Find the sites around the middle of each jump, in the same order for a jump and its reverse.

    Returns
    -------
    around : ndarray, shape (n_sites, n_jumps, n_around)
        Sites, -1 beyond the last.
    kinds : ndarray, shape (n_sites, n_jumps)
        Which kind of jump it is: a jump and its reverse are of one kind.
    geometry : list of (vector, positions)
        For each kind one of its two vectors, and the sites around seen from the middle (angstrom).
    """
    longest = np.linalg.norm(network.vectors, axis=1).max()
    reach = radius + 0.5 * longest + SAME_VECTOR
    first, second, vectors, _ = neighbours(supercell, reach)
    parts = []
    for kind, vector in enumerate(network.vectors):
        site, jump = np.nonzero(network.vector_index == kind)
        jump_of = np.full(len(supercell), -1)
        jump_of[site] = jump
        from_middle = vectors - 0.5 * vector
        near = np.linalg.norm(from_middle, axis=1) <= radius + 0.5 * SAME_VECTOR
        near &= np.abs(vectors - vector).max(axis=1) > SAME_VECTOR
        near &= jump_of[first] >= 0
        parts.append((first[near], jump_of[first[near]], second[near], from_middle[near]))
    site, jump, there = (np.concatenate([p[k] for p in parts]) for k in range(3))
    places, index = distinct(np.concatenate([p[3] for p in parts]))
    distance = np.round(np.linalg.norm(places, axis=1), 1)
    rank_of = np.empty(len(places), dtype=np.int64)
    rank_of[np.lexsort((np.arange(len(places)), distance))] = np.arange(len(places))
    order = np.lexsort((rank_of[index], jump, site))
    site, jump, there, index = site[order], jump[order], there[order], index[order]
    flat = site * network.neighbours.shape[1] + jump
    rank = np.arange(len(flat)) - np.searchsorted(flat, flat)
    shape = (*network.neighbours.shape, int(rank.max()) + 1 if len(rank) else 0)
    around, patterns = np.full(shape, -1, dtype=np.int32), np.full(shape, -1, dtype=np.int64)
    around[site, jump, rank], patterns[site, jump, rank] = there, index
    one_way = np.minimum(np.arange(len(network.vectors)), _opposite(network.vectors))
    rows = np.concatenate([one_way[network.vector_index][..., None], patterns], axis=2)
    rows[network.neighbours < 0] = -1
    unique, kinds = np.unique(rows.reshape(-1, rows.shape[2]), axis=0, return_inverse=True)
    geometry = [(network.vectors[max(row[0], 0)], places[row[1:][row[1:] >= 0]]) for row in unique]
    return around, kinds.reshape(network.neighbours.shape).astype(np.int32), geometry
