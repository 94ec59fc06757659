"""The active set of a linear model: rows of greatest volume, and grades of other rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matlearn.potentials._active.kernels import swap_rows

Floats = NDArray[np.float64]

_MOST_SWAPS = 100_000


class MaxVol:
    r"""The rows of a matrix that span the greatest volume, and how far other rows lie outside.

    A model that is linear in its m parameters, y = b . theta, is determined by m rows b: the
    active set A. Any other row is a combination of them, b = c A, and so is its prediction,
    y = sum_j c_j y_j. If all \|c_j\| <= 1 that is interpolation, in a generalised sense; the
    largest of them is the *extrapolation grade* of b. MaxVol exchanges rows until no row of the
    training set has a grade above one: each exchange multiplies \|det A\| by the grade of the row
    that enters, and for that reason is the active set called D-optimal.

    It starts from A = 1e-6 I, so that it is always square: with fewer independent rows than
    parameters some of these tiny rows are left, and whatever goes where no training row went gets
    a grade in the thousands and more.

    Parameters
    ----------
    rows : array_like, shape (n_rows, n_parameters)
        Derivatives of each prediction by the parameters; of a linear model its features.
    threshold : float
        A row enters if that multiplies the volume by more than this; 1 or more.

    Raises
    ------
    ValueError
        If the rows are no matrix of finite numbers, there are none, or `threshold` is below 1.

    Notes
    -----
    E. V. Podryabinkin and A. V. Shapeev, Comput. Mater. Sci. 140, 171 (2017); the algorithm, its
    start and its threshold are those of the code MLIP (I. S. Novikov et al., Mach. Learn.: Sci.
    Technol. 2, 025002 (2021)), as motep's ``algorithm="mlip"`` has them. MaxVol itself:
    S. A. Goreinov et al., in Matrix Methods: Theory, Algorithms and Applications (2010), p. 247.

    Examples
    --------
    A straight line through points from 0 to 2 rests on the outermost two. What lies between has a
    grade of at most one, and beyond them it grows with the distance.

    >>> line = MaxVol([[1, x] for x in (0.0, 0.5, 1.2, 2.0)])
    >>> sorted(line.indices.tolist())
    [0, 3]
    >>> line.grades([[1, 0.7], [1, 2.0], [1, 4.0]]).round(3).tolist()
    [0.65, 1.0, 2.0]
    """

    start = 1e-6
    """Length of the rows that the active set begins with."""

    def __init__(self, rows: Any, *, threshold: float = 1.001) -> None:
        given = _matrix(rows, "rows")
        if not threshold >= 1:
            raise ValueError(f"threshold must be 1 or more, got {threshold!r}")
        n_columns = given.shape[1]
        self.threshold = float(threshold)
        chosen = np.full(n_columns, -1)
        self.swaps, _ = _run(given @ ((1 / self.start) * np.eye(n_columns)), chosen, threshold)
        self.matrix: Floats = self.start * np.eye(n_columns)
        """The active set, shape (n_parameters, n_parameters)."""
        self.matrix[chosen >= 0] = given[chosen[chosen >= 0]]
        self.filled: NDArray[np.bool_] = chosen >= 0
        """Which rows of `matrix` are of the training set, shape (n_parameters,)."""
        self.indices: NDArray[np.int64] = chosen[self.filled]
        """Which rows of the training set they are."""

    @cached_property
    def inverse(self) -> Floats:
        """Inverse of `matrix`."""
        inverse: Floats = np.asarray(np.linalg.inv(self.matrix), dtype=float)
        return inverse

    @property
    def log_volume(self) -> float:
        """Natural logarithm of the volume that the active set spans, log \\|det A\\|."""
        return float(np.linalg.slogdet(self.matrix)[1])

    def coefficients(self, rows: Any) -> Floats:
        """Write rows as combinations of the active ones, c = b A^-1.

        Parameters
        ----------
        rows : array_like, shape (n, n_parameters)
            Rows of the same kind.

        Returns
        -------
        ndarray, shape (n, n_parameters)

        Raises
        ------
        ValueError
            If they have another number of parameters, or are not finite.
        """
        given = _matrix(rows, "rows", columns=len(self.matrix), least=0)
        combined: Floats = given @ self.inverse
        return combined

    def grades(self, rows: Any) -> Floats:
        """Give the extrapolation grade of each row: its largest coefficient, without sign.

        Parameters
        ----------
        rows : array_like, shape (n, n_parameters)
            Rows of the same kind.

        Returns
        -------
        ndarray, shape (n,)
            Without unit; at most `threshold` for the rows of the training set.
        """
        grades: Floats = np.abs(self.coefficients(rows)).max(axis=1)
        return grades

    def select(self, pool: Any, threshold: float = 2.1) -> list[int]:
        """Choose rows of a pool that would enlarge the active set. Nothing is changed here.

        Parameters
        ----------
        pool : array_like, shape (n, n_parameters)
            Rows to choose from. Of many that are alike one is chosen.
        threshold : float
            A row enters if that multiplies the volume by more than this; above 1.

        Returns
        -------
        list of int
            Indices into `pool`, in the order in which they entered.
        """
        if not threshold > 1:
            raise ValueError(f"threshold must be above 1, got {threshold!r}")
        candidates = self.coefficients(pool)
        own = np.flatnonzero(self.filled)
        chosen = np.full(len(self.matrix), -1)
        chosen[own] = len(candidates) + np.arange(len(own))
        together = np.vstack([candidates, np.eye(len(self.matrix))[own]])
        _, entered = _run(together, chosen, threshold)
        new = chosen[(chosen >= 0) & (chosen < len(candidates))]
        return [int(index) for index in new[np.argsort(entered[new])]]

    def __repr__(self) -> str:
        return (
            f"MaxVol({len(self.indices)} rows for {len(self.matrix)} parameters, "
            f"{self.swaps} swaps, log volume {self.log_volume:.4g})"
        )


def _run(
    coefficients: Floats, chosen: NDArray[np.int64], threshold: float
) -> tuple[int, NDArray[np.int64]]:
    """Swap; return how often, and when each row entered."""
    entered = np.full(len(coefficients), -1)
    order = np.arange(len(coefficients))
    swaps = swap_rows(
        np.ascontiguousarray(coefficients), order, chosen, entered, float(threshold), _MOST_SWAPS
    )
    if swaps == _MOST_SWAPS:
        raise ValueError(f"threshold = {threshold!r} is too close to 1: {swaps} swaps, and no end")
    return int(swaps), entered


def _matrix(rows: Any, name: str, *, columns: int | None = None, least: int = 1) -> Floats:
    given = np.asarray(rows if not isinstance(rows, Sequence) else list(rows), dtype=float)
    if given.size == 0 and least == 0:
        return np.empty((0, columns or 0))
    if given.ndim != 2 or len(given) < least or given.shape[1] == 0:
        raise ValueError(f"{name} must be a matrix with a row or more, got shape {given.shape}")
    if columns is not None and given.shape[1] != columns:
        raise ValueError(f"{name} must have {columns} columns, got {given.shape[1]}")
    if not np.isfinite(given).all():
        bad = int((~np.isfinite(given)).any(axis=1).sum())
        raise ValueError(f"{name} must be finite, got {bad} that are not (NaN or infinite)")
    return given
