"""Judging a choice, a set of things named, a plain condition, and several verdicts together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matlearn._exercises import reading
from matlearn._exercises.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def choice(
    answer: Any,
    right: Any | Callable[[], Any],
    why: Mapping[Any, str],
) -> Verdict:
    """Judge one choice among several.

    Parameters
    ----------
    answer
        What the learner gives; texts are compared without regard to case and spaces around.
    right
        The right choice, or a function that finds it.
    why
        For each choice, the right one too, what to say to whoever takes it: the reason why it
        holds, or what it overlooks.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> why = {"up": "heat favours disorder, and disorder costs energy", "down": "what would pay?"}
    >>> choice("Up ", "up", why)
    Right: heat favours disorder, and disorder costs energy.
    >>> choice("sideways", "up", why)
    Not yet: one of 'down', 'up' is wanted, but you gave the text 'sideways'.
    """
    right = reading.reference(right)
    expected, given = _plain(right), _plain(answer)
    reasons = {_plain(name): text for name, text in why.items()}
    names = {expected: right} | {_plain(name): name for name in why}
    if given not in names:
        listed = ", ".join(repr(names[name]) for name in sorted(names, key=str))
        said = reading.describe(answer)
        return Verdict(False, f"one of {listed} is wanted, but you gave {said}.")
    if given == expected:
        return Verdict(True, _full_stop(reasons.get(given, "so it is")))
    return Verdict(False, f"not {names[given]!r}: {_full_stop(reasons[given])}")


def members(
    answer: Any,
    reference: Iterable[Any] | Callable[[], Iterable[Any]],
    *,
    what: str = "items",
    missed: str = "",
    extra: str = "",
    right: str = "",
) -> Verdict:
    """Judge a set of things that are to be named, such as rows that are wrong; order does not count.

    Parameters
    ----------
    answer
        What the learner gives: a list, tuple, set or array, or one single thing.
    reference
        The right ones, or a function that finds them.
    what
        What they are, in the plural.
    missed, extra
        Where to look when some are missing, and when some are too many.
    right
        What to say of a right answer.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> members([3, 5], [3, 8], what="runs")
    Not yet: 1 of the runs is right; 1 that you name does not belong there, and 1 is missing.
    """
    if answer is None or callable(answer) or isinstance(answer, dict):
        return Verdict(
            False, f"a list of {what} is wanted, but you gave {reading.describe(answer)}."
        )
    expected = {_plain(name) for name in reading.reference(reference)}
    if hasattr(answer, "tolist"):
        answer = answer.tolist()
    given = {_plain(name) for name in answer} if _many(answer) else {_plain(answer)}
    if given == expected:
        return Verdict(True, right or f"these are the {what}, all of them and no other.")
    good, wrong, lacking = len(given & expected), len(given - expected), len(expected - given)
    parts = [f"{good or 'none'} of the {what} {'are' if good > 1 else 'is'} right"]
    if wrong:
        parts.append(f"{wrong} that you name {'do' if wrong > 1 else 'does'} not belong there")
    if lacking and good:
        parts.append(f"{lacking} {'are' if lacking > 1 else 'is'} missing")
    text = "; ".join([parts[0], ", and ".join(parts[1:])]) if parts[1:] else parts[0]
    where = [
        note.rstrip(". ") for note, real in ((extra, wrong), (missed, lacking)) if note and real
    ]
    return Verdict(False, f"{text}{': ' if where else ''}{'; '.join(where)}.")


def that(condition: object, otherwise: str, right: str = "that holds") -> Verdict:
    """Judge a plain condition.

    Parameters
    ----------
    condition
        What must hold.
    otherwise
        What was seen and where to look, if it does not.
    right
        What to say if it does.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> that(2 > 3, "the cell must be longer than twice the cut-off")
    Not yet: the cell must be longer than twice the cut-off.
    """
    return Verdict(bool(condition), _full_stop(right if condition else otherwise))


def all_of(*verdicts: Verdict | Callable[[], Verdict], right: str = "") -> Verdict:
    """Ask that several verdicts hold; say how many do, and the first that does not.

    Parameters
    ----------
    verdicts
        Verdicts, or functions that give one and are called only while all before them hold.
    right
        What to say when all do; by default what the last says.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> all_of(Verdict(True, "the units fit."), Verdict(False, "the sign is turned round."))
    Not yet: 1 of 2 parts holds. Then: the sign is turned round.
    """
    last = ""
    for done, each in enumerate(verdicts):
        verdict = each() if callable(each) else each
        if not verdict.passed:
            if done == 0:
                return Verdict(False, verdict.message)
            held = f"{done} of {len(verdicts)} parts {'hold' if done > 1 else 'holds'}"
            return Verdict(False, f"{held}. Then: {verdict.message}")
        last = verdict.message
    return Verdict(True, right or last)


def _plain(value: Any) -> Any:
    """Make values comparable: texts without case and spaces around, NumPy's numbers as Python's."""
    if hasattr(value, "item") and getattr(value, "size", 0) == 1:
        value = value.item()
    if isinstance(value, str):
        return " ".join(value.split()).casefold()
    if isinstance(value, list):
        return tuple(_plain(each) for each in value)
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value


def _many(answer: Any) -> bool:
    return isinstance(answer, list | tuple | set | frozenset | range)


def _full_stop(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "?", "!")) else f"{text}."
