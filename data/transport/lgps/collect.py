"""Put together what the runs of Li10Ge(PS6)2 gave: `record/` and `runs/`.

    python collect.py --teacher FOLDER/teacher.npz --student FOLDER2 --runs FOLDER3

Potential and labels come from FOLDER2 (train_student.py), trajectories from FOLDER3
(run_student.py). Runs are thinned and rounded to 0.02 A, and shipped whole. `results.json` is computed
from what is shipped, so that anyone can compute it again, and of each run only from the part that is
the crystal (see `crystal`).
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import re
import shutil
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from ase.io import read, write
from run_student import RUNS

from matlearn import transport
from matlearn.calculators import get_calculator
from matlearn.fitting import error_report
from matlearn.transport.trajectories import Trajectory, read_trajectory

HERE = Path(__file__).resolve().parent
RECORD, SHIPPED = HERE / "record", HERE / "runs"
RESOLUTION = 0.02  # A
APART, APART_IN_LONG = 0.2, 1.0  # ps between shipped frames, at least; in runs beyond 500 ps
TEMPERATURES = (600, 700, 800, 900, 1000)
LEAST = 200.0  # ps of the crystal that a temperature of the law must have, all replicas together
ELEMENTS = ("Li", "Ge", "P", "S")


def teacher(path: Path) -> Trajectory:
    """Give the teacher's run as a trajectory."""
    with np.load(path) as run:
        return Trajectory(
            numbers=run["numbers"], positions=run["positions"].astype(float), cells=run["cell"],
            pbc=True, time_step=float(run["timestep_ps"]) * int(run["step"][0]),
            energies=run["energy"], kinetic_energies=run["kinetic"],
            info={
                "ensemble": "nvt", "temperature": float(run["temperature_K"]), "timestep": 0.002,
                "relaxation": 0.1, "calculator": "chgnet 0.3.0", "script": "run_teacher.py",
            },
        )  # fmt: skip


def moving(runs: Trajectory | list[Trajectory]) -> dict[str, Any]:
    """Give the diffusion coefficient of each element, in cm2/s."""
    first = runs if isinstance(runs, Trajectory) else runs[0]
    found: dict[str, Any] = {}
    for element in ELEMENTS:
        drift = "framework" if element == "Li" else "all"
        d = transport.diffusion_coefficient(runs, element, drift=drift)
        found[element] = {
            "D_cm2_per_s": d.value, "error": d.error, "window_ps": list(d.window),
            "messages": list(d.messages),
        }  # fmt: skip
    sigma = transport.ionic_conductivity(runs, "Li", charge=1)
    return {
        "temperature_K": first.temperature,
        "picoseconds": [each.duration for each in ([first] if first is runs else runs)],
        "atoms": len(first.numbers),
        "mean_volume_A3_per_atom": float(np.mean(first.volumes)) / len(first.numbers),
        "diffusion": found,
        "conductivity_S_per_cm": {"nernst_einstein": sigma.value, "error": sigma.error},
    }


def crystal(run: Trajectory) -> tuple[Trajectory, dict[str, Any]]:
    """Give the part of a run that is the crystal, and how it is known.

    It ends before the first shipped frame in which a sulfur's nearest P or Ge is another one than
    at the start: tetrahedra turn in the crystal, but never exchange corners.
    """
    bonds = transport.bond_partners(run, "S", ("P", "Ge"))
    late = bonds.first_change
    part = run if late is None else run[: round(late / run.time_step)]
    return part, {
        "picoseconds": run.duration,
        "crystal_until_ps": part.duration,
        "sulfur": len(run.indices("S")),
        "sulfur_with_another_partner_at_the_end": int(bonds.changed[-1]),
        "farthest_sulfur_A": float(bonds.distances.max()),
    }


def replicas(parts: dict[str, Trajectory], kelvin: int) -> list[Trajectory]:
    """Give the student's runs at a temperature, in the cell and the volume of all."""
    named = re.compile(rf"{kelvin}K(-\d)?")
    return [part for name, part in parts.items() if named.fullmatch(name)]


def nve(potential: Path) -> dict[str, Any]:
    """Measure the drift of the energy over 20 ps at 2 fs, and the cost of a step."""
    atoms = read(RECORD / "relaxed.extxyz")
    warm = transport.run_md(
        atoms, potential, temperature=1000, steps=10, ensemble="langevin", equilibrate=1000,
        record_every=10, velocities=True, progress=False,
    )  # fmt: skip
    hot = warm.atoms(-1)
    began = time.process_time()
    run = transport.run_md(
        hot, potential, temperature=None, momenta="keep", ensemble="nve", steps=10_000,
        record_every=20, progress=False,
    )  # fmt: skip
    cpu = time.process_time() - began
    total = 1000 * (run.energies + run.kinetic_energies) / len(atoms)
    slope = np.polyfit(run.times, total, 1)[0]
    return {
        "drift_meV_per_atom_in_20_ps": float(20 * slope),
        "fluctuation_meV_per_atom": float(np.std(total)),
        "temperature_K": float(np.mean(run.temperatures)),
        "cpu_ms_per_step": 1000 * cpu / 10_000,
    }


def main() -> None:
    """Collect."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--student", type=Path, required=True)
    parser.add_argument("--runs", type=Path, required=True)
    given = parser.parse_args()
    warnings.simplefilter("ignore")  # messages are kept in results.json
    SHIPPED.mkdir(exist_ok=True)
    rounds = json.loads((given.student / "rounds.json").read_text())
    potential = RECORD / "lgps.mtp"
    shutil.copy(given.student / f"round-{len(rounds) - 1}.mtp", potential)
    images = read(given.student / "labels.extxyz", index=":")[: rounds[-1]["labels"]]
    text = io.StringIO()
    write(text, images, format="extxyz")
    (RECORD / "labels.extxyz.xz").write_bytes(lzma.compress(text.getvalue().encode()))

    long = teacher(given.teacher)
    long[::5].save(SHIPPED / "1000K-teacher.npz", resolution=RESOLUTION)
    for name in RUNS:
        if (given.runs / f"{name}.run").exists():
            run = read_trajectory(given.runs / f"{name}.run")
            apart = APART_IN_LONG if RUNS[name].picoseconds > 500 else APART
            every = max(1, round(apart / run.time_step))
            run[::every].save(SHIPPED / f"{name}.npz", resolution=RESOLUTION)
    shipped = {file.stem: read_trajectory(file) for file in sorted(SHIPPED.glob("*.npz"))}
    whole = {name: crystal(run) for name, run in shipped.items()}
    parts = {name: part for name, (part, _) in whole.items()}
    at = {kelvin: replicas(parts, kelvin) for kelvin in TEMPERATURES}
    enough = [kelvin for kelvin in TEMPERATURES if sum(r.duration for r in at[kelvin]) >= LEAST]
    points = [transport.diffusion_coefficient(at[kelvin], "Li") for kelvin in enough]
    sigmas = [transport.ionic_conductivity(at[kelvin], "Li") for kelvin in enough]
    law, sigma = transport.arrhenius(points), transport.arrhenius(sigmas)
    haven = transport.haven_ratio(at[800], "Li")
    charge = transport.ionic_conductivity(at[800], "Li", kind="charge")
    results: dict[str, Any] = {
        "rule": " ".join(crystal.__doc__.split("\n\n")[1].split()),
        "runs": {name: moving(part) | {"whole_run": said} for name, (part, said) in whole.items()},
        "temperatures": {str(kelvin): moving(at[kelvin]) for kelvin in TEMPERATURES},
        "haven": {
            "temperature_K": 800.0, "ratio": haven.value, "error": haven.error,
            "sigma_charge_S_per_cm": charge.value, "sigma_error": charge.error,
            "messages": list(haven.messages),
        },
        "arrhenius": {
            "Ea_eV": law.activation_energy, "Ea_error": law.activation_energy_error,
            "D0_cm2_per_s": law.prefactor, "chi_square": law.chi_square,
            "temperatures_K": enough,
            "D_300K_cm2_per_s": list(law.at(300)), "sigma_300K_S_per_cm": list(sigma.at(300)),
            "messages": list(law.messages),
        },
    }  # fmt: skip
    held = [long_image(given.teacher, i) for i in range(25, len(long), max(1, len(long) // 60))]
    student = get_calculator(potential)
    results["student"] = {
        "labels": len(images),
        "from_teacher_run": sum(a.info["origin"] == "teacher" for a in images),
        "train": _errors(student, images),
        "teacher_run_not_learned": _errors(student, held),
        "nve": nve(potential),
        "rounds": rounds,
    }
    with np.load(given.teacher) as run:
        results["teacher"] = {
            "cpu_ms_per_step": 1000 * float(run["cpu_s"]) / int(run["last_step"]),
            "pressure_GPa": float(-run["stress"][:, :3].mean() * 160.21766),
            "all_40_ps": moving(shipped["1000K-teacher"]),
        }
    results["versions"] = {
        name: version(name).split("+")[0] for name in ("ase", "chgnet", "motep", "numpy", "torch")
    }
    text = json.dumps(results, indent=1, default=float)
    (RECORD / "results.json").write_text(text + "\n", encoding="utf-8")
    print(json.dumps({k: v for k, v in results.items() if k != "student"}, indent=1)[:6000])


def long_image(path: Path, i: int) -> Any:
    """Give one labelled frame of the teacher's run."""
    from ase import Atoms
    from ase.calculators.singlepoint import SinglePointCalculator

    with np.load(path) as run:
        atoms = Atoms(run["numbers"], run["positions"][i].astype(float), cell=run["cell"], pbc=True)
        atoms.calc = SinglePointCalculator(
            atoms, energy=float(run["energy"][i]), forces=run["forces"][i].astype(float),
            stress=run["stress"][i],
        )  # fmt: skip
    return atoms


def _errors(calculator: Any, images: list[Any]) -> dict[str, float]:
    report = error_report(calculator, images)
    return {
        "energy_meV_per_atom": 1000 * float(report.errors["energy_per_atom"].rms),
        "forces_eV_per_A": float(report.errors["forces"].rms),
        "stress_GPa": float(report.errors["stress"].rms),
    }


if __name__ == "__main__":
    main()
