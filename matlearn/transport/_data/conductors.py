"""Readers of the chapter's own data: conductors, their potentials and their recorded runs."""

from __future__ import annotations

import io
import json
import lzma
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ase import Atoms
from ase.io import read

from matlearn.transport.trajectories import Trajectory, read_trajectory

if TYPE_CHECKING:
    from ase.calculators.calculator import Calculator

__all__ = ["Conductor", "load", "load_runs", "load_structure"]


@dataclass(frozen=True, repr=False, eq=False)
class Conductor:
    """An ionic conductor with a potential distilled for it, and what was found with that.

    ``len`` counts the labelled images.
    """

    name: str
    """Name of its folder's potential, as ``lgps``."""
    structure: Atoms
    """The crystal as its teacher relaxes it."""
    potential: Path
    """The potential's file (.mtp), as `matlearn.calculators.get_calculator` takes it."""
    images: list[Atoms] = field(repr=False)
    """What the potential learned from, with the teacher's energies (eV), forces (eV/A), stress."""
    results: dict[str, Any] = field(repr=False)
    """Diffusion coefficients and conductivities with their settings; units are in the keys."""

    def calculator(self) -> Calculator:
        """Give an ASE calculator of the potential, a new one each time."""
        from matlearn.calculators import get_calculator

        return get_calculator(self.potential)

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        formula = self.structure.get_chemical_formula(empirical=True)
        return (
            f"Conductor({self.name}, {formula}, {len(self.structure)} atoms, "
            f"{self.potential.name} from {len(self.images)} labelled images)"
        )


def load(path: Path) -> Conductor:
    """Read a conductor's folder; see `matlearn.datasets.load`.

    Parameters
    ----------
    path
        With one ``.mtp`` file, ``labels.extxyz`` (or ``.xz``), ``relaxed.extxyz`` and ``results.json``.

    Returns
    -------
    Conductor

    Raises
    ------
    FileNotFoundError
        If there is no potential.
    ValueError
        If there are several, or a label has no energy.
    """
    folder = Path(path)
    found = sorted(folder.glob("*.mtp"))
    if not found:
        raise FileNotFoundError(f"no .mtp file in {folder}")
    if len(found) > 1:
        raise ValueError(f"{folder} must hold one .mtp file, got {[each.name for each in found]}")
    labels = folder / "labels.extxyz"
    labels = labels if labels.exists() else folder / "labels.extxyz.xz"
    images = _read(labels)
    for number, atoms in enumerate(images):
        if atoms.calc is None or "energy" not in atoms.calc.results:
            raise ValueError(f"frame {number} of {labels} has no energy")
    return Conductor(
        name=found[0].stem,
        structure=load_structure(folder / "relaxed.extxyz"),
        potential=found[0],
        images=images,
        results=json.loads((folder / "results.json").read_text(encoding="utf-8")),
    )


def load_runs(path: Path) -> dict[str, Trajectory]:
    """Read the recorded trajectories of a folder.

    Parameters
    ----------
    path
        With ``.npz`` files as `Trajectory.save` writes them.

    Returns
    -------
    dict of str to Trajectory
        By the names of their files; how each was made is in its ``info``.
    """
    return {file.stem: read_trajectory(file) for file in sorted(Path(path).glob("*.npz"))}


def load_structure(path: Path) -> Atoms:
    """Read one structure, without the notes that its file format adds.

    Parameters
    ----------
    path
        A file that ASE reads, such as a CIF.

    Returns
    -------
    ase.Atoms
        Elements, positions, cell; energy, forces and stress where the file has them.
    """
    found = _read(path)[0]
    atoms = Atoms(found.numbers, found.positions, cell=found.cell, pbc=found.pbc)
    atoms.calc = found.calc
    return atoms


def _read(path: Path) -> list[Atoms]:
    """Read all structures of a file; of a compressed one at once, as ASE seeks back at each frame."""
    if path.suffix != ".xz":
        return list(read(path, index=":"))
    text = lzma.decompress(path.read_bytes()).decode("utf-8")
    return list(read(io.StringIO(text), index=":", format="extxyz"))
