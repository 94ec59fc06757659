"""The same model by several ways of dividing samples: plain, by formula, by system, by element."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._diagnostics.checks import Problem, checked_problem
from matlearn.regression._diagnostics.folds import Fold, corrected_std_error, make_folds
from matlearn.regression._diagnostics.grouping import formula_groups, leave_one_element_out
from matlearn.regression._diagnostics.jobs import Fit, Scores, fit_and_score, run_jobs

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SCHEMES = ("plain", "formula", "system", "element")


@dataclass(frozen=True, repr=False)
class FoldComparison:
    """Errors of one model by several ways of dividing the samples."""

    model: str
    """What the model is."""
    metric: str
    """``"mae"``, ``"rmse"`` (unit of the target), ``"balanced_error"`` or ``"error_rate"``."""
    _table: pd.DataFrame = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Give one row a fit.

        Returns
        -------
        DataFrame
            ``scheme`` (``"plain"``, ``"formula"``, ``"system"``, ``"element"``), ``fold`` (number,
            or the element left out), ``n_train``, ``n_test``, ``test_error`` and ``baseline`` (what
            the mean of the training targets, or their most frequent class, would make; unit of the
            target, or fractions), ``leaked`` (fraction of test samples whose formula was trained
            on), ``plain_error`` (of the same samples as plain folds predict them; of elements, where
            plain folds were asked for), ``seconds`` of CPU time.
        """
        return self._table.copy()

    def summary(self) -> pd.DataFrame:
        """Give one row a scheme.

        Returns
        -------
        DataFrame
            ``mean`` and ``std`` of the test errors over folds, ``std_error`` of the mean (corrected
            for common training data, `corrected_std_error`; NaN for elements, which are no
            repetitions of one experiment), ``baseline``, ``leaked``, ``fits``.
        """
        import pandas as pd

        rows = {}
        for scheme, table in self._table.groupby("scheme", sort=False):
            errors = table["test_error"]
            sizes = table["n_train"].mean(), table["n_test"].mean()
            rows[scheme] = {
                "mean": errors.mean(),
                "std": errors.std(),
                "std_error": np.nan if scheme == "element" else corrected_std_error(errors, *sizes),
                "baseline": table["baseline"].mean(),
                "leaked": np.average(table["leaked"], weights=table["n_test"]),
                "fits": len(table),
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("scheme")

    def elements(self) -> pd.DataFrame:
        """Give one row an element that was left out, the worst first.

        Returns
        -------
        DataFrame
            ``count`` (samples), ``test_error`` (left out), ``plain_error`` (the same samples in
            plain folds), ``ratio`` of the two, ``baseline``.
        """
        table = self._table[self._table["scheme"] == "element"]
        frame = table.set_index(table["fold"].rename("element"))[
            ["n_test", "test_error", "plain_error", "baseline"]
        ].rename(columns={"n_test": "count"})
        frame.insert(3, "ratio", frame["test_error"] / frame["plain_error"])
        return frame.sort_values("test_error", ascending=False)

    def plot(self, *, unit: str = "", ax: Axes | None = None) -> Axes:
        """Draw every fold's error by scheme, with means and what the baseline makes."""
        from matlearn.regression._figures.folds import fold_comparison

        return fold_comparison(self, unit=unit, ax=ax)

    def __repr__(self) -> str:
        table = self.summary()
        said = ", ".join(f"{name} {row['mean']:.3g}" for name, row in table.iterrows())
        return f"FoldComparison({self.model}, {self.metric}: {said})"


def compare_folds(
    model: Any,
    X: Any,
    y: Any,
    formulas: Iterable[str],
    *,
    folds: int = 5,
    schemes: Sequence[str] = ("plain", "formula", "element"),
    elements: Sequence[str] | None = None,
    min_count: int = 20,
    metric: str | None = None,
    seed: int = 0,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> FoldComparison:
    """Measure a model's error by several ways of dividing the samples.

    Each answers a question of its own: plain folds, how well one more compound of the same
    collection is predicted, be it in the collection already; folds by formula, a new compound; by
    chemical system, new elements in company they were not seen in; leaving an element out, a
    chemistry that was never seen.

    Parameters
    ----------
    model : str or estimator
        A name of `matlearn.regression.models`, or a scikit-learn estimator; it is not changed.
    X : DataFrame or array, shape (n_samples, n_features), or list of structures
        Features.
    y : array_like, shape (n_samples,)
        Targets, in any unit; classes for a classifier.
    formulas : sequence of str, shape (n_samples,)
        Chemical formulas.
    folds : int
        Number of folds, of all schemes but ``"element"``.
    schemes : sequence of str
        Of ``"plain"``, ``"formula"``, ``"system"`` and ``"element"``.
    elements, min_count
        Which elements are left out, see `leave_one_element_out`; a model is fitted for each.
    metric, seed, client, workers, progress
        As in `learning_curve`; interrupted, nothing is returned.

    Returns
    -------
    FoldComparison

    Raises
    ------
    ValueError
        If a scheme is unknown, there are fewer groups than folds, or data do not fit together.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsRegressor
    >>> formulas = [f"{a}{b}" for a in ("Li", "Na", "K", "Rb") for b in ("F", "Cl", "Br", "I")] * 2
    >>> X = np.random.default_rng(0).normal(size=(16, 3))
    >>> y = np.random.default_rng(1).normal(size=16)  # pure noise, but each compound is there twice
    >>> two = compare_folds(KNeighborsRegressor(1), np.tile(X, (2, 1)), np.tile(y, 2), formulas,
    ...                     schemes=("plain", "formula"), progress=False)
    >>> bool(two.summary().loc["plain", "mean"] < 0.7 * two.summary().loc["formula", "mean"])
    True
    """
    problem = checked_problem(model, X, y, metric=metric, seed=seed)
    given = list(formulas)
    if len(given) != len(problem):
        raise ValueError(f"formulas must be {len(problem)}, one a sample, got {len(given)}")
    unknown = [scheme for scheme in schemes if scheme not in SCHEMES]
    if unknown or not schemes:
        raise ValueError(f"schemes must be of {', '.join(map(repr, SCHEMES))}, got {list(schemes)}")
    labels = formula_groups(given)
    todo: list[tuple[str, Any, Fold]] = []
    for scheme in dict.fromkeys(schemes):
        if scheme == "element":
            left_out = leave_one_element_out(given, elements=elements, min_count=min_count)
            todo += [("element", symbol, fold) for symbol, fold in left_out.items()]
            continue
        groups = None if scheme == "plain" else formula_groups(given, by=scheme)
        split = make_folds(
            problem.y, folds, classification=problem.classification, groups=groups, seed=seed
        )
        todo += [(scheme, k, fold) for k, fold in enumerate(split)]
    if problem.classification:
        for scheme, name, (train, _) in todo:
            if len(np.unique(problem.y[train])) < 2:
                raise ValueError(f"{scheme} fold {name}: a single class is left to train on")
    jobs = [Fit(problem, *fold) for _, _, fold in todo]
    done = run_jobs(fit_and_score, jobs, client=client, workers=workers, progress=progress)
    return FoldComparison(
        problem.name, problem.metric.name, _tabulated(problem, todo, done, labels)
    )


def _tabulated(
    problem: Problem,
    todo: list[tuple[str, Any, Fold]],
    done: dict[int, Scores],
    labels: NDArray[np.int64],
) -> pd.DataFrame:
    import pandas as pd

    plain = np.empty_like(problem.y)
    has_plain = False
    for n, (scheme, _, (_, test)) in enumerate(todo):
        if scheme == "plain":
            plain[test], has_plain = done[n].prediction, True
    rows = []
    for n, (scheme, name, (train, test)) in enumerate(todo):
        target = problem.y[test]
        same = scheme == "element" and has_plain
        rows.append({
            "scheme": scheme, "fold": name, "n_train": len(train), "n_test": len(test),
            "test_error": done[n].test,
            "baseline": problem.metric(target, np.full(len(test), typical(problem, train))),
            "leaked": float(np.isin(labels[test], labels[train]).mean()),
            "plain_error": problem.metric(target, plain[test]) if same else np.nan,
            "seconds": done[n].seconds,
        })  # fmt: skip
    return pd.DataFrame(rows)


def typical(problem: Problem, train: NDArray[np.int64]) -> Any:
    """Give what a model that knows no features predicts: the mean, or the most frequent class."""
    target = problem.y[train]
    if not problem.classification:
        return target.mean()
    classes, counts = np.unique(target, return_counts=True)
    return classes[counts.argmax()]
