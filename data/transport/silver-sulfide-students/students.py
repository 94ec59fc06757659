"""Students of other levels and seeds, and of other teachers, from the same configurations.

    python students.py --labels ../silver-sulfide/labels.extxyz     # about 5 CPU minutes

Each student runs 80 ps in the cell of 162 atoms at 650 K. Other teachers label the same positions.
A row is written when a student is done; killed, the same command goes on behind the last one.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import pandas as pd
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read

from matlearn import potentials, transport
from matlearn.calculators import get_calculator

TEMPERATURE, TIMESTEP = 650.0, 0.004  # K, ps
EQUILIBRATION, STEPS, EVERY = 2500, 20_000, 25
ATOMS, CUTOFF = 162, 5.5  # A
STUDENTS = (("0.3.0", 8, 1), ("r2scan", 8, 1), ("0.2.0", 8, 1), ("0.3.0", 8, 2))
"""Version of CHGNet that labelled, level of the student, its seed (of the run as well)."""


def labelled(images: list[Atoms], version: str) -> list[Atoms]:
    """Let another version of the teacher label the same positions."""
    if version == "0.3.0":
        return images
    teacher, found = get_calculator("chgnet", device="cpu", model=version), []
    for image in images:
        atoms = image.copy()
        teacher.calculate(atoms, ["energy", "forces", "stress"])
        names = ("energy", "forces", "stress")
        atoms.calc = SinglePointCalculator(atoms, **{n: teacher.results[n] for n in names})
        found.append(atoms)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=Path, required=True, help="labels of CHGNet 0.3.0")
    parser.add_argument("--table", type=Path, default=Path("students.csv"))
    given = parser.parse_args()
    images = read(given.labels, ":")
    large = [image for image in images if len(image) == ATOMS]
    start = min(large, key=lambda image: image.get_potential_energy())
    rows = []
    if given.table.exists():
        rows = pd.read_csv(given.table, dtype={"teacher": str}).to_dict("records")
    done = {(row["teacher"], row["level"], row["seed"]) for row in rows}
    for version, level, seed in STUDENTS:
        if (version, level, seed) in done:
            continue
        student = potentials.MTP(level, ["Ag", "S"], cutoff=CUTOFF)
        fit = student.fit(labelled(images, version), seed=seed, starts=1, progress=False)
        row = {"teacher": version, "level": level, "seed": seed, "images": len(images),
               "forces_rms": round(fit.train.errors["forces"].rms, 5)}  # fmt: skip
        try:
            run = transport.run_md(
                start, student.calculator(), temperature=TEMPERATURE, steps=STEPS, seed=seed,
                timestep=TIMESTEP, equilibrate=EQUILIBRATION, record_every=EVERY, progress=False,
            )  # fmt: skip
        except transport.dynamics.DynamicsError as error:
            row["note"] = f"flew apart: {error}"[:80]
        else:
            found = transport.diffusion_coefficient(run, "Ag")
            still = transport.mean_squared_displacement(run, "S", drift="all")
            row |= {"duration": run.duration, "value": found.value, "error": found.error,
                    "sulfur_msd": float(still.values[len(still.values) // 2]), "note": ""}  # fmt: skip
        rows.append(row)
        part = given.table.with_suffix(".part")
        pd.DataFrame(rows).to_csv(part, index=False)
        part.replace(given.table)
        print(row, flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
