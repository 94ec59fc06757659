"""Rates of the hops of a lattice: what can jump where, and how high the barrier is.

A hop exchanges a vacancy with an atom beside it. Its barrier is that of Van der Ven, Ceder, Asta and
Tepesch, Phys. Rev. B 64, 184307 (2001): a kinetically resolved part, the same for a hop and its
reverse, plus half the change of the energy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matlearn._compiling import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

TIME, NEXT, ENERGY, ENERGY_TIME = 0, 1, 2, 3
"""Places in the clock: time (s), time of the next hop (s; -1: not drawn yet), energy (eV), and its
integral over time (eV s)."""


class Terms(NamedTuple):
    """Of `matlearn.lattice._kernels.energy.Tables`, what hops need."""

    site_class: Ints
    slots: Ints
    n_slots: Ints
    functions: Floats
    group_start: Ints
    group_own: Ints
    group_order: Ints
    group_coefficient: Floats
    entry_start: Ints
    entries: Ints


class Jumps(NamedTuple):
    """What can jump where, and what it takes, as arrays; jump k of a site has no neighbour: -1."""

    neighbours: Ints
    """Site that jump k of a site leads to, shape (n_sites, n_jumps)."""
    reverse: Ints
    """Which jump of that site leads back, shape (n_sites, n_jumps)."""
    vector_index: Ints
    """Which vector the jump goes along, shape (n_sites, n_jumps)."""
    vectors: Floats
    """Vectors in angstrom, shape (n_vectors, 3)."""
    index_of: Ints
    """Number of species s on a site of class c for the energy tables, -1: not allowed there."""
    near_start: Ints
    """Where a class's part of `near_slots` begins, shape (n_classes + 1,)."""
    near_slots: Ints
    """One slot for each site that shares a term with a site of the class."""
    pair_start: Ints
    """Where the terms shared by both ends of a jump begin, shape (n_classes * n_jumps + 1,): in
    groups of the same functions, number of other sites and coefficient."""
    pair_own: Ints
    """Function of the site itself, shape (n_groups,)."""
    pair_other: Ints
    """Function of the other end, shape (n_groups,)."""
    pair_coefficient: Floats
    """Coefficient (eV), shape (n_groups,)."""
    pair_order: Ints
    """Number of other sites, shape (n_groups,)."""
    entry_start: Ints
    """Where the entries of a group begin, shape (n_groups + 1,)."""
    entries: Ints
    """Slots of the other sites, one term after another."""
    rates: Floats
    """Attempt frequency of each species in Hz, shape (n_species,)."""
    barriers: Floats
    """Kinetically resolved barrier of each species (eV), shape (n_species,); NaN: look it up."""
    around: Ints
    """Sites that the barrier of a jump depends on, shape (n_sites, n_jumps, n_around) or 0s."""
    around_kind: Ints
    """Which kind of jump it is, shape (n_sites, n_jumps)."""
    seen_start: Ints
    """Where a site's part of `seen_from` begins, shape (n_sites + 1,)."""
    seen_from: Ints
    """Sites with a jump whose barrier depends on this site."""


class State(NamedTuple):
    """Everything that hops change."""

    species: NDArray[np.int8]
    """Species on each site; 0 is the vacancy."""
    atom_at: Ints
    """Atom on each site, -1 where there is none."""
    slot_of: Ints
    """Which vacancy is on each site, -1 where there is none."""
    vacancies: Ints
    """Site of each vacancy."""
    values: Floats
    """Values of the functions of the energy tables, shape (n_sites * n_own,)."""
    fields: Floats
    """Sums of terms by own function, shape (n_sites * n_own,), eV."""
    rates: Floats
    """Rate of jump k of each vacancy in Hz, shape (n_vacancies, n_jumps)."""
    tree: Floats
    """Sums of rates: 1 is the whole, q is the sum of 2q and 2q + 1; shape (2 * n_leaves,)."""
    displacements: Floats
    """Of each atom since the beginning (angstrom), shape (n_atoms, 3)."""
    collective: Floats
    """Sum of the displacements of the atoms of each species (angstrom), shape (n_species, 3)."""
    squares: Floats
    """Sum of squared jump lengths of each species (angstrom^2), shape (n_species,)."""
    hops: Longs
    """Hops of each species, shape (n_species,)."""
    clock: Floats
    """See `TIME`, `NEXT`, `ENERGY`, `ENERGY_TIME`."""
    random: NDArray[np.uint64]
    """State of the random numbers."""
    keys: Longs
    """Surroundings whose barrier is known (a hash table; -1: free), shape (n_known,)."""
    known: Floats
    """Their barriers (eV), shape (n_known,)."""
    asked: Longs
    """``slot << 8 | k`` of jumps whose barrier is not known; the first entry counts them."""
    todo: Longs
    """``slot << 8 | k`` of jumps whose rate is to be computed; the first entry counts them."""
    stamps: Longs
    """When a site was last looked at, then when a vacancy was; the first entry is the present."""
    sites: Ints
    """Sites to look at, shape (n_sites,)."""
    changed: Ints
    """Vacancies whose rates changed, shape (n_vacancies,)."""
    change: Floats
    """Work space, shape (n_own,)."""
    near: Floats
    """Work space, shape (n_slots,)."""
    slopes: Floats
    """Work space, shape (n_slots,)."""


@compiled(inline=True)
def surroundings(site: int, k: int, species: int, jumps: Jumps, state: State) -> np.int64:
    """Number the surroundings of a jump: its kind, what jumps, and what is around it."""
    n = len(jumps.rates)
    key = np.int64(jumps.around_kind[site, k]) * n + species
    for q in range(jumps.around.shape[2]):
        there = jumps.around[site, k, q]
        key = key * n + (state.species[there] if there >= 0 else 0)
    return key


@compiled
def find(key: int, keys: Longs) -> np.int64:
    """Find a key's place in a hash table, or the free place where it belongs."""
    mask = len(keys) - 1
    hashed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    place = np.int64(hashed >> np.uint64(20)) & mask
    while keys[place] != -1 and keys[place] != key:
        place = (place + 1) & mask
    return place


@compiled(inline=True)
def energy_change(site: int, k: int, jumps: Jumps, tables: Terms, state: State) -> float:
    """Change of the energy (eV) when the vacancy of a site makes its jump k; NaN: not allowed."""
    other = jumps.neighbours[site, k]
    a, b = tables.site_class[site], tables.site_class[other]
    filled = jumps.index_of[a, state.species[other]]
    emptied = jumps.index_of[b, 0]
    change = 0.0 if filled >= 0 and emptied >= 0 else np.nan
    n_own = tables.functions.shape[1]
    for f in range(n_own):
        here, there = site * n_own + f, other * n_own + f
        change += state.fields[here] * (tables.functions[a, f, filled] - state.values[here])
        change += state.fields[there] * (tables.functions[b, f, emptied] - state.values[there])
    pair = a * jumps.neighbours.shape[1] + k
    for p in range(jumps.pair_start[pair], jumps.pair_start[pair + 1]):
        f, g, order = jumps.pair_own[p], jumps.pair_other[p], jumps.pair_order[p]
        total = 1.0 if order == 0 else 0.0
        start, end = jumps.entry_start[p], jumps.entry_start[p + 1]
        if order == 1:
            for t in range(start, end):
                total += state.values[tables.slots[site, jumps.entries[t]]]
        elif order > 1:
            for t in range(start, end, order):
                product = 1.0
                for q in range(order):
                    product *= state.values[tables.slots[site, jumps.entries[t + q]]]
                total += product
        total *= jumps.pair_coefficient[p]
        total *= tables.functions[a, f, filled] - state.values[site * n_own + f]
        change += total * (tables.functions[b, g, emptied] - state.values[other * n_own + g])
    return change


@compiled(inline=True)
def update(beta: float, jumps: Jumps, tables: Terms, state: State) -> None:
    """Compute the rates of all jumps that are to do, and bring the tree up to date.

    Jumps whose barrier is not known are put into `asked`; their rate is 0 until it is.
    """
    n_jumps = jumps.neighbours.shape[1]
    n_leaves = len(state.tree) // 2
    n_sites = len(state.species)
    state.stamps[0] += 1
    n_changed = 0
    for t in range(1, state.todo[0] + 1):
        slot, k = state.todo[t] >> 8, state.todo[t] & 255
        site = state.vacancies[slot]
        other = jumps.neighbours[site, k]
        rate = 0.0
        if other >= 0 and state.species[other] != 0:
            species = state.species[other]
            barrier = jumps.barriers[species]
            if np.isnan(barrier):
                key = surroundings(site, k, species, jumps, state)
                place = find(key, state.keys)
                if state.keys[place] == key:
                    barrier = state.known[place]
                else:
                    state.asked[0] += 1
                    state.asked[state.asked[0]] = state.todo[t]
            if barrier < np.inf:  # and known
                change = energy_change(site, k, jumps, tables, state)
                if not np.isnan(change):
                    barrier = max(barrier + 0.5 * change, 0.0, change)
                    rate = jumps.rates[species] * np.exp(-beta * barrier)
        if rate != state.rates[slot, k]:
            state.rates[slot, k] = rate
            if state.stamps[1 + n_sites + slot] != state.stamps[0]:
                state.stamps[1 + n_sites + slot] = state.stamps[0]
                state.changed[n_changed] = slot
                n_changed += 1
    state.todo[0] = 0
    for t in range(n_changed):
        slot = state.changed[t]
        total = 0.0
        for k in range(n_jumps):
            total += state.rates[slot, k]
        q = n_leaves + slot
        state.tree[q] = total
        while q > 1:
            q //= 2
            state.tree[q] = state.tree[2 * q] + state.tree[2 * q + 1]


@compiled
def asked_keys(jumps: Jumps, state: State, out: Longs) -> None:
    """Number the surroundings of the jumps that were asked for."""
    for t in range(state.asked[0]):
        slot, k = state.asked[t + 1] >> 8, state.asked[t + 1] & 255
        site = state.vacancies[slot]
        species = state.species[jumps.neighbours[site, k]]
        out[t] = surroundings(site, k, species, jumps, state)
