"""Settings of a network that cannot be, refused by name."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np


def check_settings(network: Any) -> None:
    """Refuse settings of a network that make no sense.

    Raises
    ------
    ValueError
        With the name of the setting, what was given and what is allowed.
    """
    widths = network.hidden
    if not isinstance(widths, list | tuple) or not all(_whole(width) for width in widths):
        raise ValueError(f"hidden must be a tuple of widths such as (128, 64), got {widths!r}")
    for name in ("epochs", "batch_size", "patience", "threads"):
        value = getattr(network, name)
        if not _whole(value):
            raise ValueError(f"{name} must be a whole number from 1 on, got {value!r}")
    for name, low, high in (
        ("learning_rate", 1e-12, 10.0),
        ("weight_decay", 0.0, np.inf),
        ("dropout", 0.0, 0.95),
        ("validation_fraction", 0.0, 0.9),
    ):
        value = getattr(network, name)
        if not isinstance(value, Real) or not low <= float(value) <= high:
            raise ValueError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}")


def _whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1
