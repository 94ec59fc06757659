"""How far an atom's descriptors lie from those of all atoms of the training set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KINDS = ("mahalanobis", "nearest")

_FLOOR = 1e-8  # of the largest variance: directions in which the training set does not vary


def distances(
    train: Floats,
    train_species: NDArray[np.int64],
    other: Floats,
    other_species: NDArray[np.int64],
    kind: str,
) -> Floats:
    """Measure each environment against those of the same element.

    Parameters
    ----------
    train, other : ndarray, shape (n_atoms, n_descriptors)
        Descriptors.
    train_species, other_species : ndarray of int, shape (n_atoms,)
        Element of each atom.
    kind : str
        ``"mahalanobis"``: from the mean, in units of the covariance; ``"nearest"``: to the
        nearest environment, every descriptor in units of its standard deviation.

    Returns
    -------
    ndarray, shape (n_atoms,)
        Root of the mean square over descriptors; infinite for an element that is not in `train`.
    """
    found = np.full(len(other), np.inf)
    for species in np.unique(other_species):
        here, there = other_species == species, train_species == species
        if not there.any():
            continue
        measure = _mahalanobis if kind == "mahalanobis" else _nearest
        found[here] = measure(train[there], other[here]) / np.sqrt(train.shape[1])
    return found


def _mahalanobis(train: Floats, other: Floats) -> Floats:
    scale = _scale(train)
    mean = train.mean(axis=0)
    scaled = (train - mean) / scale
    variances, axes = np.linalg.eigh(scaled.T @ scaled / max(len(scaled) - 1, 1))
    widths = np.sqrt(np.maximum(variances, _FLOOR * max(variances.max(), 1e-300)))
    lengths: Floats = np.linalg.norm(((other - mean) / scale) @ axes / widths, axis=1)
    return lengths


def _nearest(train: Floats, other: Floats) -> Floats:
    from scipy.spatial import cKDTree

    scale = _scale(train)
    lengths: Floats = cKDTree(train / scale).query(other / scale)[0]
    return lengths


def _scale(train: Floats) -> Floats:
    """Standard deviations; of what does not vary its size, or 1."""
    spread, size = train.std(axis=0), np.abs(train).max(axis=0)
    still = spread <= 1e-10 * size
    scale: Floats = np.where(still, np.where(size > 0, size, 1.0), spread)
    return scale
