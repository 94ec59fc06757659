"""The student is examined: errors on new configurations, structure and diffusion, and speed."""

from __future__ import annotations

import time
import warnings
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from matlearn._calculators.evaluation import with_results
from matlearn.calculators import calculator_factory, describe
from matlearn.store import Store
from matlearn.transport._distilling.rounds import fingerprint
from matlearn.transport.diffusion import Diffusion, diffusion_coefficient
from matlearn.transport.displacements import mean_squared_displacement
from matlearn.transport.dynamics import DynamicsError, run_md
from matlearn.transport.structure import RadialDistribution, radial_distribution
from matlearn.transport.trajectories import Trajectory

FRAMES = 50
"""Frames that a radial distribution is averaged over, about."""


def new_configurations(
    structure: Atoms,
    student: Any,
    temperatures: list[float],
    *,
    count: int,
    steps: int,
    timestep: float,
    seed: int,
    progress: bool,
) -> tuple[list[Atoms], float, list[str]]:
    """Run the student anew at each temperature, and take configurations of the second half.

    Returns
    -------
    list of Atoms
        `count` a temperature, with ``info["temperature"]`` (K).
    float
        CPU seconds of the student per step.
    list of str
        Where atoms flew apart, if they did; what was good until then is examined.
    """
    found: list[Atoms] = []
    failures: list[str] = []
    started, made = time.process_time(), 0
    for number, temperature in enumerate(temperatures):
        try:
            run = run_md(
                structure, student.calculator(), temperature=temperature, steps=steps,
                timestep=timestep, ensemble="langevin", record_every=max(1, steps // (4 * count)),
                seed=seed + 101 + number, progress=progress,
            )  # fmt: skip
        except DynamicsError as error:
            failures.append(f"the student failed at {temperature:g} K: {error}")
            if error.trajectory is None:
                continue
            run = error.trajectory
        made += steps
        for index in np.linspace(len(run) // 2, len(run) - 1, count).astype(int):
            atoms = run.atoms(int(index), wrap=True)
            image = Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=True)
            image.info["temperature"] = temperature
            found.append(image)
    return found, (time.process_time() - started) / max(made, 1), failures


def labelled(
    images: list[Atoms], teacher: Any, student: Any, folder: Path | None
) -> tuple[list[Atoms], list[str], list[float]]:
    """Let the teacher label images; with a folder, each is paid for once.

    Returns
    -------
    images : list of Atoms
        Those that the teacher could label.
    failures : list of str
        Why it could not label others.
    seconds : list of float
        CPU time of those that were labelled now.
    """
    calculator = None
    done: list[Atoms] = []
    failures: list[str] = []
    seconds: list[float] = []
    store = None if folder is None else Store(folder / "examination.db")
    try:
        for number, atoms in enumerate(images):
            key = f"{fingerprint(student)}-{number}"
            if store is not None and key in store:
                done.append(store.get(key))
                continue
            if calculator is None:
                calculator = calculator_factory(teacher)()
            started = time.process_time()
            wanted = ["energy", "forces", "stress"]
            names = [name for name in wanted if name in calculator.implemented_properties]
            try:
                calculator.calculate(atoms.copy(), names)
            except (ValueError, RuntimeError, ArithmeticError) as error:
                failures.append(f"{type(error).__name__}: {error}")
                continue
            seconds.append(time.process_time() - started)
            image = with_results(atoms, calculator.results, "teacher")
            done.append(image)
            if store is not None:
                store.add(key, image)
    finally:
        if store is not None:
            store.close()
    return done, failures, seconds


def recorded(
    teacher_run: Trajectory | int,
    structure: Atoms,
    teacher: Any,
    *,
    temperature: float,
    timestep: float,
    folder: Path | None,
    seed: int,
    progress: bool,
) -> Trajectory:
    """Give the teacher's trajectory: the one at hand, or one that is run now."""
    if isinstance(teacher_run, Trajectory):
        return teacher_run
    return run_md(
        structure, teacher, temperature=temperature, steps=teacher_run, timestep=timestep,
        equilibrate=teacher_run // 5, record_every=5, seed=seed + 1, progress=progress,
        store=None if folder is None else folder / "teacher.run",
    )  # fmt: skip


def student_beside(
    run: Trajectory, student: Any, *, timestep: float, longer: int, folder: Path | None,
    seed: int, progress: bool,
) -> Trajectory:  # fmt: skip
    """Run the student in the teacher's cell at its temperature, longer than the teacher."""
    assert run.temperature is not None
    timestep = float(run.info.get("timestep", timestep))
    every = max(1, round(run.time_step / timestep))
    store = None if folder is None else folder / f"student-{fingerprint(student)}.run"
    calculator = student.calculator()
    name = f"{describe(calculator)}:{fingerprint(student)}"
    vars(calculator)["_matlearn"] = (name, {})
    return run_md(
        run.atoms(0), calculator, temperature=run.temperature, timestep=timestep,
        steps=longer * every * (len(run) - 1), equilibrate=max(500, len(run) // 10),
        record_every=every, seed=seed + 2, progress=progress, store=store,
    )  # fmt: skip


def furthest(run: Trajectory) -> str:
    """Name the species that moves furthest."""
    drift = None if len(run.species) == 1 else "all"
    moved = {
        name: mean_squared_displacement(run, name, drift=drift).values[len(run) // 2]
        for name in run.species
    }
    return max(moved, key=lambda name: moved[name])


def structures(
    teacher: Trajectory, student: Trajectory
) -> dict[str, tuple[RadialDistribution, RadialDistribution]]:
    """Give radial distributions of all pairs, the teacher's and the student's."""
    return {
        f"{a}-{b}": tuple(
            radial_distribution(run, a, b, step=max(1, len(run) // FRAMES))
            for run in (teacher, student)
        )  # type: ignore[misc]
        for a, b in combinations_with_replacement(teacher.species, 2)
    }


def diffusions(
    teacher: Trajectory, student: Trajectory, mobile: str
) -> tuple[tuple[Diffusion, Diffusion] | None, list[str]]:
    """Give both diffusion coefficients where there is diffusion, and reasons to distrust them."""
    both: list[Diffusion] = []
    doubts: list[str] = []
    for name, run in (("teacher", teacher), ("student", student)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # its messages are in the result, and reported
                found = diffusion_coefficient(run, mobile)
        except (ValueError, np.linalg.LinAlgError) as error:
            return None, [
                f"{mobile} has no diffusion coefficient in the run of the {name}: {error}"
            ]
        both.append(found)
        doubts += [f"D of the {name}: {message}" for message in found.messages]
    return (both[0], both[1]), doubts
