"""Which exercises there are; chapters are found by name, the core never imports one by itself."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matlearn._exercises.verdicts import Exercise

CHAPTERS = ("regression", "lattice", "potentials", "transport", "search", "phonons")


def of_chapter(chapter: str) -> dict[str, Exercise]:
    """Give a chapter's exercises; none where the chapter or its checks do not exist yet.

    Examples
    --------
    >>> of_chapter("cooking")
    {}
    """
    if importlib.util.find_spec(f"matlearn.{chapter}") is None:
        return {}
    module = f"matlearn.{chapter}.checks"
    if importlib.util.find_spec(module) is None:
        return {}
    return dict(importlib.import_module(module).CHECKS)


def everything() -> dict[str, Exercise]:
    """Give all exercises, identifier to exercise.

    Examples
    --------
    >>> all("." in identifier for identifier in everything())
    True
    """
    return {
        f"{chapter}.{name}": exercise
        for chapter in CHAPTERS
        for name, exercise in of_chapter(chapter).items()
    }


def find(identifier: str) -> Exercise:
    """Give the exercise of that name, or say which there are.

    Raises
    ------
    ValueError
        If there is no such exercise; the message lists those that there are.
    """
    chapter, _, name = str(identifier).partition(".")
    exercises = of_chapter(chapter) if chapter in CHAPTERS else {}
    if name not in exercises:
        there_are = ", ".join(everything()) or "none yet in this version"
        raise ValueError(
            f"identifier must name an exercise such as 'search.1a', got {identifier!r}; there are: {there_are}"
        )
    return exercises[name]
