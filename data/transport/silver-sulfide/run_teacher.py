"""Molecular dynamics of argentite with CHGNet itself, which the distilled potential must match.

    python run_teacher.py --work FOLDER [--replica 2]     # about 15 and 7 CPU minutes

Killed, the same command goes on.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from argentite import argentite

from matlearn.calculators import get_calculator
from matlearn.transport import run_md

TEMPERATURE, TIMESTEP = 650.0, 0.003  # K, ps
EQUILIBRATION = 1000
STEPS = {1: 13_500, 2: 7000, 3: 7000, 4: 7000}
"""Of each replica, which begins with silver in other places."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder of the run")
    parser.add_argument("--replica", type=int, default=1, choices=list(STEPS))
    given = parser.parse_args()
    work, replica = given.work, given.replica
    name = "teacher" if replica == 1 else f"teacher-{replica}"
    work.mkdir(parents=True, exist_ok=True)
    started = time.process_time()
    run = run_md(
        argentite(2, seed=replica), get_calculator("chgnet", device="cpu"),
        temperature=TEMPERATURE, steps=STEPS[replica], timestep=TIMESTEP,
        equilibrate=EQUILIBRATION, record_every=10, store=work / f"{name}.run",
        seed=replica - 1, progress=False,
    )  # fmt: skip
    run.save(work / f"{name}.npz", resolution=0.001)
    print(run, f"{time.process_time() - started:.0f} CPU s in this process")


if __name__ == "__main__":
    main()
