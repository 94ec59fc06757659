"""Rejection-free hops on a lattice: how one is drawn, and what it changes.

Bortz, Kalos and Lebowitz, J. Comput. Phys. 17, 10 (1975). The rates of all hops are kept, and their
sums in a tree; after a hop only those rates are computed anew that a changed site has a part in. The
sums of terms (`fields`) that energies are made of are kept for every site, too, and a changed site
adds its change to the fields of the sites that it shares terms with.
"""

from __future__ import annotations

import numpy as np

from matlearn._compiling import compiled
from matlearn.lattice._kernels.energy import change_fields
from matlearn.lattice._kernels.hopping import (
    ENERGY,
    ENERGY_TIME,
    NEXT,
    TIME,
    Jumps,
    State,
    Terms,
)
from matlearn.lattice._kernels.random import uniform
from matlearn.lattice._kernels.rates import energy_change, update

DONE, BLOCKED, ASKING = 0, 1, 2
"""How `advance` ended: as asked, with nothing left that can hop, or for want of barriers."""


@compiled(inline=True, allocates=False)
def change_species(site: int, species: int, jumps: Jumps, terms: Terms, state: State) -> None:
    """Put another species on a site, and what that changes into the fields around it."""
    functions, values, change = terms.functions, state.values, state.change
    state.species[site] = species
    c = terms.site_class[site]
    index = jumps.index_of[c, species]
    n_own = functions.shape[1]
    for f in range(n_own):
        change[f] = functions[c, f, index] - values[site * n_own + f]
        values[site * n_own + f] = functions[c, f, index]
    if terms.n_slots[c] > 0:
        change_fields(site, values, change, state.fields, terms, state.near, state.slopes)


@compiled(inline=True, allocates=False)
def collect(site: int, count: int, jumps: Jumps, terms: Terms, state: State) -> int:
    """Add to `sites` those whose jumps depend on a changed site; give how many there are."""
    stamps, sites, slots, near_slots = state.stamps, state.sites, terms.slots, jumps.near_slots
    seen_from = jumps.seen_from
    n_own = terms.functions.shape[1]
    c = terms.site_class[site]
    first, last = jumps.near_start[c], jumps.near_start[c + 1]
    seen, end = jumps.seen_start[site], jumps.seen_start[site + 1]
    for q in range(-1, last - first + end - seen):
        there = np.int64(site)
        if q >= last - first:
            there = np.int64(seen_from[seen + q - (last - first)])
        elif q >= 0:
            there = np.int64(slots[site, near_slots[first + q]])
            if n_own > 1:
                there //= n_own
        if stamps[1 + there] != stamps[0]:
            stamps[1 + there] = stamps[0]
            sites[count] = there
            count += 1
    return count


@compiled(inline=True, allocates=False)
def look(count: int, emptied: int, jumps: Jumps, state: State) -> None:
    """Put the jumps from or to certain sites into `todo`, each once; to `emptied` there are none."""
    neighbours, reverse, sites, slot_of = (
        jumps.neighbours,
        jumps.reverse,
        state.sites,
        state.slot_of,
    )
    stamps, todo = state.stamps, state.todo
    n = 0
    for t in range(count):
        site = sites[t]
        slot = np.int64(slot_of[site])
        for k in range(neighbours.shape[1]):
            other = neighbours[site, k]
            if slot >= 0:  # also where jump k leads nowhere: it may have led on from where it was
                n += 1
                todo[n] = slot << 8 | k
            if other < 0:
                continue
            if slot < 0 or site == emptied:
                beside = np.int64(slot_of[other])
                if beside >= 0 and stamps[1 + other] != stamps[0]:
                    n += 1
                    todo[n] = beside << 8 | reverse[site, k]
    todo[0] = n


@compiled(inline=True, allocates=False)
def hop(slot: int, k: int, jumps: Jumps, terms: Terms, state: State) -> None:
    """Let a vacancy make its jump k, and list the jumps whose rates change with it."""
    vacancies, atom_at, slot_of, stamps = (
        state.vacancies,
        state.atom_at,
        state.slot_of,
        state.stamps,
    )
    displacements, collective, squares = state.displacements, state.collective, state.squares
    vectors = jumps.vectors
    site = vacancies[slot]
    other = jumps.neighbours[site, k]
    atom, species = atom_at[other], state.species[other]
    vector = jumps.vector_index[site, k]
    for x in range(3):
        displacements[atom, x] -= vectors[vector, x]
        collective[species, x] -= vectors[vector, x]
        squares[species] += vectors[vector, x] * vectors[vector, x]
    state.hops[species] += 1
    if len(terms.group_own) > 0:
        state.clock[ENERGY] += energy_change(site, k, jumps, terms, state)
    atom_at[site], atom_at[other] = atom, -1
    slot_of[site], slot_of[other] = -1, slot
    vacancies[slot] = other
    stamps[0] += 1
    count = 0
    for end in range(2):
        changed = site if end == 0 else other
        change_species(changed, species if end == 0 else 0, jumps, terms, state)
        count = collect(changed, count, jumps, terms, state)
    look(count, other, jumps, state)


@compiled(allocates=False)
def todo_all(state: State) -> None:
    """List all jumps."""
    state.asked[0] = 0
    state.todo[0] = state.rates.size
    t = 0
    for slot in range(state.rates.shape[0]):
        for k in range(state.rates.shape[1]):
            t += 1
            state.todo[t] = slot << 8 | k


@compiled(inline=True, allocates=False)
def choose(state: State) -> int:
    """Draw a hop with the probability of its rate; give ``slot << 8 | k``."""
    tree, rates = state.tree, state.rates
    n_leaves = len(tree) // 2
    u = uniform(state.random) * tree[1]
    q = 1
    while q < n_leaves:
        q *= 2
        if u >= tree[q] and tree[q + 1] > 0.0:
            u -= tree[q]
            q += 1
    slot = q - n_leaves
    chosen = 0
    for k in range(rates.shape[1]):
        if rates[slot, k] > 0.0:
            chosen = k
            if u < rates[slot, k]:
                break
            u -= rates[slot, k]
    return slot << 8 | chosen


@compiled(allocates=False)
def advance(
    n_hops: int, until: float, beta: float, jumps: Jumps, terms: Terms, state: State
) -> tuple[int, int]:
    """Make hops, at most some number of them and none after some time.

    Parameters
    ----------
    n_hops : int
        Hops to make.
    until : float
        Time (s) to stop at; the hop that was drawn for later stays drawn.
    beta : float
        1 / (k T) in 1/eV.
    jumps, terms, state
        See above; `state` is changed.

    Returns
    -------
    status : int
        `DONE`, `BLOCKED` (nothing can hop) or `ASKING` (barriers are asked for).
    made : int
        Hops made.
    """
    clock, tree, asked = state.clock, state.tree, state.asked
    for made in range(n_hops):
        if asked[0] > 0:
            return ASKING, made
        if clock[NEXT] < 0.0:
            if not tree[1] > 0.0:
                return BLOCKED, made
            clock[NEXT] = clock[TIME] - np.log(1.0 - uniform(state.random)) / tree[1]
        if clock[NEXT] > until:
            clock[ENERGY_TIME] += clock[ENERGY] * (until - clock[TIME])
            clock[TIME] = until
            return DONE, made
        clock[ENERGY_TIME] += clock[ENERGY] * (clock[NEXT] - clock[TIME])
        clock[TIME] = clock[NEXT]
        clock[NEXT] = -1.0
        chosen = choose(state)
        hop(chosen >> 8, chosen & 255, jumps, terms, state)
        update(beta, jumps, terms, state)
    return (ASKING if asked[0] > 0 else DONE), n_hops
