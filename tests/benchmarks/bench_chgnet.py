"""CHGNet in one backward pass beside chgnet's own calculator: CPU time per structure, one run.

Random LiN2 cells of 6 to 18 atoms, one thread, the two taking turns; prints the ratio that the
project promises (about 1.8), the same for batches, and how far the results are apart.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable

import numpy as np
from ase import Atoms, units
from ase.stress import full_3x3_to_voigt_6_stress

from matlearn.calculators import get_calculator, single_points
from matlearn.search import random_structures

ROUNDS = 5


def structures() -> list[Atoms]:
    """Make 24 random cells by the published seed: 2, 3, 4 and 6 formula units."""
    return list(
        random_structures(
            "LiN2",
            24,
            formula_units=(2, 3, 4, 6),
            volume_per_formula_unit=30.0,
            min_separation={("Li", "Li"): 2.5, ("Li", "N"): 1.9, ("N", "N"): 1.5},
            seed=1,
        )
    )


def cpu_seconds(work: Callable[[], object]) -> float:
    """Measure the CPU time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print the comparison."""
    import torch
    from chgnet.model.dynamics import CHGNetCalculator

    torch.set_num_threads(1)
    cells = structures()
    with contextlib.redirect_stdout(io.StringIO()):
        stock = CHGNetCalculator(use_device="cpu")
    ours = get_calculator("chgnet", device="cpu")

    energy = forces = stress = 0.0
    for atoms in cells:  # also warms both up
        stock.calculate(atoms.copy())
        ours.calculate(atoms)
        a, b = stock.results, ours.results
        energy = max(energy, abs(float(a["energy"]) - b["energy"]))
        forces = max(forces, np.abs(a["forces"] - b["forces"]).max())
        difference = full_3x3_to_voigt_6_stress(a["stress"]) - b["stress"]
        stress = max(stress, np.abs(difference).max() / units.GPa)

    def one_by_one(calculator: object) -> None:
        for atoms in cells:
            calculator.calculate(atoms.copy())

    work = {
        "chgnet's own": lambda: one_by_one(stock),
        "one pass": lambda: one_by_one(ours),
        "one pass, batches of 8": lambda: single_points(cells, ours, progress=False),
        "one pass, batches of 12": lambda: single_points(
            cells, ours, progress=False, batch_size=12
        ),
    }
    spent = {name: [] for name in work}
    for _ in range(ROUNDS):
        for name, function in work.items():
            spent[name].append(cpu_seconds(function))
    reference = np.median(spent["chgnet's own"])
    print(f"CHGNet, {len(cells)} LiN2 cells of 6 to 18 atoms, energy, forces, stress; CPU")
    for name, seconds in spent.items():
        median = np.median(seconds)
        per = 1000 * median / len(cells)
        print(f"  {name:24s} {per:6.1f} ms a structure   {reference / median:4.2f} times")
    print(f"  largest difference: energy {energy:.1e} eV, forces {forces:.1e} eV/A, "
          f"stress {stress:.1e} GPa")  # fmt: skip


if __name__ == "__main__":
    main()
