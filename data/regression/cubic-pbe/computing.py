"""PBE with GPAW for one cubic crystal: equation of state, elastic constants, gap.

Every calculation is a *point* of the crystal's record and is written to disk at once; a point that
is there is not computed again. All cells of a crystal have the same k-points and the same cut-off,
and each has a fresh basis. Strains are symmetric, stresses are Cauchy's (positive under tension).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.optimize import BFGS
from ase.units import GPa
from crystals import KPOINTS, Crystal
from states import fit_state

LENGTH = {"metal": 25.0, "narrow": 30.0, "covalent": 21.0, "ionic": 16.0}  # A: k-points times the
# distance of the lattice planes, at least about this
WIDTH = {True: 0.2, False: 0.02}  # eV, Fermi-Dirac: metal or not
CONVERGENCE = {"energy": 1e-6, "density": 1e-5}  # each per electron
LADDER = 0.0125  # step of the lattice constants of the equation of state, relative
STRAIN = 0.01  # e1 = +-STRAIN; e4 = 2 * STRAIN, so that the off-diagonal element is STRAIN
FMAX = 0.004  # eV/A: atoms relaxed under shear


class Record:
    """What is known of one crystal, on disk as JSON after every change."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data: dict[str, Any] = {"points": {}}
        if path.exists():
            self.data = json.loads(path.read_text())

    def put(self, **fields: Any) -> None:
        """Add fields and write the file in one move."""
        self.data |= fields
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(self.data, indent=1))
        temporary.replace(self.path)

    def point(self, name: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The point of that name, computed only if it is not there."""
        points = self.data["points"]
        if name not in points:
            begun = time.process_time()
            found = compute()
            points[name] = found | {"cpu_s": round(time.process_time() - begun, 2)}
            self.put()
        return dict(points[name])


def grid(crystal: Crystal) -> int:
    """K-points along each axis of the primitive cell, an even number."""
    if crystal.label in KPOINTS:
        return KPOINTS[crystal.label]
    cell = crystal.cell(crystal.start).cell
    spacing = 1 / np.linalg.norm(cell.reciprocal(), axis=1).max()
    return 2 * max(2, int(np.ceil(LENGTH[crystal.kind] / spacing / 2 - 0.2)))


def calculator(
    ecut: float, kpts: int | tuple[int, ...], width: float, txt: Path | None, **options: Any
) -> Any:
    """GPAW with the settings of this folder; ``options`` take the place of settings."""
    from gpaw import GPAW, PW, FermiDirac

    size = (kpts,) * 3 if isinstance(kpts, int) else kpts
    settings = {
        "mode": PW(ecut),
        "xc": "PBE",
        "kpts": {"size": size, "gamma": True},
        "occupations": FermiDirac(width),
        "convergence": CONVERGENCE,
        "maxiter": 150,
        "txt": None if txt is None else str(txt),
    }
    return GPAW(**(settings | options))


def results(atoms: Atoms) -> dict[str, Any]:
    """Energies (eV a cell), stress (GPa) and largest force (eV/A) of a cell with a calculator."""
    return {
        "volume": atoms.get_volume(),
        "energy": float(atoms.get_potential_energy()),
        "free_energy": float(atoms.get_potential_energy(force_consistent=True)),
        "stress": (atoms.get_stress() / GPa).round(6).tolist(),
        "fmax": float(np.abs(atoms.get_forces()).max()),
    }


def strained(atoms: Atoms, strain: list[float]) -> Atoms:
    """A copy under a strain in Voigt's order (e4 to e6 twice the tensor's elements)."""
    e1, e2, e3, e4, e5, e6 = strain
    tensor = np.array([[e1, e6 / 2, e5 / 2], [e6 / 2, e2, e4 / 2], [e5 / 2, e4 / 2, e3]])
    copy = atoms.copy()
    copy.set_cell(atoms.cell.array @ (np.eye(3) + tensor), scale_atoms=True)
    return copy


class Work:
    """The calculations of one crystal, in order, each skipped where it is already recorded."""

    def __init__(self, crystal: Crystal, record: Record, log: Path) -> None:
        self.crystal, self.record, self.log = crystal, record, log
        start = crystal.cell(crystal.start)
        self.kpts = record.data.get("kpts") or grid(crystal)
        self.ecut = record.data.get("ecut") or crystal.ecut
        self.width = WIDTH[crystal.metal]
        self.conventional = round(crystal.start**3 / start.get_volume())

    def describe(self) -> None:
        """Write the settings into the record."""
        self.record.put(
            label=self.crystal.label,
            kpts=self.kpts,
            ecut=self.ecut,
            width=self.width,
            strain=STRAIN,
            convergence=CONVERGENCE,
        )

    def calculator(self, ecut: float | None = None) -> Any:
        """The calculator that all cells of this crystal use, or one with another cut-off."""
        return calculator(ecut or self.ecut, self.kpts, self.width, self.log)

    def single(self, atoms: Atoms, ecut: float | None = None) -> dict[str, Any]:
        """Results of a cell as it is."""
        atoms.calc = self.calculator(ecut)
        return results(atoms)

    def rung(self, step: int) -> dict[str, Any]:
        """One cell of the equation of state."""
        a = self.crystal.start * (1 + LADDER) ** step
        return self.record.point(f"eos{step:+d}", lambda: self.single(self.crystal.cell(a)))

    def equation_of_state(self) -> float:
        """Lattice constant (A) from energies on a ladder whose middle is next to the minimum."""
        middle = 0
        for _ in range(8):
            energies = [self.rung(middle + step)["free_energy"] for step in (-1, 0, 1)]
            low = int(np.argmin(energies)) - 1
            if low == 0:
                break
            middle += low
        found = {name for name in self.record.data["points"] if name.startswith("eos")}
        rungs = [self.record.data["points"][name] for name in found]
        pressures = [-float(np.mean(rung["stress"][:3])) for rung in rungs]
        volumes = [rung["volume"] for rung in rungs]
        state = fit_state(volumes, [rung["free_energy"] for rung in rungs], pressures)
        bare = fit_state(volumes, [rung["energy"] for rung in rungs], pressures)
        a = (state.volume * self.conventional) ** (1 / 3)
        self.record.put(eos=asdict(state) | {"a": a, "points": len(rungs), "energy0": bare.energy})
        return a

    def elastic(self, a: float) -> None:
        """C11 and C12 from e1 = +-STRAIN, C44 from e4 with the atoms relaxed."""
        cell = self.crystal.cell(a)
        for name, sign in (("e1+", 1), ("e1-", -1)):
            strain = [sign * STRAIN, 0, 0, 0, 0, 0]
            self.record.point(name, lambda s=strain: self.relaxed(strained(cell, s)))
        self.record.point("e4", lambda: self.relaxed(strained(cell, [0, 0, 0, 2 * STRAIN, 0, 0])))
        stress = {name: self.record.data["points"][name]["stress"] for name in ("e1+", "e1-", "e4")}
        change = (np.array(stress["e1+"]) - np.array(stress["e1-"])) / (2 * STRAIN)
        self.record.put(
            elastic={
                "c11": float(change[0]),
                "c12": float(change[1:3].mean()),
                "c44": stress["e4"][3] / (2 * STRAIN),
                "c44_clamped": self.record.data["points"]["e4"]["clamped"][3] / (2 * STRAIN),
            }
        )

    def relaxed(self, atoms: Atoms) -> dict[str, Any]:
        """Results with the atoms relaxed in the cell as it is; ``clamped`` is the stress before."""
        atoms.calc = self.calculator()
        clamped = results(atoms)["stress"]
        optimizer = BFGS(atoms, logfile=None, maxstep=0.1, alpha=30.0)
        met = bool(optimizer.run(fmax=FMAX, steps=12))
        return results(atoms) | {
            "clamped": clamped,
            "relaxed": met,
            "steps": optimizer.nsteps,
            "positions": atoms.get_scaled_positions().round(6).tolist(),
        }

    def equilibrium(self, a: float) -> None:
        """Energy, stress and gap at the lattice constant, on the self-consistent grid and beyond."""
        from gaps import gap_of, gaps_on_path

        def compute() -> dict[str, Any]:
            atoms = self.crystal.cell(a)
            atoms.calc = self.calculator()
            found = results(atoms)
            here = gap_of(atoms.calc)
            found["grid"] = here
            if here["gap"] > 0:
                found["path"] = gaps_on_path(atoms.calc)
            return found

        self.record.point("equilibrium", compute)


def compute(crystal: Crystal, folder: Path) -> Record:
    """Everything for one crystal; what is recorded is kept."""
    record = Record(folder / f"{crystal.label}.json")
    work = Work(crystal, record, folder / f"{crystal.label}.txt")
    work.describe()
    a = work.equation_of_state()
    work.equilibrium(a)
    work.elastic(a)
    record.put(finished=True)
    return record
