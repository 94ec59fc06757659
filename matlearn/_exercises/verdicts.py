"""What a check says (:class:`Verdict`), what an exercise is, and how both look in a notebook."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_COLORS = {"right": "#009e73", "not yet": "#d55e00", "neutral": "#0072b2"}  # Okabe and Ito
_AS_IT_IS = re.compile(r"(`[^`]+`|\$[^$]+\$)")
_EDGES = {"right": "solid", "not yet": "dashed", "neutral": "dotted"}  # told apart without colour


@dataclass(frozen=True)
class Verdict:
    """What a check says of an answer; in a notebook it shows itself as a box.

    Attributes
    ----------
    passed : bool
        Whether the answer holds.
    message : str
        What is right, or what was seen and where to look; never a bare "wrong".
        Words between backticks are shown as code, between asterisks as stressed, between dollar
        signs as a formula.
    identifier : str
        The exercise, such as ``"lattice.2a"``; :func:`matlearn.exercises.check` fills it in.

    Examples
    --------
    >>> Verdict(False, "the sign is turned round")
    Not yet: the sign is turned round
    """

    passed: bool
    message: str
    identifier: str = field(default="", compare=False)

    def __repr__(self) -> str:
        return f"{'Right' if self.passed else 'Not yet'}: {self.message}"

    def __bool__(self) -> bool:
        return self.passed

    def _repr_html_(self) -> str:
        if self.passed:
            return box("right", "\N{HEAVY CHECK MARK} Right", self.message, self.identifier)
        after = ""
        if self.identifier:
            after = f'Stuck? `ml.exercises.hint("{self.identifier}")`'
        sign = "\N{HEAVY BALLOT X} Not yet"
        return box("not yet", sign, self.message, self.identifier, after)


class Hint(str):
    """A hint: a text that knows which step of how many it is, and shows itself as a box.

    Examples
    --------
    >>> Hint("think of pairs", 1, 3, "lattice.2a")
    Hint 1 of 3: think of pairs
    """

    step: int
    steps: int
    identifier: str

    def __new__(cls, text: str, step: int, steps: int, identifier: str) -> Hint:
        hint = super().__new__(cls, text)
        hint.step, hint.steps, hint.identifier = step, steps, identifier
        return hint

    def __repr__(self) -> str:
        return f"Hint {self.step} of {self.steps}: {self}"

    def _repr_html_(self) -> str:
        title = f"\N{BLACK RIGHT-POINTING SMALL TRIANGLE} Hint {self.step} of {self.steps}"
        after = "Ask again for the next one." if self.step < self.steps else ""
        return box("neutral", title, str(self), self.identifier, after)


@dataclass(frozen=True)
class Exercise:
    """One question of an exercise: its check and its hints.

    Attributes
    ----------
    question : str
        What is asked, in one sentence.
    check : callable
        Takes the answer, returns a :class:`Verdict`; :mod:`matlearn.exercises.judge` helps.
        It is never called with ``...``, which stands for "no answer yet".
    hints : tuple of str
        Three, from a nudge to nearly the solution.
    minutes : float
        How long this question may take.
    title : str
        A few words for lists.
    wants : str
        What kind of answer is wanted, such as ``"a number in eV/atom"``: told to whoever gave
        something else.
    """

    question: str
    check: Callable[[Any], Verdict]
    hints: tuple[str, ...] = ()
    minutes: float = 10.0
    title: str = ""
    wants: str = ""


def box(kind: str, title: str, message: str, identifier: str = "", after: str = "") -> str:
    """Draw a box in HTML that can be read in light and dark themes, with or without colour.

    Parameters
    ----------
    kind
        ``"right"``, ``"not yet"`` or ``"neutral"``.
    title
        Sign and word, in bold.
    message, after
        The text, and a smaller line under it; backticks make code.
    identifier
        Stands in small letters beside the title.

    Examples
    --------
    >>> "Right" in box("right", "Right", "`x` is even")
    True
    """
    color, edge = _COLORS[kind], _EDGES[kind]
    style = (
        f"border:1px solid var(--jp-border-color1, #8a8a8a);border-left:6px {edge} {color};"
        "padding:8px 14px;margin:6px 0;max-width:48em;line-height:1.5;"
        "background:var(--jp-layout-color1, transparent);"
        "color:var(--jp-content-font-color1, inherit);"
        "font-family:var(--jp-content-font-family, sans-serif);"
        "font-size:var(--jp-content-font-size1, 14px)"
    )
    faint = "color:var(--jp-content-font-color1, inherit);opacity:0.8"
    name = f' <span style="{faint}">{html.escape(identifier)}</span>' if identifier else ""
    last = f'<div style="{faint};margin-top:4px">{_text(after)}</div>' if after else ""
    return (
        f'<div class="matlearn-verdict" role="status" style="{style}">'
        f"<strong>{html.escape(title)}</strong>{name}<div>{_text(message)}</div>{last}</div>"
    )


def _text(text: str) -> str:
    """Escape a text; backticks make code, asterisks stress, line ends stay, and so does $math$."""
    escaped = html.escape(text, quote=False)
    parts = _AS_IT_IS.split(escaped)
    parts[::2] = [_stressed(part) for part in parts[::2]]
    parts[1::2] = [f"<code>{part[1:-1]}</code>" if part[0] == "`" else part for part in parts[1::2]]
    return "".join(parts)


def _stressed(text: str) -> str:
    strong = re.sub(r"\*\*(?=\S)([^*]+)(?<=\S)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"(?<![\w*])\*(?=\S)([^*]+)(?<=\S)\*(?![\w*])", r"<em>\1</em>", strong).replace(
        "\n", "<br>"
    )
