"""Molecular dynamics of bcc lithium with a potential that learns from PBE as it goes.

    python learn_lithium.py GPAW_PYTHON --work FOLDER     # in the course's environment

GPAW_PYTHON is the interpreter of the environment that has GPAW; the settings are those of
`lithium-pbe`. FOLDER keeps every calculation as soon as it is done: killed, the same command goes
on from there. The record is written into `record` whenever the run ends.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ase.build import bulk

from matlearn.potentials.learning import learn_on_the_fly
from matlearn.potentials.moment_tensors import MTP

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lithium-pbe"))
from gpaw_calculator import ECUT, SMEARING, GPAWElsewhere, grid  # noqa: E402

TEMPERATURE = 300.0  # K
LATTICE = 3.44 * (1 + 4.6e-5 * TEMPERATURE)  # A: PBE's bcc with the solid's thermal expansion
STEPS, TIMESTEP = 10_000, 0.002  # ps
LEVEL, CUTOFF = 8, 5.0  # A


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("python", help="interpreter of the environment with GPAW")
    parser.add_argument("--work", type=Path, required=True, help="folder of the run")
    parser.add_argument("--steps", type=int, default=STEPS)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    atoms = bulk("Li", "bcc", a=LATTICE, cubic=True).repeat(2)
    run = learn_on_the_fly(
        atoms,
        MTP(LEVEL, ["Li"], cutoff=CUTOFF),
        GPAWElsewhere(given.python, given.work / "gpaw.txt"),
        temperature=TEMPERATURE,
        steps=given.steps,
        timestep=TIMESTEP,
        mode="neighbourhood",
        start=3,
        folder=given.work,
        progress=False,
    )
    run.save(
        HERE / "record",
        reference=f"GPAW, PBE, plane waves to {ECUT:g} eV, {grid(atoms)[0]} k-points along each "
        f"axis, Fermi-Dirac smearing of {SMEARING} eV",
        lattice_constant=round(LATTICE, 4),
    )
    print(run)


if __name__ == "__main__":
    main()
