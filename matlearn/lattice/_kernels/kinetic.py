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
from matlearn.lattice._kernels.random import uniform
from matlearn.lattice._kernels.rates import (
    ENERGY,
    ENERGY_TIME,
    NEXT,
    TIME,
    Jumps,
    State,
    Terms,
    energy_change,
    update,
)

DONE, BLOCKED, ASKING = 0, 1, 2
"""How `advance` ended: as asked, with nothing left that can hop, or for want of barriers."""


@compiled(inline=True)
def change_species(site: int, species: int, jumps: Jumps, tables: Terms, state: State) -> None:
    """Put another species on a site, and what that changes into the fields around it."""
    state.species[site] = species
    c = tables.site_class[site]
    index = jumps.index_of[c, species]
    n_own = tables.functions.shape[1]
    for f in range(n_own):
        state.change[f] = tables.functions[c, f, index] - state.values[site * n_own + f]
        state.values[site * n_own + f] = tables.functions[c, f, index]
    change_fields(site, state.values, state.change, state.fields, tables, state.near, state.slopes)


@compiled(inline=True)
def collect(site: int, count: int, jumps: Jumps, tables: Terms, state: State) -> int:
    """Add to `sites` those whose jumps depend on a changed site; give how many there are."""
    n_own = tables.functions.shape[1]
    c = tables.site_class[site]
    first, last = jumps.near_start[c], jumps.near_start[c + 1]
    seen, end = jumps.seen_start[site], jumps.seen_start[site + 1]
    for q in range(-1, last - first + end - seen):
        there = np.int64(site)
        if q >= last - first:
            there = np.int64(jumps.seen_from[seen + q - (last - first)])
        elif q >= 0:
            there = np.int64(tables.slots[site, jumps.near_slots[first + q]])
            if n_own > 1:
                there //= n_own
        if state.stamps[1 + there] != state.stamps[0]:
            state.stamps[1 + there] = state.stamps[0]
            state.sites[count] = there
            count += 1
    return count


@compiled(inline=True)
def look(count: int, emptied: int, jumps: Jumps, state: State) -> None:
    """Put the jumps from or to certain sites into `todo`, each once; to `emptied` there are none."""
    n_jumps = jumps.neighbours.shape[1]
    n = 0
    for t in range(count):
        site = state.sites[t]
        slot = state.slot_of[site]
        for k in range(n_jumps):
            other = jumps.neighbours[site, k]
            if other < 0:
                continue
            if slot >= 0:
                n += 1
                state.todo[n] = np.int64(slot) << 8 | k
            if (slot < 0 or site == emptied) and (
                state.slot_of[other] >= 0 and state.stamps[1 + other] != state.stamps[0]
            ):
                n += 1
                state.todo[n] = np.int64(state.slot_of[other]) << 8 | jumps.reverse[site, k]
    state.todo[0] = n


@compiled(inline=True)
def hop(slot: int, k: int, jumps: Jumps, tables: Terms, state: State) -> None:
    """Let a vacancy make its jump k, and list the jumps whose rates change with it."""
    site = state.vacancies[slot]
    other = jumps.neighbours[site, k]
    atom, species = state.atom_at[other], state.species[other]
    vector = jumps.vector_index[site, k]
    for x in range(3):
        state.displacements[atom, x] -= jumps.vectors[vector, x]
        state.collective[species, x] -= jumps.vectors[vector, x]
        state.squares[species] += jumps.vectors[vector, x] * jumps.vectors[vector, x]
    state.hops[species] += 1
    state.clock[ENERGY] += energy_change(site, k, jumps, tables, state)
    state.atom_at[site], state.atom_at[other] = atom, -1
    state.slot_of[site], state.slot_of[other] = -1, slot
    state.vacancies[slot] = other
    state.stamps[0] += 1
    count = 0
    for end in range(2):
        changed = site if end == 0 else other
        change_species(changed, species if end == 0 else 0, jumps, tables, state)
        count = collect(changed, count, jumps, tables, state)
    look(count, other, jumps, state)


@compiled
def todo_all(state: State) -> None:
    """List all jumps."""
    state.asked[0] = 0
    state.todo[0] = state.rates.size
    t = 0
    for slot in range(state.rates.shape[0]):
        for k in range(state.rates.shape[1]):
            t += 1
            state.todo[t] = slot << 8 | k


@compiled(inline=True)
def choose(state: State) -> int:
    """Draw a hop with the probability of its rate; give ``slot << 8 | k``."""
    n_leaves = len(state.tree) // 2
    u = uniform(state.random) * state.tree[1]
    q = 1
    while q < n_leaves:
        q *= 2
        if u >= state.tree[q] and state.tree[q + 1] > 0.0:
            u -= state.tree[q]
            q += 1
    slot = q - n_leaves
    chosen = 0
    for k in range(state.rates.shape[1]):
        if state.rates[slot, k] > 0.0:
            chosen = k
            if u < state.rates[slot, k]:
                break
            u -= state.rates[slot, k]
    return slot << 8 | chosen


@compiled
def advance(
    n_hops: int, until: float, beta: float, jumps: Jumps, tables: Terms, state: State
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
    jumps, tables, state
        See above; `state` is changed.

    Returns
    -------
    status : int
        `DONE`, `BLOCKED` (nothing can hop) or `ASKING` (barriers are asked for).
    made : int
        Hops made.
    """
    clock = state.clock
    for made in range(n_hops):
        if state.asked[0] > 0:
            return ASKING, made
        if clock[NEXT] < 0.0:
            if not state.tree[1] > 0.0:
                return BLOCKED, made
            clock[NEXT] = clock[TIME] - np.log(1.0 - uniform(state.random)) / state.tree[1]
        if clock[NEXT] > until:
            clock[ENERGY_TIME] += clock[ENERGY] * (until - clock[TIME])
            clock[TIME] = until
            return DONE, made
        clock[ENERGY_TIME] += clock[ENERGY] * (clock[NEXT] - clock[TIME])
        clock[TIME] = clock[NEXT]
        clock[NEXT] = -1.0
        chosen = choose(state)
        hop(chosen >> 8, chosen & 255, jumps, tables, state)
        update(beta, jumps, tables, state)
    return (ASKING if state.asked[0] > 0 else DONE), n_hops
