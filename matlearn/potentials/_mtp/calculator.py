"""Moment tensor potentials as ASE calculators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from matlearn._calculators.naming import digest_of
from matlearn.potentials._kernels.evaluation import evaluate
from matlearn.potentials._mtp.packing import pack

if TYPE_CHECKING:
    from matlearn.potentials.moment_tensors import MTP


class MTPCalculator(Calculator):
    """Energies, forces and stress of a moment tensor potential.

    Parameters
    ----------
    mtp
        A fitted potential; it must not change afterwards.
    """

    name = "mtp"
    implemented_properties: ClassVar[list[str]] = [  # type: ignore[misc]
        "energy",
        "free_energy",
        "energies",
        "forces",
        "stress",
    ]

    def __init__(self, mtp: MTP) -> None:
        super().__init__()
        self.mtp = mtp
        self._model = mtp.model()

    @property
    def digest(self) -> str:
        """A short word that differs where the potential does."""
        return digest_of(repr(self.mtp), *self._model)

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Compute everything at once; ASE calls this."""
        super().calculate(atoms, properties or ["energy"], system_changes)
        assert self.atoms is not None
        pairs = pack(self.atoms, self.mtp._numbers, self.mtp.cutoff)
        energies, forces, virial = evaluate(*pairs, self._model)
        results: dict[str, Any] = {"energies": energies, "forces": forces}
        results["energy"] = results["free_energy"] = float(energies.sum())
        if self.atoms.pbc.all() and self.atoms.cell.rank == 3:
            stress = (virial + virial.T) / (2 * self.atoms.get_volume())
            results["stress"] = stress.ravel()[[0, 4, 8, 5, 2, 1]]
        if not np.isfinite(results["energy"]):
            raise ValueError(
                f"the potential gives no number for {self.atoms.symbols}: atoms are too close, or "
                "it was fitted badly"
            )
        self.results = results
