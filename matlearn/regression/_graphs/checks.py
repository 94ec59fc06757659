"""Checks of what a caller hands to a graph network."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np


def check_neighbourhood(cutoff: Any, max_neighbours: Any) -> None:
    """Check how far and to how many neighbours a graph reaches.

    Raises
    ------
    TypeError, ValueError
        If one of the two cannot be.
    """
    check_real(cutoff, "cutoff", above=0.0, unit="A, such as 8.0")
    check_whole(max_neighbours, "max_neighbours", at_least=1)


def check_whole(value: Any, name: str, *, at_least: int) -> None:
    """Check a whole number."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number of at least {at_least}, got {value!r}")
    if value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, got {value}")


def check_real(
    value: Any,
    name: str,
    *,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
    unit: str = "",
) -> None:
    """Check a number and its range."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number{unit and ' in ' + unit}, got {value!r}")
    limits = [
        f"above {above:g}" if above is not None else "",
        f"at least {at_least:g}" if at_least is not None else "",
        f"below {below:g}" if below is not None else "",
    ]
    number = float(value)
    inside = (
        np.isfinite(number)
        and (above is None or number > above)
        and (at_least is None or number >= at_least)
        and (below is None or number < below)
    )
    if not inside:
        allowed = " and ".join(limit for limit in limits if limit)
        raise ValueError(f"{name} must be {allowed}{unit and ', in ' + unit}, got {value!r}")


def checked_targets(y: Any, n_structures: int, name: str = "y") -> np.ndarray:
    """Give the targets as floats, one for each structure.

    Raises
    ------
    TypeError, ValueError
        If they are no numbers, not of one dimension, not finite, or not as many.
    """
    values = np.asarray(y)
    if values.dtype.kind not in "bifu":
        try:
            values = values.astype(float)
        except (TypeError, ValueError):
            raise TypeError(f"{name} must hold numbers, got {values.dtype}") from None
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise ValueError(f"{name} must have one number a structure, got an array {values.shape}")
    if len(values) != n_structures:
        raise ValueError(
            f"{name} must have one entry for each of the {n_structures} structures, "
            f"got {len(values)}"
        )
    bad = np.flatnonzero(~np.isfinite(values.astype(float)))
    if len(bad):
        raise ValueError(
            f"{name} must be finite, got NaN or infinity for {len(bad)} structures, the first at "
            f"{bad[0]}: leave out materials whose property is not known"
        )
    return values.astype(float)


def checked_classes(y: Any, n_structures: int, name: str = "y") -> np.ndarray:
    """Give the classes, one for each structure.

    Raises
    ------
    TypeError, ValueError
        If they are not as many, not finite, or real numbers that are no classes.
    """
    from sklearn.utils.multiclass import check_classification_targets

    values = np.asarray(y)
    if values.dtype.kind in "fc":
        checked_targets(values, n_structures, name)
    if values.ndim != 1 or len(values) != n_structures:
        raise ValueError(
            f"{name} must have one class for each of the {n_structures} structures, got an array "
            f"of shape {values.shape}"
        )
    check_classification_targets(values)
    return values


def checked_pair(validation: Any) -> tuple[Any, Any]:
    """Give structures and targets of validation data.

    Raises
    ------
    TypeError
        If they are not two things.
    """
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise TypeError(
            f"validation must be a pair (structures, targets), got {type(validation).__name__}"
        )
    return validation[0], validation[1]
