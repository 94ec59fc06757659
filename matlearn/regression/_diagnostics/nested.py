"""Cross-validation around a search for parameters, beside the number that the search itself gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._diagnostics.checks import (
    Problem,
    checked_count,
    checked_problem,
    find_parameter,
)
from matlearn.regression._diagnostics.folds import Fold, corrected_std_error, make_folds
from matlearn.regression._diagnostics.jobs import Fit, fit_and_score, run_jobs
from matlearn.regression._diagnostics.wording import measured

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Setting = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, repr=False)
class NestedResult:
    """The error of a search for parameters, and the error that the search reports of itself."""

    model: str
    """What the model is."""
    metric: str
    """``"mae"``, ``"rmse"`` (unit of the target), ``"balanced_error"`` or ``"error_rate"``."""
    best: dict[str, Any]
    """Parameters that the search finds with all samples."""
    _outer: pd.DataFrame = field(repr=False)
    _search: pd.DataFrame = field(repr=False)

    @property
    def error(self) -> float:
        """Mean error of the outer folds: what new samples will show. Unit of the target."""
        return float(self._outer["test_error"].mean())

    @property
    def std_error(self) -> float:
        """Standard error of `error`, corrected for common training data. Unit of the target."""
        sizes = self._outer["n_train"].mean(), self._outer["n_test"].mean()
        return corrected_std_error(self._outer["test_error"], *sizes)

    @property
    def search_error(self) -> float:
        """Error of the best parameters in the folds that chose them: too good. Unit of the target."""
        return float(self._search["test_error"].min())

    @property
    def optimism(self) -> float:
        """How much too good, `error` less `search_error`. Unit of the target."""
        return self.error - self.search_error

    def to_frame(self) -> pd.DataFrame:
        """Give one row an outer fold.

        Returns
        -------
        DataFrame
            ``fold``, ``n_train``, ``n_test``, ``test_error`` (of the parameters that were chosen
            without it), ``search_error`` (what the search inside said of them; unit of the target),
            and the parameters chosen.
        """
        return self._outer.copy()

    def search(self) -> pd.DataFrame:
        """Give one row a setting of the search on all samples, the best first.

        Returns
        -------
        DataFrame
            Parameters, ``test_error`` and ``std`` over folds (unit of the target).
        """
        return self._search.sort_values("test_error", ignore_index=True)

    def plot(self, *, unit: str = "", ax: Axes | None = None) -> Axes:
        """Draw what the search said of itself beside what the outer folds found."""
        from matlearn.regression._figures.folds import nested

        return nested(self, unit=unit, ax=ax)

    def __repr__(self) -> str:
        return (
            f"NestedResult({self.model}, {len(self._search)} settings, {self.metric} "
            f"{measured(self.error, self.std_error)}, the search says {self.search_error:.3g})"
        )


@dataclass(frozen=True)
class _Search:
    problem: Problem
    settings: list[Setting]
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    inner: list[Fold]


def nested_cross_validation(
    model: Any,
    X: Any,
    y: Any,
    grid: Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Sequence[Any]]],
    *,
    folds: int | Sequence[tuple[Any, Any]] = 5,
    inner: int = 4,
    groups: Any = None,
    metric: str | None = None,
    seed: int = 0,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> NestedResult:
    """Measure the error of a model together with the search for its parameters.

    The best of many settings is partly the luckiest one, and its error in the folds that chose it is
    too small. So each outer fold hides its test samples from a whole search, which divides what is
    left into inner folds; what it finds is fitted to all that is left and tested once.

    Parameters
    ----------
    model : str or estimator
        A name of `matlearn.regression.models`, or a scikit-learn estimator; it is not changed.
    X : DataFrame or array, shape (n_samples, n_features), or list of structures
        Features.
    y : array_like, shape (n_samples,)
        Targets, in any unit; classes for a classifier.
    grid : mapping of str to sequence, or several
        Values of each parameter; all combinations are tried. In a pipeline a step's name may be
        left out.
    folds : int or list of (train, test)
        The outer folds; also those of the search on all samples, for comparison.
    inner : int
        Number of inner folds.
    groups, metric, seed, client, workers, progress
        As in `learning_curve`; groups hold inside, too. Interrupted, nothing is returned.

    Returns
    -------
    NestedResult

    Raises
    ------
    ValueError
        If the model lacks a parameter, a list of values is empty, or data do not fit together.

    Notes
    -----
    S. Varma and R. Simon, BMC Bioinformatics 7, 91 (2006); G. C. Cawley and N. L. C. Talbot,
    J. Mach. Learn. Res. 11, 2079 (2010).

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsRegressor
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 4)), rng.normal(size=60)  # there is nothing to be learned
    >>> found = nested_cross_validation(
    ...     KNeighborsRegressor(), X, y, {"n_neighbors": [1, 2, 4, 8, 16]}, progress=False
    ... )
    >>> len(found.to_frame()), found.best
    (5, {'n_neighbors': 16})
    """
    problem = checked_problem(model, X, y, metric=metric, seed=seed)
    settings, names = _settings(problem.model, grid)
    split = make_folds(
        problem.y, folds, classification=problem.classification, groups=groups, seed=seed
    )
    checked_count("inner", inner, 2)
    labels = None if groups is None else np.asarray(groups)
    jobs: list[_Search | Fit] = []
    for train, test in split:
        within = make_folds(
            problem.y[train], inner, classification=problem.classification,
            groups=None if labels is None else labels[train], seed=seed,
        )  # fmt: skip
        inside = [(train[one], train[other]) for one, other in within]
        jobs.append(_Search(problem, settings, train, test, inside))
    jobs += [Fit(problem, *fold, setting) for setting in settings for fold in split]
    fits = len(settings) * inner + 1  # of a search
    average = (fits + len(settings)) / (1 + len(settings)) / fits
    done = run_jobs(
        _search_or_fit, jobs, client=client, workers=workers, progress=progress, unit="job",
        average=average,
    )  # fmt: skip
    return _result(problem, split, settings, names, list(done.values()))


def _settings(model: Any, grid: Any) -> tuple[list[Setting], dict[str, str]]:
    from sklearn.model_selection import ParameterGrid

    parts = [grid] if isinstance(grid, Mapping) else list(grid)
    names: dict[str, str] = {}
    full = []
    for part in parts:
        for name, values in part.items():
            names[find_parameter(model, name)] = name
            if isinstance(values, str) or not len(list(values)):
                raise ValueError(f"grid: {name!r} must have a list of values, got {values!r}")
        full.append({find_parameter(model, name): list(values) for name, values in part.items()})
    if not names:
        raise ValueError("grid is empty: name parameters and their values")
    return [tuple(sorted(one.items())) for one in ParameterGrid(full)], names


def _search_or_fit(job: _Search | Fit) -> Any:
    """Fit once; or search in inner folds, fit with the best setting, and test once."""
    if isinstance(job, Fit):
        return fit_and_score(job).test
    errors = [
        np.mean([fit_and_score(Fit(job.problem, *fold, one)).test for fold in job.inner])
        for one in job.settings
    ]
    best = int(np.argmin(errors))
    found = fit_and_score(Fit(job.problem, job.train, job.test, job.settings[best]))
    return found.test, float(errors[best]), best


def _result(
    problem: Problem,
    split: list[Fold],
    settings: list[Setting],
    names: dict[str, str],
    done: list[Any],
) -> NestedResult:
    import pandas as pd

    def named(setting: Setting) -> dict[str, Any]:
        return {names[name]: value for name, value in setting}

    outer = [
        {
            "fold": k, "n_train": len(train), "n_test": len(test), "test_error": done[k][0],
            "search_error": done[k][1], **named(settings[done[k][2]]),
        }
        for k, (train, test) in enumerate(split)
    ]  # fmt: skip
    errors = np.array(done[len(split) :]).reshape(len(settings), len(split))
    search = pd.DataFrame([named(one) for one in settings])
    search["test_error"] = errors.mean(axis=1)
    search["std"] = errors.std(axis=1, ddof=1) if len(split) > 1 else np.nan
    best = named(settings[int(errors.mean(axis=1).argmin())])
    return NestedResult(problem.name, problem.metric.name, best, pd.DataFrame(outer), search)
