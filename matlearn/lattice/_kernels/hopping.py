"""What kinetic kernels work on: the terms of the energy, the jumps, and the state they change."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

TIME, NEXT, ENERGY, ENERGY_TIME = 0, 1, 2, 3
"""Places in the clock: time (s), time of the next hop (s; -1: not drawn yet), energy (eV), and its
integral over time (eV s)."""


class Terms(NamedTuple):
    """Of `matlearn.lattice._kernels.model.Tables`, what hops need."""

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
