"""Polynomial potentials as ASE calculators, with the stress that ASE means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from matlearn._calculators.naming import digest_of
from matlearn.potentials._polynomials.conversion import ASE_ORDER, check_atoms, to_structure

if TYPE_CHECKING:
    from matlearn.potentials.polynomials import Polynomial


class PolynomialCalculator(Calculator):
    """Energies, forces and stress of a polynomial potential.

    Parameters
    ----------
    potential
        A fitted potential.
    """

    name = "polynomial"
    implemented_properties: ClassVar[list[str]] = [  # type: ignore[misc]
        "energy",
        "free_energy",
        "forces",
        "stress",
    ]

    def __init__(self, potential: Polynomial) -> None:
        super().__init__()
        self.potential = potential
        self._properties: Any = None

    @property
    def digest(self) -> str:
        """A short word that differs where the potential does."""
        parameters, coefficients = self.potential.model
        kept = parameters.params
        return digest_of(repr([kept.model, kept.elements, kept.atomic_energy]), coefficients)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the compiled object behind: the other process makes its own."""
        return {**self.__dict__, "_properties": None}

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Compute everything at once; ASE calls this."""
        super().calculate(atoms, properties or ["energy"], system_changes)
        elements = self.potential.elements
        check_atoms(self.atoms, elements, str(self.atoms.symbols))
        structure = to_structure(self.atoms, elements, self.potential.cutoff)
        energy, forces, virial = self._evaluator().eval(structure, use_openmp=len(self.atoms) > 64)
        symbols = self.atoms.get_chemical_symbols()
        energy += sum(self.potential.atomic_energies[one] for one in symbols)
        if not np.isfinite(energy):
            raise ValueError(
                f"the potential gives no number for {self.atoms.symbols}: atoms are too close"
            )
        results = {"energy": float(energy), "free_energy": float(energy), "forces": forces.T.copy()}
        if self.atoms.pbc.all():
            results["stress"] = -virial[ASE_ORDER] / self.atoms.get_volume()
        self.results = results

    def _evaluator(self) -> Any:
        if self._properties is None:
            from pypolymlp.calculator.properties import Properties

            parameters, coefficients = self.potential.model
            self._properties = Properties(params=parameters, coeffs=[coefficients])
        return self._properties
