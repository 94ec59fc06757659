"""Relax one structure with a potential that knows how far it can be trusted."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from matlearn._relaxing.relaxation import Outcome, Relaxation

if TYPE_CHECKING:
    from matlearn.potentials._active.maxvol import MaxVol
    from matlearn.potentials.moment_tensors import MTP


class Extrapolated(RuntimeError):
    """A relaxation came where the potential must not be trusted."""


@dataclass(frozen=True)
class Attempt:
    """What came of a relaxation."""

    outcome: Outcome
    """How it ended; ``cpu_seconds`` without what grading took."""
    marked: list[Atoms] = field(repr=False)
    """Configurations on the way whose grade was above `select`, without results."""
    grade: float
    """Largest grade on the way."""
    grading_seconds: float
    """CPU time that grading took."""


class GradingCalculator(Calculator):
    """A potential that grades every configuration that it is asked about.

    Parameters
    ----------
    mtp
        A fitted potential.
    maxvol
        Its active set of neighbourhoods.
    select
        Configurations with a higher grade are marked.
    stop
        A higher grade raises `Extrapolated`.
    """

    name = "mtp"
    implemented_properties = ["energy", "free_energy", "forces", "stress"]  # noqa: RUF012 (ASE types it so)

    def __init__(self, mtp: MTP, maxvol: MaxVol, select: float, stop: float) -> None:
        super().__init__()
        self._mtp, self._maxvol = mtp, maxvol
        self._select, self._stop = select, stop
        self._potential = mtp.calculator()
        self.begin()

    def begin(self) -> None:
        """Forget what was marked."""
        self.marked: list[Atoms] = []
        self.grade = 0.0
        self.seconds = 0.0

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Grade, then compute; ASE calls this."""
        super().calculate(atoms, properties or ["energy"], system_changes)
        assert self.atoms is not None
        began = time.process_time()
        rows = self._mtp.energy_jacobian([self.atoms], per_atom=True)
        grade = float(self._maxvol.grades(rows).max())
        self.grade = max(self.grade, grade)
        self.seconds += time.process_time() - began
        if grade > self._select:
            self.marked.append(self.atoms.copy())
        if grade > self._stop:
            raise Extrapolated(f"the grade is {grade:.3g}, above {self._stop:g}")
        self._potential.calculate(self.atoms, properties or ["energy"], system_changes)
        self.results = {name: self._potential.results[name] for name in self.implemented_properties}


class GradedRelaxation:
    """Relax cell and positions, grading each step.

    Parameters
    ----------
    calculator
        The potential that grades.
    fmax, max_steps
        As for `matlearn.search.run_search`.
    """

    def __init__(self, calculator: GradingCalculator, fmax: float, max_steps: int) -> None:
        self._calculator = calculator
        self._settings = (uuid.uuid4().hex, fmax, max_steps, 0.0)

    def __call__(self, start: Atoms) -> Attempt:
        """Relax a copy of a structure, as far as the potential can be trusted."""
        grader = self._calculator
        grader.begin()
        outcome = Relaxation(lambda: grader, *self._settings)(start)
        assert outcome is not None  # nothing asks it to stop
        for atoms in grader.marked:
            atoms.info = {"label": start.info["label"]}
        spent = max(0.0, outcome.cpu_seconds - grader.seconds)
        kept = Outcome(outcome.status, outcome.reason, outcome.atoms, outcome.steps, spent)
        return Attempt(kept, grader.marked, grader.grade, grader.seconds)
