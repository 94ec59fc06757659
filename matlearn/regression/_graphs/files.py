"""Networks in files: weights as tensors, everything else as JSON."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from matlearn._tensors import read_tensors, write_tensors
from matlearn.regression._graphs.scaling import TargetScale

if TYPE_CHECKING:
    from matlearn.regression._graphs.estimator import CrystalGraphEstimator

E = TypeVar("E", bound="CrystalGraphEstimator")

KIND = "crystal graph network"
"""The word in the metadata of a saved network."""


def save(model: CrystalGraphEstimator, path: str | os.PathLike[str]) -> None:
    """Write a fitted network.

    Raises
    ------
    ValueError
        For another suffix than ``.safetensors``.
    """
    if not os.fspath(path).lower().endswith(".safetensors"):
        raise ValueError(f"path must end in .safetensors, got {os.fspath(path)!r}")
    settings = model.get_params()
    if not isinstance(settings["random_state"], (int, np.integer)):
        settings["random_state"] = None  # a generator in the middle of its numbers
    learned: dict[str, Any] = {
        "elements_": model.elements_,
        "stop_reason_": model.stop_reason_,
        "best_epochs_": model.best_epochs_,
        "n_outputs_": model.n_outputs_,
        "history_": model.history_.to_dict("list"),
    }
    scale = getattr(model, "target_scale_", None)
    if scale is not None:
        learned["target_scale_"] = [scale.kind, scale.mean, scale.std]
    classes = getattr(model, "classes_", None)
    if classes is not None:
        learned["classes_"] = classes.tolist()
    tensors = {
        f"{member}/{name}": values
        for member, weights in enumerate(model.weights_)
        for name, values in weights.items()
    }
    metadata = {
        "kind": KIND,
        "class": type(model).__name__,
        "settings": json.dumps(settings, default=lambda value: value.item()),
        "learned": json.dumps(learned),
    }
    write_tensors(path, tensors, metadata)


def load(of: type[E], path: str | os.PathLike[str]) -> E:
    """Read what `save` wrote.

    Raises
    ------
    ValueError
        If the file is something else, of another class, or not whole.
    """
    tensors, metadata = read_tensors(path)
    if metadata.get("kind") != KIND:
        raise ValueError(f"{path} holds no {KIND}, but {metadata.get('kind')!r}")
    if metadata.get("class") != of.__name__:
        raise ValueError(f"{path} holds a {metadata.get('class')}: load it with that class")
    try:
        model = of(**json.loads(metadata["settings"]))
        learned = json.loads(metadata["learned"])
        _take(model, learned, tensors)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no whole {KIND}: {error}") from error
    return model


def _take(
    model: CrystalGraphEstimator, learned: dict[str, Any], tensors: dict[str, np.ndarray]
) -> None:
    """Give a model what it has learned, and see that its network takes the weights."""
    import pandas as pd

    from matlearn.regression._graphs.training import with_weights

    members: dict[int, dict[str, np.ndarray]] = {}
    for name, values in tensors.items():
        member, _, rest = name.partition("/")
        members.setdefault(int(member), {})[rest] = values
    model.elements_ = [str(symbol) for symbol in learned["elements_"]]
    model.stop_reason_ = str(learned["stop_reason_"])
    model.best_epochs_ = [int(epoch) for epoch in learned["best_epochs_"]]
    model.n_outputs_ = int(learned["n_outputs_"])
    model.history_ = pd.DataFrame(learned["history_"])
    if "target_scale_" in learned:
        kind, mean, std = learned["target_scale_"]
        model.target_scale_ = TargetScale(str(kind), float(mean), float(std))
    if "classes_" in learned:
        model.classes_ = np.array(learned["classes_"])
    model.weights_ = [members[number] for number in sorted(members)]
    model._check_settings()
    for weights in model.weights_:
        with_weights(model._network(model.n_outputs_), weights)
