"""A small training set, made in a process of its own so that test_training.py can kill it.

Usage: killed_training.py STORE LOG, with seconds to sleep at each step in PAUSE.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path

import pandas as pd
from ase.build import bulk
from ase.calculators.emt import EMT

from matlearn.lattice.training import training_set


class LoggedEMT(EMT):
    """EMT that takes its time, and appends the label of a structure when it is begun."""

    label = ""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self.log = log

    def calculate(self, atoms=None, properties=("energy",), system_changes=()):
        if atoms.info["label"] != self.label:
            self.label = atoms.info["label"]
            with self.log.open("a") as file:
                file.write(f"{self.label}\n")
        time.sleep(float(os.environ.get("PAUSE", "0")))
        super().calculate(atoms, list(properties), list(system_changes))


def make(store: Path, log: Path, max_atoms: int = 3) -> pd.DataFrame:
    """Make the set to its end, or until somebody kills it."""
    return training_set(
        bulk("Cu", "fcc", a=3.8),
        ["Cu", "Au"],
        max_atoms,
        partial(LoggedEMT, log),
        store=store,
        workers=1,
        progress=False,
    )


if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(sys.argv[2]))
