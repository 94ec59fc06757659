"""Judging one number: units, sign, known mistakes, factors, and how far off it is."""

from __future__ import annotations

import inspect
import math
from typing import TYPE_CHECKING, Any

from matlearn._exercises import reading, units
from matlearn._exercises.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOOK = "look at what is divided by what, at the units of each step, and ask for a hint"
CLOSE = 6.0
"""Within so many tolerances an answer is called close, and at most 30 per cent away."""


def number(
    answer: Any,
    reference: float | Callable[[], float],
    *,
    unit: str = "",
    rtol: float = 0.02,
    atol: float = 0.0,
    mistakes: Mapping[str, Any] | None = None,
    sign: bool = True,
    look: str = "",
    right: str = "",
) -> Verdict:
    """Judge a number.

    Recognised by itself: the right number in another unit of the same quantity, a wrong sign, per
    cent, powers of ten, factors of 2, 3, 4, 6, pi and 2 pi.

    Parameters
    ----------
    answer
        What the learner gives: anything.
    reference
        The right number, or a function that computes it.
    unit
        The one that is asked for, such as ``"eV/atom"``, ``"cm2/s"``, ``"GPa"``, ``"%"``.
    rtol, atol
        Relative and absolute tolerance; the larger of the two holds.
    mistakes
        Known slips, in words that go on after "this is what comes out when ...": a number (what the
        slip gives), a function without arguments or one that takes the reference, or a pair of one
        of these and a sentence that says where to look.
    sign
        Whether the sign matters; if not, sizes are compared.
    look
        Where to look when the answer is close or far: a sentence without capital and full stop.
    right
        What to say of a right answer.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> number(-0.231, -0.23, unit="eV/atom")
    Right: -0.231 eV/atom agrees with what the check computes.
    >>> number(-231, -0.23, unit="eV/atom")
    Not yet: -231 looks right but for the unit or a factor: it is in meV/atom, where eV/atom is asked for: ...
    >>> slip = {"the energy of the whole cell is given": lambda right: 4 * right}
    >>> number(-0.92, -0.23, unit="eV/atom", mistakes=slip)
    Not yet: -0.92 eV/atom is what comes out when the energy of the whole cell is given.
    """
    try:
        value = reading.number(answer, unit)
    except reading.NotPlainError as problem:
        return Verdict(False, f"{problem}.")
    expected = float(reading.reference(reference))
    signed = expected
    if not sign:
        value, expected = abs(value), abs(expected)
    tolerance = max(rtol * abs(expected), atol)
    given = with_unit(value, unit)
    if abs(value - expected) <= tolerance:
        return Verdict(True, right or f"{given} agrees with what the check computes.")
    slips = wrong_values(mistakes, signed)  # only now: some take seconds
    if not sign:
        slips = [(abs(wrong), name, where) for wrong, name, where in slips]
    named = nearest_slip(value, slips, rtol, atol)
    if named:
        return Verdict(False, f"{given} is what comes out when {named}")
    return Verdict(False, seen(value, expected, unit, rtol, tolerance, sign, look or LOOK))


def seen(
    value: float,
    expected: float,
    unit: str,
    rtol: float,
    tolerance: float,
    sign: bool,
    look: str,
) -> str:
    """Say what is seen of a number that is not right and is no named mistake."""
    given = with_unit(value, unit)
    slip = units.temperature_slip(value, expected, unit, tolerance)
    slip = slip or units.recognise(value, expected, unit, rtol)
    if slip:
        return f"{value:.4g} looks right but for the unit or a factor: {slip}{_stop(slip)}"
    if sign and value * expected < 0:
        if abs(value + expected) <= tolerance:
            return (
                f"{given} has the right size but the wrong sign: what is taken from what, and which "
                "sign is asked for?"
            )
        slip = units.recognise(-value, expected, unit, rtol)
        also = f", and besides {slip}" if slip else f"; then {look}"
        return f"{given} has the wrong sign: what is taken from what{also}."
    distance = abs(value - expected)
    large = "large" if abs(value) > abs(expected) else "small"
    if distance <= min(CLOSE * tolerance, max(0.3 * abs(expected), 2 * tolerance)):
        return f"close: {given} is only a little too {large}, but outside the tolerance; {look}."
    if expected == 0 or value == 0 or not 0.1 < abs(value / expected) < 10:
        large = f"far too {large}"
    else:
        large = f"too {large}"
    return f"{given} is {large}; {look}."


def _stop(text: str) -> str:
    return "" if text.endswith("?") else "."


def wrong_values(mistakes: Mapping[str, Any] | None, expected: Any) -> list[tuple[Any, str, str]]:
    """What each named mistake gives: (value, name, where to look)."""
    found = []
    for name, given in (mistakes or {}).items():
        value, where = given if isinstance(given, tuple) else (given, "")
        if callable(value):
            value = _computed(value, expected)
        found.append((value, name, where))
    return found


def nearest_slip(value: float, slips: list[tuple[Any, str, str]], rtol: float, atol: float) -> str:
    """Name the mistake whose value is nearest, if one is within its tolerance."""
    best, text = math.inf, ""
    for wrong, name, where in slips:
        far = abs(value - float(wrong))
        if far <= max(rtol * abs(wrong), atol, 1e-12) and far < best:
            best, text = far, sentence(name, where)
    return text


def sentence(name: str, where: str) -> str:
    """Put a mistake's name and where to look together, with one full stop at the end."""
    text, where = _stopped(name), where.strip()
    return f"{text} {where[:1].upper()}{_stopped(where[1:])}" if where else text


def _stopped(text: str) -> str:
    """End a sentence with a full stop, unless it ends with a mark of its own."""
    text = text.rstrip(". ")
    return text if text.endswith(("?", "!")) else f"{text}."


def with_unit(value: float, unit: str) -> str:
    """Write a number with its unit.

    Examples
    --------
    >>> with_unit(0.25, "eV")
    '0.25 eV'
    """
    return f"{value:.4g} {unit}".strip() if unit != "%" else f"{value:.4g} %"


def _computed(mistake: Callable[..., Any], expected: Any) -> Any:
    if not inspect.signature(mistake).parameters:
        return reading.reference(mistake)
    try:
        return mistake(expected)
    except Exception as problem:
        raise reading.ReferenceFailedError(
            f"a mistake's value could not be computed: {type(problem).__name__}: {problem}"
        ) from problem
