"""Structures and their results in pypolymlp's form, and its settings checked before it sees them.

pypolymlp is R. Seko's library: cells as columns, forces as (3, atoms), and what it calls stress is
minus the virial of the cell in eV, in the order xx yy zz xy yz zx.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from ase import Atoms

from matlearn.potentials._mtp.checks import CLOSEST
from matlearn.potentials._mtp.packing import pack

ASE_ORDER = [0, 1, 2, 4, 5, 3]
"""Where ASE's xx yy zz yz xz xy stand in pypolymlp's xx yy zz xy yz zx."""
MAX_ORDER = 6
"""Largest order of invariants that pypolymlp has tables for."""


def import_pypolymlp() -> Any:
    """Give pypolymlp's class, or say what to install."""
    try:
        from pypolymlp.mlp_dev.pypolymlp import Pypolymlp
    except ImportError as error:
        raise ImportError(
            "pypolymlp is not installed: pip install pypolymlp (it needs a C++ compiler and Eigen)"
        ) from error
    return Pypolymlp


def to_structure(atoms: Atoms, elements: Sequence[str], cutoff: float) -> Any:
    """Give a structure in pypolymlp's form; directions that are not periodic get a wide cell."""
    from pypolymlp.core.data_format import PolymlpStructure

    if not atoms.pbc.all():
        atoms = atoms.copy()
        atoms.center(vacuum=cutoff / 2 + 0.5, axis=tuple(np.flatnonzero(~atoms.pbc)))
    symbols = atoms.get_chemical_symbols()
    return PolymlpStructure(
        axis=np.array(atoms.cell.array.T),
        positions=np.array(atoms.get_scaled_positions(wrap=False).T),
        n_atoms=[symbols.count(one) for one in elements],
        elements=symbols,
        types=[elements.index(one) for one in symbols],
        volume=abs(atoms.get_volume()),
    )


def check_atoms(atoms: Atoms, elements: Sequence[str], where: str) -> None:
    """Refuse what pypolymlp cannot take or would take wrongly.

    Raises
    ------
    ValueError
        For no atoms, an element that the potential does not know, coordinates that are no numbers,
        two atoms in one place, a periodic direction without a cell.
    """
    if not len(atoms):
        raise ValueError(f"{where} has no atoms")
    unknown = sorted(set(atoms.get_chemical_symbols()) - set(elements))
    if unknown:
        raise ValueError(f"{where} holds {', '.join(unknown)}; known are {', '.join(elements)}")
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise ValueError(f"{where}: positions or cell are not finite numbers")
    if any(not vector.any() for vector in atoms.cell.array[atoms.pbc]):
        raise ValueError(f"{where} is periodic in a direction in which it has no cell")
    if atoms.pbc.all() and abs(np.linalg.det(atoms.cell.array)) < 1e-6:
        raise ValueError(f"{where}: its cell has no volume")
    pack(atoms, np.unique(atoms.numbers).tolist(), CLOSEST)  # refuses two atoms in one place


def targets(images: Sequence[Atoms], stress: bool) -> dict[str, Any]:
    """Give energies (eV), forces (3, atoms) and virials of cells as pypolymlp trains on them."""
    results = [atoms.calc.results for atoms in images]
    virials = None
    if stress:
        voigt = [np.asarray(one["stress"], dtype=float) for one in results]
        volumes = [atoms.get_volume() for atoms in images]
        full = [s if s.shape == (3, 3) else s[[0, 5, 4, 5, 1, 3, 4, 3, 2]].reshape(3, 3)
                for s in voigt]  # fmt: skip
        virials = np.array([-s * v for s, v in zip(full, volumes, strict=True)])
    return {
        "energies": np.array([float(one["energy"]) for one in results]),
        "forces": [np.asarray(one["forces"], dtype=float).T for one in results],
        "stresses": virials,
    }


def atomic_energies(images: Sequence[Atoms], elements: Sequence[str]) -> list[float]:
    """Fit an energy per species (eV) by least squares; the smallest ones where many would do."""
    counts = np.array(
        [[atoms.get_chemical_symbols().count(e) for e in elements] for atoms in images]
    )
    sizes = counts.sum(axis=1)
    energies = np.array([atoms.calc.results["energy"] for atoms in images])
    solution = np.linalg.lstsq(counts / sizes[:, None], energies / sizes, rcond=None)[0]
    return [float(value) for value in solution]


def check_settings(settings: dict[str, Any]) -> None:
    """Refuse settings that make no potential (on some of them pypolymlp ends the whole process).

    Raises
    ------
    ValueError
        Naming the setting, what was given and what is allowed.
    """
    cutoff = settings["cutoff"]
    if not (isinstance(cutoff, int | float) and math.isfinite(cutoff) and cutoff > 0):
        raise ValueError(f"cutoff must be a distance in A, got {cutoff!r}")
    feature_type = settings["feature_type"]
    if feature_type not in ("pair", "gtinv"):
        raise ValueError(f"feature_type must be 'pair' or 'gtinv', got {feature_type!r}")
    allowed = (1, 2) if feature_type == "pair" else (1, 2, 3, 4)
    if settings["model_type"] not in allowed:
        raise ValueError(
            f"model_type must be one of {', '.join(map(str, allowed))} for "
            f"feature_type={feature_type!r}, got {settings['model_type']!r}"
        )
    if settings["max_p"] not in (1, 2, 3):
        raise ValueError(f"max_p must be 1, 2 or 3, got {settings['max_p']!r}")
    order, max_l = settings["gtinv_order"], settings["gtinv_maxl"]
    if not isinstance(order, int) or not 2 <= order <= MAX_ORDER:
        raise ValueError(f"gtinv_order must be from 2 to {MAX_ORDER}, got {order!r}")
    if len(max_l) != order - 1 or any(not isinstance(n, int) or n < 0 for n in max_l):
        raise ValueError(
            f"gtinv_maxl must hold {order - 1} whole numbers, for the orders 2 to {order}; "
            f"got {max_l!r}"
        )
    for name in ("gaussian_params1", "gaussian_params2", "reg_alpha_params"):
        value = settings[name]
        if len(value) != 3 or not np.isfinite(value).all() or value[2] < 1 or value[2] % 1:
            raise ValueError(f"{name} must be (first, last, how many), got {value!r}")
    number = settings["n_gaussians"]
    if number is not None and (not isinstance(number, int) or number < 3):
        raise ValueError(f"n_gaussians must be at least 3, or None, got {number!r}")
