"""Supercells with displaced atoms: at random, or pair by pair as symmetry asks for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from matlearn.phonons._phono3py import cells, pairs
from matlearn.phonons._phono3py.displaced import Displacements

__all__ = [
    "Displacements",
    "random_displacements",
    "read_displacements",
    "systematic_displacements",
]


def random_displacements(
    cell: Any,
    supercell: Sequence[int] | np.ndarray,
    *,
    count: int,
    distance: float = 0.03,
    seed: int = 0,
    plus_minus: bool = False,
    primitive_matrix: Any = "auto",
) -> Displacements:
    """Displace every atom of a supercell by the same distance in a direction of its own.

    Each supercell draws from its own generator, so that a larger `count` with the same seed begins
    with the same supercells: data sets grow.

    Parameters
    ----------
    cell : ase.Atoms or pymatgen Structure
        Unit cell, at best relaxed. What is less than 1e-5 A away from a symmetry (the noise of a
        relaxation) is put in its place.
    supercell : three ints or a 3x3 matrix of ints
        The supercell in terms of the unit cell.
    count : int
        Supercells.
    distance : float
        How far each atom is moved (A).
    seed : int
        Of the random numbers.
    plus_minus : bool
        Every other supercell is the one before it with all displacements reversed, so that what
        is odd in them cancels; `count` is even then.
    primitive_matrix : "auto", letter or 3x3 matrix
        How the primitive cell follows from the unit cell: found by symmetry, the letter of a
        centring (P, F, I, A, C, R), or a matrix.

    Returns
    -------
    Displacements

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense.

    References
    ----------
    A. Seko and A. Togo, Phys. Rev. B 110, 214302 (2024): force constants from random displacements.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> phonons.random_displacements(bulk("Al", cubic=True), (2, 2, 2), count=4, seed=1)
    Displacements(Al, 4 random of 0.03 A, 32 atoms)
    """
    unitcell = cells.at_its_symmetry(cells.checked_cell(cell))
    matrix = cells.checked_matrix(supercell)
    check_distance(distance)
    for name, value, least in (("count", count, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise TypeError(f"{name} must be a whole number, got {value!r}")
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}")
    if plus_minus and count % 2:
        raise ValueError(f"count must be even with plus_minus=True, got {count}")
    atoms = round(len(unitcell) * float(np.linalg.det(matrix)))
    step = 2 if plus_minus else 1
    moved = np.empty((count, atoms, 3))
    for number in range(0, count, step):
        drawn = np.random.default_rng([seed, number // step]).normal(size=(atoms, 3))
        moved[number] = distance * drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
        if plus_minus:
            moved[number + 1] = -moved[number]
    return Displacements(
        unitcell,
        matrix,
        cells.primitive_matrix_of(unitcell, primitive_matrix),
        moved,
        float(distance),
        "random",
    )


def systematic_displacements(
    cell: Any,
    supercell: Sequence[int] | np.ndarray,
    *,
    distance: float = 0.01,
    plus_minus: bool | str = True,
    order: int = 3,
    cutoff_pair_distance: float | None = None,
    phonon_supercell: Sequence[int] | np.ndarray | None = None,
    primitive_matrix: Any = "auto",
) -> Displacements:
    """Displace one atom, or a pair of them, for all that symmetry does not give already.

    Parameters
    ----------
    cell : ase.Atoms or pymatgen Structure
        Unit cell, at best relaxed. What is less than 1e-5 A away from a symmetry (the noise of a
        relaxation) is put in its place.
    supercell : three ints or a 3x3 matrix of ints
        The supercell in terms of the unit cell.
    distance : float
        How far an atom is moved (A). phono3py's own default is 0.03, which suits the noise of
        density-functional forces; 0.01 is what it takes for a fitted potential.
    plus_minus : bool or "auto"
        Whether the first atom is moved back and forth (True, as phono3py's command line does: 292
        supercells for NaCl), only one way (False), or both ways where symmetry does not make them
        the same ("auto", the default of its Python interface: 146).
    order : {3, 2}
        Pairs, or single atoms for the second order alone.
    cutoff_pair_distance : float, optional
        Pairs farther apart (A) are left out; the third order is next to zero for them.
    phonon_supercell : three ints or a 3x3 matrix of ints, optional
        A larger supercell for the second order, which reaches farther: its displacements are in
        ``.harmonic``.
    primitive_matrix : "auto", letter or 3x3 matrix
        As in `random_displacements`.

    Returns
    -------
    Displacements
        With ``.pairs``, so that finite differences can be taken.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense; if the supercell is too small for the cut-off.

    References
    ----------
    A. Togo, L. Chaput and I. Tanaka, Phys. Rev. B 91, 094306 (2015).

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> phonons.systematic_displacements(bulk("Al", cubic=True), (2, 2, 2), plus_minus="auto")
    Displacements(Al, 37 systematic of 0.01 A, 32 atoms)
    """
    unitcell = cells.at_its_symmetry(cells.checked_cell(cell))
    matrix = cells.checked_matrix(supercell)
    check_distance(distance)
    if plus_minus not in (True, False, "auto"):
        raise ValueError(f"plus_minus must be True, False or 'auto', got {plus_minus!r}")
    if order not in (2, 3):
        raise ValueError(f"order must be 3 (pairs) or 2 (single atoms), got {order!r}")
    if order == 2 and (cutoff_pair_distance is not None or phonon_supercell is not None):
        raise ValueError("cutoff_pair_distance and phonon_supercell have a meaning with order=3")
    cells.check_cutoff(cutoff_pair_distance, matrix @ unitcell.cell.array, "cutoff_pair_distance")
    primitive = cells.primitive_matrix_of(unitcell, primitive_matrix)
    harmonic = None
    if phonon_supercell is not None:
        harmonic = systematic_displacements(
            unitcell,
            cells.checked_matrix(phonon_supercell, "phonon_supercell"),
            distance=distance,
            plus_minus=plus_minus,
            order=2,
            primitive_matrix=primitive,
        )
    made = cells.build(unitcell, matrix, primitive, matrix if order == 2 else None)
    if order == 2:
        made.generate_fc2_displacements(distance=distance, is_plusminus=plus_minus)
        found = dict(made.phonon_dataset)
    else:
        made.generate_displacements(
            distance=distance, is_plusminus=plus_minus, cutoff_pair_distance=cutoff_pair_distance
        )
        found = dict(made.dataset)
    found.setdefault("natom", len(made.supercell))
    return Displacements(
        unitcell,
        matrix,
        primitive,
        pairs.displacements_of(found),
        float(distance),
        "systematic",
        found,
        harmonic,
    )


def read_displacements(path: str | os.PathLike[str]) -> Displacements:
    """Read the displacements of one of phono3py's YAML files, such as ``phono3py_disp.yaml``.

    Parameters
    ----------
    path
        ``.yaml``, ``.yaml.xz`` or ``.yaml.gz``. Units of other codes that the file names become
        eV and A.

    Returns
    -------
    Displacements

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is none of phono3py's, or holds no displacements.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> made = phonons.random_displacements(bulk("Al", cubic=True), (1, 1, 1), count=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made.save(f"{folder}/phono3py_disp.yaml")
    ...     phonons.read_displacements(f"{folder}/phono3py_disp.yaml")
    Displacements(Al, 2 random of 0.03 A, 4 atoms)
    """
    from matlearn.phonons._phono3py.reading import displacements_in

    return displacements_in(path)


def check_distance(distance: float) -> None:
    """See that a displacement is one.

    Raises
    ------
    TypeError, ValueError
        If it is no number, or not between 0 and 0.5 A.
    """
    if isinstance(distance, bool) or not isinstance(distance, int | float | np.number):
        raise TypeError(f"distance must be a number (A), got {distance!r}")
    if not 0 < distance <= 0.5:
        raise ValueError(
            f"distance must be above 0 and at most 0.5 A (0.01 to 0.05 is usual), got {distance}"
        )
