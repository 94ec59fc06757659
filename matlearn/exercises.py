"""Exercises that check themselves: a check is a function that looks at an answer and says what it sees.

A chapter lists its checks in ``matlearn/<chapter>/checks.py`` as ``CHECKS``, a dictionary from the
exercise's name (``"1a"``) to an :class:`Exercise`; the core finds them by name and never imports a
chapter by itself. A check holds conditions and recomputed references, not the answer in plain text;
:mod:`matlearn.exercises.judge` has what most checks need.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

from matlearn._exercises import answers as _answers
from matlearn._exercises import judging as judge
from matlearn._exercises.finding import CHAPTERS, everything, find
from matlearn._exercises.progressing import ChapterProgress, Progress, progress
from matlearn._exercises.reading import ReferenceFailedError, describe
from matlearn._exercises.verdicts import Exercise, Hint, Verdict

__all__ = [
    "CHAPTERS",
    "ChapterProgress",
    "Exercise",
    "Hint",
    "Progress",
    "Verdict",
    "available",
    "check",
    "hint",
    "judge",
    "progress",
]


def available() -> dict[str, str]:
    """The exercises that exist: identifier to question.

    Returns
    -------
    dict
        Such as ``{"search.1a": "Which crystal ..."}``.

    Examples
    --------
    >>> all("." in identifier for identifier in available())
    True
    """
    return {identifier: exercise.question for identifier, exercise in everything().items()}


def check(identifier: str, answer: Any) -> Verdict:
    """Check an answer, and remember it in the answers file.

    Parameters
    ----------
    identifier
        Chapter and exercise, such as ``"search.1a"``.
    answer
        What the exercise asks for; ``...`` means that there is none yet.

    Returns
    -------
    Verdict
        In a notebook it shows itself as a box. An answer of a strange kind is no error: the
        verdict says what was given and what is wanted.

    Raises
    ------
    ValueError
        If there is no such exercise; the message lists those that there are.

    Examples
    --------
    >>> check("search.99z", None)
    Traceback (most recent call last):
    ...
    ValueError: identifier must name an exercise ...
    """
    exercise = find(identifier)
    verdict = replace(_judged(exercise, answer), identifier=identifier)
    try:
        _answers.record(identifier, answer, verdict)
    except OSError as problem:
        warnings.warn(f"this answer could not be saved: {problem}", stacklevel=2)
    return verdict


def hint(identifier: str, step: int | None = None) -> Hint:
    """A hint: each call gives the next one, which says more; the answers file remembers.

    Parameters
    ----------
    identifier
        Chapter and exercise, such as ``"search.1a"``.
    step
        1 for the first hint, 2, 3; by default the one after the last that was seen.

    Returns
    -------
    Hint
        The text, which shows itself as a box.

    Raises
    ------
    ValueError
        If there is no such exercise or no such step.
    """
    hints = find(identifier).hints
    if not hints:
        raise ValueError(f"{identifier} has no hints")
    if step is not None and not 1 <= step <= len(hints):
        raise ValueError(f"step must be from 1 to {len(hints)} for {identifier}, got {step}")
    try:
        shown = _answers.next_hint(identifier, len(hints), step)
    except OSError as problem:
        warnings.warn(f"this hint could not be remembered: {problem}", stacklevel=2)
        shown = step or 1
    return Hint(hints[shown - 1], shown, len(hints), identifier)


def _judged(exercise: Exercise, answer: Any) -> Verdict:
    wanted = exercise.wants or exercise.question
    if answer is ...:
        return Verdict(False, f"no answer yet: put yours in place of `...`. Wanted: {wanted}")
    try:
        return exercise.check(answer)
    except ReferenceFailedError:
        raise  # ours, not the learner's
    except Exception as problem:  # noqa: BLE001 (an answer may be anything at all)
        return Verdict(
            False,
            f"this answer could not be judged: you gave {describe(answer)}. Wanted: {wanted} "
            f"({type(problem).__name__}: {problem})",
        )
