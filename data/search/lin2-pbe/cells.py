"""The random LiN2 cells that the search starts from, in the spirit of AIRSS.

    python cells.py            write initial.extxyz
    python cells.py --check    compare what is made with the file

A random lattice at a target volume, atoms at random, pushed apart to minimum separations. The
separations and the volume are those of the seed file of the published AIRSS search.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.geometry import cellpar_to_cell
from ase.io import read, write

INITIAL = Path(__file__).parent / "initial.extxyz"
SEPARATIONS = {("Li", "Li"): 2.5, ("Li", "N"): 1.9, ("N", "N"): 1.5}  # A
VOLUME = 30.0  # A3 per formula unit
COUNT = 60  # cells of each size
UNITS = (2, 3)  # formula units


def random_cell(units: int, seed: int) -> Atoms:
    """One cell of ``units`` formula units whose atoms keep their distances (to 0.02 A).

    The order of the random numbers is part of the data set: changing it changes the cells.
    """
    rng = np.random.default_rng([20261120, units, seed])
    symbols = ["Li"] * units + ["N"] * (2 * units)
    n = len(symbols)
    apart = np.array([[SEPARATIONS[min(a, b), max(a, b)] for b in symbols] for a in symbols])
    images = np.array([(i, j, k) for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)])
    while True:
        cell = cellpar_to_cell([*rng.uniform(1, 2, 3), *rng.uniform(60, 120, 3)])
        volume = abs(np.linalg.det(cell))
        if volume / np.prod(np.linalg.norm(cell, axis=1)) < 0.5:
            continue  # too flat
        cell *= (VOLUME * units * rng.uniform(0.9, 1.15) / volume) ** (1 / 3)
        heights = 1 / np.linalg.norm(np.linalg.inv(cell), axis=0)
        if heights.min() < 2.6:
            continue  # an atom too close to its own image
        scaled = rng.random((n, 3))
        for _ in range(400):
            positions = scaled @ cell
            vectors = (
                positions[None, :, None] + (images @ cell)[None, None] - positions[:, None, None]
            )
            distances = np.linalg.norm(vectors, axis=-1)
            distances[np.arange(n), np.arange(n), 13] = np.inf
            overlap = apart[:, :, None] - distances
            if overlap.max() < 0.02:
                return Atoms(symbols, cell=cell, scaled_positions=scaled % 1, pbc=True)
            weights = np.where(overlap > 0, overlap, 0) / distances
            weights[~np.isfinite(weights)] = 0
            positions -= 0.5 * np.einsum("ijk,ijkx->ix", weights, vectors)
            scaled = positions @ np.linalg.inv(cell)


def make() -> list[Atoms]:
    """All cells, the two sizes by turns, labelled ``LiN2-2fu-000`` and so on."""
    cells = []
    for seed in range(COUNT):
        for units in UNITS:
            atoms = random_cell(units, seed)
            atoms.info["label"] = f"LiN2-{units}fu-{seed:03d}"
            cells.append(atoms)
    return cells


def check(cells: list[Atoms]) -> None:
    """Raise ValueError unless ``cells`` are those of the file, to its eight decimals."""
    stored = read(INITIAL, ":")
    if len(stored) != len(cells):
        raise ValueError(f"{INITIAL.name} holds {len(stored)} cells, {len(cells)} were made")
    for made, kept in zip(cells, stored, strict=True):
        same = made.info == kept.info and np.array_equal(made.numbers, kept.numbers)
        same = same and np.abs(made.cell.array - kept.cell.array).max() < 1e-12
        if not same or np.abs(made.positions - kept.positions).max() > 0.6e-8:
            raise ValueError(f"{made.info['label']} differs from {INITIAL.name}")


def main() -> None:
    """Write or check the cells."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the file, write nothing")
    cells = make()
    if parser.parse_args().check:
        check(cells)
        print(f"{len(cells)} cells as in {INITIAL.name}")
        return
    temporary = INITIAL.with_name(f".{INITIAL.name}.{os.getpid()}")
    write(temporary, cells, format="extxyz")
    temporary.replace(INITIAL)


if __name__ == "__main__":
    main()
