"""An ensemble with calibrated error bars, as an estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin

from matlearn.regression._diagnostics.checks import checked_count, checked_problem, rows_of
from matlearn.regression._diagnostics.ensembles import Ensemble, chosen_kind, mean_and_std
from matlearn.regression._diagnostics.scaling import conformal_factor, fit_line

Floats = NDArray[np.float64]


class CalibratedEnsemble(RegressorMixin, MetaEstimatorMixin, BaseEstimator):
    """An ensemble of models whose disagreement is turned into honest error bars.

    A part of the samples is kept from training. On one half of it a line is found from disagreement
    to error, sigma = a + b * std; on the other half a conformal factor is found for each level,
    which makes intervals hold at least that share of new samples, whatever the errors' distribution.

    Parameters
    ----------
    model : str or estimator
        A name of `matlearn.regression.models`, or a regressor.
    kind : str
        ``"forest"``: the trees of a random forest; ``"bootstrap"``: fits to draws of the samples
        with replacement; ``"restarts"``: fits of a random model from different starts, a deep
        ensemble; ``"auto"``: trees if the model has them, else bootstrap.
    members : int
        Number of fits, of the latter two.
    calibration_size : float
        Fraction of the samples that is kept for calibration. An interval for 90 % needs at least 9
        in its half, for 95 % 19, and is infinite with fewer.
    random_state : int
        Seed of the division, the draws and the members.

    Attributes
    ----------
    line_ : tuple of two floats
        a (unit of the target) and b.
    scores_ : ndarray, shape (n,)
        Absolute residuals over sigma of the samples kept for intervals, in order.
    n_calibration_ : tuple of two ints
        Samples for the line and for intervals.

    Notes
    -----
    The line: G. Palmer and others, npj Comput. Mater. 8, 115 (2022). Intervals: split conformal
    prediction, J. Lei and others, J. Am. Stat. Assoc. 113, 1094 (2018); the guarantee is for samples
    like those it was calibrated on, and on average over them, not for every kind of material.
    Deep ensembles: B. Lakshminarayanan and others, NeurIPS 30 (2017).

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(2000, 3))
    >>> y = X.sum(axis=1) + 0.5 * rng.normal(size=2000)
    >>> model = CalibratedEnsemble(LinearRegression(), members=5).fit(X, y)
    >>> prediction, std = model.predict(X[:2], return_std=True)
    >>> bool(abs(std.mean() - 0.5) < 0.1)  # members of a linear model agree, the noise stays
    True
    """

    def __init__(
        self,
        model: Any = "random-forest",
        *,
        kind: str = "auto",
        members: int = 20,
        calibration_size: float = 0.25,
        random_state: int = 0,
    ) -> None:
        self.model = model
        self.kind = kind
        self.members = members
        self.calibration_size = calibration_size
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: Any = None) -> CalibratedEnsemble:
        """Fit the ensemble to a part of the samples, and calibrate it on the others.

        Parameters
        ----------
        X : DataFrame or array, shape (n_samples, n_features), or list of structures
            Features.
        y : array_like, shape (n_samples,)
            Targets.
        groups : array_like, shape (n_samples,), optional
            Samples of one group are kept for calibration together, see `formula_groups`. If
            polymorphs are trained on and calibrated on, error bars are too short for new formulas.

        Raises
        ------
        ValueError
            If there are fewer than 4 samples for calibration, or the model is a classifier.
        """
        checked_count("members", self.members, 2)
        seed = self.random_state
        problem = checked_problem(self.model, X, y, seed=seed, regression=True)
        if not 0 < self.calibration_size < 1:
            raise ValueError(
                f"calibration_size must be between 0 and 1, got {self.calibration_size}"
            )
        kept = round(self.calibration_size * len(problem))
        if kept < 4 or len(problem) - kept < 2:
            raise ValueError(
                f"calibration needs 4 samples (better 100), and some to train on: "
                f"calibration_size={self.calibration_size} of {len(problem)} keeps {kept}"
            )
        line, interval, train = _three_parts(len(problem), kept, groups, seed)
        kind = chosen_kind(problem.model, self.kind)
        self.ensemble_ = Ensemble(problem.model, kind, self.members, seed)
        self.ensemble_.fit(rows_of(X, train), problem.y[train])
        mean, std = self._raw(rows_of(X, line))
        self.line_ = fit_line(std, mean - problem.y[line])
        mean, std = self._raw(rows_of(X, interval))
        residual, sigma = np.abs(mean - problem.y[interval]), self._calibrated(std)
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = np.where(residual > 0, residual / sigma, 0.0)
        self.scores_ = np.sort(scores)
        self.n_calibration_ = (len(line), len(interval))
        shape = getattr(X, "shape", None)
        if shape is not None and len(shape) == 2:
            self.n_features_in_ = shape[1]
        return self

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict, with calibrated standard deviations where asked for.

        Parameters
        ----------
        X : DataFrame or array, shape (n_samples, n_features), or list of structures
            Features.
        return_std : bool
            Return the calibrated standard deviations, too.

        Returns
        -------
        ndarray, shape (n_samples,), or two of them
            In the unit of the target.
        """
        mean, std = self._raw(X)
        return (mean, self._calibrated(std)) if return_std else mean

    def interval(self, X: Any, level: float = 0.9) -> tuple[Floats, Floats]:
        """Give the conformal interval of each sample: lower and upper ends, unit of the target."""
        mean, std = self._raw(X)
        half = self.factor(level) * self._calibrated(std)
        return mean - half, mean + half

    def factor(self, level: float) -> float:
        """Give the half width of the conformal interval in calibrated standard deviations."""
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self, "scores_")
        if not 0 < level < 1:
            raise ValueError(f"level must be between 0 and 1, got {level}")
        return conformal_factor(self.scores_, level)

    def _raw(self, X: Any) -> tuple[Floats, Floats]:
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self, "ensemble_")
        return mean_and_std(self.ensemble_.predictions(X))

    def _calibrated(self, std: Floats) -> Floats:
        return self.line_[0] + self.line_[1] * std

    def all_of(self, X: Any) -> tuple[Floats, Floats, Floats]:
        """Give predictions, raw and calibrated standard deviations at once."""
        mean, std = self._raw(X)
        return mean, std, self._calibrated(std)


def _three_parts(
    n_samples: int, kept: int, groups: Any, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Divide at random: for the line, for intervals, and what is left; groups are not torn."""
    rng = np.random.default_rng(seed)
    if groups is None:
        order = rng.permutation(n_samples)
        return order[: kept // 2], order[kept // 2 : kept], order[kept:]
    labels = np.asarray(groups)
    if labels.shape != (n_samples,):
        raise ValueError(
            f"groups must have a label for each of {n_samples} samples, got shape {labels.shape}"
        )
    codes = np.unique(labels, return_inverse=True)[1]
    number = codes.max() + 1
    place = rng.permutation(number)[codes]
    order = np.argsort(place, kind="stable")
    edges = np.flatnonzero(np.diff(place[order])) + 1  # where a group ends
    if len(edges) < 2:
        raise ValueError(f"groups: calibration needs three or more, got {number}")
    first, second = (int(edges[np.abs(edges - wish).argmin()]) for wish in (kept // 2, kept))
    if first == second:  # a large group is in the way
        first, second = int(edges[0]), int(edges[1])
    return order[:first], order[first:second], order[second:]
