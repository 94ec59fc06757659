"""Exercises that check themselves: a check is a function that looks at an answer and says what it sees.

A chapter lists its checks in ``matlearn/<chapter>/checks.py`` as ``CHECKS``, a dictionary from the
exercise's name (``"1a"``) to an :class:`Exercise`; the core finds them by name and never imports a
chapter by itself. A check holds conditions and recomputed references, not the answer in plain text.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

CHAPTERS = ("regression", "lattice", "potentials", "transport", "search", "phonons")


@dataclass(frozen=True)
class Verdict:
    """What a check says of an answer.

    Attributes
    ----------
    passed : bool
        Whether the answer holds.
    message : str
        What is right, or what was seen and where to look; never a bare "wrong".
    """

    passed: bool
    message: str

    def __repr__(self) -> str:
        return f"{'Right' if self.passed else 'Not yet'}: {self.message}"


@dataclass(frozen=True)
class Exercise:
    """One exercise: the question, its check and its hints.

    Attributes
    ----------
    question : str
        What is asked, in one sentence.
    check : callable
        Takes the answer, returns a :class:`Verdict`.
    hints : tuple of str
        From a nudge to nearly the solution.
    """

    question: str
    check: Callable[[Any], Verdict]
    hints: tuple[str, ...] = ()


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
    return {
        f"{chapter}.{name}": exercise.question
        for chapter in CHAPTERS
        for name, exercise in _exercises(chapter).items()
    }


def check(identifier: str, answer: Any) -> Verdict:
    """Check an answer.

    Parameters
    ----------
    identifier
        Chapter and exercise, such as ``"search.1a"``.
    answer
        What the exercise asks for.

    Returns
    -------
    Verdict

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
    return _find(identifier).check(answer)


def hint(identifier: str, step: int = 1) -> str:
    """A hint; a higher step says more.

    Parameters
    ----------
    identifier
        Chapter and exercise, such as ``"search.1a"``.
    step
        1 for the first hint.

    Raises
    ------
    ValueError
        If there is no such exercise or no such step.
    """
    hints = _find(identifier).hints
    if not 1 <= step <= len(hints):
        raise ValueError(f"step must be from 1 to {len(hints)} for {identifier}, got {step}")
    return hints[step - 1]


def _find(identifier: str) -> Exercise:
    chapter, _, name = identifier.partition(".")
    exercises = _exercises(chapter) if chapter in CHAPTERS else {}
    if name not in exercises:
        there_are = ", ".join(available()) or "none yet in this version"
        raise ValueError(
            f"identifier must name an exercise such as 'search.1a', got {identifier!r}; there are: {there_are}"
        )
    return exercises[name]


def _exercises(chapter: str) -> dict[str, Exercise]:
    """A chapter's checks; an empty dictionary where the chapter or its checks do not exist yet."""
    if importlib.util.find_spec(f"matlearn.{chapter}") is None:
        return {}
    module = f"matlearn.{chapter}.checks"
    if importlib.util.find_spec(module) is None:
        return {}
    return dict(importlib.import_module(module).CHECKS)
