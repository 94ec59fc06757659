"""Cross-validation that can be watched and stopped between folds. Private."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from matlearn.regression._benchmark.metrics import RANKED, measure
from matlearn.regression._benchmark.running import take


@dataclass(frozen=True)
class Samples:
    """What the explorer works on: samples in random order, so that the first n are a fair draw."""

    kind: str
    rows: np.ndarray
    """Row numbers in the task."""
    inputs: Any
    """Features of these rows: a frame or an array."""
    target: np.ndarray
    """Targets of these rows."""

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Run:
    """Cross-validation of one model with one choice of settings."""

    number: int
    model: str
    settings: Mapping[str, str]
    """Settings as the reader saw them."""
    n_samples: int
    test: np.ndarray
    """Score of each fold on its test part: mean absolute error, or balanced accuracy."""
    train: np.ndarray
    """The same on the samples it was fitted to."""
    predicted: np.ndarray
    """Prediction for each sample by the fold that did not see it; of classes how sure of True."""
    remembered: np.ndarray
    """Prediction for each sample by a fold that did see it."""
    cpu_seconds: float
    remark: str = ""

    @property
    def name(self) -> str:
        """Model and settings in a line."""
        said = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        return f"{self.model}: {said}" if said else self.model


class Stopped(Exception):
    """The reader has stopped the run; there is no result."""


def cross_validate(
    samples: Samples,
    model: Any,
    n_samples: int,
    *,
    folds: int = 5,
    stop: threading.Event | None = None,
    on_fold: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Fit and test a model fold by fold.

    Parameters
    ----------
    samples : Samples
        Where the first `n_samples` are taken from.
    model : estimator
        Cloned for each fold.
    n_samples : int
        How many samples.
    folds : int
        Number of folds, made as in the protocol.
    stop : threading.Event, optional
        Looked at between folds.
    on_fold : callable, optional
        Called with the number of folds that are done.

    Returns
    -------
    dict
        The fields of `Run` that come out of it.

    Raises
    ------
    Stopped
        If `stop` was set before the last fold was done.
    """
    from sklearn.base import clone
    from sklearn.exceptions import ConvergenceWarning

    from matlearn.regression._tasks.folding import official_folds

    target = samples.target[:n_samples]
    predicted, remembered = np.full((2, n_samples), np.nan)
    test: list[float] = []
    train: list[float] = []
    begun = time.process_time()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ConvergenceWarning)
        for number, (seen, kept) in enumerate(official_folds(target, samples.kind, folds)):
            if stop is not None and stop.is_set():
                raise Stopped
            fitted = clone(model).fit(take(samples.inputs, seen), target[seen])
            for rows, values, scores in ((kept, predicted, test), (seen, remembered, train)):
                values[rows] = sureness(fitted, take(samples.inputs, rows))
                scores.append(_score(samples.kind, target[rows], values[rows]))
            if on_fold is not None:
                on_fold(number + 1)
    slow = any(issubclass(warning.category, ConvergenceWarning) for warning in said)
    return {
        "test": np.array(test), "train": np.array(train), "predicted": predicted,
        "remembered": remembered, "cpu_seconds": time.process_time() - begun,
        "remark": "it had not converged when its iterations were used up" if slow else "",
    }  # fmt: skip


def sureness(model: Any, inputs: Any) -> np.ndarray:
    """Predict numbers; of a classifier how sure it is of True, from 0 to 1 (above 0.5: True)."""
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(inputs), dtype=float)[:, -1]
    if hasattr(model, "decision_function"):
        distance = np.asarray(model.decision_function(inputs), dtype=float)
        return 1.0 / (1.0 + np.exp(-np.clip(distance, -50, 50)))
    return np.asarray(model.predict(inputs), dtype=float)


def _score(kind: str, target: np.ndarray, predicted: np.ndarray) -> float:
    said = predicted if kind == "regression" else predicted > 0.5
    return measure(kind, target, said)[RANKED[kind]]
