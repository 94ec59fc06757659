"""A small learning run, made in a process of its own so that the tests can kill it.

Usage: killed_learning.py FOLDER LOG, with seconds to sleep at each reference call in PAUSE.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path

from ase.build import bulk
from ase.calculators.calculator import all_changes
from ase.calculators.emt import EMT

from matlearn.potentials._learning.labels import digest
from matlearn.potentials.learning import LearningRun, learn_on_the_fly
from matlearn.potentials.moment_tensors import MTP


class LoggedEMT(EMT):
    """EMT that appends the name of a structure when it is paid for, then takes its time."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self.log = log

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        with self.log.open("a") as file:
            file.write(f"{digest(atoms)}\n")
        time.sleep(float(os.environ.get("PAUSE", "0")))
        super().calculate(atoms, list(properties), list(system_changes))


def learn(folder: Path, log: Path, steps: int = 120) -> LearningRun:
    """Learn to the end, or until somebody kills it."""
    return learn_on_the_fly(
        bulk("Cu", "fcc", a=3.65, cubic=True),
        MTP(4, ["Cu"], cutoff=4.0),
        partial(LoggedEMT, log),
        temperature=800,
        steps=steps,
        start=3,
        folder=folder,
        progress=False,
    )


if __name__ == "__main__":
    learn(Path(sys.argv[1]), Path(sys.argv[2]))
