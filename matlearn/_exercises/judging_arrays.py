"""Judging an array: its shape, its order, its signs, its scale, and where it first differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn._exercises import reading
from matlearn._exercises.judging_numbers import LOOK, seen, sentence, wrong_values
from matlearn._exercises.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def array(
    answer: Any,
    reference: Any | Callable[[], Any],
    *,
    shape_words: str = "an array",
    unit: str = "",
    rtol: float = 0.02,
    atol: float = 0.0,
    mistakes: Mapping[str, Any] | None = None,
    look: str = "",
    right: str = "",
) -> Verdict:
    """Judge an array of numbers.

    Recognised by itself: exchanged rows and columns, a wrong number of entries, an array turned
    back to front or in another order, wrong signs, one factor (a unit) or one shift for all, and
    how many entries hold.

    Parameters
    ----------
    answer
        What the learner gives: anything.
    reference
        The right array, or a function that computes it.
    shape_words
        What is wanted: ``"one energy for each of the 20 structures"``.
    unit
        The one that is asked for.
    rtol, atol
        Tolerances of each entry, the larger holds; `rtol` also of the largest entry's thousandth
        part, so that entries near zero are not judged by their rounding.
    mistakes
        Known slips as for :func:`number`; each gives an array (or makes one of the reference).
    look
        Where to look when nothing else is recognised.
    right
        What to say of a right answer.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> array([1, 2, 3], [1, 2, 3])
    Right: all 3 numbers agree with what the check computes.
    >>> array([3, 2, 1], [1, 2, 3])
    Not yet: the numbers are right, but back to front: look at the order that is asked for.
    """
    try:
        values = reading.array(answer, shape_words, unit)
    except reading.NotPlainError as problem:
        return Verdict(False, f"{problem}.")
    given = reading.reference(reference)
    expected = np.asarray(given, dtype=float)
    if values.shape != expected.shape:
        return Verdict(False, _shape(values, expected, shape_words, rtol, atol))
    if _agree(values, expected, rtol, atol):
        return Verdict(
            True, right or f"all {expected.size} numbers agree with what the check computes."
        )
    for wrong, name, where in wrong_values(mistakes, given):
        wrong = np.asarray(wrong, dtype=float)
        if wrong.shape == values.shape and _agree(values, wrong, rtol, atol):
            return Verdict(False, f"these numbers are what comes out when {sentence(name, where)}")
    return Verdict(False, _differences(values, expected, unit, rtol, atol, look or LOOK))


def _agree(values: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> bool:
    return bool(np.all(_within(values, expected, rtol, atol)))


def _within(values: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> np.ndarray:
    largest = np.abs(expected).max(initial=0.0)
    tolerance = np.maximum(rtol * np.maximum(np.abs(expected), 1e-3 * largest), max(atol, 1e-300))
    return np.asarray(np.abs(values - expected) <= tolerance)


def _shape(values: np.ndarray, expected: np.ndarray, words: str, rtol: float, atol: float) -> str:
    start = f"{words} is wanted, shape {_tuple(expected)}, but you gave shape {_tuple(values)}"
    if values.ndim == 2 and values.T.shape == expected.shape:
        if _agree(values.T, expected, rtol, atol):
            return f"{start}: the numbers are right, with rows and columns exchanged (`.T`)."
        return f"{start}: rows and columns seem to be exchanged (`.T`)."
    if values.size == expected.size:
        return f"{start}: as many numbers, arranged differently; look at what each axis stands for."
    if values.ndim == expected.ndim == 1:
        more = "too many" if values.size > expected.size else "too few"
        return f"{start}: {abs(values.size - expected.size)} {more}; is something left out or counted twice?"
    if values.ndim < expected.ndim:
        return f"{start}: an axis is missing; did you average or sum over one that is to stay?"
    if values.ndim > expected.ndim:
        return f"{start}: an axis too many; which one is to be averaged or summed over?"
    return f"{start}: look at what each axis stands for."


def _differences(
    values: np.ndarray, expected: np.ndarray, unit: str, rtol: float, atol: float, look: str
) -> str:
    if values.ndim == 1 and _agree(values[::-1], expected, rtol, atol):
        return "the numbers are right, but back to front: look at the order that is asked for."
    if values.ndim == 1 and _agree(np.sort(values), np.sort(expected), rtol, atol):
        return "the numbers are right, but in another order: look at the order that is asked for."
    if _agree(-values, expected, rtol, atol):
        return "every number has the right size but the wrong sign: what is taken from what?"
    if _agree(np.abs(values), np.abs(expected), rtol, atol):
        wrong = int((values * expected < 0).sum())
        return f"the sizes are right, but {wrong} of {values.size} have the wrong sign; {look}."
    scale = _common_factor(values, expected, rtol)
    if scale is not None:
        size = float(np.abs(expected).max())
        message = seen(scale * size, size, unit, rtol, rtol * size, True, look)
        return f"all numbers are off by one and the same factor; of the largest: {message}"
    shift = float(np.median(values - expected))
    spread = float(np.ptp(expected))
    if spread and abs(shift) > rtol * spread and _agree(values - shift, expected, rtol, atol):
        return "all numbers are shifted by one and the same amount: what is taken as zero?"
    good = _within(values, expected, rtol, atol)
    first = tuple(int(index) for index in np.argwhere(~good)[0])
    where = f"[{', '.join(map(str, first))}]"
    message = seen(
        float(values[first]), float(expected[first]), unit, rtol,
        max(rtol * abs(float(expected[first])), atol), True, look,
    )  # fmt: skip
    return f"{int(good.sum())} of {good.size} numbers agree; the first that does not is {where}: {message}"


def _common_factor(values: np.ndarray, expected: np.ndarray, rtol: float) -> float | None:
    """One factor that makes all entries of the reference those given, if there is one."""
    large = np.abs(expected) > 1e-3 * np.abs(expected).max(initial=0.0)
    if large.sum() < 2:
        return None
    scale = float(np.median(values[large] / expected[large]))
    if scale == 0 or not _agree(values / scale, expected, rtol, 0.0):
        return None
    return scale


def _tuple(values: np.ndarray) -> str:
    return str(tuple(int(size) for size in values.shape))
