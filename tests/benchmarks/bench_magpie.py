"""Magpie's features: this library beside matminer, the same formulas to the same numbers.

Usage: python tests/benchmarks/bench_magpie.py
The formulas are made up (brackets, fractions, up to seven elements), and those of two tasks of
matbench where they are at hand. Reading a formula is part of the work on both sides.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase.data import chemical_symbols

from matlearn import datasets
from matlearn.regression import features

SAMPLE = 1000
"""Formulas that matminer is given, at about a millisecond each."""


@dataclass(frozen=True)
class Comparison:
    """What came out."""

    formulas: int
    ours: float
    """CPU microseconds a formula."""
    matminer: float
    """CPU microseconds a formula."""
    largest_difference: float
    """Over the formulas that matminer was given, in the units of the features."""

    @property
    def ratio(self) -> float:
        return self.matminer / self.ours


def made_up(count: int, seed: int = 0) -> list[str]:
    """Formulas of any element up to lawrencium: plain, with fractions, with brackets."""
    rng = np.random.default_rng(seed)
    formulas = []
    for number in range(count):
        chosen = rng.choice(chemical_symbols[1:104], rng.integers(1, 8), replace=False)
        amounts: Any = rng.integers(1, 13, len(chosen))
        if number % 2:
            amounts = np.round(0.01 + 3 * rng.random(len(chosen)), 4)
        formula = "".join(
            f"{symbol}{amount}" for symbol, amount in zip(chosen, amounts, strict=True)
        )
        if number % 4 >= 2:
            formula = f"{chosen[-1]}2({formula}[{chosen[0]}O{amounts[0]}]0.5)3"
        formulas.append(formula)
    return formulas


def compare(formulas: list[str], sample: int = SAMPLE) -> Comparison:
    """Measure both on one machine, in one run; ours on all formulas, matminer on a sample."""
    from matminer.featurizers.composition import ElementProperty
    from pymatgen.core import Composition

    peer = ElementProperty.from_preset("magpie")
    features.magpie(formulas[:10])  # both have read their tables
    ours = min(cpu_seconds(lambda: features.magpie(formulas)) for _ in range(3))
    chosen = formulas[:: max(1, len(formulas) // sample)][:sample]
    begin = time.process_time()
    reference = np.array([peer.featurize(Composition(formula)) for formula in chosen])
    theirs = time.process_time() - begin
    difference = np.abs(features.magpie(chosen).to_numpy() - reference).max()
    return Comparison(
        len(formulas), 1e6 * ours / len(formulas), 1e6 * theirs / len(chosen), float(difference)
    )


def cpu_seconds(function: Callable[[], object]) -> float:
    """CPU seconds of a call."""
    begin = time.process_time()
    function()
    return time.process_time() - begin


def main() -> None:
    """Print a line for each set of formulas."""
    sets = {"made up": made_up(4 * SAMPLE)}
    for name in ("matbench_expt_gap", "matbench_mp_e_form"):
        try:
            sets[name] = datasets.load(name, progress=False).formulas
        except OSError as error:
            print(f"{name} is not at hand ({str(error).splitlines()[0]})")
    for name, formulas in sets.items():
        found = compare(formulas)
        print(
            f"Magpie  {name:20s} {found.formulas:7d} formulas: ours {found.ours:.2f} CPU microseconds "
            f"each, matminer {found.matminer:.0f}, ratio {found.ratio:.0f} (promised: 100), largest "
            f"difference {found.largest_difference:.1e} (promised: 1e-10)"
        )
        if found.ratio < 100 or found.largest_difference > 1e-10:
            sys.exit("Magpie is not what was promised")


if __name__ == "__main__":
    main()
