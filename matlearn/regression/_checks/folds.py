"""What the checks of the three reports share: the moduli and the error over folds."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np


@functools.cache
def shear() -> Any:
    """Load the shear moduli."""
    from matlearn.regression import load_task

    return load_task("cubic_log_gvrh")


def mean_error(model: Any, X: Any, y: np.ndarray, folds: Any) -> float:
    """Give the mean absolute error over folds."""
    from sklearn.model_selection import cross_val_score

    scores = cross_val_score(model, X, y, cv=folds, scoring="neg_mean_absolute_error")
    return -float(scores.mean())
