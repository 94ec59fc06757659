"""Which contractions of moments make a moment tensor potential of a level.

A moment ``M_mu,nu`` is a symmetric tensor with nu indices and the level ``2 + 4 mu + nu``. A basis
function is a product of up to four moments with all indices contracted: a multigraph whose vertices
are the moments and whose edges are pairs of indices summed over. Taken are all of them whose levels
add up to no more than the potential's. Each is computed by products of two smaller pieces, whose
uncontracted indices take given Cartesian values; pieces are shared among basis functions, and
where a piece can be split in several ways, the one that needs the fewest new ones is taken.

A. V. Shapeev, Multiscale Model. Simul. 14, 1153 (2016); I. S. Novikov et al., Mach. Learn.: Sci.
Technol. 2, 025002 (2021). The numbers of basic moments and basis functions are those of mlip's
templates; from level 14 on fewer products are needed for the same functions.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from functools import cache
from math import factorial
from numbers import Integral
from typing import NamedTuple

import numpy as np

LEVELS = tuple(range(2, 24, 2))
"""Levels that can be had."""
MOST_FACTORS = 4
"""Moments in one basis function: potentials are of five bodies at most."""

Vertex = tuple[int, int, int, int]
"""Radial function, and powers of x, y, z that are not summed over."""


class Template(NamedTuple):
    """A list of contractions as mlip's and motep's files hold it."""

    level: int
    alpha_moments_count: int
    """Moments, basic ones and products."""
    alpha_index_basic: np.ndarray
    """(basic moments, 4) radial function and powers of x, y, z."""
    alpha_index_times: np.ndarray
    """(products, 4) left, right, factor, result: a moment is the sum of products with its number."""
    alpha_moment_mapping: np.ndarray
    """(basis functions,) which moments they are."""
    radial_funcs_count: int
    """Radial functions."""


class Piece(NamedTuple):
    """Part of a contraction; of those that are the same, the first in order stands for all."""

    vertices: tuple[Vertex, ...]
    edges: tuple[int, ...]
    """How often each pair of vertices is contracted, pairs in the order of combinations."""


@cache
def template(level: int) -> Template:
    """List the contractions of a level.

    Parameters
    ----------
    level
        An even number from 2 to 22 (4 s at 20, 14 s at 22).

    Returns
    -------
    Template

    Raises
    ------
    ValueError
        For another level.

    Examples
    --------
    >>> eight = template(8)
    >>> len(eight.alpha_index_basic), len(eight.alpha_index_times), len(eight.alpha_moment_mapping)
    (11, 14, 9)
    """
    if not isinstance(level, Integral) or level not in LEVELS:
        raise ValueError(
            f"level must be an even number from {LEVELS[0]} to {LEVELS[-1]}, got {level!r} (an MTP "
            "level counts moments as 2 + 4*mu + nu)"
        )
    scalars = list(_scalars(level))
    kinds = sorted({kind for moments, _ in scalars for kind in moments}, key=_order)
    basic = [(mu, *powers) for mu, nu in kinds for powers in _powers(nu)]
    number = {Piece((vertex,), ()): at for at, vertex in enumerate(basic)}
    products: list[tuple[int, int, int, int]] = []
    mapping = []
    for moments, edges in scalars:
        whole = _canonical(Piece(tuple((mu, 0, 0, 0) for mu, _ in moments), edges))
        for piece, terms in _missing(whole, number).items():
            number[piece] = len(number)
            products += [(number[a], number[b], count, number[piece]) for a, b, count in terms]
        mapping.append(number[whole])
    functions = 1 + max(mu for mu, _ in kinds)
    return Template(
        int(level),
        len(number),
        np.array(basic, dtype=np.int32),
        np.array(products, dtype=np.int32).reshape(-1, 4),
        np.array(mapping, dtype=np.int32),
        functions,
    )


def _order(kind: tuple[int, int]) -> tuple[int, int]:
    mu, nu = kind
    return mu, nu


def _powers(order: int) -> Iterator[tuple[int, int, int]]:
    """Yield all powers of x, y, z of an order."""
    for x in range(order, -1, -1):
        for y in range(order - x, -1, -1):
            yield x, y, order - x - y


def _scalars(level: int) -> list[tuple[tuple[tuple[int, int], ...], tuple[int, ...]]]:
    """List all contractions to scalars up to a level, as kinds of moments and edges, by level."""
    kinds = [(mu, nu) for mu in range(level) for nu in range(level) if 2 + 4 * mu + nu <= level]
    found = []
    for factors in range(1, MOST_FACTORS + 1):
        for moments in itertools.combinations_with_replacement(kinds, factors):
            total = sum(2 + 4 * mu + nu for mu, nu in moments)
            if total > level or sum(nu for _, nu in moments) % 2:
                continue
            distinct = {_first(moments, edges) for edges in _matchings([nu for _, nu in moments])}
            found += [(total, factors, moments, edges) for edges in sorted(distinct)]
    return [(moments, edges) for _, _, moments, edges in sorted(found)]


def _matchings(degrees: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield all ways to contract vertices with so many indices each, none with itself."""
    pairs = list(itertools.combinations(range(len(degrees)), 2))

    def extend(at: int, left: list[int], chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if at == len(pairs):
            if not any(left):
                yield chosen
            return
        i, j = pairs[at]
        for count in range(min(left[i], left[j]) + 1):
            rest = list(left)
            rest[i] -= count
            rest[j] -= count
            yield from extend(at + 1, rest, (*chosen, count))

    return extend(0, degrees, ())


def _first(vertices: tuple, edges: tuple[int, ...]) -> tuple[int, ...]:
    """Give the first in order of all edges that differ by permutations of equal vertices."""
    table = _table(len(vertices), edges)
    return min(
        _edges(table, order)
        for order in itertools.permutations(range(len(vertices)))
        if all(vertices[i] == vertices[j] for i, j in enumerate(order))
    )


def _table(n: int, edges: tuple[int, ...]) -> dict[tuple[int, int], int]:
    """Give edges by pairs of vertices, both ways."""
    pairs = list(itertools.combinations(range(n), 2))
    one_way = dict(zip(pairs, edges, strict=True))
    return one_way | {(j, i): count for (i, j), count in one_way.items()}


def _edges(table: dict[tuple[int, int], int], order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(table[pair] for pair in itertools.combinations(order, 2))


@cache
def _canonical(piece: Piece) -> Piece:
    """Give the piece that stands for all that are the same but for the order of vertices."""
    table = _table(len(piece.vertices), piece.edges)
    return min(
        Piece(tuple(piece.vertices[i] for i in order), _edges(table, order))
        for order in itertools.permutations(range(len(piece.vertices)))
    )


@cache
def _split(piece: Piece, part: tuple[int, ...]) -> tuple[tuple[Piece, Piece, int], ...]:
    """Write a piece as a sum of products of a part of it and the rest.

    An index pair between the two is summed over x, y and z: each vertex then has more powers.
    """
    table = _table(len(piece.vertices), piece.edges)
    rest = tuple(i for i in range(len(piece.vertices)) if i not in part)
    cut = [(i, j, table[i, j]) for i in part for j in rest if table[i, j]]
    terms: Counter[tuple[Piece, Piece]] = Counter()
    for chosen in itertools.product(*(list(_powers(count)) for _, _, count in cut)):
        vertices, ways = [list(vertex) for vertex in piece.vertices], 1
        for (i, j, count), powers in zip(cut, chosen, strict=True):
            ways *= factorial(count)
            for axis, power in enumerate(powers, start=1):
                ways //= factorial(power)
                vertices[i][axis] += power
                vertices[j][axis] += power
        sides = [
            _canonical(Piece(tuple((*vertices[i],) for i in side), _edges(table, side)))  # type: ignore[misc]
            for side in (part, rest)
        ]
        left, right = sorted(sides)
        terms[left, right] += ways
    return tuple((left, right, ways) for (left, right), ways in sorted(terms.items()))


def _missing(
    piece: Piece, known: dict[Piece, int]
) -> dict[Piece, tuple[tuple[Piece, Piece, int], ...]]:
    """Give what must be computed for a piece beyond what is known, parts before wholes."""
    if piece in known:
        return {}
    size = len(piece.vertices)
    best: tuple[tuple[int, int], dict[Piece, tuple[tuple[Piece, Piece, int], ...]]] | None = None
    for count in range(1, size // 2 + 1):
        for part in itertools.combinations(range(size), count):
            if 2 * count == size and 0 not in part:
                continue  # the other half of a split that was seen
            terms = _split(piece, part)
            new: dict[Piece, tuple[tuple[Piece, Piece, int], ...]] = {}
            for one in (side for left, right, _ in terms for side in (left, right)):
                new |= _missing(one, {**known, **dict.fromkeys(new, 0)})
            new[piece] = terms
            cost = len(new), sum(len(products) for products in new.values())
            if best is None or cost < best[0]:
                best = cost, new
    assert best is not None
    return best[1]
