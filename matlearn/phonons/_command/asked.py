"""What ``matlearn phonons`` was asked for, so that a folder holds one calculation alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn._calculators.naming import digest_of
from matlearn.calculators import describe

if TYPE_CHECKING:
    import argparse

    from matlearn.phonons._command.sources import Source
    from matlearn.phonons.displacements import Displacements

ABOUT = "run.json"
"""What the folder holds forces of: another crystal or potential does not go into the same."""


def about_displacements(options: argparse.Namespace) -> list[str]:
    """List the words about displacements that were given."""
    given = {
        "--supercell": options.supercell, "--distance": options.distance, "--count": options.count,
        "--seed": options.seed, "--pair-cutoff": options.pair_cutoff,
        "--displacements": options.displacements == "random" or None,
    }  # fmt: skip
    return [word for word, value in given.items() if value is not None]


def given_displacements(options: argparse.Namespace, source: Source) -> Displacements | None:
    """Give the displacements of the file, unless others are asked for."""
    return None if about_displacements(options) else source.displacements


def distance(options: argparse.Namespace) -> float:
    """Give the distance of displacements (A)."""
    if options.distance is not None:
        return float(options.distance)
    return 0.03 if options.displacements == "random" else 0.01


def about(options: argparse.Namespace, source: Source, matrix: np.ndarray) -> dict[str, Any]:
    """Say what the forces of a folder are of."""
    cell = source.unitcell
    places = [np.round(array, 6) + 0.0 for array in (cell.cell.array, cell.positions)]
    name = Path(options.cell).name
    moved = given_displacements(options, source)
    known: dict[str, Any] = {
        "displacements": options.displacements, "distance": distance(options),
        "count": options.count, "seed": options.seed or 0, "pair_cutoff": options.pair_cutoff,
    }  # fmt: skip
    if options.potential is None and source.forces is not None:
        known = {"forces": f"{name}:{digest_of(source.forces.forces)}"}
    elif moved is not None:
        known = {"displacements": f"{name}:{digest_of(moved.displacements)}"}
    return {
        "cell": cell.get_chemical_formula("metal"),
        "cell_sha256": digest_of(np.asarray(cell.numbers, dtype=np.int64), *places),
        "supercell": matrix.tolist(),
        "potential": None if options.potential is None else describe(options.potential),
        **known,
        "harmonic": options.harmonic,
    }


def check_folder(folder: Path, asked: dict[str, Any]) -> None:
    """See that a folder holds nothing of another calculation.

    Raises
    ------
    ValueError
        If it does.
    """
    path = folder / ABOUT
    if not path.is_file():
        return
    try:
        there = json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"{path} is damaged; move {folder} away") from error
    for key in dict.fromkeys([*asked, *there]):
        if there.get(key) != asked.get(key):
            raise ValueError(
                f"{folder} holds another calculation, whose {key} is {there.get(key)!r} and not "
                f"{asked.get(key)!r}: name another folder by --output"
            )
