"""Formulas: read with care, and refused with an explanation."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from typing import Any

from matlearn.regression._features.elements import KNOWN, NUMBER_OF, SYMBOLS

_NUMBER = r"(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)?"
_USUAL = re.compile(rf"(?:[A-Z][a-z]?{_NUMBER}|[(\[{{]|[)\]}}]{_NUMBER})+")
_TOKEN = re.compile(rf"([A-Z][a-z]?|[()\[\]{{}}])({_NUMBER})")
_SPACE = re.compile(r"\s*")
_WORD = re.compile(r"[A-Z][a-z]*")
_AMOUNT = re.compile(r"\s*((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)?")
_HYDRATE = re.compile(r"(?<=[A-Za-z)\]}])([1-9]\d*)\.([1-9]\d*)H2O$")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_DOTS = "·•⋅∙*"
_CHARGES = "+-^−⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
_LEAST = 1e-8
"""Less of an element than this is as good as none (pymatgen drops it without a word)."""
_LONGEST_GUESS = 24
_NOT_USUAL = {"He", "Ne", "Ar", "Kr", "Xe", "Tc", "Pm"} | set(SYMBOLS[83:])


def composition(formula: Any) -> dict[str, float]:
    """Read a formula: symbol -> amount, in the order of appearance.

    Raises
    ------
    TypeError
        If it is no text and no composition.
    ValueError
        If it is no formula.
    """
    if isinstance(formula, str):
        amounts = _quick(formula) or _careful(formula)
        if min(amounts.values()) < _LEAST:
            raise ValueError("the amount of an element is zero once brackets are multiplied out")
        return amounts
    if hasattr(formula, "get_el_amt_dict"):  # pymatgen's, which adds up what differs in charge
        return _checked(formula, formula.get_el_amt_dict())
    raise TypeError(_no_text(formula))


def _quick(formula: str) -> dict[str, float] | None:
    """Read a formula that nothing is wrong or unusual with; None for any other."""
    if not _USUAL.fullmatch(formula) or ("." in formula and _HYDRATE.search(formula)):
        return None
    now: dict[str, float] = {}
    stack: list[tuple[str, dict[str, float]]] = []
    for token, number in _TOKEN.findall(formula):
        amount = float(number) if number else 1.0
        if not _LEAST <= amount < math.inf:
            return None
        if token in _READY:
            now[token] = now[token] + amount if token in now else amount
        elif token in _CLOSING:
            stack.append((token, now))
            now = {}
        elif stack and token == _CLOSING[stack[-1][0]] and now:
            group, now = now, stack.pop()[1]
            for symbol, inside in group.items():
                now[symbol] = now.get(symbol, 0.0) + inside * amount
        else:
            return None
    return None if stack else now


_READY = frozenset(SYMBOLS[:KNOWN])


def _careful(formula: str) -> dict[str, float]:
    """Read any formula, and say what is wrong and where."""
    text = formula.translate(_SUBSCRIPTS)
    if not text.strip():
        raise ValueError("empty: a formula such as 'NaCl' is needed")
    hydrate = _HYDRATE.search(text)
    if hydrate:
        before, (whole, part) = text[: hydrate.start()], hydrate.groups()
        raise ValueError(
            f"the last dot can be read in two ways: write '{before}{whole}·{part}H2O' for a hydrate, "
            f"'{before}{whole}.{part} H2O' for an amount of {whole}.{part}"
        )
    parts: list[dict[str, float]] = []
    factors: list[float] = []
    stack: list[tuple[str, int, dict[str, float]]] = []
    now: dict[str, float] = {}
    factor, at = 1.0, _SPACE.match(text, 0).end()  # type: ignore[union-attr]
    while at < len(text):
        character = text[at]
        if word := _WORD.match(text, at):
            symbol = _symbol(text, word.group(), at)
            amount, at = _amount(text, word.end(), symbol)
            now[symbol] = now.get(symbol, 0.0) + amount
        elif character in _CLOSING:
            stack.append((character, at, now))
            now, at = {}, at + 1
        elif stack and character == _CLOSING[stack[-1][0]]:
            if not now:
                raise ValueError(f"the brackets that close at character {at + 1} are empty")
            group, now = now, stack.pop()[2]
            amount, at = _amount(text, at + 1, "a bracket")
            for symbol, inside in group.items():
                now[symbol] = now.get(symbol, 0.0) + inside * amount
        elif character in _DOTS and now and not stack:
            parts.append(now)
            factors.append(factor)
            factor, at = _amount(text, at + 1, "what follows a dot")
            now = {}
        else:
            raise ValueError(_unexpected(text, at, stack))
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
    if stack:
        raise ValueError(f"{stack[-1][0]!r} at character {stack[-1][1] + 1} is never closed")
    if not now:
        raise ValueError("nothing follows the dot at its end")
    total: dict[str, float] = {}
    for part_factor, part_amounts in zip([*factors, factor], [*parts, now], strict=True):
        for symbol, amount in part_amounts.items():
            total[symbol] = total.get(symbol, 0.0) + part_factor * amount
    return total


def _symbol(text: str, word: str, at: int) -> str:
    """Check the symbol of an element; deuterium and tritium are hydrogen."""
    if word not in NUMBER_OF:
        raise ValueError(f"{word!r} at character {at + 1} is no element{_suggestion(text)}")
    return _in_table(SYMBOLS[NUMBER_OF[word]])


def _in_table(symbol: str) -> str:
    if symbol not in _READY:
        raise ValueError(
            f"{symbol} is not in Magpie's table of the elements, which ends at {SYMBOLS[KNOWN - 1]}"
        )
    return symbol


def _amount(text: str, at: int, what: str) -> tuple[float, int]:
    """Read the amount that stands here, 1 where there is none; give it and where it ends."""
    found = _AMOUNT.match(text, at)
    assert found is not None
    if found[1] is None:
        return 1.0, at
    amount = float(found[1])
    if not _LEAST <= amount < math.inf:
        raise ValueError(
            f"the amount of {what} is {found[1]} at character {found.start(1) + 1}: amounts must be "
            "positive; leave out what is not there"
        )
    return amount, found.end()


def _unexpected(text: str, at: int, stack: list[tuple[str, int, dict[str, float]]]) -> str:
    """Say what is wrong with the character that stands here."""
    character, where = text[at], f"at character {at + 1}"
    if character in _CHARGES:
        return (
            f"{character!r} {where}: charges and negative amounts do not belong in a composition; "
            "write the elements and their amounts only"
        )
    if character in _CLOSING.values():
        if stack:
            return f"{character!r} {where} does not close {stack[-1][0]!r}"
        return f"{character!r} {where} closes nothing"
    if character.isdigit() or character == ".":
        return f"{character!r} {where} is an amount, but of no element"
    if character.isascii() and character.islower():
        return (
            f"{character!r} {where}: the symbol of an element begins with a capital"
            f"{_suggestion(text)}"
        )
    return f"{character!r} {where} has no meaning in a formula"


def _suggestion(text: str) -> str:
    """Guess what was meant, were it only for capitals."""
    if len(text) > _LONGEST_GUESS:
        return ""
    pieces = re.split(r"([A-Za-z]+)", text)
    options = [
        ["".join(word) for word in _split(piece.lower())] if piece.isalpha() else [piece]
        for piece in pieces
    ]
    if not all(options) or math.prod(map(len, options)) > 1000:
        return ""
    guesses = {"".join(one) for one in itertools.product(*options)} - {text}

    def strangeness(guess: str) -> tuple[int, int, str]:
        symbols = _WORD.findall(guess)
        return sum(symbol in _NOT_USUAL for symbol in symbols), len(symbols), guess

    best = sorted(guesses, key=strangeness)[:2]
    return f"; did you mean {' or '.join(best)}?" if best else ""


def _split(word: str) -> Iterator[tuple[str, ...]]:
    """Split letters into symbols in all ways."""
    if not word:
        yield ()
    for length in (2, 1):
        symbol = word[:length].capitalize()
        if len(word) >= length and symbol in _READY:
            for rest in _split(word[length:]):
                yield (symbol, *rest)


def _checked(given: Any, amounts: dict[str, float]) -> dict[str, float]:
    """Check the amounts of a composition that came as an object."""
    checked: dict[str, float] = {}
    for symbol, amount in amounts.items():
        if symbol not in NUMBER_OF:
            raise ValueError(f"{symbol!r} in {given} is no element")
        name = _in_table(SYMBOLS[NUMBER_OF[symbol]])
        if not _LEAST <= amount < math.inf:
            raise ValueError(f"the amount of {symbol} is {amount:g}: amounts must be positive")
        checked[name] = checked.get(name, 0.0) + float(amount)
    if not checked:
        raise ValueError("empty: a composition must hold an element")
    return checked


def _no_text(given: Any) -> str:
    missing = isinstance(given, float) and math.isnan(given)
    if given is None or missing or type(given).__name__ in ("NAType", "NaTType"):
        return (
            f"{given} ({type(given).__name__}) is a missing value, no formula (sodium nitride, NaN, "
            "is read as one by pandas.read_csv unless keep_default_na=False)"
        )
    if hasattr(given, "composition"):
        return f"a {type(given).__name__} is no formula: give its .composition"
    if hasattr(given, "get_chemical_formula"):
        return "Atoms are no formula: give their .get_chemical_formula()"
    return f"{given!r} ({type(given).__name__}) is no formula: text such as 'NaCl' is needed"
