"""Numbers as people write them."""

from __future__ import annotations

import math


def measured(value: float, error: float) -> str:
    """Write a value with its error, both to the error's second digit.

    Examples
    --------
    >>> measured(0.14237, 0.0131), measured(141.6, 17.2), measured(2.5, float("nan"))
    ('0.142 ± 0.013', '142 ± 17', '2.5')
    """
    if not (math.isfinite(error) and error > 0 and math.isfinite(value)):
        return f"{value:.3g}"
    digits = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:.{digits}f} ± {error:.{digits}f}"
