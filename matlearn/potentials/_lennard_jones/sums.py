"""Sums over pairs: with them a Lennard-Jones energy is a matter of two multiplications."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.calculators.lj import cutoff_function
from ase.geometry import complete_cell

from matlearn.potentials._kernels.neighbours import find_pairs

SMOOTHED_FROM = 5 / 6
"""Part of the cut-off from which pairs fade out, as in ``get_calculator("lj")``."""


def pair_sums(atoms: Atoms, cutoff: float) -> tuple[float, float]:
    """Sum the twelfth and the sixth inverse power of the distances of all pairs.

    Parameters
    ----------
    atoms
        A structure, periodic or not.
    cutoff
        In A; the last sixth of it is smoothed.

    Returns
    -------
    twelfth, sixth
        In 1/A12 and 1/A6, for the whole structure, each pair once.
    """
    cell = np.ascontiguousarray(complete_cell(atoms.cell.array))
    _, _, vectors = find_pairs(
        np.ascontiguousarray(atoms.positions),
        cell,
        np.linalg.inv(cell),
        np.array(atoms.pbc),
        float(cutoff),
    )
    squared = np.einsum("ij,ij->i", vectors, vectors)
    if len(squared) and squared.min() < 1e-6:
        raise ValueError(f"two atoms of {atoms.symbols} are in the same place: remove one of them")
    fading = cutoff_function(squared, cutoff**2, (SMOOTHED_FROM * cutoff) ** 2)
    sixth = squared**-3
    return 0.5 * float((fading * sixth**2).sum()), 0.5 * float((fading * sixth).sum())


def energies(sums: np.ndarray, sigma: float, epsilon: float) -> np.ndarray:
    """Give Lennard-Jones energies in eV from sums (n, 2) of `pair_sums`."""
    return 4 * epsilon * (sigma**12 * sums[..., 0] - sigma**6 * sums[..., 1])
