"""The recorded run on matbench_phonons: what networks and a forest predicted, fold by fold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.regression._graphs.regressor import CrystalGraphNetwork
    from matlearn.regression.benchmark import MatbenchResult
    from matlearn.regression.tasks import Task

ABOUT, PREDICTIONS, NETWORK = "record.json", "predictions.csv", "network.safetensors"
FORM = "matlearn recorded benchmark 1"
_TASK = ("task", "kind", "label", "unit", "official")
_MODEL = ("model", "features", "features_seconds")


@dataclass(frozen=True, eq=False, repr=False)
class BenchmarkRecord:
    """Several models on the same folds of one task: scores, cost, settings and predictions.

    The targets are published elsewhere and not in it: `result` puts them back.

    Attributes
    ----------
    task, label, unit : str
        Name of the task, what is predicted and its unit.
    models : dict
        By name: ``model`` (the estimator as scikit-learn prints it), ``features``, ``settings``
        and ``versions`` of what it was run with.
    folds : pandas.DataFrame
        A row for each model and fold: model, fold, n_train, n_test, mae, rmse, r2, cpu_seconds,
        wall_seconds, peak_memory_mb.
    predictions : pandas.DataFrame
        A row a sample: id, fold, and the prediction of each model in `unit`.
    network : CrystalGraphNetwork
        The first model, trained on *all* samples: for crystals that are none of them.
    """

    task: str
    label: str
    unit: str
    models: dict[str, dict[str, Any]]
    folds: pd.DataFrame
    predictions: pd.DataFrame
    network: CrystalGraphNetwork

    def __len__(self) -> int:
        return len(self.predictions)

    def __repr__(self) -> str:
        table = self.to_frame()
        best = table.index[0]
        return (
            f"BenchmarkRecord({self.task}: {', '.join(table.index)}; best {best}, "
            f"MAE {table['mae'].iloc[0]:.4g} ± {table['std'].iloc[0]:.2g} {self.unit})"
        )

    def to_frame(self) -> pd.DataFrame:
        """Give a row for each model: mean MAE over the folds, spread, lowest, highest, CPU s."""
        import pandas as pd

        by = self.folds.groupby("model")
        return pd.DataFrame(
            {
                "mae": by["mae"].mean(),
                "std": by["mae"].std(ddof=0),
                "best fold": by["mae"].min(),
                "worst fold": by["mae"].max(),
                "cpu_seconds": by["cpu_seconds"].sum(),
            }
        ).sort_values("mae")

    def compare(self) -> pd.DataFrame:
        """Give the leaderboard with these models in it, the best first."""
        import pandas as pd

        from matlearn.regression.benchmark import leaderboard

        ours = self.to_frame()[["mae", "std"]].rename(columns={"mae": "mean"})
        ours.index = pd.Index([f"{name} (recorded here)" for name in ours.index])
        published = leaderboard(self.task)
        both = pd.concat(
            [
                ours.assign(metric="mae", source="recorded here"),
                published[["mean", "std", "metric", "source"]],
            ]
        )
        return both.rename_axis("algorithm").sort_values("mean")

    def result(self, model: str, task: Task) -> MatbenchResult:
        """Give one model's run with targets and formulas of the task, as `run_matbench` gives it.

        Parameters
        ----------
        model
            Name of one of `models`.
        task
            The whole task, ``matlearn.regression.load_task(record.task)``.

        Raises
        ------
        ValueError
            For another name or another task.
        """
        from matlearn.regression.benchmark import MatbenchResult

        if model not in self.models:
            raise ValueError(f"model must be one of {', '.join(self.models)}, got {model!r}")
        if task.name != self.task or list(task.ids) != self.predictions["id"].tolist():
            raise ValueError(f"task must be the whole {self.task}, got {task!r}")
        told = self.models[model]
        predictions = self.predictions[["id", "fold"]].assign(
            formula=task.formulas, target=task.target, prediction=self.predictions[model]
        )
        columns = ["id", "formula", "fold", "target", "prediction"]
        return MatbenchResult(
            task=self.task,
            kind=task.kind,
            label=self.label,
            unit=self.unit,
            official=task.official,
            folds=self.folds[self.folds["model"] == model].drop(columns="model"),
            predictions=predictions[columns].sort_values("fold", kind="stable"),
            **{name: told[name] for name in _MODEL},
        )

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the error of each model in each fold."""
        from matlearn.regression._figures.networks import recorded_folds

        return recorded_folds(self, ax=ax)


def save(
    results: dict[str, MatbenchResult],
    about: dict[str, dict[str, Any]],
    network: CrystalGraphNetwork,
    folder: Path,
) -> None:
    """Write results of several models on the same task, without what others published.

    Parameters
    ----------
    results
        By name of the model.
    about
        Settings and versions, by name of the model.
    network
        Trained on all samples.
    folder
        Where the files come to lie.
    """
    from matlearn.regression._benchmark.keeping import write_text

    folder.mkdir(parents=True, exist_ok=True)
    first = next(iter(results.values()))
    record = {
        "form": FORM,
        **{name: getattr(first, name) for name in _TASK},
        "models": {
            name: {
                **{key: getattr(result, key) for key in _MODEL},
                "mean": result.mean,
                "std": result.std,
                "folds": result.folds.to_dict(orient="records"),
                **about[name],
            }
            for name, result in results.items()
        },
    }
    table = first.predictions[["id", "fold"]].sort_values("id").reset_index(drop=True)
    for name, result in results.items():
        by_id = result.predictions.set_index("id")["prediction"]
        table[name] = by_id.loc[table["id"]].to_numpy().round(4)
    network.save(folder / NETWORK)
    write_text(folder / PREDICTIONS, table.to_csv(index=False))
    write_text(folder / ABOUT, json.dumps(record, indent=1) + "\n")


def load(folder: str | Path) -> BenchmarkRecord:
    """Read what `save` wrote.

    Raises
    ------
    ValueError
        If it is something else, or damaged.
    FileNotFoundError
        If a file is missing.
    """
    import pandas as pd

    from matlearn.regression._graphs.regressor import CrystalGraphNetwork

    folder = Path(folder)
    record = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    if not isinstance(record, dict) or record.get("form") != FORM:
        raise ValueError(f"{folder / ABOUT} is no recorded benchmark")
    predictions = pd.read_csv(folder / PREDICTIONS)
    models = record["models"]
    tested = {sum(fold["n_test"] for fold in told["folds"]) for told in models.values()}
    if predictions.columns.tolist() != ["id", "fold", *models] or tested != {len(predictions)}:
        raise ValueError(f"{folder / PREDICTIONS} does not belong to {ABOUT} beside it")
    if not np.isfinite(predictions[list(models)].to_numpy()).all():
        raise ValueError(f"{folder / PREDICTIONS} has predictions that are no numbers")
    folds = [{"model": name, **fold} for name, told in models.items() for fold in told.pop("folds")]
    return BenchmarkRecord(
        record["task"],
        record["label"],
        record["unit"],
        models,
        pd.DataFrame(folds),
        predictions,
        CrystalGraphNetwork.load(folder / NETWORK),
    )
