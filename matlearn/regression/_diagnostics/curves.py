"""Errors against the number of samples, and against a parameter of the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.regression._diagnostics.wording import measured

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class _Curve:
    model: str
    """What the model is."""
    metric: str
    """``"mae"``, ``"rmse"`` (in the unit of the target), ``"balanced_error"`` or ``"error_rate"``
    (fractions)."""
    _table: pd.DataFrame = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Give one row a fit.

        Returns
        -------
        DataFrame
            ``size`` or ``value``, ``fold``, ``train_error`` and ``test_error`` (in the unit of the
            target, or fractions), ``seconds`` of CPU time.
        """
        return self._table.copy()

    def summary(self) -> pd.DataFrame:
        """Give one row a point of the curve: means over folds, and standard deviations.

        Returns
        -------
        DataFrame
            ``train_error``, ``test_error``, and ``train_std``, ``test_std`` (over folds, which is
            how much a single fold may be off; it is no error of the mean), ``folds``.
        """
        by = self._table.groupby(self._table.columns[0], sort=False, dropna=False)
        frame = by[["train_error", "test_error"]].mean()
        frame[["train_std", "test_std"]] = by[["train_error", "test_error"]].std()
        return frame.assign(folds=by.size())


@dataclass(frozen=True, repr=False)
class LearningCurve(_Curve):
    """Errors against the number of samples that are trained on."""

    @property
    def gain(self) -> float:
        """Fraction of the test error that twice as many samples take away, from the slope.

        A least-squares line through the logarithms of mean error and size.
        """
        table = self.summary()
        if len(table) < 2 or not (table["test_error"] > 0).all():
            return float("nan")
        slope = np.polyfit(np.log2(table.index.to_numpy(float)), np.log2(table["test_error"]), 1)[0]
        return float(1 - 2**slope)

    def plot(self, *, unit: str = "", ax: Axes | None = None) -> Axes:
        """Draw training and test errors against the number of samples, on logarithmic axes."""
        from matlearn.regression._figures.diagnostics import learning_curve

        return learning_curve(self, unit=unit, ax=ax)

    def __repr__(self) -> str:
        table = self.summary()
        first, last = table.iloc[0], table.iloc[-1]
        return (
            f"LearningCurve({self.model}, {self.metric} {first['test_error']:.3g} with "
            f"{table.index[0]} samples to {measured(last['test_error'], last['test_std'])} with "
            f"{table.index[-1]})"
        )


@dataclass(frozen=True, repr=False)
class ValidationCurve(_Curve):
    """Errors against the values of one parameter of the model."""

    parameter: str = ""
    """The parameter, as it was named."""

    @property
    def best(self) -> Any:
        """Value with the smallest mean test error."""
        found = self.summary()["test_error"].idxmin()
        return found.item() if isinstance(found, np.generic) else found

    def plot(self, *, unit: str = "", ax: Axes | None = None) -> Axes:
        """Draw training and test errors against the parameter."""
        from matlearn.regression._figures.diagnostics import validation_curve

        return validation_curve(self, unit=unit, ax=ax)

    def __repr__(self) -> str:
        table = self.summary()
        row = table.loc[self.best]
        return (
            f"ValidationCurve({self.model}, {len(table)} values of {self.parameter}, best "
            f"{self.best}: {self.metric} {measured(row['test_error'], row['test_std'])}, "
            f"training {row['train_error']:.3g})"
        )
