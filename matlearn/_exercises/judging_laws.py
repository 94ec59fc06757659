"""Judging by laws rather than by values: sums, invariances, and functions that a learner writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn._exercises import reading
from matlearn._exercises.judging_arrays import array
from matlearn._exercises.judging_numbers import number, with_unit
from matlearn._exercises.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def sum_rule(
    answer: Any,
    total: Any | Callable[[], Any] = 0.0,
    *,
    what: str = "the numbers",
    axis: int | None = None,
    unit: str = "",
    rtol: float = 0.0,
    atol: float = 1e-6,
    look: str = "",
    right: str = "",
) -> Verdict:
    """Ask that numbers add up to what a law demands: forces to zero, shares to one.

    Parameters
    ----------
    answer
        What the learner gives: numbers.
    total
        What the sum must be, or a function that computes it.
    what
        What is added up, in the plural.
    axis
        Along which axis is added; all by default.
    unit, rtol, atol
        As for :func:`number`.
    look
        Where to look when the law is broken.
    right
        What to say when it holds.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> sum_rule([[0.2, 0], [-0.1, 0]], what="the forces", axis=0, unit="eV/A")
    Not yet: the forces add up to [0.1, 0] eV/A, and must add up to [0, 0] eV/A.
    """
    try:
        values = reading.array(answer, what, unit)
    except reading.NotPlainError as problem:
        return Verdict(False, f"{problem}.")
    if axis is not None and not -values.ndim <= axis < values.ndim:
        return Verdict(False, f"{what} have shape {values.shape}: an axis to add along is missing.")
    added = np.asarray(values.sum(axis=axis))
    demanded = np.broadcast_to(np.asarray(reading.reference(total), dtype=float), added.shape)
    if np.all(np.abs(added - demanded) <= np.maximum(rtol * np.abs(demanded), atol)):
        return Verdict(True, right or f"{what} add up as they must.")
    seen, must = _list(added, unit), _list(demanded, unit)
    where = f"; {look.rstrip('. ')}" if look else ""
    return Verdict(False, f"{what} add up to {seen}, and must add up to {must}{where}.")


def invariant(
    function: Any,
    under: Mapping[str, Callable[[Any], Any]],
    at: Sequence[Any],
    *,
    what: str = "the value",
    rtol: float = 1e-6,
    atol: float = 1e-9,
    look: str = "",
    right: str = "",
) -> Verdict:
    """Ask that a learner's function does not care for what physics does not care for.

    Parameters
    ----------
    function
        What the learner gives: a function of one argument.
    under
        Changes that must change nothing, in words that go on after "when ..." (``"the crystal is
        turned"``), and the functions that make them.
    at
        Arguments to try.
    what
        What the function returns.
    rtol, atol
        How much it may change.
    look
        Where to look when it does.
    right
        What to say when it does not.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> invariant(sum, {"the order is turned round": lambda x: x[::-1]}, [[1.0, 2.0]])
    Right: the value stays the same when the order is turned round.
    >>> invariant(lambda x: x[0], {"the order is turned round": lambda x: x[::-1]}, [[1.0, 2.0]])
    Not yet: the value changes when the order is turned round, from 1 to 2: physics does not.
    """
    for argument in at:
        before = _called(function, argument, what=what)
        for name, change in under.items():
            after = _called(function, change(argument), what=what)
            for each in (before, after):
                if isinstance(each, Verdict):
                    return each
            first, second = np.asarray(before), np.asarray(after)
            if first.shape != second.shape or not np.allclose(second, first, rtol=rtol, atol=atol):
                where = f"; {look.rstrip('. ')}" if look else ""
                fromto = f", from {_list(first)} to {_list(second)}" if first.size < 4 else ""
                return Verdict(
                    False, f"{what} changes when {name}{fromto}: physics does not{where}."
                )
    return Verdict(True, right or f"{what} stays the same when {' and when '.join(under)}.")


def function(
    answer: Any,
    reference: Callable[..., Any],
    at: Sequence[Any],
    *,
    what: str = "your function",
    names: Sequence[str] = (),
    unit: str = "",
    rtol: float = 1e-3,
    atol: float = 1e-9,
    mistakes: Mapping[str, Callable[..., Any]] | None = None,
    look: str = "",
    right: str = "",
) -> Verdict:
    """Judge a function that a learner wrote, by what it returns.

    Parameters
    ----------
    answer
        What the learner gives.
    reference
        A function that does it right.
    at
        Arguments to try: each a tuple of arguments, or one argument.
    what
        What the function is, for messages.
    names
        What each try is, such as ``"two atoms"``; by default its number.
    unit, rtol, atol
        As for :func:`number`; each value is judged like a number or an array.
    mistakes
        Known slips as for :func:`number`: functions of the same arguments that do it wrongly. A slip
        is named if it explains every try.
    look
        Where to look.
    right
        What to say of a right function.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> function(lambda t: t**2, lambda t: t**2, [1.0, 2.0])
    Right: your function does it right in all 2 cases tried.
    >>> function(lambda t: 1000 * t**2, lambda t: t**2, [1.0, 2.0], unit="eV")
    Not yet: case 1 of 2: 1000 looks right but for the unit or a factor: it is in meV, where eV is asked for: ...
    """
    tries = [each if isinstance(each, tuple) else (each,) for each in at]
    values = []
    for each in tries:
        value = _called(answer, *each, what=what)
        if isinstance(value, Verdict):
            return value
        values.append(value)
    for name, wrong in (mistakes or {}).items():
        explained = [np.asarray(wrong(*each), dtype=float) for each in tries]
        correct = [np.asarray(reference(*each), dtype=float) for each in tries]
        if _same(values, explained, rtol, atol) and not _same(explained, correct, rtol, atol):
            return Verdict(False, f"{what} does what comes out when {name.rstrip('. ')}.")
    for count, (each, value) in enumerate(zip(tries, values, strict=True)):
        expected = np.asarray(reference(*each), dtype=float)
        common = {"unit": unit, "rtol": rtol, "atol": atol, "look": look}
        if expected.ndim:
            verdict = array(value, expected, shape_words="an array", **common)  # type: ignore[arg-type]
        else:
            verdict = number(value, float(expected), **common)  # type: ignore[arg-type]
        if not verdict.passed:
            name = names[count] if names else f"case {count + 1} of {len(tries)}"
            return Verdict(False, f"{name}: {verdict.message}")
    return Verdict(True, right or f"{what} does it right in all {len(tries)} cases tried.")


def _called(function: Any, *arguments: Any, what: str) -> Any:
    """Call a learner's function; a verdict says why it could not be, or that it returned nothing."""
    if not callable(function):
        said = reading.describe(function)
        return Verdict(
            False,
            f"a function is wanted, but you gave {said}: give its name without calling it, `f` and not `f(x)`.",
        )
    try:
        value = function(*arguments)
    except Exception as problem:  # noqa: BLE001 (a learner's function may do anything)
        return Verdict(
            False,
            f"{what} raises {type(problem).__name__}: {problem}. Call it in a cell of its own and see where.",
        )
    if value is None or value is ...:
        return Verdict(
            False,
            "no answer yet: the function returns nothing (`None`). Write its body; is there a `return`?",
        )
    return value


def _same(values: list[Any], expected: list[np.ndarray], rtol: float, atol: float) -> bool:
    try:
        pairs = [
            (np.asarray(each, dtype=float), want)
            for each, want in zip(values, expected, strict=True)
        ]
    except (TypeError, ValueError):
        return False
    return all(
        got.shape == want.shape and np.allclose(got, want, rtol=rtol, atol=atol)
        for got, want in pairs
    )


def _list(values: np.ndarray, unit: str = "") -> str:
    if values.ndim == 0:
        return with_unit(float(values), unit)
    inside = ", ".join(f"{value:.4g}" for value in values.ravel()[:6])
    more = ", ..." if values.size > 6 else ""
    return f"[{inside}{more}] {unit}".strip()
