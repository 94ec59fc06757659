"""Superionic silver sulfide (argentite): sulfur on a body-centred cubic lattice, silver between."""

from __future__ import annotations

import numpy as np
from ase import Atoms

LATTICE = 4.88
"""A, at 523 K: R. W. G. Wyckoff, Crystal Structures, 2nd edition, volume 1 (1963), page 331."""
SULFUR = np.array([[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]])
TETRAHEDRAL = np.array(
    [np.roll([x, 0.0, 0.5], shift) for x in (0.25, 0.75) for shift in range(3)]
    + [np.roll([x, 0.5, 0.0], shift) for x in (0.25, 0.75) for shift in range(3)]
)
"""The twelve sites 12d, four of which silver occupies on average."""
NEAREST = 0.45
"""Silver ions begin no closer than this (lattice constants)."""


def argentite(repeats: int, lattice: float = LATTICE, seed: int = 1) -> Atoms:
    """Put silver on tetrahedral sites at random, never on two that are next to each other.

    Parameters
    ----------
    repeats
        Cubic cells along each axis: 2 for 48 atoms, 3 for 162.
    lattice
        Lattice constant in A.
    seed
        Of the sites.
    """
    rng = np.random.default_rng(seed)
    corners = np.indices((repeats,) * 3).reshape(3, -1).T
    sulfur = (corners[:, None] + SULFUR).reshape(-1, 3)
    sites = (corners[:, None] + TETRAHEDRAL).reshape(-1, 3)
    silver: list[np.ndarray] = []
    while len(silver) < 2 * len(sulfur):
        silver = []
        for site in sites[rng.permutation(len(sites))]:
            away = np.asarray(silver).reshape(-1, 3) - site
            away -= repeats * np.round(away / repeats)
            if not (np.linalg.norm(away, axis=1) < NEAREST).any():
                silver.append(site)
    positions = np.concatenate([sulfur, silver[: 2 * len(sulfur)]]) * lattice
    symbols = ["S"] * len(sulfur) + ["Ag"] * 2 * len(sulfur)
    return Atoms(symbols, positions, cell=[repeats * lattice] * 3, pbc=True)
