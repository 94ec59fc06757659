"""What the diagnostics are given: checked once, with errors that say what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._diagnostics.scoring import Metric, checked_metric


@dataclass(frozen=True)
class Problem:
    """A model, what it learns from, and how its errors are measured."""

    model: Any
    """Estimator, not fitted."""
    X: Any
    """A row a sample: frame, array, or list of structures."""
    y: NDArray[Any]
    """Target of each sample."""
    metric: Metric
    """Measure of error."""
    classification: bool
    """Whether targets are classes."""
    name: str
    """What figures call the model."""

    def __len__(self) -> int:
        return len(self.y)


def checked_problem(
    model: Any,
    X: Any,
    y: Any,
    *,
    metric: str | None = None,
    seed: int = 0,
    regression: bool = False,
) -> Problem:
    """Check model, features and targets; a model's name becomes a model, its seeds are set."""
    from sklearn.base import clone, is_classifier

    target = np.asarray(y)
    if isinstance(model, str):
        from matlearn.regression.models import make_model

        classes = target.dtype.kind in "bOUS"
        estimator, name = (
            make_model(model, task="classification" if classes else "regression"),
            model,
        )
    elif hasattr(model, "fit") and hasattr(model, "predict") and not isinstance(model, type):
        estimator, name = clone(model), model_name(model)
    else:
        raise TypeError(
            f"model must be a name such as 'random-forest' or an estimator with fit and predict, "
            f"got {model!r}"
        )
    classification = is_classifier(estimator)
    if classification and regression:
        raise ValueError(
            f"model must be a regressor here, got the classifier {name}: "
            "this diagnostic is of errors that are numbers"
        )
    checked_rows(X, y)
    target = checked_target(target, classification, name)
    chosen = checked_metric(metric, classification)
    return Problem(with_seed(estimator, seed), X, target, chosen, classification, name)


def model_name(model: Any) -> str:
    """Say what a model is: the class of the last step, without what wraps it."""
    while True:
        if hasattr(model, "steps"):
            model = model.steps[-1][1]
        elif type(model).__name__ == "TransformedTargetRegressor" and model.regressor is not None:
            model = model.regressor
        else:
            return type(model).__name__


def with_seed(model: Any, seed: int) -> Any:
    """Give a seed to whatever in the model would else be random anew in each call."""
    wanting = {
        name: seed
        for name, value in model.get_params(deep=True).items()
        if value is None and name.split("__")[-1] == "random_state"
    }
    return model.set_params(**wanting) if wanting else model


def checked_rows(X: Any, y: Any) -> None:
    """Raise unless X has a row of finite numbers, or a structure, for each target."""
    shape = getattr(X, "shape", None)
    rows = shape[0] if shape else len(X)
    if rows != len(np.atleast_1d(np.asarray(y))):
        raise ValueError(
            f"X and y must have as many rows, got {rows} and {len(np.atleast_1d(np.asarray(y)))}"
        )
    here, there = getattr(X, "index", None), getattr(y, "index", None)
    if not isinstance(X, list) and hasattr(here, "equals") and hasattr(there, "equals"):
        assert here is not None
        if not here.equals(there):
            raise ValueError(
                "X and y have different indices, so that rows may not belong together: "
                "sort both alike, then give y.to_numpy()"
            )
    if hasattr(X, "columns"):
        _checked_frame(X)
    elif isinstance(X, np.ndarray) and X.dtype.kind in "fiub":
        if X.ndim != 2:
            raise ValueError(
                f"X must have a row a sample and a column a feature, got shape {X.shape}"
                + (": for a single feature give X.reshape(-1, 1)" if X.ndim == 1 else "")
            )
        bad = np.flatnonzero(~np.isfinite(X).all(axis=0))
        if len(bad):
            raise ValueError(f"X must be finite, but columns {_some(bad.tolist())} are not")
    elif rows and isinstance(X, Sequence) and isinstance(X[0], (int, float, str)):
        raise TypeError(
            "X must be a DataFrame, an array or a list of structures, got a list of "
            f"{type(X[0]).__name__}: features of formulas are what features.magpie makes"
        )


def _checked_frame(X: Any) -> None:
    odd = [str(name) for name, kind in X.dtypes.items() if kind.kind not in "fiub"]
    if odd:
        raise ValueError(f"X must hold numbers, but {_some(odd)} do not: leave such columns out")
    bad = X.columns[~np.isfinite(X.to_numpy(dtype=float)).all(axis=0)]
    if len(bad):
        raise ValueError(
            f"X must be finite, but {_some([str(one) for one in bad])} are not: leave out these "
            "columns, or the rows where features could not be computed"
        )


def checked_target(target: NDArray[Any], classification: bool, name: str) -> NDArray[Any]:
    """Return targets fit for the kind of model, or say what is wrong with them."""
    if target.ndim != 1:
        raise ValueError(f"y must have one target a sample, got shape {target.shape}")
    gaps = np.zeros(len(target), dtype=bool)
    if target.dtype.kind == "O":
        gaps[:] = [one is None or one != one for one in target]
    elif target.dtype.kind == "f":
        gaps = ~np.isfinite(target)
    missing = np.flatnonzero(gaps)
    if len(missing):
        raise ValueError(
            f"y is missing or not finite in {len(missing)} of {len(target)} rows (the first is row "
            f"{missing[0]}): leave these out, and find out why they are missing"
        )
    if classification:
        if target.dtype.kind == "f" and (target != np.round(target)).any():
            raise ValueError(
                f"y holds numbers such as {target[target != np.round(target)][0]:.4g}, but "
                f"{name} is a classifier: take a regressor, or make classes, y > limit"
            )
        if len(np.unique(target)) < 2:
            raise ValueError("y holds a single class: there is nothing to tell apart")
        return target
    if target.dtype.kind not in "fiu":
        raise ValueError(
            f"y holds classes (such as {target[0]!r}), but {name} is a regressor: "
            'take make_model(..., task="classification"), or targets that are numbers'
        )
    return target.astype(float)


def rows_of(X: Any, index: Any) -> Any:
    """Take some rows of a frame, an array or a list."""
    if hasattr(X, "iloc"):
        return X.iloc[index]
    if isinstance(X, np.ndarray):
        return X[index]
    return [X[k] for k in index]


def checked_count(name: str, value: Any, least: int) -> int:
    """Return a whole number that is at least `least`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be {least} or more, got {value}")
    return int(value)


def find_parameter(model: Any, name: str) -> str:
    """Give the full name of a parameter, which a pipeline keeps under the name of its step.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.linear_model import Ridge
    >>> find_parameter(make_pipeline(Ridge()), "alpha")
    'ridge__alpha'
    """
    known = model.get_params(deep=True)
    if name in known:
        return name
    found = [one for one in known if one.endswith(f"__{name}")]
    if len(found) == 1:
        return str(found[0])
    if found:
        raise ValueError(f"parameter {name!r} is that of several steps, name one: {_some(found)}")
    plain = sorted({one.split("__")[-1] for one, value in known.items() if _simple(value)})
    raise ValueError(
        f"{model_name(model)} has no parameter {name!r}; it has {_some(plain, limit=30)}"
    )


def _simple(value: Any) -> bool:
    return not hasattr(value, "get_params") and not isinstance(value, (list, tuple))


def _some(names: Sequence[Any], limit: int = 5) -> str:
    listed = ", ".join(repr(one) for one in names[:limit])
    return listed + (f" and {len(names) - limit} more" if len(names) > limit else "")
