"""A NequIP network as an ASE calculator, compiled or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from ase.calculators.calculator import Calculator, all_changes
from ase.stress import full_3x3_to_voigt_6_stress

from matlearn._calculators.naming import digest_of, shown
from matlearn.potentials._nequip.network import structure_data
from matlearn.potentials._nequip.surroundings import evaluating

if TYPE_CHECKING:
    from ase import Atoms


class NequIPCalculator(Calculator):
    """Energies, forces and stresses of a NequIP network.

    Energies in eV (of each atom as well), forces in eV/A, stress in eV/A3 where the structure is
    periodic in three directions; any number of atoms.

    Parameters
    ----------
    network
        Takes a structure's data by name and returns results by name.
    species
        Chemical symbols in the order of the network's types.
    cutoff
        Of one layer, A.
    device
        Where the network is.
    threads
        Threads that torch may use.
    """

    name = "nequip"
    implemented_properties: ClassVar[list[str]] = [  # type: ignore[misc]
        "energy", "free_energy", "energies", "forces", "stress",
    ]  # fmt: skip

    def __init__(
        self,
        network: Callable[[dict[str, Any]], dict[str, Any]],
        species: Sequence[str],
        cutoff: float,
        device: str,
        threads: int = 1,
    ) -> None:
        super().__init__()
        self.network = network
        self.species = list(species)
        self.cutoff = cutoff
        self.device = device
        self.threads = threads

    @property
    def digest(self) -> str:
        """A short word that differs where a weight differs (not of a compiled network)."""
        return digest_of(shown(self.network), repr([self.species, self.cutoff]))

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] | None = None,
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        """Evaluate one structure.

        Raises
        ------
        ValueError
            For an element that the network was not trained on, or positions that are no numbers.
        """
        super().calculate(atoms, list(properties or ["energy"]), list(system_changes))
        self._check(self.atoms)
        with evaluating(self.threads):
            data = structure_data(self.atoms, self.species, self.cutoff)
            out = self.network({key: value.to(self.device) for key, value in data.items()})
            out = {key: value.detach().cpu().double().numpy() for key, value in out.items()
                   if key in ("total_energy", "atomic_energy", "forces", "stress")}  # fmt: skip
        energy = float(out["total_energy"].reshape(()))
        self.results = {
            "energy": energy,
            "free_energy": energy,
            "energies": out["atomic_energy"].reshape(-1),
            "forces": out["forces"],
        }
        if self.atoms.pbc.all():
            self.results["stress"] = full_3x3_to_voigt_6_stress(out["stress"].reshape(3, 3))

    def _check(self, atoms: Atoms) -> None:
        unknown = sorted(set(atoms.symbols) - set(self.species))
        if unknown:
            raise ValueError(
                f"this network knows {', '.join(self.species)}, not {', '.join(unknown)} in "
                f"{atoms.symbols}"
            )
        if not len(atoms):
            raise ValueError("a structure must have at least one atom, got none")
        if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
            raise ValueError(f"positions or cell of {atoms.symbols} are not finite")
        if atoms.pbc.any() and not np.all(atoms.cell.lengths()[atoms.pbc] > 0):
            raise ValueError(f"{atoms.symbols} is periodic along a direction without a cell")
