"""Measures of error, by the definitions of the matbench protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

METRICS = {
    "regression": ("mae", "rmse", "r2"),
    "classification": ("accuracy", "precision", "recall", "f1", "balanced_accuracy", "roc_auc"),
}
"""The measures of each kind of task; the first of a regression, and balanced accuracy, are ranked."""

RANKED = {"regression": "mae", "classification": "balanced_accuracy"}
LABELS = {
    "mae": "mean absolute error",
    "rmse": "root mean square error",
    "r2": "coefficient of determination",
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "balanced_accuracy": "balanced accuracy",
    "roc_auc": "area under the ROC curve",
}


class UnknownMetric(KeyError):
    """Asked for a measure that this kind of task does not have."""

    def __str__(self) -> str:
        return str(self.args[0])


class Measures(dict[str, float]):
    """Measures by name; says what there is when another is asked for."""

    def __init__(self, values: Mapping[str, float], kind: str) -> None:
        super().__init__(values)
        self.kind = kind

    def __missing__(self, name: str) -> float:
        other = "classification" if self.kind == "regression" else "regression"
        why = f"this task is a {self.kind}, which is measured by {', '.join(METRICS[self.kind])}"
        if name in METRICS[other]:
            raise UnknownMetric(f"{name!r} belongs to a {other}; {why}")
        raise UnknownMetric(f"there is no measure {name!r}; {why}")

    def __reduce__(self) -> tuple[Any, ...]:
        return (Measures, (dict(self), self.kind))


def measure(
    kind: str, target: np.ndarray, prediction: np.ndarray, score: np.ndarray | None = None
) -> Measures:
    """Measure predictions against targets.

    Parameters
    ----------
    kind : {"regression", "classification"}
    target, prediction : (n,) array
        Numbers, or for a classification booleans.
    score : (n,) array, optional
        What the classes were decided by (a probability, or a distance from the boundary), higher
        for True. Without it the area under the ROC curve is NaN: classes alone do not have one.

    Raises
    ------
    ValueError
        If a value is not finite, or the lengths differ.
    """
    target, prediction = np.asarray(target), np.asarray(prediction)
    if target.shape != prediction.shape or target.ndim != 1 or not len(target):
        raise ValueError(
            "target and prediction must be one-dimensional and equally long, "
            f"got shapes {target.shape} and {prediction.shape}"
        )
    for name, values in (("target", target), ("prediction", prediction), ("score", score)):
        bad = 0 if values is None else int((~np.isfinite(np.asarray(values, float))).sum())
        if bad:
            raise ValueError(f"{name} must be finite, got {bad} of {len(target)} that are not")
    if kind == "regression":
        return Measures(_regression(target.astype(float), prediction.astype(float)), kind)
    if kind == "classification":
        return Measures(_classification(target, prediction, score), kind)
    raise ValueError(f"kind must be 'regression' or 'classification', got {kind!r}")


def _regression(target: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    error = prediction - target
    spread = float(((target - target.mean()) ** 2).sum())
    return {
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "r2": 1.0 - float((error**2).sum()) / spread if spread else float("nan"),
    }


def _classification(
    target: np.ndarray, prediction: np.ndarray, score: np.ndarray | None
) -> dict[str, float]:
    from sklearn import metrics

    true, said = target.astype(bool), prediction.astype(bool)
    both = 0 < true.sum() < len(true)
    return {
        "accuracy": float((true == said).mean()),
        "precision": float(metrics.precision_score(true, said, zero_division=0)),
        "recall": float(metrics.recall_score(true, said, zero_division=0)),
        "f1": float(metrics.f1_score(true, said, zero_division=0)),
        "balanced_accuracy": float((said[true].mean() + (~said[~true]).mean()) / 2)
        if both
        else float("nan"),
        "roc_auc": float(metrics.roc_auc_score(true, score))
        if both and score is not None
        else float("nan"),
    }
