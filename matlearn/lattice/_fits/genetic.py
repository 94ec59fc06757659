"""A genetic algorithm over bit strings, and the score that it minimises for cluster expansions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matlearn.lattice._fits.least_squares import DETERMINED

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ELITE = 2  # best strings that go over unchanged
TOURNAMENT = 3  # strings drawn, of which the best becomes a parent


@dataclass(eq=False)
class LeaveOneOutScore:
    """Leave-one-out error of least squares on some of the columns, from the hat matrix."""

    matrix: Floats
    targets: Floats
    weights: Floats | None = None
    known: dict[bytes, float] = field(default_factory=dict)
    """Scores of the column sets seen so far."""

    def __call__(self, columns: Bools) -> float:
        """Return the root mean square error, infinite where some structure is indispensable."""
        key = np.packbits(columns).tobytes()
        if key not in self.known:
            self.known[key] = self._score(columns)
        return self.known[key]

    def _score(self, columns: Bools) -> float:
        n = len(self.targets)
        if columns.sum() >= n:
            return float("inf")
        root = np.ones(n) if self.weights is None else np.sqrt(self.weights)
        values = self.targets * root
        basis, triangle = np.linalg.qr(self.matrix[:, columns] * root[:, None])
        sizes = np.abs(np.diag(triangle))
        if len(sizes) and sizes.min() <= 1e-10 * sizes.max():
            return float("inf")
        free = 1.0 - (basis**2).sum(axis=1)
        if free.min() < DETERMINED:
            return float("inf")
        errors = (values - basis @ (basis.T @ values)) / root / free
        return float(np.sqrt(np.mean(errors**2)))


@dataclass(frozen=True, eq=False)
class Generation:
    """One generation: its strings from the best to the worst."""

    number: int
    strings: Bools
    scores: Floats


def evolve(
    score: Callable[[Bools], float],
    repair: Callable[[Bools], Bools],
    *,
    n_bits: int,
    founders: list[Bools],
    generations: int,
    population: int,
    mutation: float,
    rng: np.random.Generator,
) -> Iterator[Generation]:
    """Breed bit strings with an ever lower score, one generation after another.

    Parents are winners of tournaments, children take each bit from one of them at random, each
    bit then flips with the probability `mutation`, and the best strings go over as they are.
    """
    strings = [repair(one) for one in founders[:population]]
    while len(strings) < population:
        strings.append(repair(rng.random(n_bits) < rng.random()))
    for number in range(generations + 1):
        scores = np.array([score(one) for one in strings])
        order = np.argsort(scores, kind="stable")
        strings, scores = [strings[i] for i in order], scores[order]
        yield Generation(number, np.array(strings), scores)
        children = strings[:ELITE]
        seen = {one.tobytes() for one in children}
        while len(children) < population:
            mother, father = (
                strings[rng.integers(population, size=TOURNAMENT).min()] for _ in "ab"
            )
            child = np.where(rng.random(n_bits) < 0.5, mother, father)
            child = repair(child ^ (rng.random(n_bits) < mutation))
            if child.tobytes() in seen:  # a copy teaches nothing: change it once more
                child = repair(child ^ (rng.random(n_bits) < mutation))
            seen.add(child.tobytes())
            children.append(child)
        strings = children
