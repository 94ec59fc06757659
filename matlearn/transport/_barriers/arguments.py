"""What `migration_barrier` is told, checked before anything is computed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

INTERPOLATIONS = ("idpp", "linear")


def check_arguments(given: dict[str, Any]) -> None:
    """See that the settings of a band make sense.

    Raises
    ------
    ValueError
        If one does not; the message says which.
    """
    for name, least in (("images", 1), ("steps", 1)):
        value = given[name]
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            words = "images between initial and final" if name == "images" else "steps"
            raise ValueError(
                f"{name} must be a whole number of {words}, at least {least}, got {value!r}"
            )
    for name, unit in (("fmax", "eV/A"), ("spring", "eV/A2")):
        value = given[name]
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not number or not np.isfinite(value) or value <= 0:
            raise ValueError(f"{name} must be a positive number ({unit}), got {value!r}")
    if given["interpolation"] not in INTERPOLATIONS:
        raise ValueError(
            f"interpolation must be {' or '.join(map(repr, INTERPOLATIONS))}, got "
            f"{given['interpolation']!r}"
        )


def checked_store(store: str | os.PathLike[str] | None) -> Path | None:
    """Give the file of a band.

    Raises
    ------
    ValueError
        If it cannot be one.
    FileNotFoundError
        If there is no folder to put it into.
    """
    if store is None:
        return None
    path = Path(store)
    if path.suffix != ".npz":
        raise ValueError(f"store must be a file that ends in .npz, got {str(store)!r}")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"no folder {path.parent} to keep {path.name} in")
    return path
