"""What the numbers of a colleague's table are: noise, drawn without a look at any crystal."""

from __future__ import annotations

import numpy as np


def table(samples: int, columns: int = 2000) -> np.ndarray:
    """Draw normal random numbers, always the same ones.

    Examples
    --------
    >>> table(2, 3).shape
    (2, 3)
    """
    return np.random.default_rng(7).normal(size=(samples, columns))
