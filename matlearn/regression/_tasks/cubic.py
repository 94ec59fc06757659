"""Reader of the course's own cubic crystals."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from ase import Atoms
from ase.io import read

NEEDED = ("label", "prototype", "lattice_constant", "bulk_modulus", "shear_modulus", "band_gap")


def load_cubic(path: str | PathLike[str]) -> list[Atoms]:
    """Read the cubic crystals of `cubic-pbe`.

    Parameters
    ----------
    path
        The extended XYZ file.

    Returns
    -------
    list of ase.Atoms
        Primitive cells at their own lattice constants, with energy (eV); ``info`` holds ``label``,
        ``formula``, ``prototype``, ``space_group``, ``lattice_constant`` (A), ``bulk_modulus``,
        ``shear_modulus``, ``c11``, ``c12``, ``c44`` (GPa), ``formation_energy`` (eV/atom; NaN where
        a reference is missing), ``band_gap``, ``direct_gap`` (eV), ``doubtful`` and more
        (data/regression/README.md).

    Raises
    ------
    ValueError
        If a crystal lacks one of its numbers.
    """
    crystals = list(read(Path(path), index=":", format="extxyz"))
    for number, atoms in enumerate(crystals):
        missing = [key for key in NEEDED if key not in atoms.info]
        if missing:
            raise ValueError(f"crystal {number} of {path} has no {', '.join(missing)}")
    return crystals
