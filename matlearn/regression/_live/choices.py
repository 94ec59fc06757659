"""Which settings of each model the explorer offers, and between which values. Private."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NONE = "none"
"""Stands for None, which a slider takes for no value at all."""


@dataclass(frozen=True)
class Setting:
    """A setting of a model, and the values to choose from."""

    parameter: str
    """Its name, as the estimator has it."""
    label: str
    """How the reader sees it."""
    values: tuple[Any, ...]
    default: Any
    names: tuple[str, ...] = ()
    """What the values are called; as numbers where left out."""

    @property
    def options(self) -> list[tuple[str, Any]]:
        """Pairs of name and value."""
        names = self.names or tuple(f"{value:g}" for value in self.values)
        return list(zip(names, self.values, strict=True))


def _powers(low: int, high: int, step: int = 1) -> tuple[float, ...]:
    return tuple(float(f"1e{power}") for power in range(low, high + 1, step))


_DEPTH = Setting(
    "max_depth", "Depth", (2, 4, 8, 16, NONE), NONE, ("2", "4", "8", "16", "no limit")
)  # fmt: skip
_LEAF = Setting("min_samples_leaf", "Samples in a leaf", (1, 2, 5, 10, 30), 1)
_STRENGTH = Setting("C", "C (1 / penalty)", _powers(-4, 4), 1.0)
_GAMMA = Setting(
    "gamma", "γ (1 / width²)", ("scale", *_powers(-5, 0)), "scale",
    ("1/features", *(f"{value:g}" for value in _powers(-5, 0))),
)  # fmt: skip

SETTINGS: dict[str, tuple[Setting, ...]] = {
    "ridge": (Setting("alpha", "α (penalty)", _powers(-3, 5), 1.0), _STRENGTH),
    "lasso": (
        Setting("alpha", "α (penalty)", (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0), 0.01),
        _STRENGTH,
    ),
    "kernel-ridge": (
        Setting("alpha", "α (penalty)", _powers(-5, 1), 0.1),
        Setting("gamma", "γ (1 / width²)", (NONE, *_powers(-5, 0)), NONE,
                ("1/features", *(f"{value:g}" for value in _powers(-5, 0)))),
    ),
    "knn": (
        Setting("n_neighbors", "Neighbours", (1, 2, 3, 5, 8, 12, 20, 40, 80), 5),
        Setting("weights", "Weights", ("uniform", "distance"), "distance", ("equal", "1/distance")),
    ),
    "random-forest": (
        Setting("n_estimators", "Trees", (1, 3, 10, 30, 100, 300), 30), _DEPTH, _LEAF,
    ),
    "svm": (
        Setting("C", "C (1 / penalty)", _powers(-2, 4), 10.0), _GAMMA,
        Setting("epsilon", "ε (tube)", (0.001, 0.01, 0.03, 0.1, 0.3, 1.0), 0.1),
    ),
    "gradient-boosting": (
        Setting("learning_rate", "Learning rate", (0.01, 0.03, 0.1, 0.3, 1.0), 0.1),
        Setting("max_leaf_nodes", "Leaves", (3, 7, 15, 31, 63), 15),
        Setting("max_iter", "Trees", (10, 30, 100, 300), 100),
    ),
    "neural-network": (
        Setting("hidden", "Layers", ((16,), (64,), (64, 64), (128, 128)), (64, 64),
                ("16", "64", "64, 64", "128, 128")),
        Setting("weight_decay", "Weight decay", (0.0, 1e-4, 1e-2, 1e-1), 1e-4),
        Setting("epochs", "Epochs", (10, 30, 100, 300), 100),
    ),
}  # fmt: skip


def settings_of(model: str, kind: str) -> list[Setting]:
    """Give the settings that a model has for a kind of task.

    Parameters
    ----------
    model : str
        A name that `make_model` knows.
    kind : {"regression", "classification"}

    Raises
    ------
    ValueError
        If there is no such model for this kind.
    """
    from matlearn.regression.models import make_model

    known = make_model(model, kind).get_params(deep=True)
    short = {name.rpartition("__")[2] for name in known if name.startswith("model__")}
    return [setting for setting in SETTINGS.get(model, ()) if setting.parameter in short]
