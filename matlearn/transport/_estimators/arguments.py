"""Checks of what a diffusion coefficient is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

METHODS = ("gls", "ols", "kinisi")
FEWEST = 20
"""Frames below which nothing is said."""


def check_method(method: Any, kind: str) -> None:
    """Refuse an unknown method."""
    if method not in METHODS:
        raise ValueError(
            'method must be "gls" (generalised least squares), "ols" (an ordinary line, for '
            f'comparison) or "kinisi" (the library kinisi), got {method!r}'
        )
    if method == "kinisi" and kind != "self":
        raise ValueError('method="kinisi" is offered for kind="self" only')


def window_frames(
    diffusive_from: Any, until: Any, time_step: float, frames: int
) -> tuple[int | None, int | None]:
    """Turn the window from ps into frames; None where the estimator is to choose."""
    if frames < FEWEST:
        raise ValueError(
            f"trajectory has {frames} frames, too few to see diffusion: at least {FEWEST} are "
            "needed, and hundreds for an error that means something"
        )
    length = (frames - 1) * time_step
    start = None
    if diffusive_from != "auto":
        start = round(_time(diffusive_from, "diffusive_from", '"auto" or ', length) / time_step)
        start = max(1, start)
    end = None
    if until is not None:
        end = int(np.floor(_time(until, "until", "", length) / time_step + 1e-9))
    last = frames - 2 if end is None else min(end, frames - 2)
    if (start or 1) + 2 > last:
        raise ValueError(
            f"diffusive_from and until leave no window: {diffusive_from} to {until} ps in a run of "
            f"{length:.4g} ps with {time_step:g} ps between frames; at least three lags must be in"
        )
    return start, end if end is None else last


def _time(value: Any, name: str, other: str, length: float) -> float:
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not number or not 0 < value < length:
        raise ValueError(
            f"{name} must be {other}a time in ps within the run of {length:.4g} ps, got {value!r}"
        )
    return float(value)
