"""What several checks load or read."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from ase import Atoms

from matlearn.exercises import Verdict, judge


@functools.cache
def learned() -> Any:
    """Load the run that learned lithium on the fly."""
    from matlearn import datasets

    return datasets.load("lithium-learning", progress=False)


@functools.cache
def unseen() -> list[Atoms]:
    """Load the structures of lithium by PBE, those of up to 16 atoms."""
    from matlearn import datasets

    return [atoms for atoms in datasets.load("lithium-pbe", progress=False) if len(atoms) <= 16]


def of_kind(kind: str) -> list[Atoms]:
    """Choose the structures of one kind."""
    return [atoms for atoms in unseen() if atoms.info["kind"] == kind]


def pair(answer: Any, wanted: str) -> tuple[float, float] | Verdict:
    """Give the two numbers of an answer, or say what was given instead.

    Parameters
    ----------
    answer
        Anything.
    wanted
        What the two are, in words that go on with "is wanted".

    Examples
    --------
    >>> pair((1, 2), "a pair")
    (1.0, 2.0)
    """
    if isinstance(answer, tuple | list) and any(one is ... for one in answer):
        return Verdict(False, "no answer yet: both numbers are wanted.")
    if np.ndim(answer) == 0 and judge.number(answer, 0.0, atol=np.inf).passed:
        return Verdict(
            False, f"{wanted} is wanted: you gave one of the two numbers, give both, `(a, b)`."
        )
    readable = judge.array(answer, np.zeros(2), shape_words=wanted, atol=np.inf)
    if not readable.passed:
        return readable
    return float(answer[0]), float(answer[1])
