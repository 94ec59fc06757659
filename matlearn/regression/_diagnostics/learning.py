"""Fits on more and more samples, and along the values of a parameter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._diagnostics.checks import (
    Problem,
    checked_count,
    checked_problem,
    find_parameter,
)
from matlearn.regression._diagnostics.curves import LearningCurve, ValidationCurve
from matlearn.regression._diagnostics.folds import make_folds
from matlearn.regression._diagnostics.jobs import Fit, Scores, fit_and_score, run_jobs

if TYPE_CHECKING:
    import pandas as pd


def learning_curve(
    model: Any,
    X: Any,
    y: Any,
    *,
    sizes: Sequence[int | float] | None = None,
    folds: int | Sequence[tuple[Any, Any]] = 5,
    groups: Any = None,
    metric: str | None = None,
    seed: int = 0,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> LearningCurve:
    """Measure errors of a model that is trained on fewer and on more samples.

    In each fold samples are drawn from the training side; a larger draw holds the smaller ones.
    The test side is always the whole one.

    Parameters
    ----------
    model : str or estimator
        A name of `matlearn.regression.models`, or a scikit-learn estimator; it is not changed.
    X : DataFrame or array, shape (n_samples, n_features), or list of structures
        Features.
    y : array_like, shape (n_samples,)
        Targets, in any unit; classes for a classifier.
    sizes : sequence, optional
        Numbers of samples, or fractions (floats up to 1.0) of what can be trained on. Six sizes in
        equal ratios from 5 % on, where it is left out.
    folds : int or list of (train, test)
        Number of folds, shuffled, or folds such as `Task.folds` gives.
    groups : array_like, shape (n_samples,), optional
        Samples of one group are never on both sides, see `formula_groups`.
    metric : str, optional
        ``"mae"`` (the usual one) or ``"rmse"``; of classes ``"balanced_error"`` (the usual one) or
        ``"error_rate"``.
    seed : int
        Of folds, draws, and models that were given no seed.
    client : distributed.Client, optional
        Fit on its cluster.
    workers : int, optional
        Processes on this machine; chosen by how long a fit takes where it is left out.
    progress : bool
        Show a bar. Interrupted, the sizes whose folds are all done make the curve.

    Returns
    -------
    LearningCurve

    Raises
    ------
    ValueError
        If sizes are beyond what there is, or X, y, folds or groups do not fit together.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 5))
    >>> y = X.sum(axis=1) + rng.normal(size=200)
    >>> curve = learning_curve(Ridge(), X, y, sizes=[10, 40, 160], progress=False)
    >>> curve.summary()["test_error"].is_monotonic_decreasing
    True
    """
    problem = checked_problem(model, X, y, metric=metric, seed=seed)
    split = make_folds(
        problem.y, folds, classification=problem.classification, groups=groups, seed=seed
    )
    room = min(len(train) for train, _ in split)
    wanted = _checked_sizes(sizes, room)
    orders = [
        _drawing_order(problem, train, np.random.default_rng([seed, k]))
        for k, (train, _) in enumerate(split)
    ]
    jobs, keys = [], []
    for size in wanted:
        for k, (_, test) in enumerate(split):
            train = orders[k][:size]
            if problem.classification and len(np.unique(problem.y[train])) < 2:
                raise ValueError(f"sizes: {size} samples of fold {k} are of a single class")
            jobs.append(Fit(problem, train, test))
            keys.append((size, k))
    done = run_jobs(
        fit_and_score, jobs, client=client, workers=workers, progress=progress, keep_partial=True
    )
    table = _complete(done, keys, "size", len(split))
    return LearningCurve(problem.name, problem.metric.name, table)


def train_against_test(
    model: Any,
    X: Any,
    y: Any,
    parameter: str,
    values: Iterable[Any],
    *,
    folds: int | Sequence[tuple[Any, Any]] = 5,
    groups: Any = None,
    metric: str | None = None,
    seed: int = 0,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> ValidationCurve:
    """Measure the errors on both sides, seen and unseen samples, as one parameter is varied.

    Where the model is too stiff both errors are large; where it is too supple the training error
    vanishes and the test error grows: over-fitting.

    Parameters
    ----------
    model : str or estimator
        A name of `matlearn.regression.models`, or a scikit-learn estimator; it is not changed.
    X : DataFrame or array, shape (n_samples, n_features), or list of structures
        Features.
    y : array_like, shape (n_samples,)
        Targets, in any unit; classes for a classifier.
    parameter : str
        Of the model; in a pipeline the step's name may be left out.
    values : iterable
        Values of the parameter.
    folds, groups, metric, seed, client, workers
        As in `learning_curve`.
    progress : bool
        Show a bar. Interrupted, the values whose folds are all done make the curve.

    Returns
    -------
    ValidationCurve

    Raises
    ------
    ValueError
        If the model has no such parameter, there are no values, or the data do not fit together.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(size=(120, 1))
    >>> y = np.sin(6 * X[:, 0]) + 0.5 * rng.normal(size=120)
    >>> curve = train_against_test(
    ...     KNeighborsRegressor(), X, y, "n_neighbors", [1, 10, 90], progress=False
    ... )
    >>> curve.best, float(curve.summary().loc[1, "train_error"])
    (10, 0.0)
    """
    problem = checked_problem(model, X, y, metric=metric, seed=seed)
    full = find_parameter(problem.model, parameter)
    wanted = list(values)
    if not wanted:
        raise ValueError(f"values is empty: give some of {parameter}")
    split = make_folds(
        problem.y, folds, classification=problem.classification, groups=groups, seed=seed
    )
    pairs = [(value, k) for value in wanted for k in range(len(split))]
    jobs = [Fit(problem, *split[k], ((full, value),)) for value, k in pairs]
    done = run_jobs(
        fit_and_score, jobs, client=client, workers=workers, progress=progress, keep_partial=True
    )
    shown = [(_plain(value), k) for value, k in pairs]
    table = _complete(done, shown, "value", len(split))
    return ValidationCurve(problem.name, problem.metric.name, table, parameter)


def _plain(value: Any) -> Any:
    return value if isinstance(value, (int, float, str, bool)) else str(value)


def _checked_sizes(sizes: Sequence[int | float] | None, room: int) -> list[int]:
    if sizes is None:
        return np.unique(np.geomspace(max(5, 0.05 * room), room, 6).round().astype(int)).tolist()
    wanted = []
    for size in sizes:
        if isinstance(size, (float, np.floating)) and 0 < size <= 1:
            size = max(2, round(size * room))
        elif isinstance(size, (float, np.floating)) and size == int(size):
            size = int(size)
        wanted.append(checked_count("sizes", size, 2))
    if not wanted or max(wanted) > room:
        raise ValueError(f"sizes must be from 2 to the {room} samples of a training side, got "
                         f"{wanted or 'none'}")  # fmt: skip
    return sorted(set(wanted))


def _drawing_order(
    problem: Problem, train: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Shuffle the training side; classes are spread as evenly over the order as they can be."""
    order = rng.permutation(train)
    if not problem.classification:
        return order
    place = np.empty(len(order))
    for one in np.unique(problem.y[order]):
        of_class = np.flatnonzero(problem.y[order] == one)
        place[of_class] = (np.arange(len(of_class)) + rng.uniform()) / len(of_class)
    return order[np.argsort(place)]


def _complete(
    done: dict[int, Scores], keys: list[tuple[Any, int]], column: str, folds: int
) -> pd.DataFrame:
    """Tabulate the points of which all folds are there."""
    import pandas as pd

    rows = [
        {
            column: keys[n][0], "fold": keys[n][1], "train_error": scores.train,
            "test_error": scores.test, "seconds": scores.seconds,
        }
        for n, scores in done.items()
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    whole = frame.groupby(column, dropna=False)["fold"].transform("size") >= folds
    if not whole.any():
        raise KeyboardInterrupt("interrupted before a point of the curve was done")
    return frame[whole].reset_index(drop=True)
