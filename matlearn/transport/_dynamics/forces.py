"""Forces at each step: asked once, and looked at before they move anything."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator

LONGEST_STEP = 0.5
"""An atom that moves further than this (A) in one step has been shot off."""
LARGEST_FORCE = 1000.0
"""Forces beyond this (eV/A) belong to atoms that sit inside each other."""


class FlownApart(Exception):
    """Atoms went where no molecular dynamics goes."""


class CalculatorFailed(Exception):
    """The calculator gave no forces."""


class Forces:
    """Stand between ASE's integrators and a calculator.

    Energy, forces and (where it is needed) stress are asked at once, for calculators that compute
    no more than they are asked for.

    Parameters
    ----------
    calculator
        An ASE calculator.
    stress
        Whether the stress is needed.
    """

    def __init__(self, calculator: Any, *, stress: bool) -> None:
        self.calculator = calculator
        self.wanted = ["energy", "forces", *(["stress"] if stress else [])]
        self._results: dict[str, Any] | None = None
        self._positions: np.ndarray | None = None
        self._cell: np.ndarray | None = None

    def reset(self) -> None:
        """Forget all, the calculator too: what comes does not depend on what was."""
        self._results = None
        if hasattr(self.calculator, "reset"):
            self.calculator.reset()

    def get_forces(self, atoms: Atoms) -> np.ndarray:
        """Give forces in eV/A."""
        return self._at(atoms)["forces"].copy()

    def get_potential_energy(self, atoms: Atoms, force_consistent: bool = False) -> float:
        """Give the energy (eV) whose slope the forces are."""
        results = self._at(atoms)
        energy = results.get("free_energy")
        return float(results["energy"] if energy is None else energy)

    def get_stress(self, atoms: Atoms) -> np.ndarray:
        """Give the stress in eV/A3 (Voigt)."""
        return self._at(atoms)["stress"].copy()

    def _at(self, atoms: Atoms) -> dict[str, Any]:
        before, cell = self._positions, self._cell
        if before is not None and cell is not None:
            rigid = (atoms.cell.array == cell).all()
            if not rigid:  # do not count what the cell carries along
                before = before @ np.linalg.solve(cell, atoms.cell.array)
            moved = np.abs(atoms.positions - before).max()
            if self._results is not None and moved == 0 and rigid:
                return self._results
            if not moved <= LONGEST_STEP:
                atom = int(np.abs(atoms.positions - before).max(axis=1).argmax())
                raise FlownApart(f"atom {atom} ({atoms.symbols[atom]}) moved {moved:.3g} A at once")
        try:
            results = self._evaluated(atoms)
        except Exception as error:
            raise CalculatorFailed(f"{type(error).__name__}: {error}".rstrip(": ")) from error
        largest = np.abs(results["forces"]).max()
        if not largest <= LARGEST_FORCE or not np.isfinite(results["energy"]):
            atom = int(np.abs(results["forces"]).max(axis=1).argmax())
            raise FlownApart(
                f"the force on atom {atom} ({atoms.symbols[atom]}) is {largest:.3g} eV/A"
            )
        self._results = results
        self._positions, self._cell = atoms.positions.copy(), atoms.cell.array.copy()
        return results

    def _evaluated(self, atoms: Atoms) -> dict[str, Any]:
        calculator = self.calculator
        if (
            isinstance(calculator, Calculator)
            and type(calculator).get_property is Calculator.get_property
        ):
            changes = calculator.check_state(atoms)
            if changes or not all(name in calculator.results for name in self.wanted):
                calculator.reset()
                calculator.calculate(atoms, self.wanted, changes or ["positions"])
            return dict(calculator.results)
        if not hasattr(calculator, "get_property"):
            found = {
                "energy": calculator.get_potential_energy(atoms),
                "forces": calculator.get_forces(atoms),
            }
            return found | (
                {"stress": calculator.get_stress(atoms)} if "stress" in self.wanted else {}
            )
        return {name: calculator.get_property(name, atoms) for name in self.wanted}
