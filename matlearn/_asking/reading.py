"""Read and check a chapter's ``quiz.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WANTED = {"before": 4, "after": 5}
"""How many questions a quiz has."""

_KEYS = {"question", "choices", "right", "why"}


@dataclass(frozen=True)
class Question:
    """A question of a quiz.

    Attributes
    ----------
    question : str
        What is asked.
    choices : tuple of str
        What can be answered.
    right : int
        Which choice is right, counted from 0.
    why : tuple of str
        What is to be said to who takes each of the choices.
    """

    question: str
    choices: tuple[str, ...]
    right: int
    why: tuple[str, ...]


def quiz_file(chapter: str) -> Path:
    """Where a chapter's quiz lies; nothing of the chapter is imported."""
    return Path(__file__).resolve().parent.parent / chapter / "quiz.toml"


def read_quiz(path: Path) -> dict[str, tuple[Question, ...]]:
    """Read the questions of a file, for ``"before"`` and ``"after"``.

    Parameters
    ----------
    path
        A ``quiz.toml``: tables ``[[before]]`` and ``[[after]]`` with ``question``, ``choices``,
        ``right`` (the number of the right choice, from 0) and ``why`` (a text for each choice).

    Raises
    ------
    ValueError
        If it is no TOML or breaks a rule; the message names every fault.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ValueError(f"{path} is not TOML in UTF-8: {problem}") from problem
    faults = [f"[{name}] is not known" for name in tables if name not in WANTED]
    for when, count in WANTED.items():
        faults += _faults(when, tables.get(when), count)
    if faults:
        raise ValueError(f"{path} must be mended:\n  " + "\n  ".join(faults))
    return {
        when: tuple(
            Question(q["question"], tuple(q["choices"]), q["right"], tuple(q["why"]))
            for q in tables[when]
        )
        for when in WANTED
    }


def _faults(when: str, questions: Any, count: int) -> list[str]:
    if not isinstance(questions, list) or len(questions) != count:
        got = len(questions) if isinstance(questions, list) else "none"
        return [f"[[{when}]] must be there {count} times, once a question; found: {got}"]
    faults = [
        f"[[{when}]] question {number}: {fault}"
        for number, question in enumerate(questions, 1)
        for fault in _question_faults(question)
    ]
    places = {question.get("right") for question in questions if isinstance(question, dict)}
    if len(places) == 1:
        faults.append(f"[[{when}]]: the right choice is always number {places.pop()}; move some")
    texts = [question.get("question") for question in questions if isinstance(question, dict)]
    if len({str(text) for text in texts}) < len(texts):
        faults.append(f"[[{when}]]: a question is asked twice")
    return faults


def _question_faults(question: Mapping[str, Any]) -> list[str]:
    if set(question) != _KEYS:
        missing = ", ".join(sorted(_KEYS - set(question))) or "nothing"
        extra = ", ".join(sorted(set(question) - _KEYS)) or "nothing"
        return [f"wants {', '.join(sorted(_KEYS))}; missing: {missing}; too much: {extra}"]
    faults = []
    choices, why, right = question["choices"], question["why"], question["right"]
    texts = {"question": [question["question"]], "choices": choices, "why": why}
    for name, values in texts.items():
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            return [f"{name} must be {'a list of texts' if name != 'question' else 'a text'}"]
        if not all(value.strip() for value in values):
            faults.append(f"an empty text in {name}")
        if any("$" in value or "**" in value for value in values):
            faults.append(
                f"{name} is shown as plain text: write formulas in Unicode, no $ and no **"
            )
    if len(choices) < 2:
        faults.append("fewer than two choices")
    if len({choice.strip().casefold() for choice in choices}) < len(choices):
        faults.append("a choice is there twice")
    if len(why) != len(choices):
        faults.append(f"{len(why)} explanations (why) for {len(choices)} choices")
    if not isinstance(right, int) or isinstance(right, bool) or not 0 <= right < len(choices):
        faults.append(f"right must be a number from 0 to {len(choices) - 1}, got {right!r}")
    return faults
