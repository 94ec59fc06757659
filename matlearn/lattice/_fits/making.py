"""Making a fit from cluster vectors and a recipe."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from matlearn.lattice._fits.design import Design, row_labels
from matlearn.lattice._fits.fractions import last_concentrations, reference_hull_distances
from matlearn.lattice._fits.libraries import icet
from matlearn.lattice._fits.problem import Floats, Problem, Recipe, build_problem, check_validation
from matlearn.lattice._fits.result import ClusterExpansionFit


def fit_of(
    design: Design, recipe: Recipe, *, validation: str, n_splits: int
) -> ClusterExpansionFit:
    """Fit and validate what a recipe says, on cluster vectors that are there."""
    problem = build_problem(design, recipe)
    problem.check_determined()
    check_validation(validation, n_splits, len(problem.free))
    found = problem.solve()
    held_out, rmse_validation = problem.validate(validation, n_splits, recipe.seed)
    predicted = design.matrix @ found.parameters
    space = design.cluster_space
    return ClusterExpansionFit(
        cluster_expansion=icet().ClusterExpansion(space, found.parameters),
        cutoffs=tuple(space.cutoffs),
        method=recipe.method,
        rmse_train=float(np.sqrt(np.mean((predicted - design.targets) ** 2))),
        rmse_validation=rmse_validation,
        validation=validation,
        n_splits=n_splits if validation == "k-fold" else len(problem.free),
        n_structures=len(design.targets),
        n_off_lattice=design.n_off_lattice,
        condition_number=_condition_number(problem),
        hyperparameters=found.hyperparameters,
        notes=found.notes,
        recipe=recipe,
        _predictions=_predictions(design, problem, predicted, held_out),
    )


def _condition_number(problem: Problem) -> float:
    matrix = problem.matrix[:, problem.chosen]
    if len(matrix) < matrix.shape[1]:
        return float("inf")
    sizes = np.linalg.svd(matrix, compute_uv=False)
    return float(sizes[0] / sizes[-1]) if sizes[-1] > 1e-14 * sizes[0] else float("inf")


def formulas(rows: pd.DataFrame) -> list[str]:
    """Return the formula of each row."""
    if "formula" in rows:
        return [str(one) for one in rows["formula"]]
    return [atoms.symbols.formula.reduce()[0].format("metal") for atoms in rows["structure"]]


def concentrations(rows: pd.DataFrame, space: Any) -> Floats:
    """Return the column ``concentration``, or how much the last species has of its sites."""
    if "concentration" in rows:
        return rows["concentration"].to_numpy(dtype=float)
    return last_concentrations(list(rows["structure"]), space)


def _predictions(
    design: Design, problem: Problem, predicted: Floats, held_out: Floats
) -> pd.DataFrame:
    rows = design.rows
    concentration = concentrations(rows, design.cluster_space)
    weights = problem.weights
    return pd.DataFrame(
        {
            "label": row_labels(rows),
            "formula": formulas(rows),
            "concentration": concentration,
            "n_atoms": [len(atoms) for atoms in rows["structure"]],
            "mixing_energy": design.targets,
            "predicted": predicted,
            "held_out": held_out,
            "hull_distance": reference_hull_distances(rows),
            "weight": np.ones(len(rows)) if weights is None else weights,
        }
    )
