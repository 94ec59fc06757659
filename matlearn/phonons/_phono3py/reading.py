"""Displacements out of phono3py's files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._phono3py import cells, files, pairs
from matlearn.phonons._phono3py.displaced import Displacements

if TYPE_CHECKING:
    from phono3py.interface.phono3py_yaml import Phono3pyYaml

ALIKE = 1e-5
"""Distances that differ by less (A) are the same."""


def displacements_in(path: str | os.PathLike[str]) -> Displacements:
    """Read the displacements of a file.

    Raises
    ------
    FileNotFoundError, ValueError
        As `read_yaml`; if the file holds no displacements.
    """
    read, _ = files.read_yaml(path)
    found, _, _ = of_file(read, path)
    return found


def of_file(
    read: Phono3pyYaml, path: str | os.PathLike[str]
) -> tuple[Displacements, dict[str, Any] | None, dict[str, Any] | None]:
    """Give the displacements of a file, and phono3py's data sets of orders 3 and 2.

    Raises
    ------
    ValueError
        If there are no displacements.
    """
    if read.dataset is None and read.phonon_dataset is None:
        raise ValueError(f"{path} holds no displacements")
    unitcell = cells.to_ase(read.unitcell)
    given = "auto" if read.primitive_matrix is None else read.primitive_matrix
    primitive = cells.primitive_matrix_of(unitcell, given)
    harmonic = None
    if read.phonon_dataset is not None:
        matrix = cells.checked_matrix(read.phonon_supercell_matrix)
        harmonic = _displacements(unitcell, matrix, primitive, read.phonon_dataset, None)
    if read.dataset is None:
        if harmonic is None:
            raise ValueError(f"{path} holds no displacements")
        return harmonic, read.phonon_dataset, None
    matrix = cells.checked_matrix(read.supercell_matrix)
    found = _displacements(unitcell, matrix, primitive, read.dataset, harmonic)
    return found, read.dataset, read.phonon_dataset


def _displacements(
    unitcell: Any,
    matrix: np.ndarray,
    primitive: np.ndarray,
    dataset: Any,
    harmonic: Displacements | None,
) -> Displacements:
    """Make displacements of one of phono3py's data sets."""
    if "first_atoms" in dataset:
        dataset.setdefault("natom", round(len(unitcell) * np.linalg.det(matrix)))
        listed, moved = pairs.without_results(dataset), pairs.displacements_of(dataset)
        lengths = pairs.distances_of(dataset)
    else:
        listed, moved = None, np.array(dataset["displacements"], dtype=float)
        lengths = np.linalg.norm(moved, axis=2).ravel()
    distance, messages = distance_of(lengths)
    return Displacements(
        unitcell,
        matrix,
        primitive,
        moved,
        distance,
        "random" if listed is None else "systematic",
        listed,
        harmonic,
        messages,
    )


def distance_of(lengths: np.ndarray) -> tuple[float | None, tuple[str, ...]]:
    """Give the one length of all displacements (A), or None and a message."""
    if np.ptp(lengths) < ALIKE:
        return round(float(lengths.mean()), 6), ()
    return None, (
        f"displacement distances are mixed, {lengths.min():.4g} to {lengths.max():.4g} A",
    )
