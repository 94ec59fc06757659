"""The coefficients inside a fitted pipeline, in the units of the columns it was given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def inside(model: Any, names: Sequence[str] | None) -> tuple[list[str], Floats, Floats, float]:
    """Take names, slopes, standard deviations of the features, and the intercept out of a model.

    Slopes and intercept are for features as they came; columns that the pipeline dropped have
    slope 0 and a standard deviation of 0.

    Raises
    ------
    TypeError
        If the model is not fitted, or not linear.
    ValueError
        If there is not a name for each column.
    """
    last = model[-1] if hasattr(model, "steps") else model
    scale, shift = 1.0, 0.0
    if hasattr(last, "regressor_"):
        scale, shift = float(last.transformer_.scale_[0]), float(last.transformer_.mean_[0])
        last = last.regressor_
    if not hasattr(last, "coef_"):
        raise TypeError(
            f"model must be linear and fitted, got {type(last).__name__} without coefficients: take "
            "ols, ridge or lasso, and call fit first"
        )
    slopes = np.asarray(last.coef_, dtype=float)
    if slopes.ndim > 1 and len(slopes) > 1:
        raise TypeError(
            f"model must have one target or two classes, got {len(slopes)} sets of coefficients"
        )
    slopes = scale * slopes.ravel()
    intercept = scale * float(np.ravel(last.intercept_)[0]) + shift
    spread = np.ones(len(slopes))
    scaler = _step(model, "scale_", "mean_")
    if scaler is not None:
        spread = np.asarray(scaler.scale_, dtype=float)
        slopes = slopes / spread
        intercept -= float(slopes @ scaler.mean_)
    kept = np.arange(len(slopes))
    selector = _step(model, "variances_")
    if selector is not None:
        kept = np.flatnonzero(selector.get_support())
    n_columns = int(getattr(model, "n_features_in_", len(slopes)))
    columns = names if names is not None else getattr(model, "feature_names_in_", None)
    labels = [str(c) for c in (columns if columns is not None else _numbered(n_columns))]
    if len(labels) != n_columns:
        raise ValueError(f"names must be one for each of {n_columns} columns, got {len(labels)}")
    every, spreads = np.zeros(n_columns), np.zeros(n_columns)
    every[kept], spreads[kept] = slopes, spread
    return labels, every, spreads, intercept


def _step(model: Any, *attributes: str) -> Any:
    """Find the step of a pipeline that has these attributes."""
    for _, step in getattr(model, "steps", [])[:-1]:
        if all(hasattr(step, attribute) for attribute in attributes):
            return step
    return None


def _numbered(count: int) -> list[str]:
    return [f"feature {index + 1}" for index in range(count)]
