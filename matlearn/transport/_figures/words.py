"""What the figures of this chapter share: names, numbers with errors, axes of temperature."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.transport._estimators.words import with_error as scientific

if TYPE_CHECKING:
    from matplotlib.axes import Axes

A2_PER_PS = 1e4
"""How many A2/ps are one cm2/s."""

NAMES = {"diffusion": ("D (cm²/s)", "cm²/s"), "conductivity": ("σ (S/cm)", "S/cm")}
"""Label of the axis and unit of what is activated."""


def labelled(
    given: Any, name: Callable[[Any], str], argument: str, *, needs: tuple[str, ...] = ()
) -> list[tuple[str, Any]]:
    """Return pairs of a name and a result, from one result, a list of them, or a dict by name.

    Parameters
    ----------
    given
        What the figure was called with.
    name
        Gives a result a name where there is no dict.
    argument
        Name of the argument, for errors.
    needs
        Attributes that each result must have.
    """
    if isinstance(given, Mapping):
        pairs = [(str(key), one) for key, one in given.items()]
    elif isinstance(given, (list, tuple)):
        pairs = [("", one) for one in given]
    else:
        pairs = [("", given)]
    if not pairs:
        raise ValueError(f"{argument} must hold at least one result, got an empty one")
    for _, one in pairs:
        missing = [attribute for attribute in needs if not hasattr(one, attribute)]
        if missing:
            raise TypeError(
                f"{argument} must be a result, a list of results or a dict of them by name; got "
                f"{type(one).__name__}, which has no {', '.join(map(repr, missing))}"
            )
    return [(key or name(one), one) for key, one in pairs]


def with_error(value: float, error: float | None = None) -> str:
    """Write a number with the error of its last digits, as powers of ten only where it must be.

    Examples
    --------
    >>> with_error(2.3149e-5, 5.2e-7), with_error(0.1168, 0.0046), with_error(310.2, 4.0)
    ('2.31(5)e-5', '0.117(5)', '310(4)')
    >>> with_error(1.2), with_error(0.5, 0.016)
    ('1.2', '0.500(16)')
    """
    if error is None or not (math.isfinite(error) and math.isfinite(value) and error > 0):
        return f"{value:.3g}"
    if not 1e-3 <= max(abs(value), error) < 1e5:
        return scientific(value, error)
    digits = -math.floor(math.log10(error))
    if round(error * 10.0 ** (digits + 1)) < 20:  # an error of 1 says too little of itself
        digits += 1
    digits = max(digits, 0)
    last = round(error * 10.0**digits)
    return f"{value:.{digits}f}({last})"


def temperature_axes(ax: Axes, temperatures: Any) -> None:
    """Mark an axis of 1000 K / T below, and round temperatures in K above."""
    low, high = float(np.min(temperatures)), float(np.max(temperatures))
    ends = np.array([1000.0 / high, 1000.0 / low])
    pad = 0.06 * (ends[1] - ends[0]) or 0.1
    left, right = max(float(ends[0]) - pad, 1e-3), float(ends[1]) + pad
    ax.set_xlim(left, right)
    ax.set_xlabel("1000 K / temperature")
    above = ax.secondary_xaxis("top", functions=(_inverse, _inverse))
    above.set_xlabel("Temperature (K)")
    marks = _round_temperatures(1000.0 / right, 1000.0 / left)
    above.set_xticks(marks, [f"{mark:g}" for mark in marks])
    above.minorticks_off()
    ax.grid(axis="x", visible=False)


def plain_powers(ax: Axes) -> None:
    """Write the marks of a logarithmic axis that spans little as plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = ax.get_ylim()
    if not 1e-2 <= low < high < 1e4:
        return
    wide = math.log10(high / low) > 1.3
    marks = (1.0, 3.0) if wide else (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)
    ax.yaxis.set_major_locator(LogLocator(base=10, subs=marks))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def _inverse(x: Any) -> Any:
    x = np.asarray(x, dtype=float)
    return 1000.0 / np.where(np.abs(x) < 1e-9, 1e-9, x)


def _round_temperatures(low: float, high: float) -> list[float]:
    """Temperatures that are told apart on an axis of their inverse, round ones first."""
    chosen: list[float] = []
    least = (1.0 / low - 1.0 / high) / 12
    for step in (1000, 500, 200, 100, 50, 20, 10):
        for mark in np.arange(math.ceil(low / step), math.floor(high / step) + 1) * float(step):
            if mark > 0 and all(abs(1 / mark - 1 / other) > least for other in chosen):
                chosen.append(float(mark))
        if len(chosen) >= 5:
            break
    return sorted(chosen)
