"""Rates of the hops of a lattice: what can jump where, and how high the barrier is.

A hop exchanges a vacancy with an atom beside it. Its barrier is that of Van der Ven, Ceder, Asta and
Tepesch, Phys. Rev. B 64, 184307 (2001): a kinetically resolved part, the same for a hop and its
reverse, plus half the change of the energy. Parts of a named tuple are taken out of it once, before
a loop.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matlearn._compiling import compiled
from matlearn.lattice._kernels.hopping import Floats, Ints, Jumps, Longs, State, Terms


@compiled(inline=True, allocates=False)
def surroundings(
    site: int,
    k: int,
    hopping: int,
    species: NDArray[np.int8],
    around: Ints,
    around_kind: Ints,
    n_species: int,
) -> np.int64:
    """Number the surroundings of a jump: its kind, what jumps, and what is around it."""
    key = np.int64(around_kind[site, k]) * n_species + hopping
    for q in range(around.shape[2]):
        there = around[site, k, q]
        key = key * n_species + (species[there] if there >= 0 else 0)
    return key


@compiled(allocates=False)
def find(key: int, keys: Longs) -> np.int64:
    """Find a key's place in a hash table, or the free place where it belongs."""
    mask = len(keys) - 1
    hashed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    place = np.int64(hashed >> np.uint64(20)) & mask
    while keys[place] != -1 and keys[place] != key:
        place = (place + 1) & mask
    return place


@compiled(inline=True, allocates=False)
def pair_terms(
    site: int,
    k: int,
    a: int,
    b: int,
    filled: int,
    emptied: int,
    jumps: Jumps,
    terms: Terms,
    state: State,
) -> float:
    """Sum the terms (eV) that both ends of a jump have a part in, times both changes."""
    functions, slots, values = terms.functions, terms.slots, state.values
    entry_start, entries, orders = jumps.entry_start, jumps.entries, jumps.pair_order
    own, others, coefficients = jumps.pair_own, jumps.pair_other, jumps.pair_coefficient
    n_own = functions.shape[1]
    pair = a * jumps.neighbours.shape[1] + k
    other = jumps.neighbours[site, k]
    change = 0.0
    for p in range(jumps.pair_start[pair], jumps.pair_start[pair + 1]):
        f, g, order = own[p], others[p], orders[p]
        total = 1.0 if order == 0 else 0.0
        if order == 1:
            for t in range(entry_start[p], entry_start[p + 1]):
                total += values[slots[site, entries[t]]]
        elif order > 1:
            for t in range(entry_start[p], entry_start[p + 1], order):
                product = 1.0
                for q in range(order):
                    product *= values[slots[site, entries[t + q]]]
                total += product
        total *= coefficients[p] * (functions[a, f, filled] - values[site * n_own + f])
        change += total * (functions[b, g, emptied] - values[other * n_own + g])
    return change


@compiled(inline=True, allocates=False)
def energy_change(site: int, k: int, jumps: Jumps, terms: Terms, state: State) -> float:
    """Change of the energy (eV) when the vacancy of a site makes its jump k; NaN: not allowed."""
    functions, values, fields = terms.functions, state.values, state.fields
    other = jumps.neighbours[site, k]
    a, b = terms.site_class[site], terms.site_class[other]
    filled = jumps.index_of[a, state.species[other]]
    emptied = jumps.index_of[b, 0]
    n_own = functions.shape[1]
    change = 0.0 if filled >= 0 and emptied >= 0 else np.nan
    for f in range(n_own):
        here, there = site * n_own + f, other * n_own + f
        change += fields[here] * (functions[a, f, filled] - values[here])
        change += fields[there] * (functions[b, f, emptied] - values[there])
    if len(jumps.pair_own) > 0:
        change += pair_terms(site, k, a, b, filled, emptied, jumps, terms, state)
    return change


@compiled(inline=True, allocates=False)
def carry(slot: int, rates: Floats, tree: Floats) -> None:
    """Sum the rates of a vacancy and carry the sum up the tree."""
    total = 0.0
    for k in range(rates.shape[1]):
        total += rates[slot, k]
    q = len(tree) // 2 + slot
    tree[q] = total
    while q > 1:
        q //= 2
        tree[q] = tree[2 * q] + tree[2 * q + 1]


@compiled(inline=True, allocates=False)
def update(beta: float, jumps: Jumps, terms: Terms, state: State) -> None:
    """Compute the rates of all jumps that are to do, and bring the tree up to date.

    Jumps whose barrier is not known are put into `asked`; their rate is 0 until it is.
    """
    species, vacancies, rates, tree = state.species, state.vacancies, state.rates, state.tree
    todo, asked, stamps, changed = state.todo, state.asked, state.stamps, state.changed
    neighbours, barriers, frequencies = jumps.neighbours, jumps.barriers, jumps.rates
    around, around_kind, keys, known = jumps.around, jumps.around_kind, state.keys, state.known
    interacting = len(terms.group_own) > 0
    n_sites = len(species)
    stamps[0] += 1
    n_changed = 0
    last_barrier, last_factor = -1.0, 0.0
    for t in range(1, todo[0] + 1):
        slot, k = todo[t] >> 8, todo[t] & 255
        site = vacancies[slot]
        other = neighbours[site, k]
        rate = 0.0
        if other >= 0 and species[other] != 0:
            hopping = species[other]
            barrier = barriers[hopping]
            if np.isnan(barrier):
                key = surroundings(site, k, hopping, species, around, around_kind, len(frequencies))
                place = find(key, keys)
                if keys[place] == key:
                    barrier = known[place]
                else:
                    asked[0] += 1
                    asked[asked[0]] = todo[t]
            if barrier < np.inf:  # and known
                change = 0.0
                if interacting:
                    change = energy_change(site, k, jumps, terms, state)
                if not np.isnan(change):
                    barrier = max(barrier + 0.5 * change, 0.0, change)
                    if barrier != last_barrier:
                        last_barrier, last_factor = barrier, np.exp(-beta * barrier)
                    rate = frequencies[hopping] * last_factor
        if rate != rates[slot, k]:
            rates[slot, k] = rate
            if stamps[1 + n_sites + slot] != stamps[0]:
                stamps[1 + n_sites + slot] = stamps[0]
                changed[n_changed] = slot
                n_changed += 1
    todo[0] = 0
    for t in range(n_changed):
        carry(changed[t], rates, tree)


@compiled(allocates=False)
def asked_keys(jumps: Jumps, state: State, out: Longs) -> None:
    """Number the surroundings of the jumps that were asked for."""
    species, neighbours, n_species = state.species, jumps.neighbours, len(jumps.rates)
    for t in range(state.asked[0]):
        slot, k = state.asked[t + 1] >> 8, state.asked[t + 1] & 255
        site = state.vacancies[slot]
        out[t] = surroundings(
            site,
            k,
            species[neighbours[site, k]],
            species,
            jumps.around,
            jumps.around_kind,
            n_species,
        )
