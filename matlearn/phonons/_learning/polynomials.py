"""Polynomial potentials as phono3py has pypolymlp train them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn._calculators.learners import get_potential
from matlearn.phonons._phono3py import cells

if TYPE_CHECKING:
    from matlearn.fitting import Potential
    from matlearn.phonons._forces.results import ForceSet

FAILED = 1e6
"""pypolymlp gives a strength whose equations it cannot solve a larger residual than this."""


def import_engine() -> Any:
    """Give pypolymlp's class, or say what works without it.

    Raises
    ------
    ImportError
        Without pypolymlp.
    """
    try:
        from pypolymlp.mlp_dev.pypolymlp import Pypolymlp
    except ImportError as error:
        raise ImportError(
            "the polynomial needs pypolymlp, which is not installed: kind='mtp' trains a moment "
            "tensor potential without it (or pip install pypolymlp, with a C++ compiler and Eigen)"
        ) from error
    return Pypolymlp


def count_coefficients(elements: tuple[str, ...], settings: dict[str, Any]) -> int:
    """Count the coefficients of a polynomial without listing all products of features.

    The count is exact for the usual ``model_type=3, max_p=2``; of longer polynomials it is a few
    per cent too high, where products are of features that several species share.
    """
    order2 = {"gtinv_order": 2, "gtinv_maxl": tuple(settings["gtinv_maxl"])[:1]}
    multiplied: dict[int, dict[str, Any]] = {2: {}, 3: {"feature_type": "pair"}, 4: order2}
    model, power = settings["model_type"], settings["max_p"]
    if model not in multiplied or (model, power) == (3, 2):
        return int(_engine(elements, settings).n_features)
    linear = {"model_type": 1, "max_p": 1}
    seen = _seen_by_species(_engine(elements, settings | linear | multiplied[model]), len(elements))
    products = sum(math.comb(n + power, power) - 1 - n for n in seen)
    return int(_engine(elements, settings | linear).n_features) + products


def _engine(elements: tuple[str, ...], settings: dict[str, Any]) -> Any:
    """Give pypolymlp with its settings, and nothing computed."""
    engine = import_engine()()
    chosen = {name: value for name, value in settings.items() if name != "atom_energies"}
    with np.printoptions():  # pypolymlp changes how numpy prints
        engine.set_params(elements=elements, atomic_energy=(0.0,) * len(elements), **chosen)
    return engine


def _seen_by_species(engine: Any, species: int) -> list[int]:
    """Count the features that each species has, of those that are not multiplied."""
    from pypolymlp.mlp_dev.core.features_attr import get_features_attr

    features, _, pairs = get_features_attr(engine.parameters.params)
    centres = [{first for first, _ in pairs[number]} for number in range(len(pairs))]
    used = [np.atleast_1d(feature[-1]) for feature in features]
    return [sum(all(one in centres[n] for n in types) for types in used) for one in range(species)]


def elements_of(dataset: ForceSet) -> tuple[str, ...]:
    """Give the elements in the order that phono3py hands them to pypolymlp."""
    return tuple(dict.fromkeys(dataset.supercell.get_chemical_symbols()))


def train(
    dataset: ForceSet, split: tuple[int, int], settings: dict[str, Any]
) -> tuple[Potential, list[dict[str, float]]]:
    """Let phono3py's interface train a polynomial.

    Returns
    -------
    potential
        The one that was best for the test set.
    history : list of dict
        A row a strength: ``alpha``, ``train``, ``test`` (weighted residuals, NaN where it failed),
        ``failed``, ``chosen``.

    Raises
    ------
    ValueError
        If no strength gave a solution.
    """
    import_engine()
    from phonopy.interface.mlp import PhonopyMLP

    moved = np.array(dataset.displacements.displacements, order="C")
    known: Any = {
        "displacements": moved,
        "forces": np.array(dataset.forces, order="C"),
        "supercell_energies": np.array(dataset.energies),
    }
    parameters = settings | {"ntrain": split[0], "ntest": split[1]}
    nowhere = (
        f"no strength of reg_alpha_params={settings['reg_alpha_params']} gave equations that could "
        "be solved: raise its exponents, or take fewer features (preset='class')"
    )
    learned = PhonopyMLP(log_level=0)
    with np.printoptions():
        try:
            learned.develop(known, cells.to_phonopy(dataset.supercell), params=parameters)
        except RuntimeError as error:  # phonopy's own error, or pypolymlp's passed on
            if "singular" not in str(error) and "at all alpha" not in str(error):
                raise
            raise ValueError(nowhere) from error
    engine = learned.mlp
    history = []
    for model in engine._mlp_all_models:
        failed = not (model.rmse_train < FAILED and model.rmse_test < FAILED)
        history.append(
            {
                "alpha": float(model.alpha),
                "train": math.nan if failed else float(model.rmse_train),
                "test": math.nan if failed else float(model.rmse_test),
                "failed": failed,
                "chosen": model.alpha == engine._mlp_model.alpha,
            }
        )
    make = get_potential("polynomial")
    potential: Potential = make((engine.parameters, np.array(engine.coeffs)))
    return potential, history
