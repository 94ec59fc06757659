"""What a benchmark run is given, made into a model, a matrix and folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from matlearn.regression.tasks import Task

FEATURES = ("magpie", "structure", "magpie+structure")


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


def resolve_inputs(task: Task, features: Any, model: Any) -> tuple[Any, str]:
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
        return _named(task, named), named
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
        If a fold is empty, reaches beyond the samples, or trains on what it tests.
    """
    if isinstance(folds, int | np.integer) and not isinstance(folds, bool):
        return task.folds(int(folds)), bool(task.official and folds == 5)
    if isinstance(folds, str) or not isinstance(folds, Sequence):
        raise TypeError(
            f"folds must be a number of folds or a list of (train, test) indices, got {folds!r}"
        )
    checked = []
    for number, pair in enumerate(folds):
        train, test = (np.asarray(part, dtype=int) for part in pair)
        if not len(train) or not len(test):
            raise ValueError(f"fold {number} of folds has an empty part")
        if min(train.min(), test.min()) < 0 or max(train.max(), test.max()) >= len(task):
            raise ValueError(f"fold {number} of folds reaches beyond the {len(task)} samples")
        if np.isin(test, train).any():
            raise ValueError(f"fold {number} of folds tests samples that it trains on")
        checked.append((train, test))
    if not checked:
        raise ValueError("folds must hold at least one pair of (train, test) indices, got none")
    tested = np.concatenate([test for _, test in checked])
    if len(np.unique(tested)) < len(tested):
        raise ValueError("folds must test each sample at most once")
    return checked, False


def _named(task: Task, name: str) -> pd.DataFrame:
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
        parts.append(features.structure(_structures(task)))
    matrix = cast("pd.DataFrame", pd.concat(parts, axis=1))
    _check_finite(task, matrix)
    return matrix


def _table(task: Task, table: pd.DataFrame) -> pd.DataFrame:
    from matlearn.regression import features

    if len(table) != len(task):
        raise ValueError(
            f"features must have a row for each of the {len(task)} samples, got {len(table)}"
        )
    features.check(table)
    return table


def _structures(task: Task) -> Any:
    if task.structures is None:
        raise ValueError(
            f"structures are needed, but {task.name} was loaded without: "
            f"load_task({task.name!r}, structures=True)"
        )
    return task.structures


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
