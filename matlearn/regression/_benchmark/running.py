"""One fold: fit, predict, and say what it cost."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Fold:
    """What to do for one fold; travels to another process."""

    number: int
    model: Any
    inputs: Any
    target: np.ndarray
    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class FoldResult:
    """What came of it."""

    number: int
    prediction: np.ndarray
    score: np.ndarray | None
    probability: bool
    cpu_seconds: float
    wall_seconds: float
    peak_memory_mb: float


def take(inputs: Any, rows: np.ndarray) -> Any:
    """Give some rows of a frame, an array or a list."""
    if hasattr(inputs, "iloc"):
        return inputs.iloc[rows]
    if isinstance(inputs, np.ndarray):
        return inputs[rows]
    return [inputs[row] for row in rows]


def run_fold(fold: Fold) -> FoldResult:
    """Fit a fresh copy of the model on the training part, and predict the test part.

    Raises
    ------
    KeyboardInterrupt
        Also if the model keeps what it has learned when it is interrupted: that is no whole fold.
    """
    from sklearn.base import clone

    with PeakMemory() as memory:
        wall, cpu = time.perf_counter(), time.process_time()
        model = clone(fold.model).fit(take(fold.inputs, fold.train), fold.target[fold.train])
        if getattr(model, "stop_reason_", "") == "interrupted":
            raise KeyboardInterrupt
        test = take(fold.inputs, fold.test)
        prediction = np.asarray(model.predict(test))
        score, probability = _score(model, test) if fold.target.dtype == bool else (None, False)
        seconds = time.process_time() - cpu, time.perf_counter() - wall
    return FoldResult(fold.number, prediction, score, probability, *seconds, memory.megabytes)


def _score(model: Any, inputs: Any) -> tuple[np.ndarray | None, bool]:
    """Give what a classifier decides by, and whether it is a probability."""
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(inputs))[:, list(model.classes_).index(True)], True
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(inputs)), False
    return None, False


class PeakMemory:
    """Watches the resident memory of this process while a block runs."""

    def __init__(self, interval: float = 0.02) -> None:
        self.megabytes = 0.0
        self._interval = interval
        self._stop = threading.Event()

    def __enter__(self) -> PeakMemory:
        import psutil

        self._process = psutil.Process()
        self._look()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._stop.wait(self._interval):
            self._look()

    def _look(self) -> None:
        self.megabytes = max(self.megabytes, self._process.memory_info().rss / 1e6)
