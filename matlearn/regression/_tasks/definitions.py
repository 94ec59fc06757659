"""What the thirteen tasks of matbench v0.1 ask for: property, unit, kind, size, file."""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "matbench_"


@dataclass(frozen=True)
class Definition:
    """A task of matbench: what is predicted from what.

    Attributes
    ----------
    name : str
        Full name, such as ``"matbench_phonons"``.
    file : str
        Name of the CSV file of compositions and targets.
    rows : int
        Samples.
    kind : str
        ``"regression"`` or ``"classification"``.
    label, unit : str
        The property, and its unit ("" for classes and for pure numbers).
    has_structures : bool
        Whether matbench gives the crystal structure as well as the composition.
    column : str
        Name of the target in matminer's file.
    """

    name: str
    file: str
    rows: int
    kind: str
    label: str
    unit: str
    has_structures: bool
    column: str


_R, _C = "regression", "classification"

MATBENCH: dict[str, Definition] = {
    PREFIX + fields[0]: Definition(PREFIX + fields[0], *fields[1:])
    for fields in (
        ("steels", "steels_yield.csv", 312, _R, "yield strength", "MPa", False, "yield strength"),
        ("jdft2d", "jdft2d.csv", 636, _R, "exfoliation energy", "meV/atom", True, "exfoliation_en"),
        ("phonons", "phonons.csv", 1265, _R, "last phonon peak", "1/cm", True, "last phdos peak"),
        ("expt_gap", "expt_gap.csv", 4604, _R, "measured band gap", "eV", False, "gap expt"),
        ("dielectric", "dielectric.csv", 4764, _R, "refractive index", "", True, "n"),
        (
            *("log_gvrh", "elasticity_log10(G_VRH).csv", 10987, _R),
            *("shear modulus", "log10 GPa", True, "log10(G_VRH)"),
        ),
        (
            *("log_kvrh", "elasticity_log10(K_VRH).csv", 10987, _R),
            *("bulk modulus", "log10 GPa", True, "log10(K_VRH)"),
        ),
        ("perovskites", "castelli.csv", 18928, _R, "formation energy", "eV/cell", True, "e_form"),
        ("mp_gap", "mp_gap.csv", 106113, _R, "PBE band gap", "eV", True, "gap pbe"),
        ("mp_e_form", "mp_e_form.csv", 132752, _R, "formation energy", "eV/atom", True, "e_form"),
        ("expt_is_metal", "expt_is_metal.csv", 4921, _C, "is a metal", "", False, "is_metal"),
        ("glass", "glass.csv", 5680, _C, "forms a glass", "", False, "gfa"),
        ("mp_is_metal", "mp_is_metal.csv", 106113, _C, "is a metal", "", True, "is_metal"),
    )
}

BY_FILE: dict[str, Definition] = {task.file: task for task in MATBENCH.values()}


def identifiers(name: str, count: int) -> list[str]:
    """Ids of matbench: ``mb-phonons-0001`` and so on, in the order of the rows."""
    stem = name.removeprefix(PREFIX).replace("_", "-")
    digits = len(str(count))
    return [f"mb-{stem}-{number:0{digits}d}" for number in range(1, count + 1)]


def require_structures(full: str) -> None:
    """Refuse a task that has compositions only."""
    if not MATBENCH[full].has_structures:
        having = [task.name for task in MATBENCH.values() if task.has_structures]
        raise ValueError(
            f"structures=True: {full} is a task of compositions, nobody published structures for "
            f"it; use structures=False, or one of {', '.join(having)}"
        )
