"""Training structures in a file of extended XYZ that other programs read as well."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from ase.io import read, write
from ase.io.extxyz import XYZError

from matlearn.lattice._training.frame import Row, frame_from_rows
from matlearn.lattice._training.species import read_species

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("label", "energy", "on_lattice", "displacement", "status", "reason")
_IDEAL = "ideal"
"""Array of the ideal positions (angstrom) beside those of the relaxed structure."""


def save_training_set(frame: pd.DataFrame, path: str | PathLike[str], **origin: Any) -> None:
    """Write a training set to a file of extended XYZ.

    The first frame is the primitive cell, with the allowed species. The others are the relaxed
    structures; ``ideal`` are the positions and ``ideal_cell`` the cell on the lattice. Lengths are
    kept to 1e-8 A, energies to 1e-9 eV.

    Parameters
    ----------
    frame
        As `matlearn.lattice.training_set` returns it.
    path
        The file; it is written whole and then renamed.
    **origin
        Words that say where the data come from, kept in the first frame.

    Raises
    ------
    TypeError
        If it is no table.
    ValueError
        If a column is missing, if the frame does not know its primitive cell or lacks an end
        member, or if a structure has no relaxed one.
    """
    needed = [*_COLUMNS, "structure", "relaxed_structure"]
    if not hasattr(frame, "attrs") or not hasattr(frame, "columns"):
        raise TypeError(f"frame must be a pandas DataFrame, got {type(frame).__name__}")
    if missing := [name for name in needed if name not in frame]:
        raise ValueError(
            f"frame has no column {', '.join(map(repr, missing))}: what is saved is a table of "
            "matlearn.lattice.training_set"
        )
    if not {"primitive", "chemical_symbols"} <= frame.attrs.keys():
        raise ValueError("frame must have 'primitive' and 'chemical_symbols' in its attrs")
    lattice = read_species(frame.attrs["primitive"], frame.attrs["chemical_symbols"])
    lattice.rows_of_end_members(list(frame["structure"]))  # or it could not be read again
    first = frame.attrs["primitive"].copy()
    first.info = {"chemical_symbols": json.dumps(frame.attrs["chemical_symbols"]), **origin}
    images = [first]
    for row in frame.itertuples():
        if row.relaxed_structure is None:
            raise ValueError(f"frame has no relaxed structure for {row.label!r}")
        relaxed = row.relaxed_structure
        atoms = Atoms(relaxed.numbers, relaxed.positions, pbc=True)
        atoms.cell = _rounded(relaxed.cell.array)
        atoms.arrays[_IDEAL] = row.structure.positions.copy()
        atoms.info = {
            "label": row.label,
            "ideal_cell": _rounded(row.structure.cell.array),
            "on_lattice": bool(row.on_lattice),
            "displacement": round(float(row.displacement), 6),
            "status": row.status,
        }
        if np.isfinite(row.energy):
            atoms.info["energy"] = round(float(row.energy), 9)
        if row.reason is not None:
            atoms.info["reason"] = row.reason
        images.append(atoms)
    path = Path(path)
    temporary = path.with_name(path.name + ".new")
    write(temporary, images, format="extxyz", write_results=False)
    temporary.replace(path)


def _rounded(cell: np.ndarray) -> np.ndarray:
    """Give a cell to the digits that positions have in the file, without negative zeros."""
    digits: np.ndarray = np.round(cell, 8) + 0.0
    return digits


def load_training_set(path: str | PathLike[str]) -> pd.DataFrame:
    """Read a training set from a file.

    Parameters
    ----------
    path
        A file that `save_training_set` wrote.

    Returns
    -------
    DataFrame
        As `matlearn.lattice.training_set` returns it, ``attrs`` included.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it holds something else.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"data file {str(path)!r} does not exist")
    try:
        primitive, *images = read(path, index=":", format="extxyz")
    except (XYZError, ValueError) as error:
        raise ValueError(f"{path} holds no training set, or a part of one: {error}") from error
    if "chemical_symbols" not in primitive.info or not images:
        raise ValueError(f"{path} holds no training set: its first frame names no species")
    species = primitive.info["chemical_symbols"]  # ASE reads a list in JSON by itself
    species = json.loads(species) if isinstance(species, str) else np.asarray(species).tolist()
    lattice = read_species(primitive, species)
    return frame_from_rows([_row(atoms) for atoms in images], primitive, lattice)


def _row(atoms: Atoms) -> Row:
    info = atoms.info
    ideal = Atoms(atoms.numbers, atoms.arrays.pop(_IDEAL), cell=info["ideal_cell"], pbc=True)
    energy = atoms.get_potential_energy() if atoms.calc is not None else float("nan")
    atoms.info = {"label": info["label"]}
    return Row(
        label=str(info["label"]),
        energy=float(energy),
        structure=ideal,
        relaxed_structure=atoms,
        on_lattice=bool(info["on_lattice"]),
        displacement=float(info["displacement"]),
        status=str(info["status"]),
        reason=info.get("reason"),
    )
