"""Teach a moment tensor potential what CHGNet says of Li10Ge(PS6)2: `lgps.mtp`, `labels.extxyz`.

    python train_student.py --teacher FOLDER/teacher.npz --work FOLDER2

It begins with frames of the teacher's own run. Then, round after round, the student runs molecular
dynamics at several temperatures and volumes; of the frames whose extrapolation grade is high, those
that enlarge the active set most are labelled by CHGNet, and the student learns from them. FOLDER2
keeps labels and potential after each round: killed, the same command goes on.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from ase import Atoms, units
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import thermalize_momenta

from matlearn.calculators import single_points
from matlearn.potentials.active import ActiveSet
from matlearn.potentials.moment_tensors import MTP

HERE = Path(__file__).resolve().parent
LEVEL, CUTOFF = 16, 5.0  # A
TIMESTEP = 0.002  # ps
FIRST = 80  # frames of the teacher to begin with
CONDITIONS = [  # temperature (K), volume relative to the relaxed cell
    (600.0, 1.0), (800.0, 1.0), (1000.0, 1.0), (1200.0, 1.0),
    (1000.0, 0.97), (1000.0, 1.03), (800.0, 1.03), (1200.0, 1.05),
]  # fmt: skip
STEPS = (1500, 3000, 5000, 5000, 10_000)  # of each run, in each round
ITERATIONS = (60, 15, 20, 15, 15, 40)  # of each fit
MOST = 60  # labels a round
TRIES = 4  # starts at each condition, where the student leaves what it knows
LOOK = 10  # steps between frames that are graded
KEEP, STOP = 2.0, 15.0  # grades


def teacher_frames(path: Path) -> list[Atoms]:
    """Give labelled frames, evenly spread over the teacher's run."""
    with np.load(path) as found:
        run = {key: found[key] for key in found.files}
    images = []
    for i in np.linspace(0, len(run["step"]) - 1, FIRST).astype(int):
        atoms = Atoms(run["numbers"], run["positions"][i].astype(float), cell=run["cell"], pbc=True)
        atoms.wrap()
        atoms.calc = SinglePointCalculator(
            atoms, energy=float(run["energy"][i]), forces=run["forces"][i].astype(float),
            stress=run["stress"][i],
        )  # fmt: skip
        atoms.info = {"origin": "teacher", "temperature": 1000.0, "volume": 1.0}
        images.append(atoms)
    return images


def explore(
    mtp: MTP, active: ActiveSet, temperature: float, volume: float, steps: int, seed: int
) -> tuple[list[Atoms], int]:
    """Run the student, and give the frames it does not know, and how far it came."""
    atoms = read(HERE / "record" / "relaxed.extxyz")
    atoms.set_cell(atoms.cell * volume ** (1 / 3), scale_atoms=True)
    atoms.calc = mtp.calculator()
    rng = np.random.default_rng(seed)
    thermalize_momenta(atoms, temperature_K=2 * temperature, rng=rng)
    dynamics = Langevin(
        atoms, 1000 * TIMESTEP * units.fs, temperature_K=temperature, friction=0.01 / units.fs,
        fixcm=False, rng=rng,
    )  # fmt: skip
    pool: list[Atoms] = []
    for step in range(LOOK, steps + 1, LOOK):
        try:
            dynamics.run(LOOK)
            frame = Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=True)
            frame.wrap()
            grade = float(active.grades([frame], "neighbourhood")[0])
        except ValueError:  # atoms flew apart, or into each other
            return pool, step
        frame.info = {
            "origin": "student", "temperature": temperature, "volume": volume,
            "grade": round(grade, 2),
        }  # fmt: skip
        if grade > STOP:
            if grade < 10 * STOP:
                pool.append(frame)
            return pool, step
        if grade > KEEP:
            pool.append(frame)
    return pool, steps


def main() -> None:
    """Learn, or go on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    labels, journal = given.work / "labels.extxyz", given.work / "rounds.json"
    mtp = MTP(LEVEL, ["Li", "Ge", "P", "S"], cutoff=CUTOFF)
    if journal.exists():
        rounds = json.loads(journal.read_text())
        images = read(labels, index=":")[: rounds[-1]["labels"]]
        mtp = MTP.load(given.work / f"round-{len(rounds) - 1}.mtp")
    else:
        rounds, images = [], teacher_frames(given.teacher)
    while len(rounds) <= len(STEPS):
        number, began = len(rounds), time.process_time()
        about: list[dict] = []
        if number:
            active = ActiveSet(mtp, images)
            pool: list[Atoms] = []
            for n, (temperature, volume) in enumerate(CONDITIONS):
                reached, before, tries = 0, len(pool), 0
                while reached < STEPS[number - 1] and tries < TRIES:
                    found, came = explore(
                        mtp, active, temperature, volume, STEPS[number - 1] - reached,
                        1000 * number + 10 * n + tries,
                    )  # fmt: skip
                    pool, reached, tries = pool + found, reached + came, tries + 1
                about.append({
                    "temperature": temperature, "volume": volume, "steps": reached,
                    "starts": tries, "unknown": len(pool) - before,
                })  # fmt: skip
                print(about[-1], flush=True)
            chosen = active.select(pool, 1.5, "neighbourhood")[:MOST]
            asked = [pool[index] for index in chosen]
            for atoms in single_points(asked, "chgnet", progress=False):
                atoms.info["round"] = number
                images.append(atoms)
        result = mtp.fit(
            images, max_iterations=ITERATIONS[number], starts=2, seed=1,
            restart=number == 0, progress=False,
        )  # fmt: skip
        mtp.save(given.work / f"round-{number}.mtp")
        errors = {name: float(error.rms) for name, error in result.train.errors.items()}
        rounds.append({
            "labels": len(images), "errors": errors, "runs": about,
            "cpu_s": round(time.process_time() - began, 1),
        })  # fmt: skip
        write(labels, images)
        journal.write_text(json.dumps(rounds, indent=1))
        print(number, {k: v for k, v in rounds[-1].items() if k != "runs"}, flush=True)


if __name__ == "__main__":
    main()
