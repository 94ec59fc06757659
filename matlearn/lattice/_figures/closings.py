"""What happens to the fields of a phase diagram between two temperatures: where phases end."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Edge = tuple[str, str, float, float]
"""Phases left and right of a boundary, and their concentrations there."""


@dataclass(frozen=True)
class Closing:
    """The field of a phase ends between two temperatures: in a point, or on an invariant line."""

    phases: tuple[str, str, str]
    """Left of it, itself, and right of it."""
    temperature: float
    """Of the computed state in which it is still there."""
    edges: tuple[float, float, float, float]
    """There: concentrations of the phase to the left, its own lowest and highest, to the right."""
    tip: float
    """Temperature of its end: half-way, by eye."""
    ends: tuple[float, float, float]
    """Concentrations of the three phases at the tip; all equal where it melts congruently."""
    beyond: tuple[float, float, float] | None
    """Temperature and concentrations of the two others past an invariant line."""


def edges_at(lines: pd.DataFrame, temperature: float) -> list[Edge]:
    """List the boundaries at a temperature by concentration."""
    here = lines[lines["temperature"] == temperature].sort_values(["x_left", "x_right"])
    names = ("phase_left", "phase_right", "x_left", "x_right")
    return [
        (str(a), str(b), float(x), float(y))
        for a, b, x, y in zip(*(here[name] for name in names), strict=True)
    ]


def closings(lines: pd.DataFrame, temperatures: Sequence[float], solution: str) -> list[Closing]:
    """Find what closes between successive temperatures, towards the higher one or the lower.

    Parameters
    ----------
    lines : DataFrame
        Boundaries: ``temperature``, ``phase_left``, ``phase_right``, ``x_left``, ``x_right``.
    temperatures : sequence of float
        At which boundaries were sought.
    solution : str
        Name of the disordered phase, into which others melt congruently.
    """
    found: list[Closing] = []
    for pair in itertools.pairwise(sorted(temperatures)):
        tip = 0.5 * sum(pair)
        for at, other in (pair, pair[::-1]):
            here, there = edges_at(lines, at), edges_at(lines, other)
            known = {edge[:2] for edge in here}
            for (a, b, x, low), (same, c, high, y) in itertools.pairwise(here):
                if same != b:
                    continue
                phases, edges, middle = (a, b, c), (x, low, high, y), 0.5 * (low + high)
                across: Any = next(
                    (e for e in there if e[:2] == (a, c) and e[2] - 0.1 < middle < e[3] + 0.1), None
                )
                if across is not None and (a, c) not in known:
                    ends = (0.5 * (x + across[2]), middle, 0.5 * (y + across[3]))
                    beyond = (other, across[2], across[3])
                    found.append(Closing(phases, at, edges, tip, ends, beyond))
                elif a == c == solution and not any(b in edge[:2] for edge in there):
                    found.append(Closing(phases, at, edges, tip, (middle,) * 3, None))
            if at < other:
                found += [
                    Closing((a, a, c), at, (x, x, y, y), tip, (0.5 * (x + y),) * 3, None)
                    for a, c, x, y in here
                    if a == c and not any(edge[0] == edge[1] for edge in there)
                ]
    return found
