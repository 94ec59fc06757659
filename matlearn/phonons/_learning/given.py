"""A potential that is there already, measured on displaced supercells."""

from __future__ import annotations

import os
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from matlearn.calculators import get_calculator
from matlearn.phonons.force_sets import force_set

if TYPE_CHECKING:
    from ase import Atoms
    from ase.calculators.calculator import Calculator

    from matlearn.phonons._forces.results import ForceSet


class GivenPotential:
    """A potential from a file or by name."""

    def __init__(self, name: str | os.PathLike[str]) -> None:
        self.name = os.fspath(name)

    def calculator(self) -> Calculator:
        """Give an ASE calculator."""
        return get_calculator(self.name)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Copy its file.

        Raises
        ------
        ValueError
            If it has no file, or one of another suffix.
        """
        source, target = Path(self.name), Path(path)
        if not source.is_file():
            raise ValueError(f"{self.name!r} is a calculator by name and has no file to save")
        if source.suffix.lower() != target.suffix.lower():
            raise ValueError(
                f"{self.name} is saved as {source.suffix}, got {target.name!r}: a potential's "
                "format does not change"
            )
        shutil.copyfile(source, target)

    def __repr__(self) -> str:
        return f"GivenPotential({self.name})"


def predictions(potential: GivenPotential, dataset: ForceSet, progress: bool) -> list[Atoms]:
    """Compute energies and forces of all supercells, on the reference's zero of energy."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the cell is relaxed for the reference
        found = force_set(
            dataset.displacements, potential.calculator(), workers=1, progress=progress
        )
    images = found.images()
    if dataset.energies is not None and found.energies is not None:
        shift = float(np.mean(dataset.energies - found.energies))
        for atoms in images:
            atoms.calc.results["energy"] += shift
    return images
