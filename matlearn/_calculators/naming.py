"""How calculators and their options are written down, so that their results can be told apart."""

from __future__ import annotations

import hashlib
import inspect
import os
from os import PathLike
from types import CodeType
from typing import Any

import numpy as np

PLAIN = (bool, int, float, complex, str, tuple, list, dict)
"""Kinds of values that a function may use from outside and that make it another one."""


def shown(value: Any) -> str:
    """Write an option the same way in each process.

    Numbers, words and their lists are written out; arrays and networks are told apart by a digest
    of their values; of any other object without words of its own only the kind is named.

    Examples
    --------
    >>> shown({"width": 0.1, "spin": None})
    "{'width': 0.1, 'spin': None}"
    """
    if value is None or isinstance(value, bool | int | float | complex | str):
        return repr(value)
    if isinstance(value, PathLike):
        return repr(os.fspath(value))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{shown(k)}: {shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    kind = type(value).__qualname__
    if hasattr(value, "state_dict"):  # a network: its weights
        arrays = [array.detach().cpu().numpy() for array in value.state_dict().values()]
    elif hasattr(value, "dtype"):
        arrays = [np.asarray(value)]
    else:
        text = repr(value)
        return kind if " at 0x" in text else text
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return f"{kind}:{digest.hexdigest()[:16]}"


def of_calculator(calculator: Any) -> tuple[str, dict[str, Any]]:
    """Give the kind of a calculator and what sets it apart.

    That is its parameters, and its ``digest`` where it has one: of what a potential has learned.
    """
    kind = f"{type(calculator).__module__}.{type(calculator).__qualname__}"
    options = dict(getattr(calculator, "parameters", None) or {})
    digest = getattr(calculator, "digest", None)
    return kind, options | ({} if digest is None else {"potential": digest})


def of_function(function: Any) -> tuple[str, dict[str, Any]]:
    """Give the name of what makes a calculator and what sets it apart.

    Of a function its code and the values from outside that it uses count: after an edit it is
    another one. Functions of this package are known by their name.

    Examples
    --------
    >>> of_function(shown)
    ('shown', {})
    """
    name = getattr(function, "__qualname__", type(function).__qualname__)
    code = getattr(function, "__code__", None)
    if code is None:
        own = {} if inspect.isclass(function) else getattr(function, "__dict__", {})
        return name, {key: value for key, value in own.items() if not key.startswith("_")}
    if str(getattr(function, "__module__", "")).startswith("matlearn."):
        return name, {}
    try:
        used = inspect.getclosurevars(function)
        outside = dict(used.nonlocals)
        outside |= {key: one for key, one in used.globals.items() if isinstance(one, PLAIN)}
    except ValueError:  # a value that is not there yet
        outside = {}
    preset: dict[str, Any] = {"defaults": function.__defaults__} if function.__defaults__ else {}
    digest = hashlib.sha256(_words(code).encode()).hexdigest()[:12]
    return f"{name}:{digest}", outside | preset


def _words(code: CodeType) -> str:
    """Write code down, without places in files or memory."""
    constants = []
    for one in code.co_consts:
        if isinstance(one, CodeType):
            constants.append(_words(one))
        else:
            constants.append(repr(sorted(one, key=repr) if isinstance(one, frozenset) else one))
    return repr([code.co_code.hex(), code.co_names, constants])


def digest_of(*parts: Any) -> str:
    """Give a short word that differs where a number or a word differs.

    Examples
    --------
    >>> digest_of("MTP", np.array([1.0, 2.0])) == digest_of("MTP", np.array([1.0, 2.5]))
    False
    """
    digest = hashlib.sha256()
    for one in parts:
        text = one.encode() if isinstance(one, str) else np.ascontiguousarray(one).tobytes()
        digest.update(text + b";")
    return digest.hexdigest()[:16]
