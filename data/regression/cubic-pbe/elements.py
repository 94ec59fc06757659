"""The elements that formation energies refer to, each in the state it is in at room temperature.

Cubic elements are crystals of the queue, of which the equation of state alone is needed. The
others start from the cells below, rough values from general knowledge, and are relaxed: cell and
atoms (`cell`), or the atoms alone (`atoms`: molecules in boxes, graphite at its measured spacing,
since PBE hardly binds the layers).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.build import bulk, molecule, niggli_reduce
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS
from ase.spacegroup import crystal
from ase.units import GPa
from computing import Record, Work, calculator
from crystals import HARD, SOFT, queue

CUBIC = {
    name: prototype
    for prototype, names in {
        "fcc": "Al Cu Ag Au Pd Pt Ca Rh Ir Sr Pb",
        "bcc": "Na W K Mo Ta Li Nb Ba V Rb Cs",
        "diamond": "Si Ge Sn",
    }.items()
    for name in names.split()
}
HEXAGONAL = {  # hcp: a, c in A
    "Mg": (3.20, 5.18),
    "Zn": (2.65, 5.05),
    "Ti": (2.93, 4.65),
    "Ru": (2.73, 4.30),
    "Zr": (3.23, 5.17),
    "Be": (2.26, 3.56),
    "Cd": (3.03, 5.75),
    "Sc": (3.31, 5.15),
    "Y": (3.65, 5.66),
    "Hf": (3.20, 5.06),
    "Tl": (3.54, 5.65),
    "Os": (2.76, 4.35),
}
BOX = 7.5  # A around molecules
LENGTH = {"metal": 25.0, "other": 18.0}  # A: k-points times the distance of the lattice planes
FMAX = 0.01  # eV/A on atoms; for the cell, eV an atom


@dataclass(frozen=True)
class Element:
    """A reference that is no cubic crystal of the queue."""

    name: str
    structure: str
    atoms: Atoms
    relax: str = "cell"
    metal: bool = False
    moment: float = 0.0  # Bohr magnetons an atom, to begin with

    @property
    def ecut(self) -> float:
        """Cut-off in eV at which it is relaxed."""
        return HARD if self.name in {"O", "N", "F"} else SOFT

    @property
    def kpts(self) -> tuple[int, ...]:
        """K-points along each axis."""
        if self.structure == "molecule":
            return (1, 1, 1)
        length = LENGTH["metal" if self.metal else "other"]
        spacing = 1 / np.linalg.norm(self.atoms.cell.reciprocal(), axis=1)
        return tuple(max(2, int(np.ceil(length / float(value) - 0.3))) for value in spacing)


def gas(name: str) -> Element:
    """A diatomic molecule in a box whose edges differ, so that it is not cubic."""
    atoms = molecule(f"{name}2")
    atoms.set_cell([BOX, BOX + 0.2, BOX + 1.2])
    atoms.center()
    atoms.pbc = True
    return Element(name, "molecule", atoms, "atoms", moment=1.0 if name == "O" else 0.0)


def halogen(name: str, a: float, b: float, c: float, y: float, z: float) -> Element:
    """Solid chlorine's structure, Cmce, with the molecules in the bc plane."""
    atoms = crystal(
        name, [(0, y, z)], spacegroup=64, cellpar=[a, b, c, 90, 90, 90], primitive_cell=True
    )
    return Element(name, "Cmce", atoms)


def pnictogen(name: str, a: float, c: float, z: float) -> Element:
    """Grey arsenic's structure, R-3m."""
    atoms = crystal(
        name, [(0, 0, z)], spacegroup=166, cellpar=[a, a, c, 90, 90, 120], primitive_cell=True
    )
    return Element(name, "R-3m", atoms, metal=True)


def chalcogen(name: str, a: float, c: float, x: float) -> Element:
    """Trigonal selenium's structure, P3_121."""
    atoms = crystal(name, [(x, 0, 1 / 3)], spacegroup=152, cellpar=[a, a, c, 90, 90, 120])
    return Element(name, "P3_121", atoms)


def sulphur() -> Element:
    """The crown-shaped S8 molecule: the crystal has 32 atoms and hardly binds in PBE."""
    angles = np.arange(8) * np.pi / 4
    radius, height = 2.36, 0.50 * (-1.0) ** np.arange(8)
    positions = np.column_stack([radius * np.cos(angles), radius * np.sin(angles), height])
    atoms = Atoms("S8", positions, cell=[10.5, 10.5, 6.5], pbc=True)
    atoms.center()
    return Element("S", "molecule", atoms, "atoms")


def elements() -> list[Element]:
    """Every reference that is not cubic, the most needed first."""
    graphite = crystal(
        ["C", "C"],
        [(0, 0, 0.25), (1 / 3, 2 / 3, 0.25)],
        spacegroup=194,
        cellpar=[2.467, 2.467, 6.71, 90, 90, 120],
    )
    phosphorus = crystal(
        "P",
        [(0, 0.09, 0.09)],
        spacegroup=64,
        cellpar=[3.31, 11.0, 4.50, 90, 90, 90],
        primitive_cell=True,
    )
    niggli_reduce(phosphorus)  # GPAW mistrusts an angle of 146 degrees
    gallium = crystal(
        "Ga",
        [(0, 0.156, 0.081)],
        spacegroup=64,
        cellpar=[4.55, 7.70, 4.56, 90, 90, 90],
        primitive_cell=True,
    )
    hcp = [
        Element(name, "hcp", bulk(name, "hcp", a=a, c=c), metal=True)
        for name, (a, c) in HEXAGONAL.items()
    ]
    indium = bulk("In", "bct", a=3.30, c=5.00)
    nickel = Element("Ni", "fcc, ferromagnetic", bulk("Ni", "fcc", a=3.52), metal=True, moment=0.7)
    return [
        *(gas("O"), gas("F"), gas("Cl"), hcp[0], pnictogen("As", 3.82, 10.65, 0.227)),
        *(gas("N"), hcp[1], Element("Ga", "Cmce", gallium, metal=True), hcp[2]),
        *(Element("C", "graphite", graphite, "none"), Element("P", "black, Cmce", phosphorus)),
        *(chalcogen("Te", 4.50, 5.96, 0.27), chalcogen("Se", 4.52, 5.05, 0.22), nickel, gas("H")),
        *hcp[3:6],
        *(sulphur(), pnictogen("Sb", 4.38, 11.4, 0.233), Element("In", "bct", indium, metal=True)),
        *(halogen("I", 4.9, 7.5, 10.0, 0.155, 0.117), halogen("Br", 4.6, 7.2, 9.0, 0.14, 0.11)),
        *hcp[6:],
    ]


def relax(element: Element, record: Record, folder: Path) -> None:
    """Relax one reference, with a fresh basis every few steps, and record its energy an atom."""
    atoms = element.atoms.copy()
    before = record.data["points"].pop("relaxed", None)
    if before is not None:  # stopped before it was converged
        atoms.set_cell(before["cell"])
        atoms.set_scaled_positions(before["positions"])
    if element.moment:
        atoms.set_initial_magnetic_moments([element.moment] * len(atoms))
    steps = {"none": (0,), "atoms": (10, 10, 10), "cell": (6, 6, 6, 6, 6)}[element.relax]

    def compute() -> dict[str, Any]:
        converged = False
        for most in steps:
            atoms.calc = of_element(element, element.ecut, folder)
            target = FrechetCellFilter(atoms) if element.relax == "cell" else atoms
            optimizer = BFGS(target, logfile=None, maxstep=0.08)
            converged = bool(optimizer.run(fmax=FMAX, steps=most))
            if converged and (optimizer.nsteps == 0 or element.relax != "cell"):
                break
        return energies(atoms) | {
            "fmax": float(np.abs(atoms.get_forces()).max()),
            "stress": (atoms.get_stress() / GPa).tolist() if element.relax == "cell" else None,
            "moment": float(atoms.get_magnetic_moment()) / len(atoms) if element.moment else 0.0,
            "converged": converged or element.relax == "none",
            "cell": atoms.cell.array.tolist(),
            "positions": atoms.get_scaled_positions().tolist(),
            "symbols": str(atoms.symbols),
        }

    record.put(
        label=element.name,
        structure=element.structure,
        kpts=list(element.kpts),
        relax=element.relax,
        ecut=element.ecut,
    )
    record.put(finished=record.point("relaxed", compute)["converged"])


def of_element(element: Element, ecut: float, folder: Path) -> Any:
    """The calculator of a reference."""
    options: dict[str, Any] = {}
    if element.structure == "molecule":
        options["occupations"] = {"name": "fermi-dirac", "width": 0.01, "fixmagmom": False}
    log = folder / f"element-{element.name}.txt"
    return calculator(ecut, element.kpts, 0.2 if element.metal else 0.02, log, **options)


def energies(atoms: Atoms) -> dict[str, float]:
    """Energy and free energy in eV an atom."""
    return {
        "energy": float(atoms.get_potential_energy()) / len(atoms),
        "free_energy": float(atoms.get_potential_energy(force_consistent=True)) / len(atoms),
    }


def reference(name: str, ecut: float, folder: Path) -> None:
    """Compute the energy of an element at a cut-off, where it is missing and has a reference."""
    if name in CUBIC:
        label = f"{name}-{CUBIC[name]}"
        found = [one for one in queue() if one.label == label]
        if found:
            cubic(Work(found[0], Record(folder / f"{label}.json"), folder / f"{label}.txt"), ecut)
        return
    for element in elements():
        if element.name == name:
            record = Record(folder / f"element-{name}.json")
            if not record.data.get("finished"):
                relax(element, record, folder)
            again(element, record, ecut, folder)


def cubic(work: Work, ecut: float) -> None:
    """The equation of state of a cubic element; one more cell where the cut-off is another."""
    work.describe()
    a = work.record.data["eos"]["a"] if "eos" in work.record.data else work.equation_of_state()
    if ecut != work.ecut:
        cell = work.crystal.cell(a)
        work.record.point(f"ecut{ecut:.0f}", lambda: work.single(cell, ecut))


def again(element: Element, record: Record, ecut: float, folder: Path) -> None:
    """The relaxed reference at another cut-off."""
    if ecut == record.data["ecut"]:
        return
    relaxed = record.data["points"]["relaxed"]
    atoms = Atoms(
        relaxed["symbols"], scaled_positions=relaxed["positions"], cell=relaxed["cell"], pbc=True
    )
    if element.moment:
        atoms.set_initial_magnetic_moments([element.moment] * len(atoms))

    def compute() -> dict[str, Any]:
        atoms.calc = of_element(element, ecut, folder)
        return dict(energies(atoms))

    record.point(f"ecut{ecut:.0f}", compute)
