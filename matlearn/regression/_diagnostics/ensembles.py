"""Several models of one kind whose disagreement is a first guess of their error."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._diagnostics.checks import rows_of, with_seed

Floats = NDArray[np.float64]

KINDS = ("forest", "bootstrap", "restarts")


def chosen_kind(model: Any, kind: str) -> str:
    """Return what kind of ensemble to make of a model: its own trees if it has any."""
    if kind not in ("auto", *KINDS):
        raise ValueError(f"kind must be 'auto', {', '.join(map(repr, KINDS))}, got {kind!r}")
    own = _has_members(model)
    if kind == "auto":
        return "forest" if own else "bootstrap"
    if kind == "forest" and not own:
        raise ValueError(
            f"kind='forest' needs a forest as the last step, {type(model).__name__} has no trees of "
            "its own: take kind='bootstrap'"
        )
    if kind == "restarts" and not _seeds(model):
        raise ValueError(
            "kind='restarts' needs a model with random_state, all fits of this one are the same: "
            "take kind='bootstrap'"
        )
    return kind


def _last(model: Any) -> Any:
    return model.steps[-1][1] if hasattr(model, "steps") else model


def _has_members(model: Any) -> bool:
    from sklearn.ensemble import BaggingRegressor, ExtraTreesRegressor, RandomForestRegressor

    return isinstance(_last(model), (RandomForestRegressor, ExtraTreesRegressor, BaggingRegressor))


def _seeds(model: Any) -> list[str]:
    return [name for name in model.get_params(deep=True) if name.split("__")[-1] == "random_state"]


class Ensemble:
    """Members that were fitted to the same task, and differ by chance."""

    def __init__(self, model: Any, kind: str, members: int, seed: int) -> None:
        self.model, self.kind, self.members, self.seed = model, kind, members, seed

    def fit(self, X: Any, y: Floats) -> Ensemble:
        """Fit all members."""
        from sklearn.base import clone

        if self.kind == "forest":
            self.fitted = [with_seed(clone(self.model), self.seed).fit(X, y)]
            return self
        self.fitted = []
        for k in range(self.members):
            one = clone(self.model)
            one.set_params(**dict.fromkeys(_seeds(one), self.seed + k))
            rows = np.arange(len(y))
            if self.kind == "bootstrap":
                rows = np.random.default_rng([self.seed, k]).integers(len(y), size=len(y))
            self.fitted.append(one.fit(rows_of(X, rows), y[rows]))
        return self

    def predictions(self, X: Any) -> Floats:
        """Give what each member predicts, shape (n_members, n_samples)."""
        if self.kind != "forest":
            return np.array([np.asarray(one.predict(X), dtype=float) for one in self.fitted])
        model = self.fitted[0]
        forest = _last(model)
        values = model[:-1].transform(X) if hasattr(model, "steps") and len(model.steps) > 1 else X
        values = np.asarray(values)
        columns = getattr(forest, "estimators_features_", None)  # bagging may leave some out
        return np.array([
            tree.predict(values if columns is None else values[:, columns[k]])
            for k, tree in enumerate(forest.estimators_)
        ])  # fmt: skip


def mean_and_std(predictions: Floats) -> tuple[Floats, Floats]:
    """Give the mean over members and their standard deviation, shape (n_samples,) each."""
    return predictions.mean(axis=0), predictions.std(axis=0, ddof=1)
