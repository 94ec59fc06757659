"""What a network is to be trained on, and how, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from ase import Atoms

from matlearn.potentials._mtp.checks import checked_images
from matlearn.potentials._nequip.statistics import check_distances

WHOLE = (int, np.integer)
NUMBER = (int, float, np.integer, np.floating)


def labelled(images: Iterable[Atoms], argument: str) -> list[Atoms]:
    """Give structures that all carry an energy and forces.

    Raises
    ------
    ValueError
        If there is none, one lacks a result, or holds what is no number, or two of its atoms
        share a place; it says which.
    """
    structures = checked_images(images, argument)
    for number, atoms in enumerate(structures):
        where = f"{argument}[{number}] ({atoms.symbols})"
        missing = [name for name in ("energy", "forces") if atoms.calc.results.get(name) is None]
        if missing:
            raise ValueError(f"{where} has no {missing[0]}: NequIP needs energies and forces")
        if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
            raise ValueError(f"{where}: positions or cell are not finite")
    check_distances(structures, argument)
    return structures


def check_known(train: list[Atoms], validation: list[Atoms]) -> None:
    """Refuse elements in `validation` that `train` does not have.

    Raises
    ------
    ValueError
        If there is one.
    """
    known = {symbol for atoms in train for symbol in atoms.symbols}
    unknown = sorted({symbol for atoms in validation for symbol in atoms.symbols} - known)
    if unknown:
        raise ValueError(
            f"validation holds {', '.join(unknown)}, of which train ({', '.join(sorted(known))}) "
            "says nothing"
        )


def check_settings(**settings: Any) -> None:
    """Refuse numbers that make no network and no training.

    Raises
    ------
    ValueError, TypeError
        Naming the setting.
    """
    lowest = {"layers": 1, "l_max": 0, "features": 1, "epochs": 1, "seed": 0, "threads": 1}
    for name, value in settings.items():
        if value is None:
            continue
        whole = name in lowest
        if isinstance(value, bool) or not isinstance(value, WHOLE if whole else NUMBER):
            raise TypeError(f"{name} must be a {'whole ' * whole}number, got {value!r}")
        if whole and value < lowest[name]:
            raise ValueError(f"{name} must be at least {lowest[name]}, got {value}")
        if not whole and not 0 < value < np.inf:
            raise ValueError(f"{name} must be positive and finite, got {value}")
