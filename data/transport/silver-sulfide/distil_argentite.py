"""Distil a moment tensor potential for argentite from CHGNet.

    python distil_argentite.py --work FOLDER --teacher FILE     # about 10 CPU minutes

FILE is what `run_teacher.py` makes. First the student learns on the fly in 48 atoms; then it is
trained on frames of the teacher's run as well, and learns on in 162 atoms at the highest
temperature (what had learned in 48 atoms alone let these fly apart). Killed, the same command goes
on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from argentite import argentite
from ase import Atoms
from ase.io import write

from matlearn.calculators import get_calculator, single_points
from matlearn.fitting import error_report
from matlearn.potentials import learn_on_the_fly
from matlearn.transport import distil, read_trajectory, run_md

TEMPERATURES = (450.0, 550.0, 700.0, 850.0)  # K
LEVEL, CUTOFF = 12, 5.5  # A
BUDGET, STEPS, TIMESTEP = 200, 3000, 0.003  # ps
TAUGHT, TESTED = slice(60, 300, 6), slice(330, 602, 8)  # frames of the teacher's run
LARGE_STEPS = 4000


def teacher_frames(path: Path, calculator, which: slice) -> list[Atoms]:
    """Label frames of the teacher's run, which recorded energies but no forces."""
    run = read_trajectory(path)
    frames = [run.atoms(i, wrap=True) for i in range(len(run))[which]]
    return single_points(frames, calculator, progress=False, batch_size=1)


def large_frames(potential, calculator) -> list[Atoms]:
    """Label frames of the student's own dynamics in 162 atoms, to test it."""
    frames = []
    for number, temperature in enumerate(TEMPERATURES):
        run = run_md(
            argentite(3, seed=5), potential.calculator(), temperature=temperature, steps=1000,
            timestep=TIMESTEP, ensemble="langevin", record_every=250, seed=20 + number,
            progress=False,
        )  # fmt: skip
        frames += [run.atoms(i, wrap=True) for i in range(2, len(run))]
    return single_points(frames, calculator, progress=False, batch_size=1)


def plain(images: list[Atoms]) -> list[Atoms]:
    """Keep positions, energy, forces and stress."""
    for atoms in images:
        atoms.info.clear()
        atoms.set_momenta([[0.0] * 3] * len(atoms))
        del atoms.arrays["momenta"]
        for name in ("magmoms", "free_energy"):
            atoms.calc.results.pop(name, None)
        atoms.wrap()
    return images


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder of the run")
    parser.add_argument("--teacher", type=Path, required=True, help="the teacher's trajectory")
    given = parser.parse_args()
    calculator = get_calculator("chgnet", device="cpu")
    found = distil(
        argentite(2), calculator, temperatures=TEMPERATURES, level=LEVEL, cutoff=CUTOFF,
        budget=BUDGET, steps=STEPS, timestep=TIMESTEP, folder=given.work / "distil",
        progress=False,
    )  # fmt: skip
    print(found.report.to_frame().to_string(), found.report.rounds.to_string(), sep="\n\n")
    print(found.report.reason, flush=True)
    potential = found.potential
    taught = teacher_frames(given.teacher, calculator, TAUGHT)
    images = plain([*found.images, *taught])
    potential.fit(images, restart=False, max_iterations=80, progress=False)
    run = learn_on_the_fly(
        argentite(3), potential, calculator, temperature=TEMPERATURES[-1], steps=LARGE_STEPS,
        timestep=TIMESTEP, mode="neighbourhood", images=images, folder=given.work / "large",
        progress=False,
    )  # fmt: skip
    print(run, flush=True)
    images = plain(run.images)
    tests = {
        "teacher": plain(teacher_frames(given.teacher, calculator, TESTED)),
        "student_162": plain(large_frames(potential, calculator)),
    }
    reports = {name: error_report(potential.calculator(), test) for name, test in tests.items()}
    print(*reports.items(), sep="\n")
    potential.save(given.work / "silver-sulfide.mtp")
    for name, some in (("labels", images), ("tests", [a for test in tests.values() for a in test])):
        write(given.work / f"{name}.extxyz", some)
    about = {
        "on_the_fly": json.loads(found.report.rounds.to_json(orient="records")),
        "images": {"on_the_fly": len(found.images), "teacher": len(taught),
                   "on_the_fly_162": run.calls},
        "test": {
            name: {"configurations": report.configurations,
                   "energy_rms_meV_per_atom": 1000 * report.errors["energy_per_atom"].rms,
                   "forces_rms_eV_per_A": report.errors["forces"].rms,
                   "forces_relative_rms": report.errors["forces"].relative_rms,
                   "stress_rms_GPa": report.errors["stress"].rms}
            for name, report in reports.items()
        },
    }  # fmt: skip
    (given.work / "distilled.json").write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
