"""Molecular dynamics of Li10Ge(PS6)2 with CHGNet itself: the teacher's own diffusion.

    python run_teacher.py --work FOLDER [--steps 22500]

50 atoms in the relaxed cell (`record/relaxed.extxyz`) at 1000 K: 2 ps with a Langevin thermostat,
then a Nose-Hoover chain of 0.1 ps, 2 fs a step. FOLDER keeps the run: killed, the same command
goes on from its last checkpoint; with more steps it goes on too. It holds `teacher.npz`:
positions (unwrapped, A), energies (eV), forces (eV/A) and stress (eV/A3) each 10 steps.
About 65 ms of one core a step.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms, units
from ase.io import read
from ase.md.langevin import Langevin
from ase.md.nose_hoover_chain import NoseHooverChainNVT
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution, Stationary

from matlearn.calculators import get_calculator

HERE = Path(__file__).resolve().parent
TEMPERATURE = 1000.0  # K
TIMESTEP, EVERY = 0.002, 10  # ps, steps
MELT = 1000  # steps of the Langevin thermostat
CHECKPOINT = 500  # steps
RECORDED = ("step", "energy", "kinetic", "positions", "forces", "stress")


def begin(seed: int) -> Atoms:
    """Equilibrate."""
    atoms = read(HERE / "record" / "relaxed.extxyz")
    atoms.calc = get_calculator("chgnet")
    rng = np.random.default_rng(seed)
    MaxwellBoltzmannDistribution(atoms, temperature_K=TEMPERATURE, rng=rng)
    Langevin(
        atoms, 1000 * TIMESTEP * units.fs, temperature_K=TEMPERATURE,
        friction=0.02 / units.fs, fixcm=False, rng=rng,
    ).run(MELT)  # fmt: skip
    Stationary(atoms)
    return atoms


def save(file: Path, **arrays: Any) -> None:
    """Write a file as a whole."""
    new = file.with_suffix(".new.npz")
    np.savez_compressed(new, **arrays)
    new.replace(file)


def frame(step: int, atoms: Atoms) -> dict[str, Any]:
    """Give what is recorded."""
    return {
        "step": step,
        "energy": atoms.get_potential_energy(),
        "kinetic": atoms.get_kinetic_energy(),
        "positions": atoms.positions.astype(np.float32),
        "forces": atoms.get_forces().astype(np.float32),
        "stress": atoms.get_stress(),
    }


def main() -> None:
    """Run, or go on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=22_500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    file = given.work / "teacher.npz"
    if file.exists():
        with np.load(file) as found:
            old = {key: found[key] for key in found.files}
        atoms = Atoms(old["numbers"], old["last_positions"], cell=old["cell"], pbc=True)
        atoms.set_momenta(old["last_momenta"])
        frames = [{key: old[key][i] for key in RECORDED} for i in range(len(old["step"]))]
        step, cpu = int(old["last_step"]), float(old["cpu_s"])
    else:
        old, frames, step, cpu = {}, [], 0, 0.0
        atoms = begin(given.seed)
    atoms.calc = get_calculator("chgnet")
    dynamics = NoseHooverChainNVT(
        atoms, 1000 * TIMESTEP * units.fs, temperature_K=TEMPERATURE, tdamp=100 * units.fs
    )
    thermostat = dynamics._thermostat
    if old:
        thermostat._eta, thermostat._p_eta = old["eta"], old["p_eta"]
    while step < given.steps:
        began = time.process_time()
        for _ in range(CHECKPOINT):
            dynamics.step()
            step += 1
            if step % EVERY == 0:
                frames.append(frame(step, atoms))
        cpu += time.process_time() - began
        save(
            file,
            **{key: np.array([each[key] for each in frames]) for key in RECORDED},
            cell=atoms.cell.array, numbers=atoms.numbers, timestep_ps=TIMESTEP,
            temperature_K=TEMPERATURE, cpu_s=cpu, last_step=step,
            last_positions=atoms.positions, last_momenta=atoms.get_momenta(),
            eta=thermostat._eta, p_eta=thermostat._p_eta,
        )  # fmt: skip
        last = frames[-CHECKPOINT // EVERY :]
        kelvin = np.mean([each["kinetic"] for each in last]) / (1.5 * units.kB * len(atoms))
        print(f"{step} {kelvin:.0f} K, {1000 * cpu / step:.0f} ms a step", flush=True)


if __name__ == "__main__":
    main()
