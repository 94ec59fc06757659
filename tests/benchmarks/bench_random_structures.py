"""Random LiN2 cells per CPU second: this library beside pyxtal and AIRSS buildcell.

Usage: python tests/benchmarks/bench_random_structures.py
buildcell (Fortran, cannot be installed here) was measured once on the published seed file, with
2, 3, 4 or 6 formula units and 2 to 4 symmetry operations: 45.7 cells per CPU second.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence

import numpy as np
from ase.neighborlist import neighbor_list

from matlearn.search import random_structures

BUILDCELL = 45.7
SEPARATIONS = {"Li-Li": 2.5, "Li-N": 1.9, "N-N": 1.5}
UNITS = (2, 3, 4, 6)


def ours(
    count: int, formula_units: int | Sequence[int], symmetry: int | Sequence[int], seed: int = 1
) -> float:
    """Return structures per CPU second, after checking the separations of some."""
    begin = time.process_time()
    made = list(
        random_structures(
            "LiN2", count, formula_units=formula_units, volume_per_formula_unit=30.0,
            min_separation=SEPARATIONS, symmetry_operations=symmetry, seed=seed,
        )
    )  # fmt: skip
    rate = count / (time.process_time() - begin)
    for atoms in made[:20]:
        if neighbor_list("d", atoms, 1.5).size:
            raise AssertionError("two atoms are closer than 1.5 angstrom")
    return rate


def pyxtal_rate(groups: Sequence[int], seconds: float, own_tolerances: bool) -> float:
    """Return structures per CPU second that pyxtal makes, failures' time included."""
    from pyxtal import pyxtal
    from pyxtal.msg import Comp_CompatibilityError, Symm_CompatibilityError, VolumeError
    from pyxtal.tolerance import Tol_matrix

    tolerances = Tol_matrix(prototype="atomic")
    if not own_tolerances:
        tolerances = Tol_matrix((3, 3, 2.5), (3, 7, 1.9), (7, 7, 1.5), prototype="atomic")
    rng = np.random.default_rng(1)
    made, begin = 0, time.process_time()
    while time.process_time() - begin < seconds:
        units = int(rng.choice(UNITS))
        crystal = pyxtal()
        try:
            crystal.from_random(
                3, int(rng.choice(groups)), ["Li", "N"], [units, 2 * units], tm=tolerances,
                random_state=int(rng.integers(2**31)),
            )  # fmt: skip
        except (Comp_CompatibilityError, Symm_CompatibilityError, VolumeError):
            continue
        made += bool(crystal.valid)
    return made / (time.process_time() - begin)


def main() -> dict[str, float]:
    """Print structures per CPU second; return them."""
    begin = time.process_time()
    ours(1, 2, 1)
    print(f"first structure (numba loaded, kernel compiled or read from its cache): "
          f"{time.process_time() - begin:.2f} CPU s")  # fmt: skip
    rates: dict[str, float] = {}
    for symmetry, name in ((1, "P1"), ((2, 3, 4), "2-4 operations")):
        for units in (*UNITS, UNITS):
            label = f"{name}, {units if isinstance(units, int) else '2/3/4/6'} formula units"
            rates[label] = ours(1000, units, symmetry, seed=2)
            print(f"random structures: {label}: {rates[label]:.0f} per CPU s "
                  f"({rates[label] / BUILDCELL:.0f} times buildcell, 45.7 measured once)")  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        groups = (3, 4, 6, 7, 143, 144, 145, 16, 25, 75, 81)  # primitive, 2 to 4 operations
        for own, name in ((True, "its own tolerances"), (False, "the seed's separations")):
            rate = pyxtal_rate(groups, 15.0, own)
            rates[f"pyxtal, {name}"] = rate
            print(f"random structures: pyxtal, {name}, 2-4 operations: {rate:.1f} per CPU s")
    return rates


if __name__ == "__main__":
    main()
