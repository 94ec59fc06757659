"""PBE forces of sodium chloride with randomly displaced atoms, and its Born charges, by GPAW.

    python compute_nacl.py forces --work FOLDER [--count 30]   # 85 CPU s a supercell
    python compute_nacl.py born --work FOLDER                  # charges and dielectric constant

Runs in GPAW's environment (`data/search/README.md` says how it is made). FOLDER keeps one file a
calculation: killed, the same command goes on. `collect_nacl.py` puts them together.

The cell is that of our own equation of state (`data/regression/cubic-pbe`). The supercell is 2x2x2
of the cubic cell of eight atoms; every atom is displaced by 0.03 A into a direction of its own.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

LATTICE = 5.6961  # A, PBE at 800 eV
ECUT = 350.0  # eV
DISTANCE = 0.03  # A
SEED = 2026
CONVERGENCE = {"energy": 1e-6, "density": 1e-6, "eigenstates": 1e-8}  # per valence electron
POLAR_ECUT, POLAR_GRID, BANDS = 500.0, 6, 60
STEP = 0.01  # A, of the finite differences of the polarisation


def supercell() -> Atoms:
    """The undisplaced supercell: eight cubic cells after each other, sodium first in each."""
    return bulk("NaCl", "rocksalt", a=LATTICE, cubic=True).repeat(2)


def displaced(number: int) -> Atoms:
    """Supercell number 1, 2, ...: every atom moved by ``DISTANCE``; 0 is not displaced."""
    atoms = supercell()
    if number:
        random = np.random.default_rng([SEED, number])
        moves = random.normal(size=(len(atoms), 3))
        moves *= DISTANCE / np.linalg.norm(moves, axis=1, keepdims=True)
        atoms.positions += moves
    atoms.info["number"] = number
    return atoms


def forces(work: Path, count: int) -> None:
    """Compute what is not there yet."""
    from gpaw import GPAW, PW

    for number in range(count + 1):
        path = work / f"{number:03d}.extxyz"
        if path.exists():
            continue
        begun = time.process_time()
        atoms = displaced(number)
        atoms.calc = GPAW(
            mode=PW(ECUT), xc="PBE", kpts=(1, 1, 1), occupations={"name": "fixed-uniform"},
            symmetry="off", convergence=CONVERGENCE, txt=str(work / f"{number:03d}.txt"),
        )  # fmt: skip
        energy, found = atoms.get_potential_energy(), atoms.get_forces()
        atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=found)
        atoms.info["cpu_s"] = round(time.process_time() - begun, 1)
        temporary = work / f".{number:03d}.extxyz"
        write(temporary, atoms, format="extxyz")
        temporary.replace(path)
        print(number, atoms.info["cpu_s"], "CPU s", flush=True)


def born(work: Path) -> None:
    """Born charge of sodium by finite differences of the Berry-phase polarisation, and the
    high-frequency dielectric constant, local fields and the adiabatic local kernel included."""
    from gpaw import GPAW, PW
    from gpaw.berryphase import polarization_phase
    from gpaw.response.df import DielectricFunction

    begun = time.process_time()
    phases = []
    for sign in (-1, 1):
        atoms = bulk("NaCl", "rocksalt", a=LATTICE)
        atoms.positions[0, 2] += sign * STEP
        atoms.calc = GPAW(
            mode=PW(POLAR_ECUT), xc="PBE", kpts={"size": [POLAR_GRID] * 3, "gamma": True},
            occupations={"name": "fixed-uniform"}, symmetry="off",
            convergence=CONVERGENCE, txt=str(work / f"born{sign:+d}.txt"),
        )  # fmt: skip
        atoms.get_potential_energy()
        gpw = work / f"born{sign:+d}.gpw"
        atoms.calc.write(gpw, mode="all")
        phases.append(polarization_phase(gpw_wfs=gpw)["phase_c"])
    change = np.array(phases[1]) - phases[0]
    change = (change + np.pi) % (2 * np.pi) - np.pi
    cell = bulk("NaCl", "rocksalt", a=LATTICE).cell
    charge = (change / (2 * np.pi)) @ cell / (2 * STEP)
    atoms = bulk("NaCl", "rocksalt", a=LATTICE)
    atoms.calc = GPAW(
        mode=PW(POLAR_ECUT), xc="PBE", kpts={"size": [8] * 3, "gamma": True},
        occupations={"name": "fixed-uniform"}, nbands=BANDS + 10,
        convergence=CONVERGENCE | {"bands": BANDS}, txt=str(work / "ground.txt"),
    )  # fmt: skip
    atoms.get_potential_energy()
    atoms.calc.write(work / "ground.gpw", mode="all")
    function = DielectricFunction(
        str(work / "ground.gpw"), frequencies=[0.0], ecut=80, nbands=BANDS, eta=0.0,
        hilbert=False,
        txt=str(work / "dielectric.txt"),
    )  # fmt: skip
    without, with_fields = function.get_macroscopic_dielectric_constant(xc="ALDA")
    found = {
        "born_charge_Na": charge.tolist(),
        "dielectric_constant": float(np.real(with_fields)),
        "without_local_fields": float(np.real(without)),
        "cpu_s": round(time.process_time() - begun, 1),
    }
    (work / "born.json").write_text(json.dumps(found, indent=1) + "\n")
    print(found)


def main() -> None:
    """Compute what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["forces", "born"])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--count", type=int, default=30)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    if given.what == "forces":
        forces(given.work, given.count)
    else:
        born(given.work)


if __name__ == "__main__":
    main()
