"""Predictions: say what a figure will show before it is drawn, and be reminded of it after.

Who has committed to an answer looks at a figure with other eyes. Nothing is marked: the prediction
is kept in the file of answers and shown again beside what came out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matlearn._exercises.finding import CHAPTERS

if TYPE_CHECKING:
    from matlearn._asking.card import Card
    from matlearn._asking.recalled import Recalled

_SECTION = "predictions"
_IDENTIFIER = re.compile(rf"({'|'.join(CHAPTERS)})\.[1-9]\d*\.[1-9]\d*")
_NONE = "No prediction yet: scroll up, commit yourself to one, then come back and read on."


def ask(identifier: str, options: Sequence[str] = (), *, said: str | None = None) -> Card | None:
    """Ask for a prediction and keep it.

    In a notebook it is a form (Tab, arrows and Enter do); elsewhere the options are printed, and
    `said` gives the prediction.

    Parameters
    ----------
    identifier
        Chapter, notebook and number, such as ``"lattice.4.1"``.
    options
        What can be said, two or more; without options there is a line to write on.
    said
        The prediction, without a form.

    Returns
    -------
    anywidget.AnyWidget or None
        The form; None where the options were printed.

    Raises
    ------
    ValueError
        If `identifier` is not of that form, `options` are no choice, or `said` is none of them.

    Examples
    --------
    >>> ask("lattice.4.1", ["lower", "higher"], said="the same")
    Traceback (most recent call last):
    ValueError: said must be one of the options (lower, higher), got 'the same'
    """
    from matlearn.widgets import interactive

    _check_identifier(identifier)
    choices = _checked(options)
    if said is not None:
        if not isinstance(said, str) or not said.strip():
            raise ValueError(f"said must be a text, got {said!r}")
        if choices and said not in choices:
            raise ValueError(
                f"said must be one of the options ({', '.join(choices)}), got {said!r}"
            )
        _keep(identifier, said.strip())
    if interactive():
        return _card(identifier, choices)
    print("Your prediction: " + (" / ".join(choices) if choices else "in a few words"))
    print(_sentence(identifier) if _said(identifier) else _how(identifier, choices))
    return None


def recall(identifier: str) -> Recalled | str:
    """Show again what was predicted, below the figure that answers it.

    Parameters
    ----------
    identifier
        The prediction's, such as ``"lattice.4.1"``.

    Returns
    -------
    anywidget.AnyWidget or str
        A line that follows when the prediction is made or changed later; text outside of notebooks.

    Raises
    ------
    ValueError
        If `identifier` is not of that form.

    Examples
    --------
    >>> recall("lattice 4")
    Traceback (most recent call last):
    ValueError: identifier must be chapter.notebook.number such as 'lattice.4.1', got 'lattice 4'; ...
    """
    from matlearn.widgets import interactive

    _check_identifier(identifier)
    if not interactive():
        return _sentence(identifier)
    from matlearn._asking.recalled import Recalled

    return Recalled(identifier, _sentence(identifier))


def _check_identifier(identifier: str) -> None:
    if not isinstance(identifier, str) or not _IDENTIFIER.fullmatch(identifier):
        raise ValueError(
            f"identifier must be chapter.notebook.number such as 'lattice.4.1', got {identifier!r}; "
            f"chapters are: {', '.join(CHAPTERS)}"
        )


def _checked(options: Sequence[str]) -> tuple[str, ...]:
    choices = (options,) if isinstance(options, str) else tuple(options)
    texts = [choice for choice in choices if isinstance(choice, str) and choice.strip()]
    if len(texts) < len(choices) or len(choices) == 1 or len(set(texts)) < len(texts):
        raise ValueError(
            f"options must be two or more different texts, or none to write freely, got {options!r}"
        )
    return choices


def _keep(identifier: str, text: str) -> None:
    from matlearn._asking import saved

    saved.keep(_SECTION, identifier, {"said": text[:300]})


def _said(identifier: str) -> str:
    from matlearn._asking import saved

    entry: Any = saved.entries(_SECTION).get(identifier)
    return str(entry.get("said", "")) if isinstance(entry, dict) else ""


def _sentence(identifier: str) -> str:
    said = _said(identifier)
    return f"You said: {said.rstrip('.')}." if said else _NONE


def _how(identifier: str, choices: tuple[str, ...]) -> str:
    example = choices[0] if choices else "..."
    return f'To keep one: ml.predictions.ask("{identifier}", [...], said="{example}")'


def _card(identifier: str, choices: tuple[str, ...]) -> Card:
    from matlearn._asking.card import Card, Item, Reply
    from matlearn._asking.recalled import renew

    kept = Reply("kept", "Kept.", "It is shown again beside what comes out.")

    def take(_item: int, value: int | str) -> Reply:
        _keep(identifier, choices[value] if isinstance(value, int) else value)
        renew(identifier, _sentence(identifier))
        return kept

    card = Card([Item("Your prediction", choices)], take, button="Keep")
    said = _said(identifier)
    if said and (not choices or said in choices):
        card.say(0, choices.index(said) if choices else said, kept)
    return card
