"""Reading `.res` files: this library beside `ase.io.read`.

Usage: python tests/benchmarks/bench_res_reading.py [FOLDER]
Without a folder the published LiN2 search is read (MATLEARN_MIRROR or the network), and where
that is not at hand, files made up for the purpose.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from ase.io import read, write

from matlearn import datasets
from matlearn.search import random_structures, read_results


def cpu_seconds(function: Callable[[], object], repeats: int = 3) -> float:
    """CPU seconds of the quickest of several calls."""
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        function()
        times.append(time.process_time() - begin)
    return min(times)


def invented(folder: Path, count: int = 500) -> Path:
    """Write `.res` files as a search would."""
    made = random_structures(
        "LiN2", count, formula_units=[2, 3, 4, 6], volume_per_formula_unit=30.0,
        min_separation={"Li-Li": 2.5, "Li-N": 1.9, "N-N": 1.5}, seed=1,
    )  # fmt: skip
    for atoms in made:
        atoms.info = {"name": atoms.info["label"], "pressure": 0.1, "spacegroup": "P1",
                      "energy": -1.0 * len(atoms), "times_found": 1}  # fmt: skip
        write(folder / f"{atoms.info['name']}.res", atoms, write_info=False, significant_figures=9)
    return folder


def main(folder: Path | None = None) -> float:
    """Print CPU seconds and the ratio; return the ratio."""
    with TemporaryDirectory() as temporary:
        if folder is None:
            try:
                folder = datasets.fetch("lin2-airss")
            except OSError as error:
                print(f"published search not at hand ({error}); files made up instead")
                folder = invented(Path(temporary))
        paths = sorted(folder.glob("**/*.res"))
        frame = read_results(folder)
        ours = cpu_seconds(lambda: read_results(folder))
        theirs = cpu_seconds(lambda: [read(path) for path in paths], repeats=2)
        worst = 0.0
        for atoms, path in zip(frame["structure"], paths, strict=True):
            reference = read(path)
            worst = max(
                worst,
                np.abs(atoms.positions - reference.positions).max(),
                np.abs(atoms.cell.array - reference.cell.array).max(),
                abs(atoms.get_potential_energy() - reference.get_potential_energy()),
            )
    ratio = theirs / ours
    print(f".res reading: {len(paths)} files, read_results {ours:.3f} CPU s "
          f"(structures and energies included), ase.io.read {theirs:.3f} CPU s, "
          f"ratio {ratio:.1f}, largest difference {worst:.1e}")  # fmt: skip
    return ratio


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
