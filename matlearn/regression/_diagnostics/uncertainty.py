"""Error bars of an ensemble against true errors, all of samples that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._diagnostics.calibrated import CalibratedEnsemble
from matlearn.regression._diagnostics.checks import checked_count, checked_problem, rows_of
from matlearn.regression._diagnostics.ensembles import chosen_kind
from matlearn.regression._diagnostics.folds import make_folds
from matlearn.regression._diagnostics.jobs import run_jobs
from matlearn.regression._diagnostics.scaling import (
    conformal_factor,
    miscalibration_area,
    normal_factor,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

_LEVELS = np.linspace(0.05, 0.95, 19)


@dataclass(frozen=True, repr=False)
class CalibratedUncertainty:
    """Predictions of unseen samples with their error bars, before and after calibration."""

    model: str
    """What the model is."""
    kind: str
    """Kind of ensemble: ``"forest"``, ``"bootstrap"`` or ``"restarts"``."""
    lines: NDArray[np.float64]
    """a (unit of the target) and b of sigma = a + b * std, shape (n_folds, 2)."""
    scores: tuple[Floats, ...]
    """Of each fold, absolute residuals over sigma of the samples kept for intervals, in order."""
    _table: pd.DataFrame = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Give one row a sample, in the order of `X`.

        Returns
        -------
        DataFrame
            ``fold`` in which it was tested, ``target``, ``prediction``, ``std_raw`` (disagreement
            of the ensemble), ``std`` (calibrated): all in the unit of the target.
        """
        return self._table.copy()

    def coverage(self, levels: Sequence[float] | None = None) -> pd.DataFrame:
        """Give how many targets are inside their intervals, against how many should be.

        Parameters
        ----------
        levels : sequence of float, optional
            From 0 to 1; 19 from 0.05 to 0.95 where it is left out.

        Returns
        -------
        DataFrame
            A row a level: ``raw`` and ``calibrated`` (normal distributions), ``conformal``, all
            fractions; ``noise``, the standard deviation by chance alone of a fraction that is as
            large as its level, from the samples that were tested and those kept for intervals.
        """
        import pandas as pd

        wanted = _checked_levels(levels)
        residual = np.abs(self._table["prediction"] - self._table["target"]).to_numpy()
        raw, std = self._table["std_raw"].to_numpy(), self._table["std"].to_numpy()
        frame = pd.DataFrame(index=pd.Index(wanted, name="level"))
        frame["raw"] = [(residual <= normal_factor(one) * raw).mean() for one in wanted]
        frame["calibrated"] = [(residual <= normal_factor(one) * std).mean() for one in wanted]
        frame["conformal"] = [(residual <= self.half_width(one)).mean() for one in wanted]
        kept = sum(len(one) for one in self.scores)
        frame["noise"] = np.sqrt(wanted * (1 - wanted) * (1 / len(residual) + 1 / kept))
        return frame

    def half_width(self, level: float = 0.9) -> Floats:
        """Give the half width of each sample's conformal interval, unit of the target, shape (n,).

        Infinite where the samples kept for intervals are too few for the level.
        """
        _checked_levels([level])
        factors = np.array([conformal_factor(one, level) for one in self.scores])
        widths: Floats = factors[self._table["fold"].to_numpy()] * self._table["std"].to_numpy()
        return widths

    def metrics(self) -> pd.DataFrame:
        """Give what one wants to know of error bars, before and after calibration.

        Returns
        -------
        DataFrame
            Columns ``raw`` and ``calibrated``; rows ``miscalibration_area`` (between coverage and
            level, normal distributions; 0 best), ``z_std`` (root mean square of residual over error
            bar; 1 best), ``rms_std`` (the error bars' root mean square, unit of the target, to be
            compared with ``rmse``), ``rmse``, ``rank_correlation`` (Spearman, of error bar and
            absolute residual).
        """
        import pandas as pd
        from scipy.stats import rankdata

        residual = (self._table["prediction"] - self._table["target"]).to_numpy()
        curves = self.coverage()
        found = {}
        for name, column in (("raw", "std_raw"), ("calibrated", "std")):
            std = self._table[column].to_numpy()
            ranks = rankdata(std), rankdata(np.abs(residual))
            constant = any(np.ptp(one) == 0 for one in ranks)
            with np.errstate(divide="ignore", invalid="ignore"):
                z = np.where(residual == 0, 0.0, residual / std)
            found[name] = {
                "miscalibration_area": miscalibration_area(
                    curves.index.to_numpy(), curves[name].to_numpy()
                ),
                "z_std": float(np.sqrt((z**2).mean())),
                "rms_std": float(np.sqrt((std**2).mean())),
                "rmse": float(np.sqrt((residual**2).mean())),
                "rank_correlation": np.nan if constant else float(np.corrcoef(*ranks)[0, 1]),
            }
        return pd.DataFrame(found)

    def bins(self, number: int = 8) -> pd.DataFrame:
        """Sort samples by calibrated error bar into equally full bins.

        Parameters
        ----------
        number : int
            Of bins.

        Returns
        -------
        DataFrame
            ``count``, ``std`` (root mean square of error bars), ``rmse`` (of residuals) and
            ``rmse_error``, its standard error: unit of the target.
        """
        import pandas as pd

        checked_count("number", number, 1)
        order = np.argsort(self._table["std"].to_numpy(), kind="stable")
        residual = (self._table["prediction"] - self._table["target"]).to_numpy()
        rows = []
        for part in np.array_split(order, min(number, len(order) // 2)):
            squares, std = residual[part] ** 2, self._table["std"].to_numpy()[part]
            rmse = np.sqrt(squares.mean())
            error = squares.std(ddof=1) / np.sqrt(len(part)) / (2 * rmse) if rmse > 0 else 0.0
            rows.append({"count": len(part), "std": np.sqrt((std**2).mean()), "rmse": rmse,
                         "rmse_error": error})  # fmt: skip
        return pd.DataFrame(rows).rename_axis("bin")

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw how many targets are inside their intervals against how many should be."""
        from matlearn.regression._figures.calibration import calibration

        return calibration(self, ax=ax)

    def plot_errors(self, *, label: str = "target", unit: str = "", ax: Axes | None = None) -> Axes:
        """Draw errors against error bars, in bins; `label` and `unit` are those of the target."""
        from matlearn.regression._figures.calibration import error_against_uncertainty

        return error_against_uncertainty(self, label=label, unit=unit, ax=ax)

    def __repr__(self) -> str:
        table = self.metrics().loc["miscalibration_area"]
        inside = self.coverage([0.9]).iloc[0]
        return (
            f"CalibratedUncertainty({self.model}, {self.kind}, {len(self._table)} samples, "
            f"miscalibration {table['raw']:.2f} raw, {table['calibrated']:.2f} calibrated; "
            f"{inside['conformal']:.0%} inside 90 % conformal intervals)"
        )


def _checked_levels(levels: Sequence[float] | None) -> Floats:
    wanted = _LEVELS if levels is None else np.asarray(levels, dtype=float).ravel()
    if not len(wanted) or not ((wanted > 0) & (wanted < 1)).all():
        raise ValueError(f"levels must be between 0 and 1, got {levels}")
    return wanted


@dataclass(frozen=True)
class _Fold:
    estimator: CalibratedEnsemble
    X: Any
    y: Floats
    train: NDArray[np.int64]
    test: NDArray[np.int64]


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
        Samples of one group are never on both sides of a fold, see `formula_groups`. Inside, samples
        are kept for calibration at random.
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
    jobs = [_Fold(estimator, X, problem.y, *fold) for fold in split]
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

    model = clone(job.estimator).fit(rows_of(job.X, job.train), job.y[job.train])
    prediction, raw, std = model.all_of(rows_of(job.X, job.test))
    return model.line_, model.scores_, {"prediction": prediction, "std_raw": raw, "std": std}
