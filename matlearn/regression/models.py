"""Models by name: ten ways from features to a property, each a scikit-learn pipeline."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.regression._models.catalogue import CATALOGUE, Choice

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import Pipeline

    from matlearn.regression._models.neural_network import (
        NeuralNetworkClassifier as NeuralNetworkClassifier,
    )
    from matlearn.regression._models.neural_network import (
        NeuralNetworkRegressor as NeuralNetworkRegressor,
    )

MODELS: tuple[str, ...] = tuple(CATALOGUE)
"""Names that `make_model` knows, the simplest first."""

TASKS: tuple[str, ...] = ("regression", "classification")

__all__ = [
    "MODELS",
    "TASKS",
    "NeuralNetworkClassifier",
    "NeuralNetworkRegressor",
    "make_model",
    "parameter_key",
]


def __getattr__(name: str) -> Any:
    if name in ("NeuralNetworkClassifier", "NeuralNetworkRegressor"):
        from matlearn.regression._models import neural_network

        return getattr(neural_network, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def make_model(name: str, task: str = "regression", **parameters: Any) -> Pipeline:
    """Make a model from its name: a pipeline that scales what has to be scaled, then learns.

    ============================  =====================================  =====================================
    name                          regression                             classification
    ============================  =====================================  =====================================
    ``"dummy"``                   the mean of the training targets       a class at random, by its frequency
    ``"ols"``                     least squares                          logistic, no penalty
    ``"ridge"``                   least squares, penalty on squares      logistic, penalty on squares
    ``"lasso"``                   least squares, penalty on moduli       logistic, penalty on moduli
    ``"kernel-ridge"``            ridge with a Gaussian kernel           (none: an error)
    ``"knn"``                     5 nearest neighbours                   5 nearest neighbours
    ``"random-forest"``           100 trees (the leaderboard's has 500)  100 trees
    ``"svm"``                     support vectors, Gaussian kernel       support vectors, Gaussian kernel
    ``"gradient-boosting"``       300 trees, each on what is left over   300 trees likewise
    ``"neural-network"``          fully connected, torch                 fully connected, torch
    ============================  =====================================  =====================================

    The steps are called ``"variance"`` (constant columns are dropped), ``"scale"`` (features to
    mean 0 and standard deviation 1; not for dummy and trees, which do not care) and ``"model"``.
    For lasso, kernel-ridge, svm and neural-network the target of a regression is scaled likewise,
    and predictions are scaled back: so ``alpha=0.01`` means a hundredth of the target's standard
    deviation, in whatever unit it comes. A network has a step ``"clip"`` in addition: features
    beyond 10 standard deviations count as 10, because it would go on in straight lines for ever.
    All are fitted in `fit`, from training samples alone.

    Parameters
    ----------
    name
        One of `MODELS`.
    task
        ``"regression"`` or ``"classification"``.
    **parameters
        Of the estimator, as scikit-learn calls them: ``C=10`` for svm, ``alpha=0.1`` for lasso
        (``C=10`` where it classifies), ``n_estimators=500``. Everything random has
        ``random_state=0`` unless told otherwise, and forests ``n_jobs=1``.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Not fitted. kernel-ridge needs 8 bytes times the square of the number of samples, and the
        time of svm grows like that square: for 10,000 samples take a part, or boosting.

    Raises
    ------
    ValueError
        For an unknown name, task or parameter (the message lists those there are), or a
        classification by kernel-ridge, which has none.

    Notes
    -----
    The dummy of a classification is random because the leaderboard's is (balanced accuracy 0.49
    to 0.50 with a spread over the folds; the most frequent class would give 0.5 exactly). With
    probability ``predict_proba`` where there is one, svm has ``decision_function``: either gives
    the ROC curve.

    Examples
    --------
    >>> make_model("svm", C=100.0)["model"].regressor
    SVR(C=100.0, cache_size=500)
    >>> x = [[0.0], [1.0], [2.0], [3.0]]
    >>> make_model("ols").fit(x, [1.0, 3.0, 5.0, 7.0]).predict([[10.0]]).round(6).tolist()
    [21.0]
    """
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.feature_selection import VarianceThreshold
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    choice = _choice(name, task)
    model = CATALOGUE[name]
    estimator = _estimator(choice, name, task, parameters)
    if model.scale_target and task == "regression":
        estimator = TransformedTargetRegressor(regressor=estimator, transformer=StandardScaler())
    steps: list[tuple[str, Any]] = [("variance", VarianceThreshold())]
    if model.scale_features:
        steps.append(("scale", StandardScaler()))
    if model.clip is not None:
        limits = {"a_min": -model.clip, "a_max": model.clip}
        steps.append(("clip", FunctionTransformer(np.clip, kw_args=limits)))
    return Pipeline([*steps, ("model", estimator)])


def parameter_key(model: BaseEstimator, name: str) -> str:
    """Give the full name of a parameter inside a pipeline, from its short one.

    Parameters
    ----------
    model
        A pipeline or any other estimator.
    name
        ``"alpha"``, or the full name itself.

    Returns
    -------
    str
        What ``set_params``, a grid search or a validation curve wants. Where several steps have
        a parameter of this name, the last step counts.

    Raises
    ------
    ValueError
        If there is no such parameter; the message lists those of the last step.

    Examples
    --------
    >>> parameter_key(make_model("svm"), "C")
    'model__regressor__C'
    >>> parameter_key(make_model("ridge"), "model__alpha")
    'model__alpha'
    """
    known = model.get_params(deep=True)
    if name in known:
        return name
    found = [key for key in known if key.rpartition("__")[2] == name]
    if found:
        steps = [step for step, _ in getattr(model, "steps", [])]
        return max(found, key=lambda key: _place(key, steps))
    short = sorted({key.rpartition("__")[2] for key in known if not _is_part(known[key])})
    raise ValueError(
        f"name must be a parameter of the model, got {name!r}{_near(name, short)}: it has {', '.join(short)}"
    )


def _place(key: str, steps: list[str]) -> tuple[int, int]:
    """Order of a parameter: that of its step, and the shallower one in there."""
    first = key.partition("__")[0]
    return (steps.index(first) if first in steps else -1, -key.count("__"))


def _is_part(value: Any) -> bool:
    return hasattr(value, "get_params") or isinstance(value, list | tuple)


def _choice(name: str, task: str) -> Choice:
    """Look up what a name means for a task."""
    if task not in TASKS:
        raise ValueError(f"task must be 'regression' or 'classification', got {task!r}")
    if not isinstance(name, str):
        raise TypeError(f"name must be one of {', '.join(MODELS)}, got a {type(name).__name__}")
    if name not in CATALOGUE:
        near = _near(name.lower().replace("_", "-").replace(" ", "-"), MODELS)
        raise ValueError(f"name must be one of {', '.join(MODELS)}, got {name!r}{near}")
    model = CATALOGUE[name]
    choice = model.regression if task == "regression" else model.classification
    if choice is None:
        raise ValueError(f"{name!r} does not classify: {model.instead}")
    return choice


def _estimator(choice: Choice, name: str, task: str, parameters: dict[str, Any]) -> Any:
    """Make the estimator, and refuse parameters that it does not have."""
    known = sorted(choice.make({}).get_params(deep=False))
    unknown = [parameter for parameter in parameters if parameter not in known]
    if unknown:
        raise ValueError(
            f"parameters of {name!r} ({task}, {choice.target.rpartition(':')[2]}) are "
            f"{', '.join(known)}; got {unknown[0]!r}{_near(unknown[0], known)}"
        )
    return choice.make(parameters)


def _near(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
    return f" (did you mean {' or '.join(map(repr, near))}?)" if near else ""
