"""Long molecular dynamics of argentite with the distilled potential.

    python run_student.py --potential silver-sulfide.mtp --work FOLDER [NAME ...]

Each run goes on where it was stopped, and is there at once when it is done. 162 atoms unless the
name says otherwise; about 8 CPU minutes a nanosecond (48 atoms: 3).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from argentite import argentite

from matlearn.transport import run_md

TIMESTEP, EVERY = 0.004, 25  # ps, steps
EQUILIBRATION = 2500
RUNS: dict[str, tuple[int, float, int, int]] = {
    "450K": (3, 450.0, 62_500, 1),
    "500K": (3, 500.0, 250_000, 9),
    "500K-2": (3, 500.0, 250_000, 31),
    "500K-3": (3, 500.0, 250_000, 32),
    "550K": (3, 550.0, 62_500, 2),
    "600K": (3, 600.0, 250_000, 21),
    "600K-2": (3, 600.0, 250_000, 22),
    "600K-3": (3, 600.0, 250_000, 23),
    "650K": (3, 650.0, 62_500, 3),
    "650K-384-atoms": (4, 650.0, 25_000, 25),
    "650K-48-atoms": (2, 650.0, 187_500, 11),
    "800K": (3, 800.0, 30_000, 4),
}
"""Cubic cells along each axis, temperature (K), steps, seed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(RUNS), help="runs; all unless given")
    parser.add_argument("--potential", type=Path, required=True, help="the distilled potential")
    parser.add_argument("--work", type=Path, required=True, help="folder of the runs")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    for name in given.names:
        repeats, temperature, steps, seed = RUNS[name]
        run = run_md(
            argentite(repeats, seed=seed), given.potential, temperature=temperature, steps=steps,
            timestep=TIMESTEP, equilibrate=EQUILIBRATION, record_every=EVERY, seed=seed,
            store=given.work / f"{name}.run", progress=False,
        )  # fmt: skip
        print(name, run, flush=True)


if __name__ == "__main__":
    main()
