"""Take values at temperatures in any of the forms in which they come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["COLDEST", "collect"]

COLDEST = 60.0
"""Ions do not move below this (K): a temperature this low was rather meant in degrees Celsius."""

_FORMS = (
    "points must be results of diffusion_coefficient or ionic_conductivity with temperatures, "
    "(temperature, value, error) triples or a table with columns temperature, value and error"
)


def collect(points: Any, quantity: str | None) -> tuple[pd.DataFrame, str, str | None]:
    """Give a table ``temperature`` (K), ``value``, ``error`` (NaN: not given), quantity and species.

    Raises
    ------
    TypeError, ValueError
        If they are in none of the forms, of different kinds, or a number is impossible.
    """
    if quantity not in (None, "diffusion", "conductivity"):
        raise ValueError(f"quantity must be 'diffusion' or 'conductivity', got {quantity!r}")
    species = None
    if isinstance(points, pd.DataFrame):
        missing = {"temperature", "value"} - set(points.columns)
        if missing:
            raise ValueError(f"{_FORMS}; got one without {' and '.join(sorted(missing))}")
        errors = points["error"] if "error" in points.columns else np.nan
        table = points[["temperature", "value"]].assign(error=errors)
    else:
        if not isinstance(points, Iterable) or isinstance(points, (str, bytes)):
            raise TypeError(f"{_FORMS}; got {type(points).__name__}")
        given = list(points)
        results = [point for point in given if hasattr(point, "value")]
        if results and len(results) < len(given):
            raise ValueError("points must not mix results and plain numbers")
        if results:
            found, species = _kind_of(results)
            if quantity not in (None, found):
                raise ValueError(f"quantity = {quantity!r}, but points are of {found}")
            quantity = found
            table = pd.DataFrame([_row(point) for point in results])
        else:
            table = pd.DataFrame([_triple(point) for point in given])
    if table.empty:
        raise ValueError("points are empty: two temperatures are the least, three better")
    try:
        table = table.astype(float)
    except (TypeError, ValueError):
        raise ValueError(f"{_FORMS}; got some that are no numbers") from None
    table = table.sort_values("temperature", kind="stable").reset_index(drop=True)
    _check(table)
    return table, quantity or "diffusion", species


def _kind_of(results: Sequence[Any]) -> tuple[str, str | None]:
    """Give what the results are of, and their species; refuse a mixture."""
    kinds = {
        (
            "conductivity" if hasattr(point, "number_density") else "diffusion",
            getattr(point, "species", None),
            getattr(point, "kind", None),
        )
        for point in results
    }
    if len(kinds) > 1:
        shown = "; ".join(sorted(" ".join(map(str, kind)) for kind in kinds))
        raise ValueError(f"points must all be of one quantity, species and kind, got {shown}")
    quantity, species, _ = next(iter(kinds))
    return quantity, species


def _row(point: Any) -> dict[str, float]:
    if point.temperature is None:
        raise ValueError(
            f"{point!r} has no temperature: its run does not say it, so give "
            "(temperature, value, error) triples"
        )
    return {"temperature": point.temperature, "value": point.value, "error": point.error}


def _triple(point: Any) -> dict[str, float]:
    if not isinstance(point, Sequence | np.ndarray) or len(point) not in (2, 3):
        raise ValueError(f"{_FORMS}; got {point!r}")
    error = point[2] if len(point) == 3 and point[2] is not None else np.nan
    return {"temperature": point[0], "value": point[1], "error": error}


def _check(table: pd.DataFrame) -> None:
    """Refuse impossible numbers, naming the temperature."""
    temperatures = table["temperature"]
    if not (np.isfinite(temperatures).all() and (temperatures > 0).all()):
        bad = table.loc[~(temperatures > 0) | ~np.isfinite(temperatures), "temperature"].iloc[0]
        raise ValueError(f"temperature must be positive, in kelvin, got {bad:g}")
    for _, row in table.iterrows():
        at = f"at {row['temperature']:g} K"
        if not np.isfinite(row["value"]) or row["value"] <= 0:
            raise ValueError(
                f"value {at} must be positive, got {row['value']:g}: its logarithm is fitted. "
                "Nothing that moved was seen; run longer or leave the temperature out"
            )
        if row["error"] <= 0 or np.isinf(row["error"]):
            raise ValueError(f"error {at} must be positive, got {row['error']:g}")
    if table["error"].isna().any() and not table["error"].isna().all():
        lacking = ", ".join(f"{t:g}" for t in table.loc[table["error"].isna(), "temperature"])
        raise ValueError(
            f"error is missing at {lacking} K: give one at each temperature, or none at all"
        )
    if temperatures.nunique() < 2:
        raise ValueError(
            f"points must hold at least two different temperatures, got {temperatures.iloc[0]:g} K "
            "alone: one temperature has no activation energy"
        )
