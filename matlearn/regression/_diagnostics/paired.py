"""Two models on the same folds: is one of them better, or was it lucky?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._diagnostics.folds import corrected_std_error
from matlearn.regression._diagnostics.wording import measured

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_USUAL = ("mae", "balanced_accuracy", "test_error")
_COLUMNS = ("fold", "n_train", "n_test")


@dataclass(frozen=True, repr=False)
class ModelComparison:
    """Differences of two models' scores, a fold each, and how far they are from chance."""

    names: tuple[str, str]
    """The two models."""
    metric: str
    """Column that was compared."""
    scores: NDArray[np.float64]
    """Score of either model in each fold, unit of the metric, shape (2, n_folds)."""
    sizes: tuple[float, float]
    """Mean numbers of samples trained on and tested on."""

    @property
    def difference(self) -> float:
        """Mean of the second model's score less the first one's. Unit of the metric."""
        return float((self.scores[1] - self.scores[0]).mean())

    @property
    def std_error(self) -> float:
        """Standard error of `difference`, corrected for common training data."""
        return corrected_std_error(self.scores[1] - self.scores[0], *self.sizes)

    @property
    def p_value(self) -> float:
        """Chance of a difference as large as this one or larger between equally good models.

        Two-sided, by Student's distribution with one degree of freedom less than there are folds.
        """
        from scipy.stats import t

        if self.std_error == 0:
            return 1.0 if self.difference == 0 else 0.0
        return float(2 * t.sf(abs(self.difference) / self.std_error, self.scores.shape[1] - 1))

    def to_frame(self) -> pd.DataFrame:
        """Give one row a fold: the score of either model, and ``difference``."""
        import pandas as pd

        frame = pd.DataFrame(dict(zip(self.names, self.scores, strict=True)))
        return frame.assign(difference=self.scores[1] - self.scores[0]).rename_axis("fold")

    def plot(self, *, unit: str = "", ax: Axes | None = None) -> Axes:
        """Draw the scores of both models, a line for each fold."""
        from matlearn.regression._figures.folds import paired

        return paired(self, unit=unit, ax=ax)

    def __repr__(self) -> str:
        return (
            f"ModelComparison({self.names[1]} less {self.names[0]}: {self.metric} "
            f"{measured(self.difference, self.std_error)}, p = {self.p_value:.2g}, "
            f"{self.scores.shape[1]} folds)"
        )


def compare_models(
    result_a: Any,
    result_b: Any,
    *,
    metric: str | None = None,
    names: tuple[str, str] | None = None,
) -> ModelComparison:
    """Compare two models fold by fold, by the corrected resampled t-test.

    Folds are easy or hard for both models alike, so that differences scatter less than scores. The
    test allows for training data that folds have in common, which the usual paired t-test does not.

    Parameters
    ----------
    result_a, result_b : MatbenchResult or DataFrame
        Of the same folds. A frame has a row a fold with ``fold``, ``n_train``, ``n_test``, and the
        score.
    metric : str, optional
        Column to compare; ``"mae"``, ``"balanced_accuracy"`` or ``"test_error"`` where it is left
        out, the first that is there.

    names : pair of str, optional
        What to call the two; the results' own names where it is left out.

    Returns
    -------
    ModelComparison

    Raises
    ------
    ValueError
        If the folds differ, or there is no such column.

    Notes
    -----
    C. Nadeau and Y. Bengio, Inference for the generalization error, Machine Learning 52, 239
    (2003).

    Examples
    --------
    >>> import pandas as pd
    >>> a = pd.DataFrame({"fold": range(5), "n_train": 80, "n_test": 20,
    ...                   "mae": [0.50, 0.61, 0.44, 0.55, 0.52]})
    >>> b = a.assign(mae=[0.47, 0.58, 0.43, 0.50, 0.50])
    >>> compare_models(a, b)
    ModelComparison(the second less the first: mae -0.0280 ± 0.0099, p = 0.048, 5 folds)
    """
    frames = [_folds_of(one) for one in (result_a, result_b)]
    first, second = frames
    if metric is None:
        metric = next((name for name in _USUAL if name in first and name in second), None)
    if metric is None or metric not in first or metric not in second:
        there = [name for name in first.columns if name in second and name not in _COLUMNS]
        raise ValueError(f"metric must be a column of both, {there}, got {metric!r}")
    same = len(first) == len(second) and all(
        (first[name].to_numpy() == second[name].to_numpy()).all() for name in _COLUMNS
    )
    if not same or not _same_samples(result_a, result_b):
        raise ValueError("the two results are of different folds: compare what was tested alike")
    if len(first) < 2:
        raise ValueError("a comparison needs two folds or more")
    scores = np.array([frame[metric].to_numpy(dtype=float) for frame in frames])
    if not np.isfinite(scores).all():
        raise ValueError(f"{metric} is not finite in every fold")
    sizes = float(first["n_train"].mean()), float(first["n_test"].mean())
    if names is not None and (len(names) != 2 or names[0] == names[1]):
        raise ValueError(f"names must be two different ones, got {names!r}")
    called = _names(result_a, result_b) if names is None else (str(names[0]), str(names[1]))
    return ModelComparison(called, metric, scores, sizes)


def _folds_of(result: Any) -> pd.DataFrame:
    frame = result if hasattr(result, "columns") else getattr(result, "folds", None)
    if frame is None or not hasattr(frame, "columns"):
        raise TypeError(f"results must be MatbenchResult or DataFrame, got {type(result).__name__}")
    missing = [name for name in _COLUMNS if name not in frame]
    if missing:
        raise ValueError(f"a frame of folds must have {_COLUMNS}, this one lacks {missing}")
    return frame.sort_values("fold", ignore_index=True)


def _same_samples(first: Any, second: Any) -> bool:
    """Compare who was tested in which fold, where the results say so."""
    tables = [getattr(one, "predictions", None) for one in (first, second)]
    if any(table is None or "id" not in table or "fold" not in table for table in tables):
        return True
    folds = [
        dict(zip(table["id"], table["fold"], strict=True)) for table in tables if table is not None
    ]
    return getattr(first, "task", None) == getattr(second, "task", None) and folds[0] == folds[1]


def _names(first: Any, second: Any) -> tuple[str, str]:
    found = []
    for result, else_called in ((first, "the first"), (second, "the second")):
        name = None if hasattr(result, "columns") else getattr(result, "name", None)
        found.append(name if isinstance(name, str) else else_called)
    return (found[0], found[1]) if found[0] != found[1] else ("the first", "the second")
