"""The energy of a lattice model around one site.

The model is a sum over clusters of a coefficient times one function of the species on each of its
sites. All clusters that hold a site form its terms; they are the same for all sites that a lattice
translation makes from one another (a *class*), so terms are kept once a class, and all that is kept
for each site is the list of the values its terms read (its *slots*). Tables of terms stay in the
processor's nearest cache this way, whatever the size of the supercell.
"""

from __future__ import annotations

import numpy as np

from matlearn._compiling import compiled, count_bits
from matlearn.lattice._kernels.model import (
    NO_HEADS,
    ONE_WORD,
    Floats,
    Ints,
    Occupations,
    Tables,
    Words,
    Work,
)


@compiled(inline=True, allocates=False)
def gather(site: int, values: Floats, slots: Ints, n: int, near: Floats) -> None:
    """Read the values that the terms of a site need."""
    for k in range(n):
        near[k] = values[slots[site, k]]


@compiled(inline=True, allocates=False)
def group_sum(start: int, end: int, order: int, entries: Ints, near: Floats) -> float:
    """Sum the products of the values of a group's terms."""
    total = 0.0
    if order == 0:
        total = 1.0
    elif order == 1:
        for t in range(start, end):
            total += near[entries[t]]
    elif order == 2:
        for t in range(start, end, 2):
            total += near[entries[t]] * near[entries[t + 1]]
    else:
        for t in range(start, end, order):
            product = 1.0
            for q in range(order):
                product *= near[entries[t + q]]
            total += product
    return total


@compiled(reorder=True, allocates=False)
def site_sums(site: int, values: Floats, tables: Tables, near: Floats, sums: Floats) -> int:
    """Sum the terms of a site, by the site's own function.

    Parameters
    ----------
    site : int
        The site.
    values : ndarray, shape (n_sites * n_own,)
        Values of all functions on all sites.
    tables : Tables
        The model.
    near : ndarray, shape (n_slots,)
        Work space.
    sums : ndarray, shape (n_own,)
        Set to the sums, in eV. The energy of the terms of this site is their dot product with
        the values of the site.

    Returns
    -------
    int
        The class of the site.
    """
    own, orders = tables.group_own, tables.group_order
    coefficients, starts, entries = tables.group_coefficient, tables.entry_start, tables.entries
    c = tables.site_class[site]
    gather(site, values, tables.slots, tables.n_slots[c], near)
    for k in range(len(sums)):
        sums[k] = 0.0
    for g in range(tables.group_start[c], tables.group_start[c + 1]):
        total = group_sum(starts[g], starts[g + 1], orders[g], entries, near)
        sums[own[g]] += coefficients[g] * total
    return c


@compiled(reorder=True, allocates=False)
def spin_sum(site: int, occupations: Occupations, tables: Tables, words: Words) -> float:
    """Sum the terms of a site of a spin model, in eV, as `site_sums` does, by counting bits.

    Parameters
    ----------
    site : int
        The site; the sum is to be multiplied with its spin, +1 for species 1 and -1 for species 0.
    occupations : ndarray of int8, shape (n_sites,)
        Species, 0 or 1.
    tables : Tables
        The model.
    words : ndarray of uint64, shape (n_words,)
        Work space: one for each 64 slots.
    """
    slots, c = tables.slots, tables.site_class[site]
    bits = tables.bits
    starts, kinds, coefficients = bits.part_start, bits.kind, bits.coefficient
    tail_word, tail_mask, n_tails = bits.tail_word, bits.tail_mask, bits.n_tails
    head_word, head_mask, second_mask = bits.head_word, bits.head_mask, bits.second_mask
    n = tables.n_slots[c]
    for w in range((n + 63) // 64):
        word = np.uint64(0)
        for k in range(64 * w, min(64 * w + 64, n), 8):  # slots are padded to a multiple of 8
            octet = np.uint64(occupations[slots[site, k]])
            octet |= np.uint64(occupations[slots[site, k + 1]]) << np.uint64(1)
            octet |= np.uint64(occupations[slots[site, k + 2]]) << np.uint64(2)
            octet |= np.uint64(occupations[slots[site, k + 3]]) << np.uint64(3)
            octet |= np.uint64(occupations[slots[site, k + 4]]) << np.uint64(4)
            octet |= np.uint64(occupations[slots[site, k + 5]]) << np.uint64(5)
            octet |= np.uint64(occupations[slots[site, k + 6]]) << np.uint64(6)
            octet |= np.uint64(occupations[slots[site, k + 7]]) << np.uint64(7)
            word |= octet << np.uint64(k & 63)
        words[w] = word
    first = words[0]
    result = 0.0
    for g in range(tables.group_start[c], tables.group_start[c + 1]):
        total = np.int64(0)
        if kinds[g] == NO_HEADS:
            for p in range(starts[g], starts[g + 1]):
                total += 2 * count_bits(words[tail_word[p]] & tail_mask[p]) - n_tails[p]
        elif kinds[g] == ONE_WORD:
            for p in range(starts[g], starts[g + 1]):
                tails = 2 * count_bits(first & tail_mask[p]) - n_tails[p]
                odd = count_bits(first & head_mask[p]) & 1
                total += (tails ^ -odd) + odd  # the tails, or minus them
        else:
            for p in range(starts[g], starts[g + 1]):
                tails = 2 * count_bits(words[tail_word[p]] & tail_mask[p]) - n_tails[p]
                heads = words[head_word[p, 0]] & head_mask[p]
                odd = count_bits(heads ^ (words[head_word[p, 1]] & second_mask[p])) & 1
                total += (tails ^ -odd) + odd
        result += coefficients[g] * total
    return result


@compiled(reorder=True, allocates=False)
def change_fields(
    site: int,
    values: Floats,
    change: Floats,
    fields: Floats,
    tables: Tables,
    near: Floats,
    slopes: Floats,
) -> None:
    """Bring the cached sums of all other sites up to date when a site changes.

    Parameters
    ----------
    site : int
        The site.
    values : ndarray, shape (n_sites * n_own,)
        Values of all functions on all sites; those of the site itself are not read.
    change : ndarray, shape (n_own,)
        By how much the site's own values change.
    fields : ndarray, shape (n_sites * n_own,)
        Sums as of `site_sums`, of all sites; changed in place.
    tables : Tables
        The model.
    near, slopes : ndarray, shape (n_slots,)
        Work space.
    """
    slots, entries = tables.slots, tables.entries
    own, orders = tables.group_own, tables.group_order
    coefficients, starts = tables.group_coefficient, tables.entry_start
    c = tables.site_class[site]
    n = tables.n_slots[c]
    gather(site, values, slots, n, near)
    for k in range(n):
        slopes[k] = 0.0
    for g in range(tables.group_start[c], tables.group_start[c + 1]):
        order = orders[g]
        factor = coefficients[g] * change[own[g]]
        start, end = starts[g], starts[g + 1]
        if order == 1:
            for t in range(start, end):
                slopes[entries[t]] += factor
        elif order == 2:
            for t in range(start, end, 2):
                first, second = entries[t], entries[t + 1]
                slopes[first] += factor * near[second]
                slopes[second] += factor * near[first]
        elif order > 2:
            for t in range(start, end, order):
                for q in range(order):
                    product = factor
                    for r in range(order):
                        if r != q:
                            product *= near[entries[t + r]]
                    slopes[entries[t + q]] += product
    for k in range(n):
        fields[slots[site, k]] += slopes[k]


@compiled(allocates=False)
def all_fields(values: Floats, tables: Tables, near: Floats, fields: Floats) -> float:
    """Compute the sums of all sites, and the energy that species change.

    Parameters
    ----------
    values : ndarray, shape (n_sites * n_own,)
        Values of all functions on all sites.
    tables : Tables
        The model.
    near : ndarray, shape (n_slots,)
        Work space.
    fields : ndarray, shape (n_sites * n_own,)
        Set to the sums of all sites, in eV.

    Returns
    -------
    float
        Energy in eV, without the model's constant.
    """
    n_own = tables.functions.shape[1]
    slots, entries, starts = tables.slots, tables.entries, tables.entry_start
    orders, coefficients = tables.group_order, tables.group_coefficient
    group_own, group_start = tables.group_own, tables.group_start
    site_class, n_slots = tables.site_class, tables.n_slots
    energy = 0.0
    for site in range(len(site_class)):
        c = site_class[site]
        gather(site, values, slots, n_slots[c], near)
        for k in range(n_own):
            fields[site * n_own + k] = 0.0
        for g in range(group_start[c], group_start[c + 1]):
            order = orders[g]
            total = group_sum(starts[g], starts[g + 1], order, entries, near)
            own = site * n_own + group_own[g]
            fields[own] += coefficients[g] * total
            # a term is met once at each of its sites
            energy += values[own] * coefficients[g] * total / (order + 1)
    return energy


@compiled(inline=True, allocates=False)
def put(
    site: int, c: int, species: int, occupations: Occupations, values: Floats, functions: Floats
) -> None:
    """Put a species on a site of class c."""
    n_own = functions.shape[1]
    occupations[site] = species
    for k in range(n_own):
        values[site * n_own + k] = functions[c, k, species]


@compiled(inline=True, allocates=False)
def difference(c: int, old: int, new: int, sums: Floats, offset: int, functions: Floats) -> float:
    """Give the energy (eV) of turning one species into another where the sums are known."""
    total = 0.0
    for k in range(functions.shape[1]):
        total += (functions[c, k, new] - functions[c, k, old]) * sums[offset + k]
    return total


@compiled(inline=True, allocates=False)
def flip_difference(
    site: int, new: int, occupations: Occupations, values: Floats, tables: Tables, work: Work
) -> float:
    """Give the energy (eV) of putting another species on a site."""
    old = occupations[site]
    if len(tables.bits.tail_mask) > 0:
        total = 2.0 * (new - old) * spin_sum(site, occupations, tables, work.words)
    else:
        c = site_sums(site, values, tables, work.near, work.sums)
        total = difference(c, old, new, work.sums, 0, tables.functions)
    return total


@compiled(inline=True, allocates=False)
def swap_difference(
    i: int, j: int, occupations: Occupations, values: Floats, tables: Tables, work: Work
) -> float:
    """Give the energy (eV) of exchanging what is on two sites of the same sublattice."""
    a, b = occupations[i], occupations[j]
    total = flip_difference(i, b, occupations, values, tables, work)
    put(i, tables.site_class[i], b, occupations, values, tables.functions)
    total += flip_difference(j, a, occupations, values, tables, work)
    put(i, tables.site_class[i], a, occupations, values, tables.functions)
    return total
