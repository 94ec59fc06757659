"""Attempt frequencies from the curvature at the bottom and at the saddle."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms, units
from ase.geometry import find_mic
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def moving(initial: Atoms, final: Atoms, radius: float) -> NDArray[np.intp]:
    """The atom that moves furthest, and those within `radius` (A) of the middle of its hop."""
    steps = find_mic(final.positions - initial.positions, initial.cell, initial.pbc)[0]
    atom = int(np.linalg.norm(steps, axis=1).argmax())
    middle = initial.positions[atom] + steps[atom] / 2
    away = find_mic(initial.positions - middle, initial.cell, initial.pbc)[1]
    return np.union1d([atom], np.flatnonzero(away <= radius))


def frequencies(
    atoms: Atoms, calculator: Any, chosen: NDArray[np.intp], displacement: float
) -> Floats:
    """Frequencies of some atoms, the others held (Hz, ascending); imaginary ones are negative.

    Where no atom of a crystal is held, its three drifts are left out.
    """
    here = atoms.copy()
    here.set_constraint()
    here.calc = calculator
    rest = here.positions.copy()
    rows = []
    for atom in chosen:
        for axis in range(3):
            forces = []
            for sign in (1, -1):
                here.positions = rest
                here.positions[atom, axis] += sign * displacement
                forces.append(here.get_forces()[chosen].ravel().copy())
            rows.append((forces[1] - forces[0]) / (2 * displacement))
    hessian = np.array(rows)
    masses = np.repeat(atoms.get_masses()[chosen], 3)
    dynamical = (hessian + hessian.T) / 2 / np.sqrt(np.outer(masses, masses))
    if len(chosen) == len(atoms) > 1 and atoms.pbc.all():  # free to drift: three modes are none
        drift = np.linalg.qr(np.sqrt(masses)[:, None] * np.tile(np.eye(3), (len(chosen), 1)))
        across = np.linalg.svd(drift[0].T)[2][3:]
        dynamical = across @ dynamical @ across.T
    squares = np.linalg.eigvalsh(dynamical)
    return np.asarray(np.sign(squares) * np.sqrt(np.abs(squares)) * units.s / (2 * np.pi))


def vineyard(bottom: Floats, saddle: Floats) -> float:
    """Product of the frequencies at the bottom over that of the real ones at the saddle (Hz).

    Raises
    ------
    ValueError
        If the one is no minimum, or the other no saddle of first order.
    """
    if (bottom <= 0).any():
        raise ValueError(
            f"the initial state is no minimum for the atoms that were moved: "
            f"{(bottom <= 0).sum()} of {len(bottom)} frequencies are imaginary"
        )
    down = int((saddle <= 0).sum())
    if down != 1:
        raise ValueError(
            f"the highest image is no saddle of first order for the atoms that were moved: {down} "
            "of its frequencies are imaginary, not 1; converge the climbing image further"
        )
    return float(np.exp(np.log(bottom).sum() - np.log(saddle[saddle > 0]).sum()))
