"""Readers of the chapter's data sets: structures with energies, and forces and stress if known."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import read

from matlearn._calculators.evaluation import with_results

__all__ = ["load_argon", "load_argon_gpaw", "load_labelled"]

_BY_ANGLE = {60: "fcc", 109: "bcc", 90: "sc"}
_CUBIC = {"fcc": 2**0.5, "bcc": 2 / 3**0.5, "sc": 1.0, "diamond": 2**0.5, "hcp": 1.0}


def load_argon(path: str | PathLike[str]) -> list[Atoms]:
    """Read the published argon energies (`argon-dft`).

    Parameters
    ----------
    path
        The extended XYZ file, with ``relative_total_energy`` (eV a cell) for each frame.

    Returns
    -------
    list of ase.Atoms
        With energies in eV relative to atoms on their own, no forces; ``info`` holds ``crystal``
        (fcc, hcp, bcc, sc or diamond) and ``a`` (lattice parameter of the usual cell, A).

    Raises
    ------
    ValueError
        If a frame has no energy.
    """
    images = []
    for number, atoms in enumerate(read(Path(path), index=":", format="extxyz")):
        energy = atoms.info.pop("relative_total_energy", None)
        if energy is None:
            raise ValueError(f"frame {number} of {path} has no relative_total_energy")
        crystal = _crystal(atoms)
        a = round(float(atoms.cell.lengths()[0]) * _CUBIC[crystal], 4)
        image = with_results(atoms, {"energy": float(energy)}, "dft")
        image.info.update(crystal=crystal, a=a)
        images.append(image)
    return images


def load_argon_gpaw(path: str | PathLike[str]) -> list[Atoms]:
    """Read the course's own argon energies (`argon-gpaw`): vdW-DF2 on PBE densities.

    Parameters
    ----------
    path
        The extended XYZ file, with ``vdw_df2_energy`` (eV a cell) for each frame.

    Returns
    -------
    list of ase.Atoms
        With energies in eV relative to atoms on their own, no forces (those of the file are PBE's);
        ``info`` holds ``kind``, and ``crystal`` and ``a`` (A) as `load_argon` where it is one. The
        atom on its own is left out.

    Raises
    ------
    ValueError
        If a frame has no energy.
    """
    images = []
    for number, atoms in enumerate(read(Path(path), index=":", format="extxyz")):
        energy, kind = atoms.info.get("vdw_df2_energy"), atoms.info.get("kind")
        if energy is None or kind is None:
            raise ValueError(f"frame {number} of {path} has no vdw_df2_energy, or no kind")
        if kind == "atom":
            continue
        image = with_results(atoms, {"energy": float(energy)}, "gpaw")
        image.info = {"kind": str(kind), "label": str(atoms.info["label"])}
        if kind in _CUBIC:
            a = round(float(atoms.cell.lengths()[0]) * _CUBIC[kind], 4)
            image.info.update(crystal=str(kind), a=a)
        images.append(image)
    return images


def load_labelled(path: str | PathLike[str]) -> list[Atoms]:
    """Read structures that carry their results, as ASE writes them.

    Parameters
    ----------
    path
        An extended XYZ file.

    Returns
    -------
    list of ase.Atoms
        With energy (eV), and forces (eV/A) and stress (eV/A3) where the file has them.

    Raises
    ------
    ValueError
        If a frame has no energy.
    """
    images = list(read(Path(path), index=":", format="extxyz"))
    for number, atoms in enumerate(images):
        if atoms.calc is None or "energy" not in atoms.calc.results:
            raise ValueError(f"frame {number} of {path} has no energy")
    return images


def _crystal(atoms: Atoms) -> str:
    """Name the crystal from the shape of its primitive cell."""
    angle = int(np.floor(atoms.cell.angles()[0] + 0.5))
    if len(atoms) == 1:
        return _BY_ANGLE[angle]
    return "diamond" if angle == 60 else "hcp"
