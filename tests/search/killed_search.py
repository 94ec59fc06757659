"""A small search, run as a process of its own so that test_running.py can kill it.

Usage: killed_search.py STORE LOG WORKERS, with seconds to sleep at each step in PAUSE.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.emt import EMT

from matlearn.search.running import run_search


class LoggedEMT(EMT):
    """EMT that takes its time, and appends a line to a log whenever a structure is begun."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self.log = log

    def calculate(self, atoms=None, properties=("energy",), system_changes=()):
        if "numbers" in system_changes:
            with self.log.open("a") as file:
                file.write(f"start {len(atoms)}\n")
        time.sleep(float(os.environ.get("PAUSE", "0")))
        super().calculate(atoms, list(properties), list(system_changes))


def structures() -> list[Atoms]:
    """Make twelve small cells, each with a number of atoms that tells it from the others."""
    rng = np.random.default_rng(11)
    cells = []
    for number in range(1, 13):
        edge = (13.0 * number) ** (1 / 3)
        cell = np.diag([edge] * 3) + rng.normal(scale=0.05 * edge, size=(3, 3))
        atoms = Atoms(f"Cu{number}", cell=cell, pbc=True,
                      scaled_positions=rng.random((number, 3)))  # fmt: skip
        atoms.info["label"] = f"cell-{number:02d}"
        cells.append(atoms)
    return cells


def main(store: str, log: str, workers: str) -> None:
    """Run the search to its end, or until somebody kills it."""

    def note(record):
        with Path(log).open("a") as file:
            file.write(f"done {len(record.atoms)}\n")

    run_search(
        structures(),
        partial(LoggedEMT, Path(log)),
        store=store,
        fmax=0.1,
        max_steps=12,
        workers=int(workers),
        progress=False,
        on_result=note,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
