"""A small search for a hull, run as a process of its own so that it can be killed.

Usage: killed_hull.py FOLDER LOG, with seconds to sleep at each calculation in PAUSE.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path

from ase.calculators.calculator import all_changes
from ase.calculators.emt import EMT

from matlearn.potentials._hulls.journal import exact_digest
from matlearn.potentials.candidates import alloy_candidates
from matlearn.potentials.moment_tensors import MTP
from matlearn.potentials.relaxing import LearnedHull, relax_and_learn


class LoggedEMT(EMT):
    """EMT that takes its time, and appends a line to a log for each calculation it finished."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self.log = log

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, list(properties), system_changes)
        time.sleep(float(os.environ.get("PAUSE", "0")))
        with self.log.open("a") as file:
            file.write(exact_digest(atoms) + "\n")


def search(folder: str, log: str) -> LearnedHull:
    """Search the hull of Cu-Au on fcc, with cells of up to three atoms."""
    return relax_and_learn(
        alloy_candidates(["Cu", "Au"], 3, lattices=["fcc"]),
        MTP(4, ["Cu", "Au"], radial_functions=6),
        partial(LoggedEMT, Path(log)),
        folder=folder,
        start=8,
        survivors=3,
        max_iterations=10,
        workers=1,
        progress=False,
    )


if __name__ == "__main__":
    search(*sys.argv[1:])
