"""Reader of a recorded hop: a vacancy's path, and the potentials that were distilled for it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ase import Atoms
from ase.io import read

from matlearn.transport.barriers import MigrationPath

__all__ = ["RecordedHop", "load"]


@dataclass(frozen=True, repr=False, eq=False)
class RecordedHop:
    """A vacancy's hop by a teacher, and two potentials that learned from that teacher.

    ``len`` counts the labelled images.
    """

    path: MigrationPath
    """The teacher's path."""
    potential: Path
    """The potential that has seen the hop (.mtp), as `get_calculator` takes it."""
    without_hop: Path
    """One that has seen the vacancy at rest alone."""
    images: list[Atoms] = field(repr=False)
    """What they learned from, with the teacher's energies (eV), forces (eV/A), stress; in ``info``,
    ``kind``: ``cold`` (the vacancy at rest), ``hop``, ``hot``."""
    settings: dict[str, Any] = field(repr=False)
    """How it was made: lattice constant (A), level, cut-off (A), temperatures (K), ..."""

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        formula = self.path.images[0].get_chemical_formula()
        return (
            f"RecordedHop({formula}, {self.settings['teacher']}, barrier {self.path.barrier:.3f} "
            f"eV, {len(self.images)} labelled images)"
        )


def load(path: Path) -> RecordedHop:
    """Read a recorded hop; see `matlearn.datasets.load`.

    Parameters
    ----------
    path
        With ``teacher-path.npz``, ``student.mtp``, ``without-hop.mtp``, ``labelled.extxyz.gz`` and
        ``run.json``.

    Returns
    -------
    RecordedHop

    Raises
    ------
    FileNotFoundError
        If one is missing.
    """
    folder = Path(path)
    names = (
        "teacher-path.npz", "student.mtp", "without-hop.mtp", "labelled.extxyz.gz", "run.json",
    )  # fmt: skip
    for name in names:
        if not (folder / name).is_file():
            raise FileNotFoundError(f"no {name} in {folder}")
    path_file, student, without, labels, about = (folder / name for name in names)
    return RecordedHop(
        path=MigrationPath.load(path_file),
        potential=student,
        without_hop=without,
        images=list(read(labels, index=":")),
        settings=json.loads(about.read_text(encoding="utf-8")),
    )
