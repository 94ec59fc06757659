"""Relax the published structure of Li10Ge(PS6)2 with CHGNet: `record/relaxed.extxyz`.

    python relax_lgps.py PUBLISHED.cif

Positions and cell, until no force and no stress (times the volume, by atom) exceeds 0.01 eV/A.
About 5 s of one core. The published file is `matlearn.datasets` ``lgps-structure``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from ase.calculators.singlepoint import SinglePointCalculator
from ase.filters import FrechetCellFilter
from ase.io import read, write
from ase.optimize import FIRE

from matlearn.calculators import get_calculator

HERE = Path(__file__).parent


def main(published: str) -> None:
    """Relax and write."""
    atoms = read(published)
    fresh = atoms.copy()
    for key in set(fresh.arrays) - {"numbers", "positions"}:
        del fresh.arrays[key]
    fresh.info.clear()
    fresh.calc = get_calculator("chgnet")
    began = time.process_time()
    optimizer = FIRE(FrechetCellFilter(fresh), logfile="-")
    optimizer.run(fmax=0.01, steps=1000)
    print(f"{optimizer.nsteps} steps, {time.process_time() - began:.0f} CPU s")
    print("cell before", np.round(atoms.cell.cellpar(), 4))
    print("cell after ", np.round(fresh.cell.cellpar(), 4))
    relaxed = fresh.copy()
    relaxed.calc = SinglePointCalculator(
        relaxed,
        energy=fresh.get_potential_energy(),
        forces=fresh.get_forces(),
        stress=fresh.get_stress(),
    )
    write(HERE / "record" / "relaxed.extxyz", relaxed)


if __name__ == "__main__":
    main(sys.argv[1])
