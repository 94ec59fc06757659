"""Short concept quizzes: four questions before a chapter, five after it, each choice explained.

A chapter keeps its questions in ``matlearn/<chapter>/quiz.toml``. What a reader answers is kept in
the file of answers, the first answer too, so that before and after can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from matlearn._asking.reading import Question as Question
from matlearn._asking.reading import quiz_file, read_quiz
from matlearn._exercises.finding import CHAPTERS

if TYPE_CHECKING:
    from matlearn._asking.card import Card

When = Literal["before", "after"]


def available() -> tuple[str, ...]:
    """The chapters that have a quiz.

    Examples
    --------
    >>> set(available()) <= set(CHAPTERS)
    True
    """
    return tuple(chapter for chapter in CHAPTERS if quiz_file(chapter).is_file())


def questions(chapter: str, when: When) -> tuple[Question, ...]:
    """The questions of a quiz, with the right choices and what is said to each.

    Parameters
    ----------
    chapter
        Such as ``"lattice"``.
    when
        ``"before"`` or ``"after"`` the chapter.

    Raises
    ------
    ValueError
        If there is no such quiz, or its file breaks a rule (the message names every fault).

    Examples
    --------
    >>> questions("cooking", "before")
    Traceback (most recent call last):
    ValueError: chapter must be one with a quiz, got 'cooking'; there are: ...
    """
    if chapter not in available():
        there_are = ", ".join(available()) or "none yet in this version"
        raise ValueError(
            f"chapter must be one with a quiz, got {chapter!r}; there are: {there_are}"
        )
    if when not in ("before", "after"):
        raise ValueError(f"when must be 'before' or 'after', got {when!r}")
    return read_quiz(quiz_file(chapter))[when]


def ask(chapter: str, when: When, answers: Sequence[int] | None = None) -> Card | None:
    """Ask a chapter's quiz; each choice is explained, and what was answered is kept.

    In a notebook the questions are a form: Tab goes to a question, the arrows choose, Enter
    answers. Elsewhere they are printed, and `answers` answers them.

    Parameters
    ----------
    chapter
        Such as ``"lattice"``.
    when
        ``"before"`` or ``"after"`` the chapter.
    answers
        The number of the choice for each question, counted from 0, without a form; -1 leaves a
        question out.

    Returns
    -------
    anywidget.AnyWidget or None
        The form; None where the questions were printed.

    Raises
    ------
    ValueError
        If there is no such quiz, or `answers` do not fit its questions.

    Examples
    --------
    >>> ask("lattice", "meanwhile")
    Traceback (most recent call last):
    ValueError: ...
    """
    from matlearn._asking import quiz
    from matlearn.widgets import interactive

    asked = questions(chapter, when)
    sitting = quiz.Sitting(f"{chapter}.{when}", asked)
    for number, choice in enumerate(_fitting(answers, asked)):
        if choice >= 0:
            sitting.answer(number, choice)
    heading = f"{when.capitalize()} the chapter: {len(asked)} questions"
    if interactive():
        return quiz.card(sitting, heading)
    print(quiz.printed(sitting, heading))
    if not sitting.last:
        print(f'\nTo answer: ml.quizzes.ask("{chapter}", "{when}", answers=[...])')
    return None


def _fitting(answers: Sequence[int] | None, asked: Sequence[Question]) -> list[int]:
    if answers is None:
        return []
    given = list(answers)
    if len(given) != len(asked):
        raise ValueError(
            f"answers must hold {len(asked)} numbers, one a question, got {len(given)}"
        )
    for number, (choice, question) in enumerate(zip(given, asked, strict=True), 1):
        if not isinstance(choice, int) or not -1 <= choice < len(question.choices):
            raise ValueError(
                f"answers: question {number} takes a number from 0 to {len(question.choices) - 1} "
                f"(-1 leaves it out), got {choice!r}"
            )
    return given
