"""icet and trainstation, imported when they are first needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_NEEDS = "the lattice chapter needs {name}: pip install {name} (icet needs a C++ compiler)"


def icet() -> Any:
    """Return the module icet.

    Raises
    ------
    ImportError
        If it is not installed.
    """
    return _module("icet")


def trainstation() -> Any:
    """Return the module trainstation.

    Raises
    ------
    ImportError
        If it is not installed.
    """
    return _module("trainstation")


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(_NEEDS.format(name=name)) from error
