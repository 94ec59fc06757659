"""A cluster expansion's linear problem: weights, constraints, solution and validation."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matlearn.lattice._fits.design import Bools, Design, row_labels
from matlearn.lattice._fits.least_squares import Elimination, leave_one_out
from matlearn.lattice._fits.regression import Regression, has_closed_form, penalties, regress

Floats = NDArray[np.float64]
Ints = NDArray[np.int_]
Weights = str | Sequence[float] | Floats | Callable[[pd.DataFrame], Any] | None

VALIDATIONS = ("k-fold", "leave-one-out")


@dataclass(frozen=True, eq=False)
class Recipe:
    """How a fit is made, so that it can be made again from other structures."""

    method: str
    options: Mapping[str, Any] = field(default_factory=dict)
    weights: Weights = None
    constrain_pure: bool = False
    off_lattice: bool = False
    seed: int = 0
    chosen: Bools | None = None
    """Parameters that may differ from zero; None means all."""


@dataclass(frozen=True, eq=False)
class Problem:
    """targets = matrix @ parameters, for the structures that are free to be fitted."""

    recipe: Recipe
    matrix: Floats
    targets: Floats
    weights: Floats | None
    elimination: Elimination | None
    fixed: Bools
    """Structures that the constraints reproduce exactly."""
    labels: list[str]

    @property
    def chosen(self) -> Bools:
        """Parameters that may differ from zero."""
        if self.recipe.chosen is None:
            return np.ones(self.matrix.shape[1], dtype=bool)
        return self.recipe.chosen

    @property
    def free(self) -> Ints:
        """Rows that are fitted and validated: those that no constraint reproduces."""
        return np.flatnonzero(~self.fixed)

    @property
    def n_unknowns(self) -> int:
        """Parameters that are fitted."""
        gone = 0 if self.elimination is None else len(self.elimination.eliminated)
        return int(self.chosen.sum()) - gone

    def reduced(self) -> tuple[Floats, Floats]:
        """Return the problem of what is fitted, with a row for each structure."""
        matrix = self.matrix[:, self.chosen]
        if self.elimination is None:
            return matrix, self.targets
        return self.elimination.reduce(matrix, self.targets)

    def restored(self, unknowns: Floats) -> Floats:
        """Return all parameters from those that were fitted."""
        if self.elimination is not None:
            unknowns = self.elimination.restore(unknowns)
        parameters = np.zeros(self.matrix.shape[1])
        parameters[self.chosen] = unknowns
        return parameters

    def solve(self, rows: Ints | None = None) -> Regression:
        """Fit the structures named, or all that are free."""
        rows = self.free if rows is None else rows
        matrix, targets = self.reduced()
        found = regress(
            matrix[rows],
            targets[rows],
            method=self.recipe.method,
            options=self.recipe.options,
            weights=None if self.weights is None else self.weights[rows],
            seed=self.recipe.seed,
        )
        return replace(found, parameters=self.restored(found.parameters))

    def check_determined(self) -> None:
        """Raise where ordinary least squares has no single solution."""
        if self.recipe.method != "least-squares":
            return
        matrix = self.reduced()[0][self.free]
        if len(matrix) < self.n_unknowns:
            raise ValueError(
                f"least-squares needs at least as many structures as parameters: {len(matrix)} "
                f"structures for {self.n_unknowns} parameters; shorten the cut-offs, add "
                "structures, or take a method with regularisation such as 'ridge' or 'ardr'"
            )
        rank = int(np.linalg.matrix_rank(matrix))
        if rank < self.n_unknowns:
            raise ValueError(
                f"least-squares cannot tell {self.n_unknowns} parameters apart: the "
                f"{len(matrix)} structures determine {rank} combinations of them; shorten the "
                "cut-offs, add structures, or take a method with regularisation such as 'ridge'"
            )

    def validate(self, validation: str, n_splits: int, seed: int) -> tuple[Floats, float]:
        """Predict each structure by a fit that did not see it.

        Returns
        -------
        predictions : array
            For every structure; a fixed one is predicted exactly.
        rmse : float
            Leave-one-out: over the free structures. k-fold: the mean of the folds' RMSE, which
            is trainstation's definition.
        """
        check_validation(validation, n_splits, len(self.free))
        if validation == "leave-one-out":
            predictions = self._left_out()
            return predictions, _rmse((predictions - self.targets)[self.free])
        predictions = self.targets.copy()
        errors = []
        for train, test in self._folds(n_splits, seed):
            predictions[test] = self.matrix[test] @ self.solve(train).parameters
            errors.append(_rmse(predictions[test] - self.targets[test]))
        return predictions, float(np.mean(errors))

    def _left_out(self) -> Floats:
        free = self.free
        predictions = self.targets.copy()
        redo = free
        if has_closed_form(self.recipe.method, self.recipe.options):
            matrix, targets = self.reduced()
            penalty = penalties(matrix[free], self.recipe.method, self.recipe.options)
            weights = None if self.weights is None else self.weights[free]
            shifted, _ = leave_one_out(matrix[free], targets[free], weights, penalty)
            predictions[free] = shifted + (self.targets - targets)[free]
            redo = free[np.isnan(shifted)]
        for row in redo:
            predictions[row] = self.matrix[row] @ self.solve(free[free != row]).parameters
        return predictions

    def _folds(self, n_splits: int, seed: int) -> list[tuple[Ints, Ints]]:
        from sklearn.model_selection import KFold

        splitter = KFold(n_splits=n_splits, shuffle=True, random_state=seed)
        free = self.free
        return [(free[train], free[test]) for train, test in splitter.split(free)]


def build_problem(design: Design, recipe: Recipe) -> Problem:
    """Put weights and constraints to cluster vectors and energies."""
    weights = resolve_weights(recipe.weights, design)
    fixed = np.zeros(len(design.targets), dtype=bool)
    elimination = None
    if recipe.constrain_pure:
        fixed, elimination = _pure_end_members(design, recipe.chosen)
    return Problem(
        recipe, design.matrix, design.targets, weights, elimination, fixed, design.labels
    )


def check_validation(validation: str, n_splits: int, n_structures: int) -> None:
    """Raise unless so many structures can be validated in this way."""
    if validation not in VALIDATIONS:
        raise ValueError(f"validation must be 'k-fold' or 'leave-one-out', got {validation!r}")
    whole = isinstance(n_splits, int | np.integer) and not isinstance(n_splits, bool)
    if validation == "k-fold" and (not whole or not 2 <= n_splits <= n_structures):
        raise ValueError(
            f"n_splits must be a whole number from 2 to the number of structures fitted, "
            f"{n_structures}; got {n_splits!r}"
        )
    if n_structures < 2:
        raise ValueError(f"validation needs at least 2 structures, got {n_structures}")


def check_seed(seed: Any) -> None:
    """Raise unless a seed is one that every generator takes."""
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if not whole or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be a whole number from 0 to 2^32 - 1, got {seed!r}")


def resolve_weights(weights: Weights, design: Design) -> Floats | None:
    """Return a weight for each structure, their mean 1, from any of the forms accepted."""
    if weights is None:
        return None
    n = len(design.targets)
    if isinstance(weights, str):
        if weights not in design.rows:
            raise ValueError(
                f"weights names the column {weights!r}, which frame has not; it has "
                f"{', '.join(map(str, design.rows))}"
            )
        values = design.rows[weights].to_numpy(dtype=float)
    elif callable(weights):
        values = np.asarray(weights(design.rows), dtype=float)
    else:
        values = np.asarray(weights, dtype=float)
        if values.shape == design.used.shape:
            values = values[design.used]
    if values.shape != (n,):
        raise ValueError(
            f"weights must be one number a structure: a column, a function of the table, or an "
            f"array of {len(design.used)} numbers; got shape {values.shape}"
        )
    bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
    if len(bad):
        raise ValueError(
            f"weights must be positive and finite, got {values[bad[0]]} for "
            f"{row_labels(design.rows)[bad[0]]!r}; drop a structure that shall not count"
        )
    return values / values.mean()


def _pure_end_members(design: Design, chosen: Bools | None) -> tuple[Bools, Elimination]:
    """Find the pure end members in the table, and solve for them."""
    space = design.cluster_space
    cell = space.primitive_structure
    fixed = np.zeros(len(design.targets), dtype=bool)
    equations, values = [], []
    for symbols in itertools.product(*_alternatives(space)):
        cell.set_chemical_symbols([symbols[i] for i in _sublattice_of(space)])
        vector = space.get_cluster_vector(cell)
        same = np.abs(design.matrix - vector).max(axis=1) < 1e-9
        if not same.any():
            raise ValueError(
                f"constrain_pure needs every pure end member in frame, and "
                f"{cell.get_chemical_formula()} is not among its structures; add it, or take "
                "constrain_pure=False"
            )
        fixed |= same
        equations.extend([vector] * int(same.sum()))
        values.extend(design.targets[same])
    columns = slice(None) if chosen is None else chosen
    return fixed, Elimination.of(np.array(equations)[:, columns], np.array(values))


def _sublattice_of(space: Any) -> list[int]:
    """Return for each site of the primitive cell the number of its sublattice."""
    sublattices = space.get_sublattices(space.primitive_structure)
    sites = range(len(space.primitive_structure))
    return [int(sublattices.get_sublattice_index_from_site_index(i)) for i in sites]


def _alternatives(space: Any) -> list[list[str]]:
    sublattices = space.get_sublattices(space.primitive_structure)
    return [list(one.chemical_symbols) for one in sublattices]


def _rmse(errors: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(errors))))
