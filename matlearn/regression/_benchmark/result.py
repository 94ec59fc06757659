"""What a benchmark run came to."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.regression._benchmark.keeping import read_parquet, write_parquet, write_text
from matlearn.regression._benchmark.leaderboard import leaderboard
from matlearn.regression._benchmark.metrics import METRICS, RANKED, Measures, measure
from matlearn.regression._benchmark.running import FoldResult
from matlearn.regression._tasks.definitions import MATBENCH

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.regression.tasks import Task

_FORM = "matlearn matbench result 1"


@dataclass(frozen=True)
class MatbenchResult:
    """Errors fold by fold, every prediction, and what they cost."""

    task: str
    """Name of the task."""
    kind: str
    """ "regression" or "classification"."""
    label: str
    """What is predicted."""
    unit: str
    """Its unit; empty for classes."""
    model: str
    """The estimator, as scikit-learn prints it."""
    features: str
    """What it was given."""
    official: bool
    """True if these are all samples and the folds of the leaderboard."""
    folds: pd.DataFrame = field(repr=False, compare=False)
    """A row a fold: fold, n_train, n_test, the measures, cpu_seconds and wall_seconds (fit and
    prediction), peak_memory_mb (resident memory of the process, 1e6 bytes)."""
    predictions: pd.DataFrame = field(repr=False, compare=False)
    """A row a tested sample: id, formula, fold, target, prediction; for a classification also
    probability, or score where the model decides by something else."""
    features_seconds: float
    """CPU time of the features in s."""

    @property
    def metric(self) -> str:
        """The measure that the leaderboard ranks by."""
        return RANKED[self.kind]

    @property
    def mean(self) -> Measures:
        """Mean of each measure over the folds; NaN if a fold has none, such as of a single class."""
        means = self.folds[list(METRICS[self.kind])].mean(skipna=False)
        return Measures({str(name): float(mean) for name, mean in means.items()}, self.kind)

    @property
    def std(self) -> Measures:
        """Spread over the folds: population standard deviation, as the leaderboard has it."""
        stds = self.folds[list(METRICS[self.kind])].std(ddof=0, skipna=False)
        return Measures({str(name): float(std) for name, std in stds.items()}, self.kind)

    @property
    def cpu_seconds(self) -> float:
        """CPU time in s of all folds and the features, without the model's own processes."""
        return float(self.folds["cpu_seconds"].sum()) + self.features_seconds

    @property
    def peak_memory_mb(self) -> float:
        """Highest resident memory of a process during a fold, in 1e6 bytes."""
        return float(self.folds["peak_memory_mb"].max())

    @property
    def scores(self) -> np.ndarray:
        """What the classes were decided by, shape (n,): probabilities where the model gives them.

        Raises
        ------
        ValueError
            For a regression, or a model that gives classes alone.
        """
        for name in ("probability", "score"):
            if name in self.predictions:
                return np.asarray(self.predictions[name], dtype=float)
        raise ValueError(f"{self.task} with this model has no scores, only predictions")

    def to_frame(self) -> pd.DataFrame:
        """Give the folds as a table."""
        return self.folds.copy()

    def compare(self) -> pd.DataFrame:
        """Give the leaderboard with this result in it, the best first.

        Returns
        -------
        pandas.DataFrame
            Indexed by algorithm; columns mean, std, metric, source. For what is not the official
            protocol, the name of the row says so.
        """
        import pandas as pd

        ours = pd.DataFrame(
            {
                "mean": self.mean[self.metric],
                "std": self.std[self.metric],
                "metric": self.metric,
                "source": "computed here" if self.official else f"computed here, {self._extent()}",
            },
            index=pd.Index([self.name], name="algorithm"),
        )
        if self.task not in MATBENCH:
            return ours
        table = pd.concat([ours, leaderboard(self.task)[list(ours.columns)]])
        return table.sort_values("mean", ascending=self.kind == "regression")

    def with_task(self, task: Task) -> MatbenchResult:
        """Put ids, formulas and targets beside predictions that were kept without them.

        The runs that come with the course (``matlearn.datasets.load("matbench-runs")``) hold no
        published data: their measures are there, targets and formulas come from the task.

        Parameters
        ----------
        task
            The complete task of this run.

        Raises
        ------
        ValueError
            If it is another task, or a part of it.
        """
        from matlearn.regression._benchmark import recorded

        return recorded.with_task(self, task)

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw predictions against targets, or for a classification the ROC curve."""
        from matlearn.regression import plots

        return (
            plots.roc(self, ax=ax) if self.kind == "classification" else plots.parity(self, ax=ax)
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a JSON file, and the predictions into a parquet file beside it.

        Parameters
        ----------
        path
            Ends in ".json".

        Raises
        ------
        ValueError
            If it does not.
        """
        path = _json_path(path)
        digest = write_parquet(path.with_suffix(".parquet"), self.predictions)
        record = {
            "form": _FORM,
            **{name: getattr(self, name) for name in _PLAIN},
            "mean": self.mean,
            "std": self.std,
            "folds": self.folds.to_dict(orient="records"),
            "predictions_sha256": digest,
        }
        write_text(path, json.dumps(record, indent=1) + "\n")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> MatbenchResult:
        """Read what `save` wrote.

        Raises
        ------
        ValueError
            If it is another kind of file, or the parquet file beside it is not the one it was
            saved with.
        FileNotFoundError
            If one of the two is missing.
        """
        import pandas as pd

        path = _json_path(path)
        try:
            record = json.loads(path.read_text())
        except ValueError:
            record = None
        if not isinstance(record, dict) or record.get("form") != _FORM:
            raise ValueError(f"{path} is no saved matbench result")
        predictions = read_parquet(path.with_suffix(".parquet"), record["predictions_sha256"])
        plain = {name: record[name] for name in _PLAIN}
        return cls(folds=pd.DataFrame(record["folds"]), predictions=predictions, **plain)

    @property
    def name(self) -> str:
        """Short name: the last step of the model, and its features."""
        return f"{self.model.partition('(')[0]} ({self.features})"

    def _extent(self) -> str:
        return f"{len(self.predictions)} samples in {len(self.folds)} folds, not the protocol"

    def __len__(self) -> int:
        return len(self.predictions)

    def __repr__(self) -> str:
        number = f"{self.mean[self.metric]:.4g} ± {self.std[self.metric]:.2g}"
        what = "MAE" if self.metric == "mae" else "balanced accuracy"
        extent = "official folds" if self.official else self._extent()
        unit = f" {self.unit}" if self.unit else ""
        return f"MatbenchResult({self.task}, {self.name}: {what} {number}{unit}, {extent})"


_PLAIN = (
    "task", "kind", "label", "unit", "model", "features", "official", "features_seconds",
)  # fmt: skip


def assemble(
    task: Task,
    model: Any,
    features: str,
    splits: list[tuple[np.ndarray, np.ndarray]],
    results: list[FoldResult],
    official: bool,
    features_seconds: float,
) -> MatbenchResult:
    """Make a result from finished folds."""
    import pandas as pd

    target = np.asarray(task.target)
    rows, parts = [], []
    for result in sorted(results, key=lambda r: r.number):
        train, test = splits[result.number]
        measures = measure(task.kind, target[test], result.prediction, result.score)
        rows.append({
            "fold": result.number, "n_train": len(train), "n_test": len(test), **measures,
            "cpu_seconds": result.cpu_seconds, "wall_seconds": result.wall_seconds,
            "peak_memory_mb": result.peak_memory_mb,
        })  # fmt: skip
        part = {
            "id": [task.ids[i] for i in test],
            "formula": [task.formulas[i] for i in test],
            "fold": result.number,
            "target": target[test],
            "prediction": result.prediction.astype(target.dtype),
        }
        if result.score is not None:
            part["probability" if result.probability else "score"] = result.score
        parts.append(pd.DataFrame(part))
    return MatbenchResult(
        task=task.name,
        kind=task.kind,
        label=task.label,
        unit=task.unit,
        model=describe_model(model),
        features=features,
        official=official,
        folds=pd.DataFrame(rows),
        predictions=pd.concat(parts, ignore_index=True),
        features_seconds=features_seconds,
    )


def describe_model(model: Any) -> str:
    """Print an estimator in a line: the last step of a pipeline, what it wraps, no defaults."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.pipeline import Pipeline

    while isinstance(model, Pipeline | TransformedTargetRegressor):
        model = model.steps[-1][1] if isinstance(model, Pipeline) else model.regressor
    return " ".join(model.__repr__(N_CHAR_MAX=10_000).split())


def _json_path(path: str | os.PathLike[str]) -> Path:
    path = Path(path)
    if path.suffix.lower() != ".json":
        raise ValueError(f"path must end in .json, got {path.name!r}")
    return path
