"""Making plain numbers and arrays of whatever a learner gives, or saying what was given instead."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

T = TypeVar("T")
_cache: dict[Any, Any] = {}


class NotPlainError(ValueError):
    """An answer that is not what is wanted; the message says what it is instead, and what to do."""


class ReferenceFailedError(RuntimeError):
    """A check's own reference could not be computed: a fault of the check, not of the answer."""


def reference(given: T | Callable[[], T]) -> T:
    """Give a reference value: as it is, or computed once in each process.

    Parameters
    ----------
    given
        A value, or a function without arguments that computes it. A function that closes over
        nothing is called once, however often it is made anew (as a lambda in a check is).

    Raises
    ------
    ReferenceFailedError
        If the function raises.

    Examples
    --------
    >>> reference(lambda: 2.5), reference(3)
    (2.5, 3)
    """
    if not callable(given):
        return given
    code = getattr(given, "__code__", None)
    alone = code is not None and not given.__closure__ and not given.__defaults__
    key = code if alone else given
    if key not in _cache:
        try:
            _cache[key] = given()
        except Exception as problem:
            raise ReferenceFailedError(
                f"the check's own reference could not be computed: {type(problem).__name__}: {problem}"
            ) from problem
    return _cache[key]


def describe(answer: Any) -> str:
    """Say in words what an answer is.

    Examples
    --------
    >>> describe(None), describe("high"), describe([1, 2])
    ('nothing (`None`)', "the text 'high'", 'a list of 2')
    """
    if answer is None:
        return "nothing (`None`)"
    if answer is ...:
        return "no answer yet (`...`)"
    if isinstance(answer, str):
        return f"the text {answer[:40]!r}"
    if isinstance(answer, bool):
        return f"`{answer}`"
    if isinstance(answer, int | float | complex):
        return f"the number {answer:.6g}"
    if isinstance(answer, list | tuple | set | dict):
        return f"a {type(answer).__name__} of {len(answer)}"
    shape = getattr(answer, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"an array of shape {tuple(int(size) for size in shape)}"
    if callable(answer):
        return f"a function, `{getattr(answer, '__name__', '?')}`"
    name = type(answer).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def number(answer: Any, unit: str = "") -> float:
    """Make a finite plain number of an answer.

    Raises
    ------
    NotPlainError
        If it is none; the message says what it is and what to do.

    Examples
    --------
    >>> import numpy as np
    >>> number(np.array([2.5])), number(3)
    (2.5, 3.0)
    >>> number("2.5 eV", "eV")
    Traceback (most recent call last):
    ...
    matlearn._exercises.reading.NotPlainError: a number (in eV) is wanted, but you gave the text '2.5 eV': ...
    """
    wanted = f"a number{_in(unit)} is wanted"
    _refuse_strange(answer, wanted, unit)
    if isinstance(answer, dict | set) or callable(answer):
        raise NotPlainError(f"{wanted}, but you gave {describe(answer)}: give one number of it")
    try:
        values = _as_array(answer)
    except (TypeError, ValueError) as error:
        raise NotPlainError(
            f"{wanted}, but you gave {describe(answer)}{_has_value(answer)}"
        ) from error
    if values.size != 1:
        raise NotPlainError(
            f"{wanted}, but you gave {describe(answer)}: choose one of its values, or average them"
        )
    if values.dtype.kind == "c" and values.ravel()[0].imag:
        raise NotPlainError(
            f"{wanted}, but you gave a complex number: look where its root comes from"
        )
    value = float(values.real.ravel()[0])
    if math.isnan(value):
        raise NotPlainError(
            f"{wanted}, but your answer is nan (not a number): somewhere something was divided by zero, "
            "or nothing was averaged. Print the steps before it and find the first nan"
        )
    if math.isinf(value):
        raise NotPlainError(
            f"{wanted}, but your answer is infinite: look at what you divide by, or at an exponent"
        )
    return value


def array(answer: Any, shape_words: str, unit: str = "") -> np.ndarray:
    """Make an array of finite numbers of an answer.

    Parameters
    ----------
    answer
        What was given.
    shape_words
        What is wanted, such as ``"one force for each atom (n, 3)"``.
    unit
        For the message.

    Raises
    ------
    NotPlainError
        If it is none; the message says what it is and what to do.
    """
    import numpy as np

    wanted = f"{shape_words}{_in(unit)} is wanted"
    _refuse_strange(answer, wanted, unit)
    if isinstance(answer, dict | set):
        raise NotPlainError(
            f"{wanted}, but you gave {describe(answer)}, which has no order: give its values as a list"
        )
    if callable(answer):
        raise NotPlainError(
            f"{wanted}, but you gave {describe(answer)}: call it, and give what it returns"
        )
    try:
        values = _as_array(list(answer) if isinstance(answer, range) else answer)
    except (TypeError, ValueError) as error:
        raise NotPlainError(
            f"{wanted}, but you gave {describe(answer)}{_has_value(answer)}"
        ) from error
    if values.dtype.kind == "c":
        values = values.real
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        where = ", ".join(str(int(index)) for index in bad[0]) or "0"
        raise NotPlainError(
            f"{len(bad)} of your {values.size} numbers are nan or infinite, the first at index [{where}]: "
            "look for a division by zero or for an average over nothing there"
        )
    return values


def _as_array(answer: Any) -> np.ndarray:
    import numpy as np

    if hasattr(answer, "detach"):  # a tensor of torch
        answer = answer.detach().cpu().numpy()
    values = np.asarray(answer)
    if values.dtype.kind == "O":
        values = values.astype(float)  # of Fraction, Decimal, None: or TypeError
    if values.dtype.kind not in "iufc":
        raise TypeError(values.dtype.name)
    return values if values.dtype.kind == "c" else values.astype(float)


def _refuse_strange(answer: Any, wanted: str, unit: str) -> None:
    """Refuse what NumPy would take without a word, or with words that help nobody."""
    if answer is None:
        raise NotPlainError(
            f"{wanted}, but you gave nothing (`None`): does a function of yours lack its `return`, "
            "or did you keep what `print` or `list.sort` returns?"
        )
    if isinstance(answer, bool):
        raise NotPlainError(f"{wanted}, but you gave {describe(answer)}")
    if isinstance(answer, str):
        raise NotPlainError(
            f"{wanted}, but you gave {describe(answer)}: write the number without quotes and without its unit"
        )
    if hasattr(answer, "nominal_value"):
        raise NotPlainError(
            f"{wanted}, but you gave a value with its error: give its `.nominal_value`"
        )
    for name, inside in (("units", "magnitude"), ("unit", "value")):
        if hasattr(answer, name) and hasattr(answer, inside) and hasattr(answer, "to"):
            into = f'`.to("{unit}").{inside}`' if unit else f"its `.{inside}`"
            raise NotPlainError(
                f"{wanted}, but you gave a quantity that carries a unit of its own: give {into}, a plain number"
            )


def _has_value(answer: Any) -> str:
    """Point to numbers that an object has as attributes, as our own results do."""
    names = [
        name
        for name in getattr(type(answer), "__dataclass_fields__", {})
        if isinstance(getattr(answer, name, None), float)
    ]
    if not names:
        return ""
    listed = ", ".join(f"`.{name}`" for name in names[:6])
    return (
        f": it is a whole result, which holds the numbers {listed}; give the one that is asked for"
    )


def _in(unit: str) -> str:
    return f" (in {unit})" if unit else ""
