"""Is the top of a band the saddle? Second derivatives there, across the path and along it."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEP = 0.03
"""Displacement for second derivatives (A)."""
FALLING = -0.05
"""A curvature below this (eV/A2) is no noise."""
MOST = 16
"""Evaluations that the search for a falling direction may take."""
PUSH = 0.25
"""How far the middle of a band is pushed off a ridge (A)."""


def _forces(image: Atoms, shift: Floats, calculator: Any) -> Floats:
    moved = image.copy()
    moved.set_constraint()
    moved.positions = moved.positions + shift
    moved.calc = calculator
    found: Floats = moved.get_forces()
    return found


def off_the_ridge(image: Atoms, tangent: Floats, calculator: Any) -> Floats | None:
    """Give a direction across the path in which the energy falls, None where it rises in all.

    On a saddle it does: the path's own direction is the only one in which it falls, and whatever
    is perpendicular to that rises. The lowest curvature is found by Lanczos iterations, a force
    each, that begin with the atom that moves most.

    Parameters
    ----------
    image
        The top of the band.
    tangent
        Direction of the path there, of length one (atoms, 3).
    calculator
        Asked for at most `MOST` forces.

    Returns
    -------
    ndarray (atoms, 3) or None
        Its largest displacement of an atom is 1.
    """
    free = _free(image)
    along = (tangent * free).ravel()
    along /= np.linalg.norm(along)

    def across(vector: Floats) -> Floats:
        vector = vector * free.ravel()
        return np.asarray(vector - (vector @ along) * along)

    random = np.random.default_rng(0)
    sizes = np.linalg.norm(tangent, axis=1, keepdims=True)
    first = across((random.normal(size=tangent.shape) * (sizes / sizes.max()) ** 2).ravel())
    if np.linalg.norm(first) < 1e-8:
        return None
    here = _forces(image, np.zeros(tangent.shape), calculator).ravel()
    basis, images = [first / np.linalg.norm(first)], []
    while True:
        shift = STEP * basis[-1] / np.abs(basis[-1]).max()
        there = _forces(image, shift.reshape(tangent.shape), calculator).ravel()
        images.append(across(here - there) * np.abs(basis[-1]).max() / STEP)
        vectors = np.array(basis)
        small = vectors @ np.array(images).T
        values, modes = np.linalg.eigh((small + small.T) / 2)
        way = modes[:, 0] @ vectors
        left = np.linalg.norm(modes[:, 0] @ np.array(images) - values[0] * way)
        fresh = images[-1] - vectors.T @ (vectors @ images[-1])
        fresh = across(fresh - vectors.T @ (vectors @ fresh))
        done = left < 0.1 * abs(values[0]) or len(basis) >= min(MOST, int(free.sum()) - 1)
        if done or np.linalg.norm(fresh) < 1e-6:
            break
        basis.append(fresh / np.linalg.norm(fresh))
    if values[0] > FALLING:
        return None
    direction = way.reshape(tangent.shape)
    return np.asarray(direction / np.linalg.norm(direction, axis=1).max())


def _free(image: Atoms) -> Floats:
    """1 for atoms that may move, 0 for those that are held."""
    from ase.constraints import FixAtoms

    free = np.ones((len(image), 1))
    for constraint in image.constraints:
        if isinstance(constraint, FixAtoms):
            free[constraint.index] = 0.0
    return np.broadcast_to(free, (len(image), 3)).copy()


def in_a_dip(image: Atoms, tangent: Floats, calculator: Any) -> bool:
    """Say whether the energy rises along the path to both sides of the highest image."""
    ahead, behind = (
        float((_forces(image, sign * STEP * tangent, calculator) * tangent).sum())
        for sign in (1, -1)
    )
    return ahead < 0 < behind


def pushed(positions: Floats, coordinate: Floats, direction: Floats) -> Floats:
    """Bend a band to one side: most in the middle, not at all at its ends."""
    part = np.sin(np.pi * coordinate / coordinate[-1])
    return np.asarray(positions + PUSH * part[:, None, None] * direction)
