"""What the runs say: diffusion, conductivity, Haven ratio, and student beside teacher.

    python evaluate.py --work FOLDER     # after run_teacher, distil_argentite and run_student

Writes ``record`` and, thinned, ``runs``, which are shipped.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import shutil
import time
import warnings
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from argentite import LATTICE, SULFUR, argentite
from ase import Atoms
from ase.io import write

from matlearn.calculators import get_calculator
from matlearn.transport import (
    Diffusion,
    Trajectory,
    arrhenius,
    diffusion_coefficient,
    haven_ratio,
    ionic_conductivity,
    radial_distribution,
    read_trajectory,
    run_md,
)

HERE = Path(__file__).resolve().parent
RECORD, RUNS = HERE / "record", HERE / "runs"
RESOLUTION = 0.02  # A, of the trajectories that are shipped
NAMES = ("450K", "500K", "550K", "600K", "650K")
"""Runs of 162 atoms, one a temperature."""
REPLICAS = ("600K", "600K-2", "600K-3")
SAME_CELL = "650K-48-atoms"
"""The student in the teacher's cell at its temperature."""
MOLTEN = "800K"
EVERY = 5
"""Frames of the shipped trajectories: each fifth, 0.5 ps apart."""


def equally_long(runs: list[Trajectory]) -> list[Trajectory]:
    """Cut replicas to the shortest of them."""
    frames = min(len(run) for run in runs)
    return [run[:frames] for run in runs]


def still(run: Trajectory) -> float:
    """Give the mean squared distance of sulfur from where it began, without common drift (A2)."""
    places = run.positions[:, run.indices("S")]
    places = places - places.mean(axis=1, keepdims=True)
    tenth = max(1, len(run) // 10)
    moved = places[-tenth:].mean(axis=0) - places[:tenth].mean(axis=0)
    return float((moved**2).sum(axis=1).mean())


def on_lattice(run: Trajectory) -> Trajectory:
    """Put the origin onto the lattice of sulfur, from which the start drifts a little."""
    sulfur = run.indices("S")
    repeats = round((len(sulfur) / len(SULFUR)) ** (1 / 3))
    ideal = argentite(repeats).positions[: len(sulfur)].mean(axis=0)
    return replace(run, positions=run.positions + ideal - run.positions[0, sulfur].mean(axis=0))


def windows(run: Trajectory, duration: float) -> dict:
    """Give the scatter of D over parts of a run that are as long as the teacher's."""
    frames = round(duration / run.time_step) + 1
    found = [diffusion_coefficient(run[i : i + frames], "Ag").value
             for i in range(0, len(run) - frames, frames)]  # fmt: skip
    return {"D_cm2_per_s": found, "scatter_cm2_per_s": float(np.std(found, ddof=1))}


def row(found: Diffusion) -> dict:
    """Give a diffusion coefficient as it is written down."""
    return {
        "D_cm2_per_s": found.value, "error_cm2_per_s": found.error, "species": found.species,
        "temperature_K": found.temperature, "ions": found.ions, "diffusive_from_ps": found.window[0],
        "messages": list(found.messages),
    }  # fmt: skip


def conserved(potential: Path, start: Atoms) -> dict:
    """Measure the drift of the energy at constant energy, and the cost of a step."""
    started = time.process_time()
    run = run_md(
        start, potential, temperature=650, steps=10_000, timestep=0.002, ensemble="nve",
        equilibrate=0, record_every=50, seed=9, progress=False,
    )  # fmt: skip
    total = 1000 * (run.energies + run.kinetic_energies) / len(run.numbers)
    line = np.polyfit(run.times, total, 1)
    return {
        "timestep_ps": 0.002, "duration_ps": run.duration, "atoms": len(run.numbers),
        "temperature_K": float(np.mean(run.temperatures[len(run) // 2 :])),
        "drift_meV_per_atom": line[0] * run.duration,
        "fluctuation_meV_per_atom": float(np.std(total - np.polyval(line, run.times))),
        "student_cpu_s_per_step": (time.process_time() - started) / 10_000,
    }  # fmt: skip


def teacher_cost() -> float:
    """Give the CPU seconds of CHGNet for 162 atoms, one pass."""
    atoms, calculator = argentite(3), get_calculator("chgnet", device="cpu")
    calculator.calculate(atoms, ["energy"])
    started = time.process_time()
    for _ in range(5):
        atoms.rattle(0.01, rng=np.random.default_rng())
        calculator.calculate(atoms, ["energy"])
    return (time.process_time() - started) / 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder of the runs")
    work = parser.parse_args().work
    potential = work / "silver-sulfide.mtp"
    paths = sorted((work / "runs").glob("*.run"))
    runs = {path.stem: on_lattice(read_trajectory(path)) for path in paths}
    teacher = on_lattice(read_trajectory(work / "teacher" / "teacher.run"))
    RECORD.mkdir(exist_ok=True)
    RUNS.mkdir(exist_ok=True)
    for name, run in runs.items():
        run[::EVERY].save(RUNS / f"{name}.npz", resolution=RESOLUTION)
    teacher[::EVERY].save(RUNS / "650K-teacher.npz", resolution=RESOLUTION)
    shutil.copy(potential, RECORD / potential.name)
    with lzma.open(RECORD / "labels.extxyz.xz", "wb", preset=9) as file:
        file.write((work / "labels.extxyz").read_bytes())
    write(RECORD / "relaxed.extxyz", runs["450K"].atoms(-1, wrap=True))
    points = {name: diffusion_coefficient(runs[name], "Ag") for name in NAMES if name in runs}
    replicas = equally_long([runs[name] for name in REPLICAS if name in runs])
    beside = diffusion_coefficient(runs[SAME_CELL], "Ag")
    own = diffusion_coefficient(teacher, "Ag")
    joint = math.hypot(own.error, beside.error)
    part = windows(runs[SAME_CELL], teacher.duration)
    if not (work / "cost.json").is_file():
        drift = conserved(potential, runs["650K"].atoms(-1))
        (work / "cost.json").write_text(json.dumps({"drift": drift, "teacher": teacher_cost()}))
    cost = json.loads((work / "cost.json").read_text())
    drift, slow = cost["drift"], cost["teacher"]
    results = {
        "settings": {
            "lattice_constant_A": LATTICE, "timestep_ps": 0.004, "ensemble": "Nose-Hoover chain",
            "atoms": 162, "charge": 1,
            "versions": {n: version(n).split("+")[0] for n in ("ase", "numpy", "chgnet", "torch", "motep")},
        },
        "diffusion": {name: row(found) for name, found in points.items()},
        "sulfur_moved_A2": {name: still(run) for name, run in [*runs.items(), ("teacher", teacher)]},
        "conductivity_nernst_einstein_S_per_cm": {
            name: [(c := ionic_conductivity(found_run, "Ag", charge=1)).value, c.error]
            for name, found_run in ((n, runs[n]) for n in points)
        },
        "size": {name: row(diffusion_coefficient(run, "Ag")) for name, run in runs.items()
                 if name.startswith("650K")},
        "teacher": {
            "diffusion": row(own), "student_same_cell": row(beside),
            "deviation_joint_sigma": (beside.value - own.value) / joint,
            "joint_error_relative": joint / own.value, "student_windows": part,
            "deviation_over_scatter_of_windows":
                (beside.value - own.value) / math.hypot(part["scatter_cm2_per_s"], beside.error),
            "duration_ps": teacher.duration,
            "radial_rms_difference": {
                pair: float(np.sqrt(np.mean((
                    radial_distribution(teacher, *pair.split("-"), step=5).values
                    - radial_distribution(runs[SAME_CELL], *pair.split("-"), step=10).values
                ) ** 2))) for pair in ("Ag-Ag", "Ag-S", "S-S")
            },
            "cpu_s_per_step_162_atoms": slow, "speedup": slow / drift["student_cpu_s_per_step"],
        },
        "energy_conservation": drift,
        "distillation": json.loads((work / "distilled.json").read_text()),
    }  # fmt: skip
    if len(points) > 2:
        law = arrhenius(list(points.values()))
        results["arrhenius"] = {"activation_energy_eV": law.activation_energy,
                                "error_eV": law.activation_energy_error,
                                "prefactor_cm2_per_s": law.prefactor}  # fmt: skip
    if len(replicas) > 1:
        ratio = haven_ratio(replicas, "Ag")
        charge = ionic_conductivity(replicas, "Ag", charge=1, kind="charge")
        single = ionic_conductivity(replicas, "Ag", charge=1)
        results["haven"] = {
            "ratio": ratio.value, "error": ratio.error, "replicas": len(replicas),
            "duration_ps": replicas[0].duration, "atoms": len(replicas[0].numbers),
            "conductivity_S_per_cm": [charge.value, charge.error],
            "conductivity_nernst_einstein_S_per_cm": [single.value, single.error],
            "messages": list(ratio.messages),
        }  # fmt: skip
    (RECORD / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    warnings.simplefilter("ignore", UserWarning)  # what they say is in the results
    main()
