"""The student's long runs of Li10Ge(PS6)2.

    python run_student.py --potential lgps.mtp --work FOLDER [NAME ...]

All runs of the table below, or those named. FOLDER keeps them: killed, the same command goes on.
Constant volume is that of the relaxed cell times `volume`; 2 ps of Langevin dynamics come first,
then a Nose-Hoover chain of 0.1 ps, 2 fs a step. About 1.1 ms of one core a step for 50 atoms.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

from ase.io import read

from matlearn.transport.dynamics import run_md

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Plan:
    """What a run is."""

    temperature: float
    """K."""
    picoseconds: float
    every: int
    """Steps between records."""
    repeat: tuple[int, int, int] = (1, 1, 1)
    volume: float = 1.0
    """Relative to the relaxed cell."""
    seed: int = 1


RUNS = {
    "1000K": Plan(1000, 200, 50, seed=13),
    "1000K-2": Plan(1000, 100, 50, seed=15),
    "600K": Plan(600, 200, 50, seed=11),
    "700K": Plan(700, 200, 50, seed=12),
    "900K": Plan(900, 200, 50, seed=14),
    "900K-2": Plan(900, 120, 50, seed=16),
    "1000K-volume-0.97": Plan(1000, 100, 50, volume=0.97, seed=31),
    "1000K-volume-1.03": Plan(1000, 100, 50, volume=1.03, seed=32),
    "1000K-200-atoms": Plan(1000, 60, 100, repeat=(2, 2, 1), seed=41),
    "800K-1": Plan(800, 1000, 250, seed=21),
    "800K-2": Plan(800, 1000, 250, seed=22),
    "800K-3": Plan(800, 1000, 250, seed=23),
}


def main() -> None:
    """Run what is asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--potential", type=Path, default=HERE / "record" / "lgps.mtp")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("names", nargs="*", default=list(RUNS))
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    for name in given.names:
        plan, began = RUNS[name], time.process_time()
        atoms = read(HERE / "record" / "relaxed.extxyz").repeat(plan.repeat)
        atoms.set_cell(atoms.cell * plan.volume ** (1 / 3), scale_atoms=True)
        found = run_md(
            atoms,
            given.potential,
            temperature=plan.temperature,
            steps=round(plan.picoseconds / 0.002),
            timestep=0.002,
            record_every=plan.every,
            store=given.work / f"{name}.run",
            seed=plan.seed,
            equilibrate=1000,
            checkpoint_every=5000,
            progress=False,
        )
        print(f"{name}: {found}, {time.process_time() - began:.0f} CPU s", flush=True)


if __name__ == "__main__":
    main()
