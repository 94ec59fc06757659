"""A moment tensor potential of rock-salt LiCl with a lithium vacancy, distilled from CHGNet.

    python learn_lithium_chloride.py --work FOLDER

FOLDER keeps every calculation as soon as it is done: killed, the same command goes on from there.
What the notebooks use is written into `record`, beside this script, at the end.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.filters import FrechetCellFilter
from ase.io import write
from ase.optimize import BFGS

from matlearn.calculators import get_calculator, single_points, with_results
from matlearn.potentials import MTP, learn_on_the_fly
from matlearn.transport import MigrationPath, migration_barrier, vacancy_hop

RECORD = Path(__file__).resolve().parent / "record"
LEVEL, CUTOFF = 12, 5.0  # A
COLD, HOT = 500.0, 900.0  # K: where the vacancy sits still, and where it hops
COLD_STEPS, HOT_STEPS, TIMESTEP = 4000, 6000, 0.002  # ps
RATTLED = (0.05, 0.12)  # A, standard deviations of coordinates around the images of the band
IMAGES = 8  # of the band; an even number, for the middle is a shallow minimum
SEED = 0


def lattice_constant() -> float:
    """CHGNet's own, at 0 K (A)."""
    salt = bulk("LiCl", "rocksalt", a=5.13, cubic=True)
    salt.calc = get_calculator("chgnet")
    BFGS(FrechetCellFilter(salt), logfile=None).run(1e-3)
    return round(float(salt.cell.lengths().mean()), 4)


def around(path: MigrationPath) -> list[Atoms]:
    """The images of a band, and configurations around them."""
    random = np.random.default_rng(SEED)
    found = list(path.images[: len(path.images) // 2 + 1])  # the other half is its mirror image
    for image in path.images[1:-1]:
        for size in RATTLED:
            moved = image.copy()
            moved.positions += random.normal(0.0, size, moved.positions.shape)
            found.append(moved)
    return found


def results(atoms: Atoms) -> dict[str, Any]:
    """What a potential learns from."""
    return {name: atoms.calc.results[name] for name in ("energy", "forces", "stress")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder of the run")
    work = parser.parse_args().work
    work.mkdir(parents=True, exist_ok=True)
    RECORD.mkdir(exist_ok=True)
    began = time.process_time()
    a = lattice_constant()
    salt = bulk("LiCl", "rocksalt", a=a, cubic=True)
    initial, final = vacancy_hop(salt, "Li", supercell=2)
    settings = {"mode": "neighbourhood", "timestep": TIMESTEP, "seed": SEED, "progress": False}

    still = MTP(LEVEL, ["Li", "Cl"], cutoff=CUTOFF)
    cold = learn_on_the_fly(
        initial, still, "chgnet", temperature=COLD, steps=COLD_STEPS, start=4,
        folder=work / "cold", **settings,
    )  # fmt: skip
    print(cold, flush=True)

    teacher = migration_barrier(
        initial, final, "chgnet", images=IMAGES, fmax=0.02, store=work / "teacher-path.npz",
        progress=False,
    )  # fmt: skip
    print(teacher, *teacher.messages, flush=True)
    hop = single_points(around(teacher), "chgnet", progress=False)

    student = MTP(LEVEL, ["Li", "Cl"], cutoff=CUTOFF)
    hot = learn_on_the_fly(
        initial, student, "chgnet", temperature=HOT, steps=HOT_STEPS, images=[*cold.images, *hop],
        folder=work / "hot", **settings,
    )  # fmt: skip
    print(hot, flush=True)

    labelled = hot.images  # those that it began with, then those that it asked for
    kinds = ["cold"] * len(cold.images) + ["hop"] * len(hop)
    kinds += ["hot"] * (len(labelled) - len(kinds))
    labelled = [with_results(atoms, results(atoms)) for atoms in labelled]
    for atoms, kind in zip(labelled, kinds, strict=True):
        atoms.info = {"kind": kind}
    still.save(RECORD / "without-hop.mtp")
    student.save(RECORD / "student.mtp")
    teacher.save(RECORD / "teacher-path.npz")
    write(RECORD / "labelled.extxyz.gz", labelled, format="extxyz")
    paths = [
        migration_barrier(
            initial, final, mtp.calculator(), images=IMAGES, fmax=0.01, progress=False
        )
        for mtp in (student, still)
    ]
    about = {
        "structure": "LiCl, 2 x 2 x 2 cubic cells, one lithium atom missing, no charge",
        "teacher": "CHGNet 0.3.0",
        "lattice_constant": a,
        "level": LEVEL,
        "cutoff": CUTOFF,
        "labels": {kind: kinds.count(kind) for kind in ("cold", "hop", "hot")},
        "temperatures": {"cold": COLD, "hot": HOT},
        "steps": {"cold": COLD_STEPS, "hot": HOT_STEPS},
        "timestep": TIMESTEP,
        "barrier_eV": {
            "teacher": round(teacher.barrier, 4),
            "student": round(paths[0].barrier, 4),
            "without_hop": round(paths[1].barrier, 4),
        },
        "cpu_s": round(time.process_time() - began, 1),
    }
    (RECORD / "run.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(about))


if __name__ == "__main__":
    main()
