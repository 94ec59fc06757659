"""What ``matlearn phonons`` starts from: a cell, perhaps with forces and charges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

    from matlearn.phonons.displacements import Displacements
    from matlearn.phonons.force_sets import ForceSet

YAML = (".yaml", ".yml", ".yaml.xz", ".yaml.gz", ".yml.xz", ".yml.gz")
FORCE, STEPS = 1e-4, 500
"""Forces (eV/A) below which a cell counts as relaxed, and the steps that it may take."""


@dataclass(frozen=True)
class Source:
    """What the file of the cell holds."""

    unitcell: Atoms
    supercell: np.ndarray | None = None
    """Matrix (3, 3), where the file says it."""
    forces: ForceSet | None = None
    displacements: Displacements | None = None
    """Those of a file without forces."""
    charges: tuple[np.ndarray, np.ndarray] | None = None
    """Born charges and dielectric constant, where the file has them."""


def read(path: str) -> Source:
    """Read the file of the cell.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it cannot be read.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"no file {path} to read the cell from")
    if path.lower().endswith(YAML):
        return _of_phono3py(path)
    from ase.io import read as read_atoms
    from ase.io.formats import UnknownFileTypeError

    try:
        atoms: Any = read_atoms(path)
    except UnknownFileTypeError as error:
        raise ValueError(f"{path} is in no format that ASE knows: {error}") from error
    except Exception as error:
        raise ValueError(f"{path} cannot be read: {type(error).__name__}: {error}") from error
    return Source(atoms)


def _of_phono3py(path: str) -> Source:
    from matlearn.phonons._phono3py import cells, files

    read, _ = files.read_yaml(path)
    unitcell = cells.to_ase(read.unitcell)
    charges: Any = read.nac_params
    known = None if charges is None else (charges["born"], charges["dielectric"])
    sets: list[Any] = [one for one in (read.dataset, read.phonon_dataset) if one is not None]
    has_forces = any(
        "forces" in one or any("forces" in entry for entry in one.get("first_atoms", ()))
        for one in sets
    )
    matrix: Any = read.supercell_matrix
    if read.dataset is None and read.phonon_supercell_matrix is not None:
        matrix = read.phonon_supercell_matrix
    forces, moved = None, None
    if has_forces:
        from matlearn.phonons.force_sets import read_force_set

        forces = read_force_set(path)
    elif sets:
        from matlearn.phonons.displacements import read_displacements

        moved = read_displacements(path)
    return Source(unitcell, cells.checked_matrix(matrix), forces, moved, known)


def with_born(source: Source, path: str, supercell: np.ndarray) -> Source:
    """Add the charges of phonopy's BORN file.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such file, or it is of another crystal.
    """
    from phonopy.file_IO import parse_BORN

    from matlearn.phonons._phono3py import cells

    if not Path(path).is_file():
        raise FileNotFoundError(f"no file {path} to read Born charges from")
    made = cells.build(
        source.unitcell, supercell, cells.primitive_matrix_of(source.unitcell, "auto")
    )
    try:
        found: Any = parse_BORN(made.primitive, filename=path)
    except Exception as error:
        raise ValueError(
            f"{path} is no BORN file of this crystal: {type(error).__name__}: {error}. It has a "
            "line with the unit or a comment, one with the nine numbers of the dielectric "
            "constant, and one of nine for each inequivalent atom of the primitive cell"
        ) from error
    return replace(source, charges=(np.asarray(found["born"]), np.asarray(found["dielectric"])))


def relaxed(atoms: Atoms, potential: str) -> Atoms:
    """Relax cell and atoms, with the symmetry that there is.

    Raises
    ------
    ValueError
        If it does not end, or the potential gives no stress.
    """
    from ase.constraints import FixSymmetry
    from ase.filters import FrechetCellFilter
    from ase.optimize import BFGS

    from matlearn.calculators import get_calculator

    moving = atoms.copy()
    moving.calc = get_calculator(potential)
    if "stress" not in moving.calc.implemented_properties:
        raise ValueError(f"relax: {potential} gives no stress; relax the cell with another")
    moving.set_constraint(FixSymmetry(moving))
    both: Any = FrechetCellFilter(moving)
    search = BFGS(both, logfile=None)
    if not search.run(fmax=FORCE, steps=STEPS):
        raise ValueError(f"relax: the cell is not relaxed after {STEPS} steps with {potential}")
    done = atoms.copy()
    done.set_cell(moving.cell, scale_atoms=False)
    done.positions = moving.positions
    return done
