"""What counts when the cost of an evaluation is measured; no clock of the computer is looked at."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.calculator import Calculator, all_changes

from matlearn.potentials import evaluation_cost


class Slow(Calculator):
    """Takes as many seconds as it is told, by a clock of its own."""

    implemented_properties = ("energy", "forces")

    def __init__(self, seconds: list[float]) -> None:
        super().__init__()
        self.seconds, self.now, self.seen = list(seconds), 0.0, []

    def calculate(
        self, atoms: Any = None, properties: Any = None, system_changes: Any = all_changes
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        self.now += self.seconds.pop(0)
        self.seen.append(atoms.positions.copy())
        self.results = {"energy": 0.0, "forces": np.zeros((len(atoms), 3))}


def test_the_fastest_evaluation_after_the_first_counts(monkeypatch):
    calculator = Slow([1.0, 5.0, 3.0, 4.0])
    monkeypatch.setattr(time, "process_time", lambda: calculator.now)
    crystal = bulk("Cu", cubic=True)
    assert evaluation_cost(calculator, crystal) == pytest.approx(3e6 / 4)
    assert calculator.seconds == []


def test_no_evaluation_can_be_taken_from_a_cache(monkeypatch):
    calculator = Slow([1.0, 1.0, 1.0])
    monkeypatch.setattr(time, "process_time", lambda: calculator.now)
    crystal = bulk("Cu", cubic=True)
    before = crystal.positions.copy()
    evaluation_cost(calculator, crystal, repeats=2)
    first, second, third = calculator.seen
    assert not np.allclose(first, second)
    assert not np.allclose(second, third)
    assert np.array_equal(crystal.positions, before)
    assert crystal.calc is None
