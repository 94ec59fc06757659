"""Lithium by PBE: configurations sampled with a universal potential, labelled with GPAW.

    python make_lithium.py sample --work FOLDER             # in the course's environment
    python make_lithium.py label --work FOLDER --hours 2    # in GPAW's environment

`sample` writes `queue.extxyz` into FOLDER: bcc at several volumes, strained and rattled cells and
vacancies, then snapshots of molecular dynamics with CHGNet, of the solid and of the liquid. `label`
computes them one after the other, kinds by turns, first 16 atoms, then 54 too, into
`lithium-pbe.extxyz` beside this script. What is sampled and labelled is skipped, so that both go
on where they stopped; they may run at the same time.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.io import read, write
from gpaw_calculator import single_point

TARGET = Path(__file__).with_name("lithium-pbe.extxyz")
LATTICE = 3.44  # A: PBE's bcc
EXPANSION = 4.6e-5  # 1/K, of lengths in the solid
LIQUID = {600: 22.9, 900: 24.4}  # K: A3/atom, near the measured densities
NEAREST = 1.9  # A: no pair of atoms may be closer
STEP, FRICTION = 3.0, 0.02  # fs, 1/fs
MELT = 1500.0  # K, for 0.6 ps before the liquid is brought to its temperature
SIZES = {2: "16", 3: "54"}  # cubic bcc cells along an axis: atoms of the perfect cell
STILL = {"bcc": (9, 1), "strained": (14, 2), "rattled": (14, 2), "vacancy": (6, 2)}
MOVING = {200: (12, 2), 300: (15, 4), 400: (12, 2), 600: (18, 6), 900: (10, 3)}  # K


def cubic(size: int, lattice: float) -> Atoms:
    return bulk("Li", "bcc", a=lattice, cubic=True) * (size, size, size)


def still(kind: str, size: int, count: int) -> Iterator[Atoms]:
    """Cells made without dynamics; all random numbers come from the kind, size and place."""
    for place in range(count):
        random = np.random.default_rng([list(STILL).index(kind), size, place])
        lattice = LATTICE * random.uniform(0.97, 1.04)
        if kind == "bcc":
            volumes = np.linspace(0.82, 1.24, count) if count > 1 else [1.0]
            lattice = LATTICE * volumes[place] ** (1 / 3)
        atoms = cubic(size, lattice)
        if kind == "strained":
            strain = random.uniform(-0.06, 0.06, (3, 3))
            atoms.set_cell(atoms.cell @ (np.eye(3) + (strain + strain.T) / 2), scale_atoms=True)
        if kind == "vacancy":
            del atoms[0]
        width = {"bcc": 0.0, "strained": 0.05, "vacancy": 0.1}.get(kind, 0.05 + 0.02 * place)
        atoms.positions += random.normal(0, width, (len(atoms), 3))
        yield atoms


def moving(kelvin: int, size: int, count: int) -> Iterator[Atoms]:
    """Snapshots of Langevin dynamics with CHGNet, in three fixed cells one after the other."""
    import torch
    from ase import units
    from ase.md.langevin import Langevin
    from ase.md.velocitydistribution import MaxwellBoltzmannDistribution

    from matlearn.calculators import get_calculator

    torch.set_num_threads(1)
    calculator = get_calculator("chgnet")
    random = np.random.default_rng([kelvin, size])
    usual = LATTICE * (1 + EXPANSION * kelvin)
    if kelvin in LIQUID:
        usual = (2 * LIQUID[kelvin]) ** (1 / 3)
    for factor, share in zip((1.0, 0.98, 1.02), np.array_split(np.arange(count), 3), strict=True):
        if not len(share):
            continue
        atoms = cubic(size, usual * factor)
        atoms.calc = calculator
        MaxwellBoltzmannDistribution(atoms, temperature_K=2 * kelvin, rng=random)
        dynamics = Langevin(
            atoms,
            STEP * units.fs,
            temperature_K=MELT if kelvin in LIQUID else kelvin,
            friction=FRICTION / units.fs,
            rng=random,
        )
        dynamics.run(200)
        dynamics.set_temperature(temperature_K=kelvin)
        for _ in share:
            dynamics.run(80)
            yield Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=True)


def nearest(atoms: Atoms) -> float:
    """Shortest distance between two atoms, in A."""
    distances = atoms.get_all_distances(mic=True)
    return float(distances[np.triu_indices(len(atoms), 1)].min())


def sample(work: Path) -> None:
    """Make every configuration and write each kind into the queue as soon as it is there."""
    queue = work / "queue.extxyz"
    images = read_all(queue)
    held = {image.info["kind"] + image.info["label"].split("-")[1] for image in images}
    for size, atoms in SIZES.items():
        for kind in [*STILL, *MOVING]:
            name = kind if kind in STILL else f"{'liquid' if kind in LIQUID else 'md'}-{kind}K"
            if name + atoms in held:
                continue
            make, counts = (still, STILL) if kind in STILL else (moving, MOVING)
            for place, image in enumerate(make(kind, size, counts[kind][size - 2])):
                if nearest(image) < NEAREST:
                    print(f"{name}, {atoms} atoms, {place}: left out, {nearest(image):.2f} A")
                    continue
                label = f"Li-{atoms}-{name.replace('-', '')}-{place:02d}"
                image.info = {"label": label, "kind": name}
                images.append(image)
            replace(queue, images)
            print(f"{name}, {atoms} atoms: {len(images)} in the queue", flush=True)


def order(image: Atoms) -> tuple[int, str, str]:
    """Kinds by turns; the cells of 54 atoms join in when six turns of 16 are done."""
    _, atoms, kind, place = image.info["label"].split("-")
    return int(place) + (6 if atoms == SIZES[3] else 0), kind, atoms


def label(work: Path, deadline: float) -> None:
    """Compute what the queue holds and the target does not, until ``deadline`` or the end."""
    from gpaw import KohnShamConvergenceError

    failed: set[str] = set()
    while time.time() < deadline:
        images = read_all(TARGET)
        held = failed | {image.info["label"] for image in images}
        left = [x for x in read_all(work / "queue.extxyz") if x.info["label"] not in held]
        if not left:
            break
        image = min(left, key=order)
        name = image.info["label"]
        try:
            done = single_point(image, work / f"{name}.txt")
        except KohnShamConvergenceError as error:
            failed.add(name)
            print(f"{name}: {error}", flush=True)
            continue
        replace(TARGET, sorted([*images, done], key=order))
        print(
            f"{name}: {done.get_potential_energy() / len(done):.4f} eV/atom, largest force "
            f"{np.abs(done.get_forces()).max():.3f} eV/A, {done.info['cpu_s']} CPU s, "
            f"{len(left) - 1} left",
            flush=True,
        )


def read_all(path: Path) -> list[Atoms]:
    """Every structure of a file; an empty list where there is no file."""
    return list(read(path, ":")) if path.exists() else []


def replace(path: Path, images: list[Atoms]) -> None:
    """Write ``images`` to ``path`` in one move: a reader sees the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    write(temporary, images, format="extxyz")
    temporary.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stage", choices=["sample", "label"])
    parser.add_argument("--work", type=Path, required=True, help="folder for queue and logs")
    parser.add_argument("--hours", type=float, default=2.0, help="label nothing new after this")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    if given.stage == "sample":
        sample(given.work)
    else:
        label(given.work, time.time() + 3600 * given.hours)


if __name__ == "__main__":
    main()
