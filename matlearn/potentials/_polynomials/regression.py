"""The regression itself, by pypolymlp, and what it is given."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from ase import Atoms

from matlearn.potentials._mtp.checks import checked_images
from matlearn.potentials._polynomials.conversion import import_pypolymlp, targets, to_structure


def labelled(images: Iterable[Atoms], argument: str, stress: bool) -> list[Atoms]:
    """Give structures that carry everything that is to be trained on."""
    checked = checked_images(images, argument)
    wanted = ("energy", "forces", "stress") if stress else ("energy", "forces")
    for number, atoms in enumerate(checked):
        missing = [name for name in wanted if atoms.calc.results.get(name) is None]
        if missing:
            hint = "; include_stress=False does without it" if missing == ["stress"] else ""
            raise ValueError(
                f"{argument}[{number}] ({atoms.symbols}) carries no {' and no '.join(missing)}{hint}"
            )
    return checked


def split(images: list[Atoms], share: float, seed: int) -> tuple[list[Atoms], list[Atoms]]:
    """Hold a share back at random."""
    if not 0 < share < 1:
        raise ValueError(f"held_back must be between 0 and 1, got {share!r}")
    if len(images) < 2:
        raise ValueError("train must hold at least two structures, or give a validation set")
    number = min(max(1, round(share * len(images))), len(images) - 1)
    order = np.random.default_rng(seed).permutation(len(images))
    back = set(order[:number].tolist())
    return (
        [atoms for i, atoms in enumerate(images) if i not in back],
        [images[i] for i in sorted(back)],
    )


def regressed(
    train: list[Atoms], held_back: list[Atoms], settings: dict[str, Any]
) -> tuple[tuple[Any, np.ndarray], list[dict[str, float]]]:
    """Let pypolymlp solve for each strength, and keep the best for what was held back."""
    elements, cutoff = settings["elements"], settings["cutoff"]
    arguments: dict[str, Any] = {}
    for name, images in (("train", train), ("test", held_back)):
        arguments[f"{name}_structures"] = [to_structure(a, elements, cutoff) for a in images]
        for what, values in targets(images, settings["include_stress"]).items():
            arguments[f"{name}_{what}"] = values
    with np.printoptions():  # pypolymlp changes how numpy prints
        engine = import_pypolymlp()()
        _check_memory(settings)
        engine.set_params(**settings)
        engine.set_datasets_structures(**arguments)
        engine.fit()
    history = [
        {
            "alpha": float(one.alpha),
            "train": float(one.rmse_train),
            "held_back": float(one.rmse_test),
        }
        for one in engine._mlp_all_models
    ]
    return (engine.parameters, np.array(engine.coeffs)), history


def _check_memory(settings: dict[str, Any]) -> None:
    """Refuse normal equations that do not fit into memory, before pypolymlp lists their terms."""
    import psutil

    def count(**changed: Any) -> int:
        engine = import_pypolymlp()()
        engine.set_params(**(settings | {"max_p": 1, "model_type": 1} | changed))
        return int(engine.n_features)

    kinds, parameters = len(settings["elements"]), count()
    multiplied = {
        1: lambda: 0,
        2: lambda: parameters,
        3: lambda: count(feature_type="pair"),
        4: lambda: count(gtinv_order=2, gtinv_maxl=settings["gtinv_maxl"][:1]),
    }[settings["model_type"]]()
    # an atom of each species has polynomials of its own
    parameters += kinds * math.comb(multiplied // kinds + settings["max_p"], settings["max_p"])
    needed, available = 3 * 8 * parameters**2, psutil.virtual_memory().available
    if needed > available:
        raise ValueError(
            f"these settings make about {parameters:,} coefficients, whose equations need "
            f"{needed / 1e9:.3g} GB of {available / 1e9:.3g} GB at hand: choose model_type=3, a "
            "smaller max_p, or smaller gtinv_maxl"
        )
