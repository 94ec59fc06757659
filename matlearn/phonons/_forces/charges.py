"""Born charges and dielectric constants, as people give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from ase import Atoms

NEUTRAL = 0.1
"""Charges may add up to this much (e) for each atom: they are never quite neutral."""


class Crystal(Protocol):
    """What has a primitive cell."""

    @property
    def unitcell(self) -> Atoms:
        """The unit cell."""

    @property
    def supercell_matrix(self) -> np.ndarray:
        """Of the supercell."""

    @property
    def primitive_matrix(self) -> np.ndarray:
        """Of the primitive cell."""


def checked_charges(crystal: Crystal, born: Any, dielectric: Any) -> tuple[np.ndarray, np.ndarray]:
    """Give Born charges (atoms of the primitive cell, 3, 3) and the dielectric constant (3, 3).

    Raises
    ------
    ValueError
        If they have other shapes, are not finite, or the charges do not add up to zero.
    """
    from matlearn.phonons._phono3py import cells

    made = cells.build(crystal.unitcell, crystal.supercell_matrix, crystal.primitive_matrix)
    symbols = made.primitive.symbols
    if isinstance(born, Mapping):
        missing = sorted(set(symbols) - set(born))
        if missing:
            raise ValueError(f"born has no charge of {', '.join(missing)}, got {', '.join(born)}")
        born = [born[symbol] for symbol in symbols]
    rows = [np.asarray(one, dtype=float) for one in born]
    charges = np.array([one * np.eye(3) if one.ndim == 0 else one for one in rows])
    if charges.shape != (len(symbols), 3, 3):
        raise ValueError(
            f"born must hold a 3x3 matrix (or a number) for each of {len(symbols)} atoms of the "
            f"primitive cell ({', '.join(symbols)}), got the shape {charges.shape}"
        )
    constant = np.asarray(dielectric, dtype=float)
    constant = constant * np.eye(3) if constant.ndim == 0 else constant
    if constant.shape != (3, 3) or not np.isfinite(constant).all():
        raise ValueError(f"dielectric must be a number or a 3x3 matrix, got {dielectric!r}")
    if not np.linalg.eigvalsh((constant + constant.T) / 2).min() >= 1:
        raise ValueError(f"dielectric must be at least 1 in all directions, got {dielectric!r}")
    total = np.abs(charges.sum(axis=0)).max()
    if not total <= NEUTRAL * len(symbols):
        raise ValueError(
            f"Born charges must add up to zero, got {total:.3g} e; are they those of the primitive "
            f"cell ({', '.join(symbols)})?"
        )
    return charges - charges.mean(axis=0), constant
