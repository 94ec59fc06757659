"""A quiz as it is taken: what is said to an answer, what is kept, what was said before."""

from __future__ import annotations

from collections.abc import Sequence

from . import saved
from .card import Card, Item, Reply
from .reading import Question

SECTION = "quiz"


class Sitting:
    """One reader's answers to a quiz; the file of answers is kept up to date.

    Attributes
    ----------
    questions : tuple of Question
        What is asked.
    first, last : dict
        For each question that was answered, by its text: the choice taken first and last.
    """

    def __init__(self, identifier: str, questions: Sequence[Question]) -> None:
        self.identifier, self.questions = identifier, tuple(questions)
        known = saved.entries(SECTION).get(identifier, {})
        self.first, self.last = (self._known(known.get(name)) for name in ("first", "last"))

    def _known(self, kept: object) -> dict[str, int]:
        """What is kept of questions that are still asked."""
        given = kept if isinstance(kept, dict) else {}
        return {
            q.question: given[q.question]
            for q in self.questions
            if isinstance(given.get(q.question), int) and 0 <= given[q.question] < len(q.choices)
        }

    def answer(self, number: int, choice: int) -> Reply:
        """Take an answer, keep it, and say something to it."""
        question = self.questions[number]
        self.first.setdefault(question.question, choice)
        self.last[question.question] = choice
        entry = {
            "first": self.first,
            "last": self.last,
            "right_at_first": self.right_at_first,
            "questions": len(self.questions),
        }
        saved.keep(SECTION, self.identifier, entry)
        return self.reply(number, choice)

    def reply(self, number: int, choice: int) -> Reply:
        """What is said to a choice."""
        question = self.questions[number]
        right = choice == question.right
        return Reply(
            "right" if right else "not-yet",
            "✓ Right." if right else "✗ Not yet.",
            question.why[choice],
        )

    @property
    def right_at_first(self) -> int:
        """How many questions were answered rightly the first time."""
        return sum(self.first.get(q.question) == q.right for q in self.questions)

    def closing(self) -> str:
        """A line under the last question, when all are answered."""
        if len(self.first) < len(self.questions):
            return ""
        line = f"{self.right_at_first} of {len(self.questions)} right at the first try."
        chapter, _, when = self.identifier.partition(".")
        before = saved.entries(SECTION).get(f"{chapter}.before", {})
        if when == "after" and "questions" in before:
            line += (
                f" Before the chapter: {before.get('right_at_first', 0)} of {before['questions']}."
            )
        return line


def card(sitting: Sitting, heading: str) -> Card:
    """The form of a quiz, with what was answered before."""

    def take(number: int, choice: int | str) -> Reply:
        reply = sitting.answer(number, int(choice))
        made.closing = sitting.closing()
        return reply

    made = Card([Item(q.question, q.choices) for q in sitting.questions], take, heading=heading)
    for number, question in enumerate(sitting.questions):
        if question.question in sitting.last:
            choice = sitting.last[question.question]
            made.say(number, choice, sitting.reply(number, choice))
    made.closing = sitting.closing()
    return made


def printed(sitting: Sitting, heading: str) -> str:
    """The questions as plain text, with what is said to those that were answered."""
    lines = [heading]
    for number, question in enumerate(sitting.questions):
        lines += ["", f"{number + 1}. {question.question}"]
        lines += [f"   [{index}] {choice}" for index, choice in enumerate(question.choices)]
        if question.question in sitting.last:
            choice = sitting.last[question.question]
            reply = sitting.reply(number, choice)
            lines.append(f"   You said [{choice}]. {reply.sign} {reply.text}")
    return "\n".join([*lines, "", sitting.closing()]).rstrip()
