"""Force sets as phono3py's objects and files, and back."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._phono3py import cells, files, pairs, reading

if TYPE_CHECKING:
    from phono3py import Phono3py

    from matlearn.phonons._forces.results import ForceSet
    from matlearn.phonons._phono3py.displaced import Displacements


def phono3py_of(forces: ForceSet) -> Phono3py:
    """Make a Phono3py object with displacements, forces and charges."""
    moved = forces.displacements
    if moved.harmonic is not None and forces.harmonic is None:
        moved = replace(moved, harmonic=None)
    elif forces.harmonic is not None and moved.harmonic is None:
        moved = replace(moved, harmonic=forces.harmonic.displacements)
    made = moved.phono3py()
    if moved.order == 2:
        made.phonon_dataset = _dataset(forces)
    else:
        made.dataset = _dataset(forces)
        if forces.harmonic is not None:
            made.phonon_dataset = _dataset(forces.harmonic)
    if forces.born is not None:
        made.nac_params = {
            "born": forces.born,
            "dielectric": forces.dielectric,
            "factor": cells.NAC_FACTOR,
        }
    return made


def _dataset(forces: ForceSet) -> dict[str, Any]:
    listed = forces.displacements.pairs
    if listed is not None:
        return pairs.with_results(listed, forces.forces, forces.energies)
    dataset = {
        "displacements": np.array(forces.displacements.displacements, order="C"),
        "forces": np.array(forces.forces, order="C"),
    }
    if forces.energies is not None:
        dataset["supercell_energies"] = np.array(forces.energies)
    return dataset


def write(forces: ForceSet, path: str | os.PathLike[str]) -> None:
    """Write a force set as phono3py's YAML."""
    about = {
        "info": forces.info,
        "messages": list(forces.messages),
        "residual": None if forces.residual is None else forces.residual.tolist(),
        "perfect_energy": forces.perfect_energy,
    }
    files.write_yaml(path, phono3py_of(forces), about)


def read(path: str | os.PathLike[str]) -> ForceSet:
    """Read a force set from phono3py's YAML.

    Raises
    ------
    FileNotFoundError, ValueError
        As `read_yaml`; if the file holds no forces.
    """
    from matlearn.phonons._forces.results import ForceSet

    yaml, about = files.read_yaml(path)
    moved, dataset, second = reading.of_file(yaml, path)
    forces, energies = _results(dataset)
    if forces is None:
        raise ValueError(
            f"{path} holds displacements and no forces: read_displacements reads it, and force_set "
            "or read_vasp_forces finds the forces"
        )
    harmonic = None
    found = _results(second)
    if found[0] is not None and moved.harmonic is not None:
        harmonic = ForceSet(moved.harmonic, found[0], found[1])
    charges = yaml.nac_params or {}
    residual = about.get("residual")
    return ForceSet(
        displacements=_plain(moved, harmonic),
        forces=forces,
        energies=energies,
        born=charges.get("born"),
        dielectric=charges.get("dielectric"),
        residual=None if residual is None else np.array(residual),
        perfect_energy=about.get("perfect_energy"),
        info=about.get("info") or {},
        messages=tuple(dict.fromkeys([*moved.messages, *about.get("messages", ())])),
        harmonic=harmonic,
    )


def _plain(moved: Displacements, harmonic: ForceSet | None) -> Displacements:
    """Leave out displacements for the second order that have no forces."""
    if moved.harmonic is not None and harmonic is None:
        return replace(moved, harmonic=None)
    return moved


def _results(dataset: dict[str, Any] | None) -> tuple[np.ndarray | None, np.ndarray | None]:
    if dataset is None:
        return None, None
    if "first_atoms" in dataset:
        return pairs.results_of(dataset)
    energies = dataset.get("supercell_energies")
    return dataset.get("forces"), None if energies is None else np.array(energies)
