"""What each name of a model means: estimator, default settings, and what must be scaled for it.

All settings that differ from scikit-learn's stand here and nowhere else.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Choice:
    """An estimator, and the settings in which ours differ from the library's."""

    target: str
    """``"module:class"``, imported when a model is made."""
    settings: Mapping[str, Any] = field(default_factory=lambda: _NONE)

    def make(self, parameters: Mapping[str, Any]) -> Any:
        """Make the estimator with our settings, replaced by `parameters` where given."""
        module, _, name = self.target.partition(":")
        estimator = getattr(importlib.import_module(module), name)()
        return estimator.set_params(**{**self.settings, **parameters})


@dataclass(frozen=True)
class Model:
    """What stands behind a name."""

    regression: Choice
    classification: Choice | None
    scale_features: bool = True
    """Bring each feature to mean 0 and standard deviation 1: distances and penalties need it."""
    scale_target: bool = False
    """Do the same to the target of a regression: so settings mean the same in any unit."""
    clip: float | None = None
    """Take scaled features beyond this for this: a network goes on in straight lines for ever, and
    a column that hardly varies in training may lie thousands of deviations away in a test."""
    instead: str = ""
    """What to take where there is no classification."""


def _logistic(**settings: Any) -> Choice:
    return Choice("sklearn.linear_model:LogisticRegression", {"max_iter": 1000, **settings})


_BOOSTING = {
    "max_iter": 300,
    "max_leaf_nodes": 255,
    "max_features": 0.5,
    "early_stopping": False,
    "random_state": 0,
}
"""Chosen on a fifth of the first training fold of mp_gap: larger trees than scikit-learn's 31 leaves take
the mean absolute error from 0.44 to 0.33 eV (300 trees each): gaps are full of exceptions."""

_NETWORK = "matlearn.regression._models.neural_network"

CATALOGUE: dict[str, Model] = {
    "dummy": Model(
        Choice("sklearn.dummy:DummyRegressor", {"strategy": "mean"}),
        # draws classes at random by their frequency: so does the leaderboard's
        Choice("sklearn.dummy:DummyClassifier", {"strategy": "stratified", "random_state": 0}),
        scale_features=False,
    ),
    "ols": Model(Choice("sklearn.linear_model:LinearRegression"), _logistic(C=float("inf"))),
    "ridge": Model(
        Choice("sklearn.linear_model:Ridge", {"alpha": 1.0}),
        _logistic(C=1.0, l1_ratio=0.0),
    ),
    "lasso": Model(
        Choice("sklearn.linear_model:Lasso", {"alpha": 0.01, "max_iter": 10_000}),
        _logistic(C=1.0, l1_ratio=1.0, solver="liblinear", random_state=0),
        scale_target=True,
    ),
    "kernel-ridge": Model(
        Choice("sklearn.kernel_ridge:KernelRidge", {"kernel": "rbf", "alpha": 0.1}),
        None,
        scale_target=True,
        instead="'svm' has the same kernel, 'ridge' the same penalty",
    ),
    "knn": Model(
        Choice("sklearn.neighbors:KNeighborsRegressor", {"weights": "distance"}),
        Choice("sklearn.neighbors:KNeighborsClassifier", {"weights": "distance"}),
    ),
    "random-forest": Model(
        Choice(
            "sklearn.ensemble:RandomForestRegressor",
            {"n_estimators": 100, "n_jobs": 1, "random_state": 0},
        ),
        Choice(
            "sklearn.ensemble:RandomForestClassifier",
            {"n_estimators": 100, "n_jobs": 1, "random_state": 0},
        ),
        scale_features=False,
    ),
    "svm": Model(
        Choice("sklearn.svm:SVR", {"C": 10.0, "cache_size": 500}),
        Choice("sklearn.svm:SVC", {"C": 10.0, "cache_size": 500, "random_state": 0}),
        scale_target=True,
    ),
    "gradient-boosting": Model(
        Choice("sklearn.ensemble:HistGradientBoostingRegressor", _BOOSTING),
        Choice("sklearn.ensemble:HistGradientBoostingClassifier", _BOOSTING),
        scale_features=False,
    ),
    "neural-network": Model(
        Choice(f"{_NETWORK}:NeuralNetworkRegressor"),
        Choice(f"{_NETWORK}:NeuralNetworkClassifier"),
        scale_target=True,
        clip=10.0,
    ),
}
