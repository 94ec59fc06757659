"""Reading an answer of two numbers, each of which is judged by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from matlearn._exercises.judging_arrays import array
from matlearn._exercises.judging_numbers import number
from matlearn._exercises.verdicts import Verdict


def pair(answer: Any, wanted: str) -> tuple[float, float] | Verdict:
    """Give the two numbers of an answer, or say what was given instead.

    Parameters
    ----------
    answer
        Anything.
    wanted
        What the two are, in words that go on with "is wanted".

    Returns
    -------
    tuple of float, or Verdict
        The verdict is one that did not pass.

    Examples
    --------
    >>> pair((1, 2), "a pair")
    (1.0, 2.0)
    >>> pair(1.0, "a pair")
    Not yet: a pair is wanted: you gave one of the two numbers, give both, `(a, b)`.
    """
    if isinstance(answer, tuple | list) and any(one is ... for one in answer):
        return Verdict(False, "no answer yet: both numbers are wanted.")
    if np.ndim(answer) == 0 and number(answer, 0.0, atol=np.inf).passed:
        return Verdict(
            False, f"{wanted} is wanted: you gave one of the two numbers, give both, `(a, b)`."
        )
    readable = array(answer, np.zeros(2), shape_words=wanted, atol=np.inf)
    if not readable.passed:
        return readable
    return float(answer[0]), float(answer[1])
