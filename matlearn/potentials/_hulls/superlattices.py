"""Superlattices of a lattice: Hermite normal forms, one for each that symmetry tells apart.

A superlattice has the vectors ``form @ cell`` (rows), where the form is a lower-triangular integer
matrix: Hart and Forcade, Phys. Rev. B 77, 224115 (2008).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def hermite_forms(index: int) -> Iterator[Integers]:
    """Give the Hermite normal forms of a determinant: each superlattice once.

    Parameters
    ----------
    index
        Cells of the lattice in one of the superlattice.

    Examples
    --------
    >>> [sum(1 for _ in hermite_forms(n)) for n in range(1, 7)]
    [1, 7, 13, 35, 31, 91]
    """
    for a in _divisors(index):
        for c in _divisors(index // a):
            f = index // (a * c)
            for b in range(a):
                for d in range(a):
                    for e in range(c):
                        yield np.array([[a, 0, 0], [b, c, 0], [d, e, f]])


def hermite_form(matrix: Integers) -> Integers:
    """Bring an integer matrix to its Hermite normal form by operations on rows.

    Examples
    --------
    >>> hermite_form(np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]])).tolist()
    [[2, 0, 0], [1, 1, 0], [1, 0, 1]]
    """
    form = np.array(matrix, dtype=np.int64)
    for column in (2, 1, 0):
        rows = range(column + 1)
        while sum(form[row, column] != 0 for row in rows) > 1 or form[column, column] == 0:
            pivot = min(
                (row for row in rows if form[row, column]), key=lambda row: abs(form[row, column])
            )
            form[[pivot, column]] = form[[column, pivot]]
            for row in range(column):
                form[row] -= form[row, column] // form[column, column] * form[column]
        if form[column, column] < 0:
            form[column] *= -1
    for column in (1, 0):
        for row in range(column + 1, 3):
            form[row] -= form[row, column] // form[column, column] * form[column]
    return form


def distinct_forms(index: int, rotations: Sequence[Integers]) -> list[Integers]:
    """Give one Hermite normal form for each superlattice that no rotation takes into another.

    Parameters
    ----------
    index
        Cells of the lattice in one of the superlattice.
    rotations
        Rotations of the lattice, acting on fractional coordinates (as columns).

    Examples
    --------
    >>> [len(distinct_forms(n, [np.eye(3, dtype=int)])) for n in (1, 2)]
    [1, 7]
    """
    seen: set[bytes] = set()
    distinct = []
    for form in hermite_forms(index):
        if form.tobytes() not in seen:
            distinct.append(form)
            seen.update(hermite_form(form @ rotation.T).tobytes() for rotation in rotations)
    return distinct


def folded(points: Integers, form: Integers) -> Integers:
    """Fold lattice points into the cell of a superlattice.

    Parameters
    ----------
    points
        Integer coordinates in the lattice, shape (..., 3).
    form
        Hermite normal form of the superlattice.

    Returns
    -------
    ndarray
        The equivalent points whose coordinates lie below the diagonal of the form.

    Examples
    --------
    >>> folded(np.array([3, 2, 1]), np.array([[2, 0, 0], [1, 1, 0], [1, 0, 1]])).tolist()
    [0, 0, 0]
    """
    inside = np.array(points, dtype=np.int64)
    for column in (2, 1, 0):
        turns = inside[..., column] // form[column, column]
        inside -= turns[..., None] * form[column]
    return inside


def _divisors(number: int) -> list[int]:
    return [n for n in range(1, number + 1) if number % n == 0]
