"""Which features a model needs: their values are permuted, correlated ones together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._diagnostics.checks import (
    Problem,
    checked_count,
    checked_problem,
    rows_of,
)
from matlearn.regression._diagnostics.correlation import column_names, correlated_groups
from matlearn.regression._diagnostics.folds import corrected_std_error
from matlearn.regression._diagnostics.jobs import run_jobs
from matlearn.regression._diagnostics.wording import measured

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Importance:
    """By how much errors grow when features, or groups of them, are permuted."""

    model: str
    """What the model is."""
    metric: str
    """``"mae"``, ``"rmse"`` (unit of the target), ``"balanced_error"`` or ``"error_rate"``."""
    groups: dict[str, list[str]]
    """Columns that were permuted together, by the name of the group."""
    baseline: Floats
    """Test error before anything is permuted, unit of the target, shape (n_splits,)."""
    increases: Floats
    """Growth of the test error, unit of the target, shape (n_groups, n_splits, n_repeats)."""
    sizes: tuple[int, int]
    """Samples trained on and tested on."""

    def to_frame(self) -> pd.DataFrame:
        """Give one row a group, the most important first.

        Returns
        -------
        DataFrame
            ``importance`` (growth of the test error, unit of the target), ``std_error`` (over
            splits, corrected for their common samples; of one split over its repeats, which leaves
            out that another training set makes another model), ``repeat_std`` (one permutation
            against the next), ``relative`` (to the error before), ``columns`` (how many).
        """
        import pandas as pd

        by_split = self.increases.mean(axis=2)
        if by_split.shape[1] > 1:
            errors = [corrected_std_error(row, *self.sizes) for row in by_split]
        else:
            repeats = self.increases.shape[2]
            spread = self.increases[:, 0].std(axis=1, ddof=1) if repeats > 1 else np.nan
            errors = spread / np.sqrt(repeats)
        repeat_std = (
            np.sqrt(self.increases.var(axis=2, ddof=1).mean(axis=1))
            if self.increases.shape[2] > 1
            else np.nan
        )
        frame = pd.DataFrame(
            {
                "importance": by_split.mean(axis=1),
                "std_error": errors,
                "repeat_std": repeat_std,
                "relative": by_split.mean(axis=1) / max(self.baseline.mean(), 1e-300),
                "columns": [len(columns) for columns in self.groups.values()],
            },
            index=pd.Index(list(self.groups), name="group"),
        )
        return frame.sort_values("importance", ascending=False)

    def plot(self, top: int = 10, *, unit: str = "", ax: Axes | None = None) -> Axes:
        """Draw the most important ones as bars with their standard errors."""
        from matlearn.regression._figures.diagnostics import importance

        return importance(self, top, unit=unit, ax=ax)

    def __repr__(self) -> str:
        first = self.to_frame().iloc[0]
        return (
            f"Importance({self.model}, {len(self.groups)} groups, {first.name}: {self.metric} "
            f"+{measured(first['importance'], first['std_error'])} on {self.baseline.mean():.3g})"
        )


@dataclass(frozen=True)
class _Split:
    problem: Problem
    members: list[NDArray[np.int64]]
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    repeats: int
    seed: tuple[int, int]


def permutation_importance(
    model: Any,
    X: Any,
    y: Any,
    *,
    groups: str | Mapping[str, Sequence[str]] | None = "correlated",
    threshold: float = 0.8,
    repeats: int = 10,
    splits: int = 3,
    test_size: float = 0.2,
    metric: str | None = None,
    seed: int = 0,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> Importance:
    """Measure how much worse a model predicts unseen samples when features are permuted.

    A feature that has a twin is not missed when it alone is permuted, since the model reads the
    twin: among correlated features plain permutation finds none important. Here they are permuted
    together, rows as a whole.

    Parameters
    ----------
    model : str or estimator
        A name of `matlearn.regression.models`, or a scikit-learn estimator; it is not changed.
    X : DataFrame or array, shape (n_samples, n_features)
        Features.
    y : array_like, shape (n_samples,)
        Targets, in any unit; classes for a classifier.
    groups : "correlated", None or mapping of str to list of str
        Permute together what `correlated_groups` finds; every column by itself; or groups of your
        own. Columns that no group names are never permuted.
    threshold : float
        Of `correlated_groups`.
    repeats : int
        Permutations of each group in each split.
    splits : int
        Divisions at random into samples to train on and to test on; a model is fitted for each.
    test_size : float
        Fraction that is tested on.
    metric : str, optional
        As in `learning_curve`.
    seed : int
        Of splits, permutations, and models that were given no seed.
    client, workers
        As in `learning_curve`.
    progress : bool
        Show a bar. Interrupted, the splits that are done make the result.

    Returns
    -------
    Importance

    Raises
    ------
    ValueError
        If a group names an unknown column, a column is in two groups, or data do not fit together.

    Notes
    -----
    L. Breiman, Random forests, Machine Learning 45, 5 (2001). Rows that are put together at random
    may be compounds that cannot be: the model is asked where it knows nothing.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> X = np.random.default_rng(0).normal(size=(100, 3))
    >>> found = permutation_importance(LinearRegression(), X, 2 * X[:, 1], progress=False)
    >>> found.to_frame().index[0]
    'x1'
    """
    from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

    problem = checked_problem(model, X, y, metric=metric, seed=seed)
    names = column_names(X)
    if isinstance(groups, str):
        if groups != "correlated":
            raise ValueError(f"groups must be 'correlated', None or a mapping, got {groups!r}")
        chosen = correlated_groups(X, threshold)
    elif groups is None:
        chosen = {name: [name] for name in names}
    else:
        chosen = {str(name): [str(one) for one in columns] for name, columns in groups.items()}
    members = _members(chosen, names)
    checked_count("repeats", repeats, 1)
    checked_count("splits", splits, 1)
    if not 0 < test_size < 1 or not 2 <= round(test_size * len(problem)) <= len(problem) - 2:
        raise ValueError(
            f"test_size must leave two samples or more on either side, got {test_size}"
        )
    maker: Any = StratifiedShuffleSplit if problem.classification else ShuffleSplit
    divided = maker(splits, test_size=test_size, random_state=seed)
    jobs = [
        _Split(problem, members, train, test, repeats, (seed, k))
        for k, (train, test) in enumerate(divided.split(np.zeros(len(problem)), problem.y))
    ]
    done = run_jobs(
        _permute, jobs, client=client, workers=workers, progress=progress, unit="split",
        keep_partial=True,
    )  # fmt: skip
    baseline = np.array([before for before, _ in done.values()])
    increases = np.stack([rises for _, rises in done.values()], axis=1)
    sizes = (len(jobs[0].train), len(jobs[0].test))
    return Importance(problem.name, problem.metric.name, chosen, baseline, increases, sizes)


def _members(groups: dict[str, list[str]], names: list[str]) -> list[NDArray[np.int64]]:
    place = {name: k for k, name in enumerate(names)}
    seen: dict[str, str] = {}
    for group, columns in groups.items():
        if not columns:
            raise ValueError(f"groups: {group!r} names no column")
        for column in columns:
            if column not in place:
                raise ValueError(f"groups: {group!r} names {column!r}, which X does not have")
            if column in seen:
                raise ValueError(f"groups: {column!r} is in {seen[column]!r} and in {group!r}")
            seen[column] = group
    if not groups:
        raise ValueError("groups is empty")
    return [np.array([place[column] for column in columns]) for columns in groups.values()]


def _permute(job: _Split) -> tuple[float, Floats]:
    from sklearn.base import clone

    problem, rng = job.problem, np.random.default_rng(job.seed)
    model = clone(problem.model).fit(rows_of(problem.X, job.train), problem.y[job.train])
    there, target = rows_of(problem.X, job.test), problem.y[job.test]
    before = problem.metric(target, model.predict(there))
    values = np.asarray(there)
    rises = np.empty((len(job.members), job.repeats))
    for n, columns in enumerate(job.members):
        for k in range(job.repeats):
            mixed = values.copy()
            mixed[:, columns] = values[rng.permutation(len(values))][:, columns]
            given = type(there)(mixed, columns=there.columns) if hasattr(there, "iloc") else mixed
            rises[n, k] = problem.metric(target, model.predict(given)) - before
    return before, rises
