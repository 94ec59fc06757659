"""The arrays that a lattice model is for the kernels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.uint32]  # unsigned: numba then has no negative indices to think of
Occupations = NDArray[np.int8]
Words = NDArray[np.uint64]
NO_HEADS, ONE_WORD, ANY_WORDS = 0, 1, 2


class Bits(NamedTuple):
    """The terms of a model whose only functions are +1 and -1, for counting bits.

    The spins of a site's slots are the bits of a few words. A *part* is terms that share all other
    sites but one: the product of the shared spins (heads) times the sum of the others (tails),
    which is twice the number of bits set, less their number.
    """

    part_start: Ints
    """Parts of a group, shape (n_groups + 1,)."""
    kind: Ints
    """`NO_HEADS`, `ONE_WORD` (all heads and tails in the first word) or else, shape (n_groups,)."""
    coefficient: Floats
    """Of a group, for tails as they are where the heads have an even number of bits set, eV."""
    tail_word: Ints
    """Word of the tails, shape (n_parts,)."""
    tail_mask: Words
    """Bits of the tails, shape (n_parts,)."""
    n_tails: NDArray[np.int64]
    """Number of tails, shape (n_parts,)."""
    head_word: Ints
    """Words of the heads, shape (n_parts, 2)."""
    head_mask: Words
    """Bits of the heads in the first of these, shape (n_parts,)."""
    second_mask: Words
    """Bits of the heads in the second of these, shape (n_parts,)."""


class Tables(NamedTuple):
    """A lattice model on a supercell, as arrays.

    A *value* is a function of the species on a site: value ``site * n_own + k`` is function k there.
    A *group* is all terms of a class that share own function, order and coefficient.
    """

    site_class: Ints
    """Class of each site, shape (n_sites,)."""
    slots: Ints
    """Index of the value that each slot of a site reads, shape (n_sites, n_slots); n_slots is padded
    to a multiple of 8."""
    n_slots: Ints
    """Slots in use, shape (n_classes,)."""
    n_species: Ints
    """Species allowed, shape (n_classes,); 1: an inactive site."""
    functions: Floats
    """Function k of species s on a site of class c, shape (n_classes, n_own, max_species)."""
    group_start: Ints
    """Groups of class c are ``group_start[c]`` to ``group_start[c + 1] - 1``."""
    group_own: Ints
    """Which function of the site itself, shape (n_groups,)."""
    group_order: Ints
    """Number of other sites, shape (n_groups,)."""
    group_coefficient: Floats
    """Coefficient in eV, shape (n_groups,)."""
    entry_start: Ints
    """Entries of a group, shape (n_groups + 1,)."""
    entries: Ints
    """Slots of the other sites of a term, one term after another."""
    bits: Bits
    """The same terms for spins; no parts where the model is not of spins."""


class Work(NamedTuple):
    """Work space of the kernels; what is in it does not matter."""

    near: Floats
    """Values of the slots of a site, shape (n_slots,)."""
    slopes: Floats
    """How the sums of their sites depend on them, shape (n_slots,)."""
    sums: Floats
    """Sums of a site's terms, shape (n_own,)."""
    change: Floats
    """Change of a site's own values, shape (n_own,)."""
    words: Words
    """Spins of the slots of a site as bits, shape (n_words,)."""


def new_work(tables: Tables) -> Work:
    """Make work space for a model."""
    slots, own = tables.slots.shape[1], tables.functions.shape[1]
    words = np.zeros((slots + 63) // 64, np.uint64)
    return Work(np.zeros(slots), np.zeros(slots), np.zeros(own), np.zeros(own), words)
