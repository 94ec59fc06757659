"""Least squares by Levenberg and Marquardt's method, for problems given as normal equations.

D. W. Marquardt, J. Soc. Indust. Appl. Math. 11, 431 (1963). A step is damped in proportion to the
diagonal of the Gauss-Newton matrix, and nowhere less than to a small part of its largest element:
directions that the data do not see (a potential's gauge freedom) then stay where they are.
Parameters in which the model is linear are hardly damped, so that they follow the others to where
they are best: L. Kaufman's variant (BIT 15, 49 (1975)) of Golub and Pereyra's variable projection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

GAUGE_DAMPING = 1e-9
"""The least damping of a direction, in units of the largest diagonal element."""
LINEAR_DAMPING = 1e-6
"""Damping of linear parameters, in units of that of the others."""


class LeastSquares(Protocol):
    """What is minimised."""

    def loss(self, parameters: np.ndarray) -> float:
        """Give the loss."""

    def quadratic(self, parameters: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Give the loss, half its gradient and its Gauss-Newton matrix."""


class Step(NamedTuple):
    """Where an iteration ended."""

    parameters: np.ndarray
    loss: float
    damping: float
    reduction: float
    """Relative fall of the loss in this iteration."""


def minimise(
    problem: LeastSquares, parameters: np.ndarray, *, linear: int = 0, damping: float = 1e-3
) -> Iterator[Step]:
    """Yield steps of falling loss, until there is none.

    Parameters
    ----------
    problem
        What is minimised.
    parameters
        Where to start, (P,).
    linear
        In the first so many parameters the model is linear.
    damping
        At the start.

    Yields
    ------
    Step
        Its loss is lower than that of the step before.
    """
    growth = 2.0
    while True:
        loss, gradient, matrix = problem.quadratic(parameters)
        diagonal = np.diag(matrix)
        scale = np.maximum(diagonal, GAUGE_DAMPING * diagonal.max())
        scale[:linear] *= LINEAR_DAMPING
        for _ in range(24):
            step = _solve(matrix, damping * scale, gradient)
            if step is not None:
                trial = parameters - step
                lower = problem.loss(trial)
                if lower < loss:
                    break
            damping *= growth
            growth *= 2.0
        else:
            return
        # what the quadratic model expects, to compare the real gain with (Nielsen 1999)
        quality = (loss - lower) / float(step @ (damping * scale * step + gradient))
        damping = max(damping * max(1 / 5, 1 - (2 * quality - 1) ** 3), 1e-14)
        growth = 2.0
        parameters = trial
        yield Step(parameters, lower, damping, (loss - lower) / loss)


def _solve(matrix: np.ndarray, damping: np.ndarray, gradient: np.ndarray) -> np.ndarray | None:
    """Solve the damped normal equations; None where they are not positive in double precision."""
    damped = matrix + np.diag(damping + 1e-12 * np.diag(matrix))
    scale = 1 / np.sqrt(np.maximum(np.diag(damped), 1e-300))
    try:
        factor = cho_factor(damped * np.outer(scale, scale), lower=True, check_finite=False)
    except LinAlgError:
        return None
    step: np.ndarray = scale * cho_solve(factor, scale * gradient, check_finite=False)
    return step if np.isfinite(step).all() else None
