"""What is asked of arguments that several functions take."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

FEW = 32
"""Supercells with fewer active sites show no transition worth the name."""


def warn_of_few_sites(n_sites: int) -> None:
    """Warn of supercells that are too small for any transition."""
    if n_sites < FEW:
        warnings.warn(
            f"supercell has only {n_sites} active sites: in so small a cell all transitions are "
            "smeared out and shifted; take a few hundred sites at least",
            stacklevel=3,
        )


def whole_numbers(**arguments: tuple[Any, int]) -> None:
    """Refuse what is no whole number, or less than the least one: ``name=(value, least)``."""
    for name, (value, least) in arguments.items():
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")


def finite_numbers(name: str, given: Any) -> list[float]:
    """Give one number, or a sequence of them, as a list."""
    try:
        numbers = [float(number) for number in np.atleast_1d(np.asarray(given))]
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be numbers, got {given!r}") from None
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be finite, got {given!r}")
    return numbers


def temperatures_of(given: Any) -> list[float]:
    """Give temperatures by rising value, each once."""
    goals = finite_numbers("temperatures", given)
    if not goals or min(goals) <= 0:
        raise ValueError(f"temperatures must be positive, at least one of them; got {given!r}")
    return sorted(set(goals))
