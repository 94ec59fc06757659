"""Divisions of samples into those that are trained on and those that are tested on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._diagnostics.checks import checked_count

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]


def make_folds(
    y: NDArray[Any],
    folds: int | Sequence[tuple[Any, Any]],
    *,
    classification: bool = False,
    groups: Any = None,
    seed: int = 0,
) -> list[Fold]:
    """Divide samples into folds, or check folds that were given.

    Classes are spread evenly over folds; samples of one group are all in the same fold.
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    if not isinstance(folds, (int, np.integer)):
        if groups is not None:
            raise ValueError("give groups, or folds as a number: folds given as indices are final")
        return checked_folds(folds, len(y))
    number = checked_count("folds", folds, 2)
    if number > len(y):
        raise ValueError(f"folds must be at most the {len(y)} samples there are, got {number}")
    if classification:
        classes, counts = np.unique(y, return_counts=True)
        if counts.min() < number:
            raise ValueError(
                f"folds={number}, but the class {classes[counts.argmin()]!s} has "
                f"{counts.min()} samples: take fewer folds, or more samples of it"
            )
    labels = None if groups is None else _checked_groups(groups, len(y), number)
    maker: Any
    if labels is None:
        maker = StratifiedKFold if classification else KFold
    else:
        maker = StratifiedGroupKFold if classification else GroupKFold
    split = maker(number, shuffle=True, random_state=seed).split(np.zeros(len(y)), y, labels)
    found = [(np.asarray(train), np.asarray(test)) for train, test in split]
    if classification:
        for k, (train, test) in enumerate(found):
            if len(np.unique(y[train])) < 2 or len(np.unique(y[test])) < 2:
                raise ValueError(
                    f"fold {k} of {number} has a single class: the groups keep classes apart, "
                    "take fewer folds or other groups"
                )
    return found


def checked_folds(folds: Sequence[tuple[Any, Any]], n_samples: int) -> list[Fold]:
    """Return folds given as pairs of indices, or say what is wrong with them."""
    found = []
    for k, pair in enumerate(folds):
        if not hasattr(pair, "__len__") or len(pair) != 2:
            raise ValueError(f"folds must be pairs (train, test) of indices, folds[{k}] is not")
        train, test = (np.asarray(part) for part in pair)
        for part, name in ((train, "train"), (test, "test")):
            if part.ndim != 1 or not len(part) or part.dtype.kind not in "iu":
                raise ValueError(f"folds[{k}]: {name} must be a list of row numbers, not empty")
            if part.min() < 0 or part.max() >= n_samples:
                raise ValueError(f"folds[{k}]: {name} names rows beyond the {n_samples} samples")
        both = np.intersect1d(train, test)
        if len(both):
            raise ValueError(f"folds[{k}]: {len(both)} rows are trained on and tested on")
        found.append((train.astype(np.int64), test.astype(np.int64)))
    if not found:
        raise ValueError("folds is empty")
    return found


def _checked_groups(groups: Any, n_samples: int, folds: int) -> NDArray[Any]:
    labels = np.asarray(groups)
    if labels.shape != (n_samples,):
        raise ValueError(
            f"groups must have a label for each of {n_samples} samples, got shape {labels.shape}"
        )
    number = len(np.unique(labels))
    if number < folds:
        raise ValueError(
            f"folds={folds}, but there are only {number} groups: a group is never divided"
        )
    return labels


def corrected_std_error(scores: Any, n_train: int | float, n_test: int | float) -> float:
    """Estimate the standard error of a mean over folds, which share training data.

    The usual estimate, the standard deviation over the square root of the number of folds, takes
    folds for independent experiments. They are not, any two of five share three quarters of their
    training data, and it comes out too small. Nadeau and Bengio put
    :math:`\\sigma^2 (1/k + n_\\mathrm{test}/n_\\mathrm{train})` in place of :math:`\\sigma^2/k`.

    Parameters
    ----------
    scores : array_like, shape (k,)
        A number a fold: an error, or a difference of two models' errors; in any unit.
    n_train, n_test : int
        Samples that are trained on and tested on in a fold (the mean, if they differ).

    Returns
    -------
    float
        In the unit of `scores`; NaN for a single fold.

    Raises
    ------
    ValueError
        If there are no scores, one is not finite, or a size is not positive.

    Notes
    -----
    C. Nadeau and Y. Bengio, Inference for the generalization error, Machine Learning 52, 239
    (2003). It is an approximation: no unbiased estimate exists (Y. Bengio and Y. Grandvalet,
    J. Mach. Learn. Res. 5, 1089 (2004)).

    Examples
    --------
    >>> corrected_std_error([0.9, 1.1, 1.0, 0.8, 1.2], n_train=800, n_test=200).__round__(4)
    0.1061
    """
    values = np.asarray(scores, dtype=float).ravel()
    if not len(values) or not np.isfinite(values).all():
        raise ValueError("scores must be finite numbers, one a fold")
    if not (n_train > 0 and n_test > 0):
        raise ValueError(f"n_train and n_test must be positive, got {n_train} and {n_test}")
    if len(values) == 1:
        return float("nan")
    return float(values.std(ddof=1) * math.sqrt(1 / len(values) + n_test / n_train))
