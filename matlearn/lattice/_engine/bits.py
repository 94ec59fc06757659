"""Lay out the terms of a spin model so that they are summed by counting bits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matlearn.lattice._kernels.model import ANY_WORDS, NO_HEADS, ONE_WORD, Bits

WORD = 64


def as_bits(
    functions: NDArray[np.float64],
    groups: list[tuple[int, int, float]],
    terms_of: list[list[list[int]]],
) -> Bits:
    """Cut the terms of each group into parts that share all sites but one.

    Parameters
    ----------
    functions
        Functions of the species, shape (n_classes, n_own, max_species).
    groups
        Own function, number of other sites, and coefficient (eV) of each group.
    terms_of
        Slots of the other sites of each term of each group.

    Returns
    -------
    Bits
        Without parts where the model is not one of spins, or its clusters are too wide.
    """
    sign = _sign(functions)
    parts_of = [_parts(terms) for terms in terms_of]
    if sign == 0 or any(len(_by_word(heads)) > 2 for parts in parts_of for heads, _ in parts):
        parts_of = [[] for _ in groups]
    rows: list[tuple[int, int, int, int, int, int, int]] = []
    part_start, kinds = [0], []
    for (_, order, _), parts in zip(groups, parts_of, strict=True):
        if order == 0 and sign:
            rows.append((0, 0, -1, 0, 0, 0, 0))  # the sum of no tails: 1
        for heads, tails in parts:
            (w0, m0), (w1, m1) = [*_by_word(heads).items(), (0, 0), (0, 0)][:2]
            for word, mask in _by_word(tails).items():
                rows.append((word, mask, mask.bit_count(), w0, w1, m0, m1))
        words = {row[k] for row in rows[part_start[-1] :] for k in (0, 3, 4)}
        kinds.append(NO_HEADS if order < 2 else ONE_WORD if words <= {0} else ANY_WORDS)
        part_start.append(len(rows))
    columns = list(zip(*rows, strict=True)) or [()] * 7
    # heads count as minus one for each that is down; a group has one number of heads
    signs = [sign ** (order + 1) * (-1) ** max(order - 1, 0) for _, order, _ in groups]
    return Bits(
        part_start=as_ints(part_start),
        kind=as_ints(kinds),
        coefficient=np.array(
            [s * c for s, (*_, c) in zip(signs, groups, strict=True)], dtype=float
        ),
        tail_word=as_ints(columns[0]),
        tail_mask=np.array(columns[1], dtype=np.uint64),
        n_tails=np.array(columns[2], dtype=np.int64),
        head_word=as_ints([*columns[3], *columns[4]]).reshape(2, -1).T.copy(),
        head_mask=np.array(columns[5], dtype=np.uint64),
        second_mask=np.array(columns[6], dtype=np.uint64),
    )


def as_ints(numbers: Iterable[Any]) -> NDArray[np.uint32]:
    """Make an array of 32-bit indices."""
    return np.array(list(numbers), dtype=np.uint32)


def _sign(functions: NDArray[np.float64]) -> int:
    """Give the value of species 1 if all functions are +1 and -1 of two species, else 0."""
    if functions.shape[1:] != (1, 2):
        return 0
    active = functions[(functions != 0).any(axis=(1, 2)), 0]
    for sign in (1, -1):
        if len(active) and (active == [-sign, sign]).all():
            return sign
    return 0


def _by_word(slots: Iterable[int]) -> dict[int, int]:
    """Give the bits of slots, by word."""
    words: dict[int, int] = defaultdict(int)
    for slot in slots:
        words[slot // WORD] |= 1 << (slot % WORD)
    return dict(words)


def _parts(terms: list[list[int]]) -> list[tuple[tuple[int, ...], list[int]]]:
    """Give heads and tails: greedily those heads that most of the terms left share."""
    left = {tuple(sorted(term)) for term in terms if term}
    parts = []
    while left:
        counts = Counter(term[:k] + term[k + 1 :] for term in left for k in range(len(term)))
        ((heads, _),) = counts.most_common(1)
        shared = [term for term in left if set(heads) <= set(term)]
        parts.append((heads, [next(s for s in term if s not in heads) for term in shared]))
        left.difference_update(shared)
    return parts
