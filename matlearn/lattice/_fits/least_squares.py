"""Closed forms of linear least squares: leave-one-out errors, and constraints by elimination."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int_]

DETERMINED = 1e-9  # 1 - leverage below this: without its row the problem has no one solution


def leave_one_out(
    matrix: Floats, targets: Floats, weights: Floats | None = None, penalties: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return what each row's target is predicted to be by a fit without that row.

    The fit minimises sum_i w_i (y_i - x_i p)^2 + sum_k a_k p_k^2. With the leverages h, the
    diagonal of the hat matrix of the weighted rows, the error of the prediction without row i is
    (y_i - x_i p) / (1 - h_i) (Allen, Technometrics 16, 125 (1974)): one fit instead of n.

    Parameters
    ----------
    matrix : array, shape (n, p)
    targets : array, shape (n,)
    weights : array, shape (n,), optional
        Positive; 1 where left out. They act in the fit alone.
    penalties : array, shape (p,), optional
        The a_k; 0 where left out, which is ordinary least squares.

    Returns
    -------
    predictions : array, shape (n,)
        NaN where a leverage is 1: without that row the solution is not unique.
    leverages : array, shape (n,)

    Examples
    --------
    >>> x = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> leave_one_out(x, np.array([0.0, 1.0, 3.0]))[0].round(12).tolist()
    [-1.0, 1.5, 2.0]
    """
    root = np.ones(len(targets)) if weights is None else np.sqrt(weights)
    rows, values = matrix * root[:, None], targets * root
    if penalties is not None and np.any(penalties > 0):
        rows = np.vstack([rows, np.diag(np.sqrt(penalties))])
        values = np.concatenate([values, np.zeros(matrix.shape[1])])
    left, sizes, _ = np.linalg.svd(rows, full_matrices=False)
    rank = int((sizes > len(rows) * np.finfo(float).eps * sizes.max(initial=0.0)).sum())
    left = left[:, :rank]
    n = len(targets)
    leverages = np.minimum((left[:n] ** 2).sum(axis=1), 1.0)
    residuals = (values - left @ (left.T @ values))[:n] / root
    free = 1.0 - leverages
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.where(free > DETERMINED, residuals / free, np.nan)
    return targets - errors, leverages


@dataclass(frozen=True, eq=False)
class Elimination:
    """Linear equations on parameters, C p = b, solved for as many parameters as there are of them.

    The first parameters that determine the others are eliminated: in a cluster expansion the
    constant and the point terms. The rest keep their meaning, so that a method that sets
    parameters to zero still does; with the null space of C (as `icet.tools.Constraints` has it)
    every parameter would become a mixture.
    """

    eliminated: Ints
    """Columns that follow from the others."""
    kept: Ints
    """Columns that remain to be fitted."""
    solution: Floats
    """The eliminated ones where all others are zero."""
    coupling: Floats
    """How much each of those kept takes off the eliminated ones, shape (eliminated, kept)."""

    @classmethod
    def of(cls, equations: Floats, values: Floats) -> Elimination:
        """Find what to eliminate.

        Raises
        ------
        ValueError
            If the equations contradict one another.
        """
        chosen: list[int] = []
        wanted = int(np.linalg.matrix_rank(equations))
        for column in range(equations.shape[1]):
            if len(chosen) == wanted:
                break
            if np.linalg.matrix_rank(equations[:, [*chosen, column]]) > len(chosen):
                chosen.append(column)
        eliminated = np.array(chosen, dtype=int)
        kept = np.setdiff1d(np.arange(equations.shape[1]), eliminated)
        inverse = np.linalg.pinv(equations[:, eliminated])
        solution = inverse @ values
        left = equations[:, eliminated] @ solution - values
        if np.abs(left).max(initial=0.0) > 1e-9:
            raise ValueError(
                f"the pure end members contradict one another by {np.abs(left).max():.2g} "
                "eV/atom: one of them has two energies in frame, or the expansion cannot tell "
                "them apart"
            )
        return cls(eliminated, kept, solution, inverse @ equations[:, kept])

    def reduce(self, matrix: Floats, targets: Floats) -> tuple[Floats, Floats]:
        """Return the problem for the parameters that are kept."""
        rest = matrix[:, self.eliminated]
        return matrix[:, self.kept] - rest @ self.coupling, targets - rest @ self.solution

    def restore(self, kept: Floats) -> Floats:
        """Return all parameters from those that were kept."""
        parameters = np.empty(len(self.eliminated) + len(self.kept))
        parameters[self.kept] = kept
        parameters[self.eliminated] = self.solution - self.coupling @ kept
        return parameters
