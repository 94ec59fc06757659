"""Error bars of an ensemble, measured on samples that neither fit nor calibration has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._diagnostics.calibrated import CalibratedEnsemble
from matlearn.regression._diagnostics.checks import checked_problem, rows_of
from matlearn.regression._diagnostics.ensembles import chosen_kind
from matlearn.regression._diagnostics.error_bars import CalibratedUncertainty
from matlearn.regression._diagnostics.folds import make_folds
from matlearn.regression._diagnostics.jobs import run_jobs

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Fold:
    estimator: CalibratedEnsemble
    X: Any
    y: Floats
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    groups: NDArray[Any] | None


def ensemble_uncertainty(
    model: Any,
    X: Any,
    y: Any,
    *,
    kind: str = "auto",
    members: int = 20,
    folds: int | Sequence[tuple[Any, Any]] = 5,
    groups: Any = None,
    calibration_size: float = 0.25,
    seed: int = 0,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> CalibratedUncertainty:
    """Measure how well an ensemble knows its own errors, before and after calibration.

    In each fold a `CalibratedEnsemble` is fitted and calibrated on the training side alone, so that
    everything that is reported is of samples that neither has seen.

    Parameters
    ----------
    model : str or estimator
        A name of `matlearn.regression.models`, or a regressor; it is not changed.
    X : DataFrame or array, shape (n_samples, n_features), or list of structures
        Features.
    y : array_like, shape (n_samples,)
        Targets, in any unit.
    kind : str
        ``"forest"``, ``"bootstrap"``, ``"restarts"`` or ``"auto"``, see `CalibratedEnsemble`.
    members : int
        Number of fits of a bootstrap or of restarts.
    folds : int or list of (train, test)
        Each sample may be tested once at most; those that are never tested are left out.
    groups : array_like, shape (n_samples,), optional
        Samples of one group are never on both sides of a fold, nor both trained on and calibrated
        on, see `formula_groups`.
    calibration_size : float
        Fraction of a training side that is kept for calibration.
    seed, client, workers, progress
        As in `learning_curve`; interrupted, nothing is returned.

    Returns
    -------
    CalibratedUncertainty

    Raises
    ------
    ValueError
        If the model is a classifier, samples for calibration are too few, a sample is tested twice,
        or data do not fit together.

    Notes
    -----
    Coverage against level and the area between: K. Tran and others, Mach. Learn.: Sci. Technol. 1,
    025006 (2020). Errors in bins of error bars: D. Levi and others, Sensors 22, 5540 (2022).

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 3))
    >>> y = X.sum(axis=1) + 0.5 * rng.normal(size=600)
    >>> found = ensemble_uncertainty(LinearRegression(), X, y, members=5, folds=3, progress=False)
    >>> table = found.metrics().loc["miscalibration_area"]
    >>> bool(table["raw"] > 0.3), bool(table["calibrated"] < 0.05)
    (True, True)
    """
    import pandas as pd

    problem = checked_problem(model, X, y, seed=seed, regression=True)
    split = make_folds(problem.y, folds, groups=groups, seed=seed)
    tested = np.concatenate([test for _, test in split])
    if len(np.unique(tested)) < len(tested):
        raise ValueError("folds: a sample is tested more than once, give folds that share none")
    found_kind = chosen_kind(problem.model, kind)
    estimator = CalibratedEnsemble(
        problem.model, kind=found_kind, members=members,
        calibration_size=calibration_size, random_state=seed,
    )  # fmt: skip
    labels = None if groups is None else np.asarray(groups)
    jobs = [
        _Fold(estimator, X, problem.y, train, test, None if labels is None else labels[train])
        for train, test in split
    ]
    done = run_jobs(
        _calibrate, jobs, client=client, workers=workers, progress=progress, unit="fold"
    )
    parts = [
        pd.DataFrame({"fold": k, "target": problem.y[split[k][1]], **columns}, index=split[k][1])
        for k, (_, _, columns) in done.items()
    ]
    table = pd.concat(parts).sort_index().rename_axis("row")
    lines = np.array([line for line, _, _ in done.values()])
    scores = tuple(score for _, score, _ in done.values())
    return CalibratedUncertainty(problem.name, found_kind, lines, scores, table)


def _calibrate(job: _Fold) -> tuple[tuple[float, float], Floats, dict[str, Floats]]:
    from sklearn.base import clone

    model = clone(job.estimator).fit(rows_of(job.X, job.train), job.y[job.train], job.groups)
    prediction, raw, std = model.all_of(rows_of(job.X, job.test))
    return model.line_, model.scores_, {"prediction": prediction, "std_raw": raw, "std": std}
