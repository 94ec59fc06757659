"""Force constants as objects and files of phonopy and phono3py, and back."""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._phono3py import cells, files

if TYPE_CHECKING:
    from phono3py import Phono3py
    from phonopy import Phonopy

    from matlearn.phonons._constants.results import ForceConstants

NAMES = ("phono3py.yaml", "phono3py_params.yaml", "phono3py_params.yaml.xz", "phono3py_disp.yaml")


def _charges(constants: ForceConstants) -> dict[str, Any] | None:
    if constants.born is None:
        return None
    return {
        "born": constants.born,
        "dielectric": constants.dielectric,
        "factor": cells.NAC_FACTOR,
    }


def phonopy_of(constants: ForceConstants, nac: bool) -> Phonopy:
    """Make a silent Phonopy object."""
    from phonopy import Phonopy

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a supercell of lower symmetry: judging says it
        made = Phonopy(
            cells.to_phonopy(constants.unitcell),
            supercell_matrix=constants.harmonic_matrix,
            primitive_matrix=constants.primitive_matrix,
            log_level=0,
        )
    made.force_constants = np.array(constants.fc2, order="C")
    charges: Any = _charges(constants)
    if nac and charges is not None:
        made.nac_params = charges
    return made


def phono3py_of(constants: ForceConstants, nac: bool) -> Phono3py:
    """Make a silent Phono3py object."""
    made = cells.build(
        constants.unitcell,
        constants.supercell_matrix,
        constants.primitive_matrix,
        constants.phonon_supercell_matrix,
    )
    made.fc2 = np.array(constants.fc2, order="C")
    if constants.fc3 is not None:
        made.fc3 = np.array(constants.fc3, order="C")
    charges: Any = _charges(constants)
    if nac and charges is not None:
        made.nac_params = charges
    return made


def write(constants: ForceConstants, folder: str | os.PathLike[str]) -> None:
    """Write phono3py.yaml, fc2.hdf5 and fc3.hdf5."""
    from phono3py.file_IO import write_fc2_to_hdf5, write_fc3_to_hdf5

    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise FileExistsError(f"{target} is a file: name a folder for the constants")
    if constants.fc3 is None and (target / "fc3.hdf5").exists():
        raise FileExistsError(
            f"{target} has a fc3.hdf5, and these are constants of the second order alone, which it "
            "would be read with: name another folder, or move that file"
        )
    target.mkdir(parents=True, exist_ok=True)
    made = phono3py_of(constants, nac=True)
    with tempfile.TemporaryDirectory(prefix=".constants-", dir=target) as aside:
        second = (
            made.phonon_primitive
            if constants.phonon_supercell_matrix is not None
            else made.primitive
        )
        write_fc2_to_hdf5(
            made.fc2,
            filename=f"{aside}/fc2.hdf5",
            p2s_map=second.p2s_map,
            physical_unit="eV/angstrom^2",
        )
        if made.fc3 is not None:
            write_fc3_to_hdf5(
                made.fc3, filename=f"{aside}/fc3.hdf5", p2s_map=made.primitive.p2s_map
            )
        about = {
            "method": constants.method,
            "drift": list(constants.drift),
            "source": constants.source,
            "messages": list(constants.messages),
        }
        files.write_yaml(f"{aside}/phono3py.yaml", made, about)
        for part in sorted(Path(aside).iterdir()):
            part.replace(target / part.name)


def read(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the fields of force constants.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If they do not belong together.
    """
    from phono3py.file_IO import read_fc2_from_hdf5, read_fc3_from_hdf5

    place = Path(folder)
    named = [place / name for name in NAMES if (place / name).is_file()]
    if not named or not (place / "fc2.hdf5").is_file():
        raise FileNotFoundError(
            f"{place} has no {NAMES[0]} or no fc2.hdf5: were constants saved there?"
        )
    yaml, about = files.read_yaml(named[0])
    unitcell = cells.to_ase(yaml.unitcell)
    given = "auto" if yaml.primitive_matrix is None else yaml.primitive_matrix
    primitive = cells.primitive_matrix_of(unitcell, given)
    matrix = cells.checked_matrix(yaml.supercell_matrix)
    own = yaml.phonon_supercell_matrix
    made = cells.build(unitcell, matrix, primitive, own)
    try:
        fc2 = np.asarray(read_fc2_from_hdf5(place / "fc2.hdf5"))
        third: Any = None
        if (place / "fc3.hdf5").is_file():
            third = read_fc3_from_hdf5(place / "fc3.hdf5")
    except (OSError, KeyError, RuntimeError) as error:
        raise ValueError(f"fc2.hdf5 or fc3.hdf5 in {place} cannot be read: {error}") from error
    fc3 = third.get("fc3") if isinstance(third, dict) else third
    second = made.primitive if own is None else made.phonon_primitive
    if len(fc2) == fc2.shape[1] != len(second):
        fc2 = fc2[second.p2s_map]
    if fc3 is not None and len(fc3) == fc3.shape[1] != len(made.primitive):
        fc3 = fc3[made.primitive.p2s_map]
    supercell = made.supercell if own is None else made.phonon_supercell
    if fc2.shape != (len(second), len(supercell), 3, 3):
        raise ValueError(
            f"fc2.hdf5 in {place} is of another crystal or supercell: its shape is {fc2.shape}, "
            f"that of {named[0].name} has {len(supercell)} atoms"
        )
    if fc3 is not None and fc3.shape[:3] != (len(made.primitive), *(len(made.supercell),) * 2):
        raise ValueError(f"fc3.hdf5 in {place} is of another crystal or supercell: {fc3.shape}")
    charges = yaml.nac_params or {}
    return {
        "unitcell": unitcell,
        "supercell_matrix": matrix,
        "primitive_matrix": primitive,
        "fc2": fc2,
        "fc3": None if fc3 is None else np.asarray(fc3),
        "method": about.get("method", "phono3py"),
        "drift": tuple(about.get("drift", (0.0, None))),
        "born": charges.get("born"),
        "dielectric": charges.get("dielectric"),
        "phonon_supercell_matrix": None if own is None else cells.checked_matrix(own),
        "source": about.get("source", ""),
        "messages": tuple(about.get("messages", ())),
    }
