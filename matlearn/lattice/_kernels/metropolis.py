"""Metropolis Monte Carlo: flips (semi-grand canonical, VCSGC) and swaps (canonical).

Either the sums of a site's terms are computed at each trial, or those of all sites are cached and
brought up to date at each accepted one: the same trajectory, and faster where little is accepted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matlearn._compiling import compiled
from matlearn.lattice._kernels.energy import (
    change_fields,
    difference,
    flip_difference,
    put,
    swap_difference,
)
from matlearn.lattice._kernels.model import Tables, Work
from matlearn.lattice._kernels.random import State, below, uniform

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Lattice(NamedTuple):
    """What is on the sites, and what follows from it; changed in place."""

    occupations: NDArray[np.int8]
    """Species on each site, shape (n_sites,)."""
    values: Floats
    """Values of all functions on all sites, shape (n_sites * n_own,)."""
    fields: Floats
    """Sums of each site's terms, shape (n_sites * n_own,); right only where they are used."""
    counts: Integers
    """Atoms of each species on each sublattice, shape (n_sublattices, max_species)."""
    energy: Floats
    """Energy that species change, in eV, and what rounding took from it, shape (2,)."""
    tally: Integers
    """Trials since the beginning, and trials and accepted ones since it was set to zero, shape (3,)."""


class Records(NamedTuple):
    """What a run writes down, once a record."""

    energy: Floats
    """Energy that species change, in eV, shape (n_records,)."""
    accepted: Integers
    """Trials accepted since the last record, shape (n_records,)."""
    counts: Integers
    """Counts of the lattice, shape (n_records, n_sublattices, max_species)."""


@compiled(inline=True, allocates=False)
def accept(beta_cost: float, state: State) -> bool:
    """Metropolis's choice: always downhill, uphill with probability exp(-beta cost).

    A random number is drawn in any case, so that what follows does not hang on rounding.
    """
    drawn = uniform(state)
    return beta_cost <= 0.0 or drawn < np.exp(-beta_cost)


@compiled(allocates=False)
def flips(
    steps: int,
    beta: float,
    potentials: Floats,
    phis: Floats,
    kappa: float,
    cached: bool,
    active: Integers,
    sublattice: Integers,
    lattice: Lattice,
    records: Records,
    work: Work,
    tables: Tables,
    state: State,
) -> None:
    """Change the species on one site after another.

    Parameters
    ----------
    steps : int
        Trials between records.
    beta : float
        1 / kT, per eV.
    potentials : ndarray, shape (n_classes, max_species)
        Chemical potentials, eV.
    phis : ndarray, shape (n_sublattices, max_species)
        VCSGC's average constraints; NaN for species that have none.
    kappa : float
        VCSGC's variance constraint; 0: semi-grand canonical.
    cached : bool
        Use the fields, which must be right, and keep them right.
    active : ndarray of int
        Sites with more than one species.
    sublattice : ndarray of int, shape (n_classes,)
        Sublattice of each class.
    lattice, records, work : Lattice, Records, Work
        Changed in place.
    tables : Tables
        The model.
    state : ndarray of uint64, shape (2,)
        State of the random numbers; changed in place.
    """
    occupations, values, fields, counts = (
        lattice.occupations,
        lattice.values,
        lattice.fields,
        lattice.counts,
    )
    functions, site_class, n_species = tables.functions, tables.site_class, tables.n_species
    n_own = functions.shape[1]
    near, slopes, change = work.near, work.slopes, work.change
    total, carry = lattice.energy[0], lattice.energy[1]
    for record in range(len(records.energy)):
        accepted = 0
        for _ in range(steps):
            site = active[below(state, len(active))]
            c = site_class[site]
            old = occupations[site]
            new = below(state, n_species[c] - 1) if n_species[c] > 2 else 0
            if new >= old:
                new += 1
            if cached:
                cost = difference(c, old, new, fields, site * n_own, functions)
            else:
                cost = flip_difference(site, new, occupations, values, tables, work)
            weight = beta * (cost - potentials[c, new] + potentials[c, old])
            if kappa > 0.0:
                row = sublattice[c]
                n = 0
                for s in range(counts.shape[1]):
                    n += counts[row, s]
                if not np.isnan(phis[row, old]):
                    weight += kappa * (1.0 / n - 2.0 * counts[row, old] / n - phis[row, old])
                if not np.isnan(phis[row, new]):
                    weight += kappa * (1.0 / n + 2.0 * counts[row, new] / n + phis[row, new])
            if accept(weight, state):
                if cached:
                    for k in range(n_own):
                        change[k] = functions[c, k, new] - functions[c, k, old]
                    change_fields(site, values, change, fields, tables, near, slopes)
                put(site, c, new, occupations, values, functions)
                counts[sublattice[c], old] -= 1
                counts[sublattice[c], new] += 1
                corrected = cost - carry  # Kahan's summation
                higher = total + corrected
                carry = (higher - total) - corrected
                total = higher
                accepted += 1
        records.energy[record] = total
        records.accepted[record] = accepted
        for row in range(counts.shape[0]):
            for s in range(counts.shape[1]):
                records.counts[record, row, s] = counts[row, s]
        lattice.energy[0], lattice.energy[1] = total, carry
        lattice.tally[0] += steps
        lattice.tally[1] += steps
        lattice.tally[2] += accepted


@compiled(allocates=False)
def swaps(
    steps: int,
    beta: float,
    cached: bool,
    members: Integers,
    places: Integers,
    blocks: Integers,
    lattice: Lattice,
    records: Records,
    work: Work,
    tables: Tables,
    state: State,
) -> None:
    """Exchange two different species on one sublattice after another.

    Parameters
    ----------
    steps, beta, cached, lattice, records, work, tables, state
        As in `flips`.
    members : ndarray of int
        Active sites of the sublattices where something can be exchanged: sublattice by sublattice,
        and species by species; changed in place.
    places : ndarray of int, shape (n_sites,)
        Where each site is in `members`; changed in place.
    blocks : ndarray of int, shape (n_members, 4)
        For each place in `members`: first and last + 1 of its species, and of its sublattice.
    """
    occupations, values, fields, counts = (
        lattice.occupations,
        lattice.values,
        lattice.fields,
        lattice.counts,
    )
    functions, site_class = tables.functions, tables.site_class
    n_own = functions.shape[1]
    near, slopes, change = work.near, work.slopes, work.change
    total, carry = lattice.energy[0], lattice.energy[1]
    for record in range(len(records.energy)):
        accepted = 0
        for _ in range(steps):
            first = below(state, len(members))
            low, high = blocks[first, 0], blocks[first, 1]
            start, end = blocks[first, 2], blocks[first, 3]
            second = start + below(state, end - start - (high - low))
            if second >= low:
                second += high - low
            i, j = members[first], members[second]
            a, b = occupations[i], occupations[j]
            ci, cj = site_class[i], site_class[j]
            if cached and not meets(i, j, tables):
                cost = difference(ci, a, b, fields, i * n_own, functions)
                cost += difference(cj, b, a, fields, j * n_own, functions)
            else:
                cost = swap_difference(i, j, occupations, values, tables, work)
            if accept(beta * cost, state):
                if cached:
                    for k in range(n_own):
                        change[k] = functions[ci, k, b] - functions[ci, k, a]
                    change_fields(i, values, change, fields, tables, near, slopes)
                put(i, ci, b, occupations, values, functions)
                if cached:
                    for k in range(n_own):
                        change[k] = functions[cj, k, a] - functions[cj, k, b]
                    change_fields(j, values, change, fields, tables, near, slopes)
                put(j, cj, a, occupations, values, functions)
                members[first], members[second] = j, i
                places[i], places[j] = second, first
                corrected = cost - carry  # Kahan's summation
                higher = total + corrected
                carry = (higher - total) - corrected
                total = higher
                accepted += 1
        records.energy[record] = total
        records.accepted[record] = accepted
        for row in range(counts.shape[0]):
            for s in range(counts.shape[1]):
                records.counts[record, row, s] = counts[row, s]
        lattice.energy[0], lattice.energy[1] = total, carry
        lattice.tally[0] += steps
        lattice.tally[1] += steps
        lattice.tally[2] += accepted


@compiled(allocates=False)
def meets(i: int, j: int, tables: Tables) -> bool:
    """Tell whether two sites share a term."""
    slots, n_own = tables.slots, tables.functions.shape[1]
    low, high = j * n_own, (j + 1) * n_own
    found = False
    for k in range(tables.n_slots[tables.site_class[i]]):
        found |= (slots[i, k] >= low) & (slots[i, k] < high)
    return found
