"""PBE for lithium as in this folder, by GPAW in this environment or in another one.

    python gpaw_calculator.py IN.extxyz OUT.extxyz    # one calculation; GPAW's environment

GPAW lives in an environment of its own (`data/search/README.md` says how it is made). Code that
runs elsewhere takes :class:`GPAWElsewhere`, which hands every structure to that environment's
Python and reads energy, forces and stress back:

    atoms.calc = GPAWElsewhere("/path/to/gpaw-environment/bin/python")
    atoms.get_forces()

Both give exactly what `lithium-pbe.extxyz` holds, so that new calculations can join it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import CalculationFailed, Calculator, all_changes
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write

if TYPE_CHECKING:
    from gpaw import GPAW

ECUT = 350.0  # eV
SMEARING = 0.1  # eV, Fermi-Dirac
KPOINT_LENGTH = 34.0  # A: k-points along an axis times the distance of its lattice planes
RESULTS = ("energy", "free_energy", "forces", "stress")


def grid(atoms: Atoms) -> tuple[int, ...]:
    """K-points along each axis, nearest to ``KPOINT_LENGTH``: 5 for 16 atoms, 3 for 54."""
    spacing = 1 / np.linalg.norm(atoms.cell.reciprocal(), axis=1)
    return tuple(max(1, round(KPOINT_LENGTH / float(length))) for length in spacing)


def make(atoms: Atoms, txt: str | Path | None = None, **options: Any) -> GPAW:
    """GPAW with the settings of this folder for a cell like that of ``atoms``.

    Parameters
    ----------
    atoms
        Periodic cell; the k-points are chosen for it and no symmetry of it is used.
    txt
        Text log, or None.
    options
        Take the place of settings, to test convergence.
    """
    from gpaw import GPAW, PW, FermiDirac

    settings = {
        "mode": PW(ECUT),
        "xc": "PBE",
        "kpts": {"size": grid(atoms), "gamma": True},
        "occupations": FermiDirac(SMEARING),
        "convergence": {"energy": 1e-5, "density": 1e-3, "eigenstates": 1e-5},  # per electron
        "symmetry": {"point_group": False},
        "txt": None if txt is None else str(txt),
    }
    return GPAW(**(settings | options))


def single_point(atoms: Atoms, txt: str | Path | None = None) -> Atoms:
    """A copy of ``atoms`` with energy, forces and stress; ``info`` gains settings and cost."""
    begun = time.process_time()
    copy = atoms.copy()
    copy.set_constraint()
    copy.calc = make(copy, txt)
    results = {
        "energy": round(float(copy.get_potential_energy()), 8),
        "free_energy": round(float(copy.get_potential_energy(force_consistent=True)), 8),
        "forces": copy.get_forces(),
        "stress": copy.get_stress().round(8),
    }
    copy.calc = SinglePointCalculator(copy, **results)
    spent = round(time.process_time() - begun, 1)
    copy.info |= {"ecut": ECUT, "kpts": np.array(grid(copy)), "cpu_s": spent}
    return copy


class GPAWElsewhere(Calculator):
    """An ASE calculator that computes in another Python environment, a process each time.

    Parameters
    ----------
    python
        The interpreter of the environment that has GPAW.
    txt
        Text log of GPAW, appended to; None keeps none.

    Attributes
    ----------
    calls, cpu_seconds
        Calculations done so far and the CPU time they took.
    """

    implemented_properties: ClassVar[list[str]] = list(RESULTS)

    def __init__(self, python: str | Path, txt: str | Path | None = None) -> None:
        super().__init__()
        self.python, self.txt = str(python), txt
        self.calls, self.cpu_seconds = 0, 0.0

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Write the structure, run this file there, read the results.

        Raises
        ------
        CalculationFailed
            With the end of what the other process said.
        """
        super().calculate(atoms, properties, system_changes)
        bare = Atoms(self.atoms.symbols, self.atoms.positions, cell=self.atoms.cell, pbc=True)
        with tempfile.TemporaryDirectory() as folder:
            given, found, log = (Path(folder, name) for name in ("in.extxyz", "out.extxyz", "log"))
            write(given, bare, format="extxyz")
            command = [self.python, str(Path(__file__).resolve()), str(given), str(found), str(log)]
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                env=os.environ | {"OMP_NUM_THREADS": "1"},
            )
            if self.txt is not None and log.exists():
                with Path(self.txt).open("a") as file:
                    file.write(log.read_text())
            if done.returncode or not found.exists():
                raise CalculationFailed(
                    f"GPAW in {self.python} ended with {done.returncode}: {done.stderr[-2000:]}"
                )
            image = read(found)
        self.results = {name: image.calc.results[name] for name in RESULTS}
        self.calls += 1
        self.cpu_seconds += float(image.info["cpu_s"])


def main() -> None:
    """Compute the structure of one file into another one."""
    given, found = map(Path, sys.argv[1:3])
    log = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    image = single_point(read(given), log)
    temporary = found.with_name(f".{found.name}")
    write(temporary, image, format="extxyz")
    temporary.replace(found)


if __name__ == "__main__":
    main()
