"""Measures of error, all of them the smaller the better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Metric:
    """A measure of error: its name, what an axis calls it, and what it measures."""

    name: str
    """As functions take it."""
    label: str
    """As an axis shows it."""
    classification: bool
    """Whether it is of classes, or of numbers."""
    function: Callable[[Any, Any], float]
    """Of targets and predictions."""

    def __call__(self, target: Any, prediction: Any) -> float:
        return self.function(np.asarray(target), np.asarray(prediction))


def _mae(target: Any, prediction: Any) -> float:
    return float(np.abs(prediction - target).mean())


def _rmse(target: Any, prediction: Any) -> float:
    return float(np.sqrt(((prediction - target) ** 2).mean()))


def _error_rate(target: Any, prediction: Any) -> float:
    return float((target != prediction).mean())


def _balanced_error(target: Any, prediction: Any) -> float:
    """One minus the balanced accuracy: the error rate of each class, averaged over classes."""
    wrong = target != prediction
    return float(np.mean([wrong[target == one].mean() for one in np.unique(target)]))


METRICS = {
    metric.name: metric
    for metric in (
        Metric("mae", "mean absolute error", False, _mae),
        Metric("rmse", "root mean square error", False, _rmse),
        Metric("balanced_error", "balanced error rate", True, _balanced_error),
        Metric("error_rate", "error rate", True, _error_rate),
    )
}


def checked_metric(name: str | None, classification: bool) -> Metric:
    """Return a metric by its name, or the usual one: MAE, or the balanced error rate."""
    if name is None:
        name = "balanced_error" if classification else "mae"
    metric = METRICS.get(name)
    if metric is None or metric.classification != classification:
        fitting = [one.name for one in METRICS.values() if one.classification == classification]
        kind = "classification" if classification else "regression"
        raise ValueError(
            f"metric must be {' or '.join(map(repr, fitting))} for a {kind}, got {name!r}"
        )
    return metric
