"""What a classifier said of samples whose class is known, from a result or from two arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_NAMES = {"is_metal": ("no metal", "metal"), "glass": ("no glass", "glass")}


@dataclass(frozen=True)
class Scored:
    """Classes, and what they were decided by.

    Attributes
    ----------
    target : (n,) array of bool
        The true classes.
    score : (n,) array of float
        Higher for True.
    threshold : float
        Above it the classifier says True.
    probability : bool
        Whether the score is one.
    classes : tuple of two str
        What False and True stand for.
    folds : list of arrays
        Rows of each fold; a single one where there are none.
    """

    target: np.ndarray
    score: np.ndarray
    threshold: float
    probability: bool
    classes: tuple[str, str]
    folds: list[np.ndarray]

    @property
    def said(self) -> np.ndarray:
        """The predicted classes; at the threshold itself False, as scikit-learn has it."""
        return self.score > self.threshold

    @property
    def label(self) -> str:
        """Name of the score's axis."""
        return f"Probability of {self.classes[1]}" if self.probability else "Score"


def scored(
    result: Any, scores: Any = None, *, threshold: float | None = None, classes: Any = None
) -> Scored:
    """Take classes and scores from a result, or from arrays.

    Parameters
    ----------
    result : MatbenchResult or (n,) array of bool
        With the predictions of a classification; or the true classes.
    scores : (n,) array of float, optional
        Probabilities, or distances from the boundary; with true classes only.
    threshold : float, optional
        Above which a score counts as True; 0.5 for probabilities, otherwise 0.
    classes : sequence of two str, optional
        What False and True stand for.

    Raises
    ------
    TypeError, ValueError
        If there are no scores, the lengths differ, or only one class occurs.
    """
    folds: list[np.ndarray] | None = None
    frame = getattr(result, "predictions", None)
    if frame is not None:
        column = next((c for c in ("probability", "score") if c in frame.columns), None)
        if column is None or not np.isfinite(frame[column].to_numpy(dtype=float)).all():
            raise ValueError(
                "result has no scores to draw a threshold through: its model predicts "
                f"{'classes alone' if 'prediction' in frame.columns else 'nothing'}, or numbers; "
                "take a classifier that gives probabilities, such as random-forest"
            )
        target, values = frame["target"].to_numpy(), frame[column].to_numpy(dtype=float)
        if target.dtype != bool and not np.isin(np.unique(target), (0, 1)).all():
            raise ValueError("result is one of a regression; ROC and the like are for classes")
        folds = [np.flatnonzero(frame["fold"] == fold) for fold in frame["fold"].unique()]
        probability = column == "probability"
    elif scores is None:
        raise TypeError(
            "scores is needed beside the true classes: probabilities, or distances from the "
            f"boundary (got {type(result).__name__} alone)"
        )
    else:
        target, values = np.asarray(result), np.asarray(scores, dtype=float)
        probability = bool(len(values) and values.min() >= 0 and values.max() <= 1)
    target = _classes(target)
    if values.ndim != 1 or values.shape != target.shape:
        raise ValueError(
            f"scores must be as many as the classes, got shapes {values.shape} and {target.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"scores must be finite, got {(~np.isfinite(values)).sum()} that are not")
    if threshold is None:
        threshold = 0.5 if probability else 0.0
    names = class_names(getattr(result, "task", ""), classes)
    return Scored(
        target, values, float(threshold), probability, names, folds or [np.arange(len(target))]
    )


def named(result: Any, scores: Any = None) -> dict[str, Any]:
    """Turn one result, several by name, or arrays, into pairs by name."""
    if isinstance(result, Mapping):
        if scores is not None or not result:
            raise ValueError("of several curves give a dict name -> result or (classes, scores)")
        return {
            str(name): tuple(value) if isinstance(value, (tuple, list)) else (value, None)
            for name, value in result.items()
        }
    return {"": (result, scores)}


def class_names(task: Any, wish: Sequence[str] | None = None) -> tuple[str, str]:
    """Give what False and True stand for in a task.

    Examples
    --------
    >>> class_names("matbench_expt_is_metal")
    ('no metal', 'metal')
    """
    if wish is not None:
        if isinstance(wish, str) or len(wish) != 2:
            raise ValueError(f"classes must be two names, of False and of True, got {wish!r}")
        return str(wish[0]), str(wish[1])
    name = str(getattr(task, "name", task))
    return next((pair for key, pair in _NAMES.items() if name.endswith(key)), ("False", "True"))


def _classes(values: np.ndarray) -> np.ndarray:
    if values.ndim != 1 or not len(values):
        raise ValueError(f"classes must be one row of True and False, got shape {values.shape}")
    known = set(np.unique(values).tolist())
    if not known <= {False, True}:
        raise ValueError(f"classes must be True and False (or 1 and 0), got {sorted(known)[:6]}")
    if len(known) < 2:
        raise ValueError(f"classes must be of two kinds, got only {known.pop()}")
    return values.astype(bool)
