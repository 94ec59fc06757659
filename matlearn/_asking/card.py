"""The form in which questions are shown in a notebook: native radio buttons, a button, a reply.

It is read out by screen readers (fieldset, legend, label, role status), works by Tab, the arrows,
the space bar and Enter, and takes its colours from JupyterLab's theme.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Item:
    """A question and its choices; without choices a line to write on."""

    question: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What is said to an answer: `kind` is right, not-yet or kept, `sign` its mark in words."""

    kind: str = ""
    sign: str = ""
    text: str = ""


class Card(anywidget.AnyWidget):
    """Questions that are answered on the page.

    Attributes
    ----------
    items : list of dict
        The questions with their choices.
    said : list
        For each question the number of the choice, the text that was written, or None.
    replies : list of dict
        What is said to each answer.
    closing : str
        A line below the last question.
    """

    _esm = (_HERE / "card.js").read_text(encoding="utf-8")
    _css = (_HERE / "card.css").read_text(encoding="utf-8")
    heading = traitlets.Unicode("").tag(sync=True)
    button = traitlets.Unicode("Check").tag(sync=True)
    items: traitlets.List = traitlets.List().tag(sync=True)
    said: traitlets.List = traitlets.List().tag(sync=True)
    replies: traitlets.List = traitlets.List().tag(sync=True)
    closing = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        items: Sequence[Item],
        reply: Callable[[int, int | str], Reply],
        *,
        heading: str = "",
        button: str = "Check",
        said: Sequence[int | str | None] = (),
    ) -> None:
        known = list(said) or [None] * len(items)
        super().__init__(
            items=[{**asdict(item), "choices": list(item.choices)} for item in items],
            heading=heading,
            button=button,
            said=known,
            replies=[{} for _ in items],
        )
        self._reply = reply
        self.on_msg(self._on_message)

    def __repr__(self) -> str:
        return f"{self.heading or 'A question'} ({len(self.items)} to answer on the page)"

    def answer(self, item: int, value: int | str) -> Reply:
        """Take an answer, as the page's button does, and show what is said to it."""
        reply = self._reply(item, value)
        self.say(item, value, reply)
        return reply

    def say(self, item: int, value: int | str | None, reply: Reply) -> None:
        """Show an answer and what is said to it."""
        self.said = [value if i == item else old for i, old in enumerate(self.said)]
        self.replies = [asdict(reply) if i == item else old for i, old in enumerate(self.replies)]

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if not isinstance(content, dict) or content.get("kind") != "answer":
            return
        item, value = content.get("item"), content.get("value")
        if isinstance(item, int) and 0 <= item < len(self.items) and isinstance(value, (int, str)):
            choices = self.items[item]["choices"]
            if isinstance(value, str) is not bool(choices) and (
                isinstance(value, str) or 0 <= value < len(choices)
            ):
                self.answer(item, value)
