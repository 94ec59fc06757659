"""Tasks made from the course's own data set, cubic-pbe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms
    from pymatgen.core import Structure

DATASET = "cubic-pbe"


@dataclass(frozen=True)
class OwnDefinition:
    """A task made from cubic-pbe: which number of each crystal is the target."""

    name: str
    kind: str
    label: str
    unit: str
    key: str
    logarithm: bool = False


OWN: dict[str, OwnDefinition] = {
    definition.name: definition
    for definition in (
        OwnDefinition(
            "cubic_log_gvrh", "regression", "shear modulus", "log10 GPa", "shear_modulus", True
        ),
        OwnDefinition(
            "cubic_log_kvrh", "regression", "bulk modulus", "log10 GPa", "bulk_modulus", True
        ),
        OwnDefinition("cubic_gap", "regression", "PBE band gap", "eV", "band_gap"),
        OwnDefinition(
            "cubic_e_form", "regression", "formation energy", "eV/atom", "formation_energy"
        ),
        OwnDefinition("cubic_is_metal", "classification", "is a metal", "", "band_gap"),
        OwnDefinition(
            "cubic_lattice_constant", "regression", "lattice constant", "Å", "lattice_constant"
        ),
    )
}


def select(
    definition: OwnDefinition, crystals: list[Atoms], *, structures: bool = False
) -> dict[str, Any]:
    """Fields of the task that is made of the crystals beyond doubt.

    Parameters
    ----------
    definition : OwnDefinition
        Which task.
    crystals : list of ase.Atoms
        What the loader of cubic-pbe returns.
    structures : bool
        Whether to convert the crystals to pymatgen's structures.

    Returns
    -------
    dict
        Fields of a Task. A crystal marked as doubtful is left out, and one for which the number
        is missing (an element has no formation energy worth learning: it is zero by definition).

    Raises
    ------
    ValueError
        If no crystal is left.
    """
    kept = [
        atoms
        for atoms in crystals
        if not atoms.info.get("doubtful") and _number(atoms, definition.key) is not None
    ]
    if definition.key == "formation_energy":
        kept = [atoms for atoms in kept if len(set(atoms.symbols)) > 1]
    if definition.logarithm:
        kept = [atoms for atoms in kept if float(atoms.info[definition.key]) > 0]
    if not kept:
        raise ValueError(f"{DATASET} holds no crystal with {definition.key!r} that is beyond doubt")
    values = np.array([float(atoms.info[definition.key]) for atoms in kept])
    if definition.logarithm:
        values = np.log10(values)
    return {
        "name": definition.name,
        "kind": definition.kind,
        "label": definition.label,
        "unit": definition.unit,
        "ids": [str(atoms.info["label"]) for atoms in kept],
        "formulas": [atoms.get_chemical_formula("metal", empirical=True) for atoms in kept],
        "target": values <= 0 if definition.kind == "classification" else values,
        "structures": _converted(kept) if structures else None,
    }


def _converted(crystals: list[Atoms]) -> list[Structure]:
    from pymatgen.io.ase import AseAtomsAdaptor

    plain = [crystal.copy() for crystal in crystals]
    for crystal in plain:
        crystal.info = {}
    return [AseAtomsAdaptor.get_structure(crystal) for crystal in plain]


def _number(atoms: Atoms, key: str) -> float | None:
    value = atoms.info.get(key)
    return float(value) if value is not None and np.isfinite(float(value)) else None
