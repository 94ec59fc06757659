"""What kinetic Monte Carlo is asked for, checked."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

import numpy as np


def positive(value: Any, name: str, unit: str) -> float:
    """Return a number that is positive and finite."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number in {unit}, got {value!r}")
    if not 0 < float(value) < np.inf:
        raise ValueError(f"{name} must be positive and finite ({unit}), got {value}")
    return float(value)


def whole(value: Any, name: str, least: int) -> int:
    """Return a whole number of at least some size."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def checked_records(hops: Any, time: Any, record_every: Any) -> list[float]:
    """Return after how many hops, or seconds, records are made; the last is at the end."""
    if (hops is None) == (time is None):
        raise ValueError(
            f"give hops (a number) or time (s), one of the two, got hops={hops!r}, time={time!r}"
        )
    if hops is not None:
        n = whole(hops, "hops", 1)
        every = max(1, n // 100) if record_every is None else record_every
        step = whole(every, "record_every (hops)", 1)
        return [min(k, n) for k in range(step, n + step, step)]
    length = positive(time, "time", "s")
    interval = length / 100 if record_every is None else record_every
    interval = positive(interval, "record_every", "s")
    number = max(1, math.ceil(length / interval * (1 - 1e-9)))
    return [min(k * interval, length) for k in range(1, number)] + [length]


def shown(n: int, progress: bool) -> Iterable[int]:
    """Count to n, with a progress bar if one is asked for."""
    if not progress:
        return range(n)
    from tqdm.auto import tqdm

    bar: Iterable[int] = tqdm(range(n), desc="hops", leave=False)
    return bar
