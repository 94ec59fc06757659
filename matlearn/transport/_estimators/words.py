"""Numbers in words."""

from __future__ import annotations

import math


def with_error(value: float, error: float) -> str:
    """Write a value with the error of its last digits.

    Examples
    --------
    >>> with_error(2.3149e-5, 5.2e-7), with_error(1.234e-4, 1.6e-5), with_error(1e-5, float("nan"))
    ('2.31(5)e-5', '1.23(16)e-4', '1e-05')
    """
    if not (math.isfinite(value) and math.isfinite(error) and error > 0 and value != 0):
        return f"{value:.3g}"
    power = math.floor(math.log10(max(abs(value), error)))
    digits = max(0, power - math.floor(math.log10(error)))
    shown = round(error / 10.0 ** (power - digits))
    if shown < 2 or (shown < 20 and round(error / 10.0 ** (power - digits - 1)) < 20):
        digits += 1
        shown = round(error / 10.0 ** (power - digits))
    return f"{value / 10.0**power:.{digits}f}({shown})e{power}"
