"""What a benchmark run is given, made into a model, a matrix and folds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from matlearn.regression._diagnostics.folds import checked_folds
from matlearn.regression._features import structure_featurizers
from matlearn.regression._tasks.definitions import MATBENCH, require_structures
from matlearn.regression._tasks.own import OWN

if TYPE_CHECKING:
    import pandas as pd

    from matlearn.regression.tasks import Task

FEATURES = ("magpie", "structure", "magpie+structure")
_OVERLAPPING = (
    "for folds that overlap, such as those of leave_one_element_out, there is "
    "matlearn.regression.diagnostics.compare_folds"
)


def resolve_model(model: Any, kind: str) -> Any:
    """Give an unfitted estimator for the kind of task.

    Raises
    ------
    TypeError
        If it is no estimator.
    ValueError
        If it is one for the other kind of task.
    """
    from sklearn.base import clone, is_classifier, is_regressor

    from matlearn.regression import models

    if isinstance(model, str):
        return models.make_model(model, kind)
    if isinstance(model, type) or not (hasattr(model, "fit") and hasattr(model, "get_params")):
        raise TypeError(
            f"model must be one of the names {', '.join(models.MODELS)}, or a scikit-learn "
            f"estimator such as make_model('ridge'), got {model!r}"
        )
    if kind == "regression" and is_classifier(model):
        raise ValueError(f"the task is a regression, but {_name(model)} is a classifier")
    if kind == "classification" and is_regressor(model):
        raise ValueError(
            f"the task is a classification, but {_name(model)} is a regressor; "
            f'make_model(name, "classification") makes a classifier'
        )
    return clone(model)


def resolve_inputs(
    task: Task,
    features: Any,
    model: Any,
    *,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> tuple[Any, str]:
    """Give what the model takes, a row for each sample, and its name.

    Raises
    ------
    ValueError
        If there is no such set of features, rows are missing, or values are not finite.
    TypeError
        If `features` is neither a name, a table nor None.
    """
    takes_structures = bool(getattr(model, "takes_structures", False))
    named = features if isinstance(features, str) else ""
    if features is None or (takes_structures and named == "magpie"):  # "magpie" is the default
        return _structures(task), "structures"
    if takes_structures:
        raise ValueError(f"{_name(model)} takes structures themselves: leave features out")
    if named:
        return _named(task, named, client, workers, progress), named
    if hasattr(features, "iloc"):
        return _table(task, features), "a table"
    raise TypeError(
        f"features must be one of {', '.join(FEATURES)}, a pandas.DataFrame with a row for each "
        f"sample, or None for a model that takes structures; got {type(features).__name__}"
    )


def resolve_folds(task: Task, folds: Any) -> tuple[list[tuple[np.ndarray, np.ndarray]], bool]:
    """Give the folds, and whether they are the official ones.

    Raises
    ------
    ValueError
        If a fold is empty, reaches beyond the samples, trains on what it tests or on one class
        alone, or a sample is tested twice.
    TypeError
        If they are neither a number nor a list.
    """
    if isinstance(folds, int | np.integer) and not isinstance(folds, bool):
        return task.folds(int(folds)), bool(task.official and folds == 5)
    if isinstance(folds, str) or not isinstance(folds, Sequence):
        instead = f": {_OVERLAPPING}" if isinstance(folds, dict) else ""
        raise TypeError(
            "folds must be a number of folds or a list of (train, test) indices, got "
            f"{folds if isinstance(folds, str | bool | None) else type(folds).__name__}{instead}"
        )
    checked = checked_folds(folds, len(task))
    tested = np.concatenate([test for _, test in checked])
    if len(np.unique(tested)) < len(tested):
        raise ValueError(f"folds must test each sample at most once: {_OVERLAPPING}")
    for number, (train, _) in enumerate(checked):
        if task.kind == "classification" and len(np.unique(task.target[train])) < 2:
            raise ValueError(f"folds[{number}] trains on a single class: nothing to tell apart")
    return checked, False


def identity(structure: Any) -> str:
    """Give a name to a structure that another one does not have."""
    if hasattr(structure, "lattice"):
        return structure_featurizers.fingerprint(structure)
    if hasattr(structure, "distances"):  # CrystalGraph
        parts = (structure.numbers, structure.neighbours, structure.distances)
        return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()
    return type(structure).__name__


def _named(task: Task, name: str, client: Any, workers: int | None, progress: bool) -> pd.DataFrame:
    import pandas as pd

    from matlearn.regression import features

    if name not in FEATURES:
        raise ValueError(
            f"features must be one of {', '.join(FEATURES)}, a table or None; got {name!r}"
        )
    parts = []
    if "magpie" in name:
        parts.append(features.magpie(task.formulas))
    if "structure" in name:
        crystals = _structures(task)
        parts.append(
            features.structure(crystals, client=client, workers=workers, progress=progress)
        )
    matrix = cast("pd.DataFrame", pd.concat(parts, axis=1))
    _check_finite(task, matrix)
    return matrix


def _table(task: Task, table: pd.DataFrame) -> pd.DataFrame:
    from matlearn.regression import features

    if len(table) != len(task):
        raise ValueError(
            f"features must have a row for each of the {len(task)} samples, got {len(table)}"
        )
    for rows in (task.ids, range(len(task))):
        if list(table.index) != list(rows) and set(table.index) == set(rows):
            by = "task.ids" if rows is task.ids else "range(len(task))"
            raise ValueError(
                "features must have their rows in the order of the task, row i for sample i, but "
                f"the index is in another one: features.loc[{by}] puts them in order"
            )
    features.check(table)
    return table


def _structures(task: Task) -> Any:
    if task.structures is not None:
        return task.structures
    if task.name in MATBENCH:
        require_structures(task.name)
    load = f"load_task({task.name!r}, structures=True)"
    raise ValueError(
        f"structures are needed, but {task.name} was loaded without: "
        + (load if task.name in MATBENCH or task.name in OWN else "give the task structures")
    )


def _check_finite(task: Task, matrix: pd.DataFrame) -> None:
    bad = np.flatnonzero(~np.isfinite(matrix.to_numpy(dtype=float)).all(axis=1))
    if len(bad):
        some = ", ".join(f"{task.ids[i]} ({task.formulas[i]})" for i in bad[:5])
        raise ValueError(
            f"features could not be computed for {len(bad)} of {len(task)} samples: {some}"
            f"{', ...' if len(bad) > 5 else ''}; features.structure says why in .attrs['failures']"
        )


def _name(model: Any) -> str:
    from sklearn.pipeline import Pipeline

    return type(model.steps[-1][1] if isinstance(model, Pipeline) else model).__name__
