"""The logarithm of a 3x3 matrix, as often as a relaxation asks for it. Private."""

from __future__ import annotations

import numpy as np

WELL = 1e3
"""Condition of the eigenvectors up to which they are used: 13 digits are left."""


def logarithm(matrix: np.ndarray) -> np.ndarray:
    """Take the principal logarithm of a real matrix.

    By eigenvectors, which for a deformation near one takes a twentieth of the time of scipy's way;
    where they are ill-conditioned (a plain shear has only two), or an eigenvalue is not positive, by
    scipy's. Two logarithms a step were two fifths of a relaxation with a cheap potential.

    Parameters
    ----------
    matrix : (3, 3) array

    Returns
    -------
    (3, 3) array

    Examples
    --------
    >>> logarithm(np.diag([1.0, np.e, 1.0])).round(12).tolist()
    [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    values, vectors = np.linalg.eig(matrix)
    spread = np.linalg.svd(vectors, compute_uv=False)
    if spread[0] < WELL * spread[-1] and (np.real(values) > 0).all():
        inverse = np.linalg.inv(vectors)
        return np.real((vectors * np.log(values.astype(complex))) @ inverse)
    from scipy.linalg import logm

    return np.asarray(np.real(logm(matrix)))
