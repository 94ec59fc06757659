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
    Arrhenius,
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
POINTS = {
    "450K": ("450K",),
    "500K": ("500K", "500K-2", "500K-3"),
    "550K": ("550K",),
    "600K": ("600K", "600K-2", "600K-3"),
    "650K": ("650K",),
}
"""Runs of 162 atoms at each temperature."""
SAME_CELL = "650K-48-atoms"
"""The student in the teachers' cell at their temperature."""
MOLTEN = "800K"
MELTS = "600K-2"
"""A run that is shipped to its end as well, past the loss of the lattice."""
PIECE = 50.0  # ps, of runs whose scatter is looked at
BLOCK, LEAST, LASTING, MARGIN = 5.0, 0.85, 4, 10.0
"""The lattice is lost where its order, over blocks of 5 ps, stays below 0.85 for four of them or to
the end of the run; a run is used until 10 ps before that."""
EVERY, EVERY_LONG, EVERY_MELTS = 5, 10, 20
"""Of frames 0.1 ps apart (0.03 ps for the teacher) which are shipped."""
RESOLUTION, RESOLUTION_LONG, RESOLUTION_TEACHER = 0.1, 0.2, 0.02  # A, of what is shipped
DIFFUSIVE_FROM = 3.0  # ps
"""From here on mean squared displacements grow evenly, of single ions and of all together: at 500 K
their slopes between lags of 2, 4, 8, 16 and 32 ps agree within 0.5 % and within their errors."""


def order(run: Trajectory) -> np.ndarray:
    """Say how much of the lattice of sulfur is there, by blocks: 1 all of it, near 0 in a liquid.

    The mean amplitude of the six waves of the kind (110), of positions that are means over a block.
    """
    sulfur = run.positions[:, run.indices("S")]
    repeats = round((sulfur.shape[1] / len(SULFUR)) ** (1 / 3))
    size = round(BLOCK / run.time_step)
    blocks = len(run) // size
    places = sulfur[: blocks * size].reshape(blocks, size, -1, 3).mean(axis=1)
    waves = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1], [1, -1, 0], [1, 0, -1], [0, 1, -1]])
    turns = places @ waves.T * repeats / run.cells[0, 0, 0]
    found: np.ndarray = np.abs(np.exp(2j * np.pi * turns).mean(axis=1)).mean(axis=1)
    return found


def crystal(run: Trajectory) -> Trajectory:
    """Cut a run where it loses its lattice."""
    low = order(run) < LEAST
    for first in np.flatnonzero(low):
        if low[first : first + LASTING].all() and first + LASTING <= len(low):
            return run[: round((first * BLOCK - MARGIN) / run.time_step) + 1]
    return run


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


def coefficient(runs: Trajectory | list[Trajectory]) -> Diffusion:
    """Give the diffusion coefficient of silver."""
    return diffusion_coefficient(runs, "Ag", diffusive_from=DIFFUSIVE_FROM)


def pieces(run: Trajectory, duration: float) -> list[Trajectory]:
    """Cut a run into pieces of this duration (ps)."""
    frames = round(duration / run.time_step)
    return [run[k : k + frames + 1] for k in range(0, len(run) - frames, frames)]


def like(run: Trajectory, durations: list[float], number: int = 60) -> np.ndarray:
    """Give D (cm2/s) from parts of one run, as many and as long as other runs; at random places."""
    rng = np.random.default_rng(0)
    lengths = [round(duration / run.time_step) + 1 for duration in durations]
    found = []
    for _ in range(number):
        mixed = rng.permutation(lengths)
        before = np.sort(rng.integers(0, len(run) - sum(lengths) + 1, len(lengths)))
        starts = before + np.cumsum(mixed) - mixed
        parts = [run[a : a + n] for a, n in zip(starts, mixed, strict=True)]
        found.append(coefficient(parts).value)
    return np.array(found)


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


def fitted(law: Arrhenius) -> dict:
    """Give an Arrhenius law as it is written down."""
    return {
        "activation_energy_eV": law.activation_energy, "error_eV": law.activation_energy_error,
        "prefactor_cm2_per_s": law.prefactor, "prefactor_error_cm2_per_s": law.prefactor_error,
        "chi_square": law.chi_square, "degrees_of_freedom": law.degrees_of_freedom,
    }  # fmt: skip


def scatter_of(runs: list[Trajectory]) -> dict:
    """Give the scatter of D over pieces of runs, and the error of the whole that follows from it."""
    values = [coefficient(piece).value for run in runs for piece in pieces(run, PIECE)]
    scatter = float(np.std(values, ddof=1))
    return {"duration_ps": PIECE, "number": len(values), "scatter_cm2_per_s": scatter,
            "error_cm2_per_s": scatter / math.sqrt(len(values))}  # fmt: skip


def haven(runs: list[Trajectory]) -> dict:
    """Compare single ions with all together."""
    ratio = haven_ratio(runs, "Ag", diffusive_from=DIFFUSIVE_FROM)
    charge = ionic_conductivity(runs, "Ag", charge=1, kind="charge", diffusive_from=DIFFUSIVE_FROM)
    single = ionic_conductivity(runs, "Ag", charge=1, diffusive_from=DIFFUSIVE_FROM)
    return {
        "ratio": ratio.value, "error": ratio.error, "replicas": len(runs),
        "durations_ps": [run.duration for run in runs], "atoms": len(runs[0].numbers),
        "diffusive_from_ps": DIFFUSIVE_FROM,
        "single_replicas": [
            [(one := haven_ratio(run, "Ag", diffusive_from=DIFFUSIVE_FROM)).value, one.error] for run in runs
        ],
        "conductivity_S_per_cm": [charge.value, charge.error],
        "conductivity_nernst_einstein_S_per_cm": [single.value, single.error],
        "messages": list(ratio.messages),
    }  # fmt: skip


def compared(teachers: list[Trajectory], student: Trajectory) -> dict:
    """Set the student beside its teacher, in the same cell.

    The teacher's error is the larger of its own and of the scatter of parts of the student's run
    that are as many and as long as the teacher's replicas.
    """
    own, beside = coefficient(teachers), coefficient(student)
    parts = like(student, [run.duration for run in teachers])
    error = max(own.error, float(parts.std(ddof=1)))
    joint = math.hypot(error, beside.error)
    pairs = ("Ag-Ag", "Ag-S", "S-S")
    return {
        "diffusion": row(own), "student_same_cell": row(beside),
        "durations_ps": [run.duration for run in teachers],
        "single_replicas_cm2_per_s": [[(d := coefficient(run)).value, d.error] for run in teachers],
        "mean_temperatures_K": [float(run.temperatures.mean()) for run in teachers],
        "student_in_parts": {"D_cm2_per_s": float(parts.mean()),
                             "scatter_cm2_per_s": float(parts.std(ddof=1)), "number": len(parts)},
        "error_cm2_per_s": error,
        "deviation_joint_sigma": (beside.value - own.value) / joint,
        "deviation_joint_sigma_by_own_errors":
            (beside.value - own.value) / math.hypot(own.error, beside.error),
        "joint_error_relative": joint / own.value,
        "radial_rms_difference": {
            pair: float(np.sqrt(np.mean((
                radial_distribution(teachers, *pair.split("-"), step=5).values
                - radial_distribution(student, *pair.split("-"), step=10).values
            ) ** 2))) for pair in pairs
        },
    }  # fmt: skip


def ship(runs: dict[str, Trajectory], melts: Trajectory, teachers: dict[str, Trajectory]) -> None:
    """Write the trajectories, thinned."""
    RECORD.mkdir(exist_ok=True)
    RUNS.mkdir(exist_ok=True)
    for old in RUNS.glob("*.npz"):
        old.unlink()
    thick = {name for names in POINTS.values() if len(names) > 1 for name in names} | {MOLTEN}
    for name, run in runs.items():
        every, fine = (EVERY_LONG, RESOLUTION_LONG) if name in thick else (EVERY, RESOLUTION)
        run[::every].save(RUNS / f"{name}.npz", resolution=fine)
    melts[::EVERY_MELTS].save(RUNS / "600K-melts.npz", resolution=RESOLUTION_LONG)
    for name, run in teachers.items():
        run[::EVERY].save(RUNS / f"650K-{name}.npz", resolution=RESOLUTION_TEACHER)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder of the runs")
    work = parser.parse_args().work
    potential = work / "silver-sulfide.mtp"
    paths = sorted((work / "runs").glob("*.run"))
    whole = {path.stem: on_lattice(read_trajectory(path)) for path in paths}
    runs = {name: run if name == MOLTEN else crystal(run) for name, run in whole.items()}
    paths = sorted((work / "teacher").glob("*.run"))
    teachers = {path.stem: on_lattice(read_trajectory(path)) for path in paths}
    ship(runs, whole[MELTS], teachers)
    shutil.copy(potential, RECORD / potential.name)
    with lzma.open(RECORD / "labels.extxyz.xz", "wb", preset=9) as file:
        file.write((work / "labels.extxyz").read_bytes())
    write(RECORD / "relaxed.extxyz", runs["450K"].atoms(-1, wrap=True))
    if not (work / "cost.json").is_file():
        drift = conserved(potential, runs["650K"].atoms(-1))
        (work / "cost.json").write_text(json.dumps({"drift": drift, "teacher": teacher_cost()}))
    cost = json.loads((work / "cost.json").read_text())
    points = {name: [runs[one] for one in names] for name, names in POINTS.items()}
    found = {name: coefficient(some) for name, some in points.items()}
    law = arrhenius(list(found.values()))
    scatter = {name: scatter_of(some) for name, some in points.items()}
    wide = arrhenius([(one.temperature, one.value, max(one.error, scatter[name]["error_cm2_per_s"]))
                      for name, one in found.items()])  # fmt: skip
    results = {
        "settings": {
            "lattice_constant_A": LATTICE, "timestep_ps": 0.004, "ensemble": "Nose-Hoover chain",
            "atoms": 162, "charge": 1,
            "versions": {n: version(n).split("+")[0] for n in ("ase", "numpy", "chgnet", "torch", "motep")},
        },
        "lattice": {name: {"ran_ps": run.duration, "used_ps": runs[name].duration,
                           "lost": len(runs[name]) < len(run),
                           "sulfur_moved_A2": still(runs[name])} for name, run in whole.items()},
        "diffusion": {name: row(one) | {"runs": POINTS[name], "pieces": scatter[name]}
                      for name, one in found.items()},
        "conductivity_nernst_einstein_S_per_cm": {
            name: [(c := ionic_conductivity(some, "Ag", diffusive_from=DIFFUSIVE_FROM)).value, c.error]
            for name, some in points.items()
        },
        "arrhenius": {"own_errors": fitted(law), "larger_of_own_error_and_pieces": fitted(wide)},
        "haven": {name: haven(points[name]) for name in ("500K", "600K")},
        "size": {name: row(coefficient(run)) for name, run in runs.items()
                 if name.startswith("650K")},
        "teacher": compared(list(teachers.values()), runs[SAME_CELL]) | {
            "cpu_s_per_step_162_atoms": cost["teacher"],
            "speedup": cost["teacher"] / cost["drift"]["student_cpu_s_per_step"],
        },
        "energy_conservation": cost["drift"],
        "distillation": json.loads((work / "distilled.json").read_text()),
    }  # fmt: skip
    (RECORD / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    warnings.simplefilter("ignore", UserWarning)  # what they say is in the results
    main()
