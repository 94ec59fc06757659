"""CHGNet on the same LiN2 cells, with the course's own search.

    python run_chgnet.py --work <folder for the stores>

Writes ``run1-chgnet.extxyz`` (from the 120 starting cells) and ``run1-relaxed-chgnet.extxyz`` (from
the cells that PBE relaxed). The stores make it resumable; energies are CHGNet's as it gives them,
with the corrections it was trained on.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ase import Atoms

from matlearn.calculators import get_calculator
from matlearn.search import run_search

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import pbe  # noqa: E402

SETS = {"run1-chgnet": "initial.extxyz", "run1-relaxed-chgnet": "run1.extxyz"}
FMAX, STEPS = 0.05, 1000  # eV/A, most steps


def starts(name: str) -> list[Atoms]:
    """The cells of a file with their labels alone."""
    cells = []
    for atoms in pbe.read_all(HERE / name):
        cell = pbe.bare(atoms)
        cell.info = {"label": atoms.info["label"]}
        cells.append(cell)
    return cells


def main() -> None:
    """Relax both sets and write what became of every cell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for the stores")
    work = parser.parse_args().work
    work.mkdir(parents=True, exist_ok=True)
    calculator = get_calculator("chgnet")
    for key, source in SETS.items():
        store = work / f"{key}.db"
        run = run_search(
            starts(source), calculator, store=store, fmax=FMAX, max_steps=STEPS, progress=False
        )
        columns = ("structure", "label", "converged", "steps", "cpu_seconds")
        relaxed = [
            pbe.result(atoms, label=label, converged=bool(met), steps=int(n), cpu_s=round(cpu, 1))
            for atoms, label, met, n, cpu in run.to_frame()[list(columns)].itertuples(index=False)
        ]
        pbe.replace(HERE / f"{key}.extxyz", relaxed)
        print(run, run.failures().drop(columns="structure").to_string(), sep="\n", flush=True)


if __name__ == "__main__":
    main()
