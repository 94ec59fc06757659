"""The swaps of MaxVol: arrays in, arrays out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matlearn._compiling import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@compiled
def swap_rows(
    coefficients: Floats,
    order: Integers,
    chosen: Integers,
    entered: Integers,
    limit: float,
    most: int,
) -> int:
    """Put rows into the active set while that makes its volume grow by more than `limit`.

    Row i of B, written in the rows of the active matrix A, has the coefficients c = b A^-1. Put in
    the place of row j, it multiplies \\|det A\\| by \\|c_j\\|, and by the formula of Sherman and
    Morrison all coefficients C change by -C e_j (c - e_j) / c_j.

    Parameters
    ----------
    coefficients : ndarray, shape (n_rows, n_columns)
        C = B A^-1; changed in place.
    order : ndarray of int, shape (n_rows,)
        Which row of B each row of C is; changed in place, as the rows change their places.
    chosen : ndarray of int, shape (n_columns,)
        Which row of B is in each row of A, -1 for none; changed in place.
    entered : ndarray of int, shape (n_rows,)
        At which swap each row of B was last put in; changed in place.
    limit : float
        Go on while the largest coefficient is larger than this.
    most : int
        Give up after so many swaps.

    Returns
    -------
    int
        Number of swaps.
    """
    n_rows, n_columns = coefficients.shape
    row, column = np.empty(n_columns), np.empty(n_rows)
    best, i, j = 0.0, 0, 0
    for a in range(n_rows):
        for b in range(n_columns):
            size = abs(coefficients[a, b])
            if size > best:
                best, i, j = size, a, b
    for swap in range(most):
        if best <= limit or np.any(chosen == order[i]):  # by rounding alone it would be in twice
            return swap
        chosen[j] = order[i]
        entered[order[i]] = swap
        pivot = coefficients[i, j]
        row[:] = coefficients[i]
        row[j] -= 1.0
        column[:] = coefficients[:, j]
        for a in range(n_rows):  # divided at last: the same rounding as in other codes
            for b in range(n_columns):
                coefficients[a, b] -= column[a] * row[b] / pivot
        if j < n_rows:
            for b in range(n_columns):
                kept = coefficients[i, b]
                coefficients[i, b] = coefficients[j, b]
                coefficients[j, b] = kept
            order[i], order[j] = order[j], order[i]
        best = 0.0
        for a in range(n_rows):
            for b in range(n_columns):
                size = abs(coefficients[a, b])
                if size > best:
                    best, i, j = size, a, b
    return most
