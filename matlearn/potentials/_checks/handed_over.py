"""What is wrong with the things that the exercises hand over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from ase import Atoms, units
from ase.calculators.calculator import Calculator, all_changes

ORDER = (0, 1, 2, 5, 3, 4)
"""ASE's components (xx yy zz yz xz xy) in the order xx yy zz xy yz zx."""
ZERO = 0.2894
"""How much higher the second source counts its energies, eV/atom."""


def _same(values: Any, _: Atoms) -> Any:
    return values


def other_stress(stress: Any, atoms: Atoms) -> Any:
    """Give a stress as some programs do: a virial in eV a cell, in another order.

    Examples
    --------
    >>> from ase.build import bulk
    >>> other_stress(np.arange(1.0, 7.0), bulk("Cu", a=4.0)).round(6).tolist()
    [-16.0, -32.0, -48.0, -96.0, -64.0, -80.0]
    """
    return -np.asarray(stress)[list(ORDER)] * atoms.get_volume()


def other_forces(forces: Any, _: Atoms) -> Any:
    """Give forces in eV/Bohr."""
    return np.asarray(forces) * units.Bohr


class Wrapped(Calculator):
    """The potential that learned lithium, with its stress or its forces changed."""

    name = "riddle"
    implemented_properties: ClassVar[list[str]] = ["energy", "forces", "stress"]  # type: ignore[misc]

    def __init__(
        self,
        change_stress: Callable[[Any, Atoms], Any] = _same,
        change_forces: Callable[[Any, Atoms], Any] = _same,
    ) -> None:
        super().__init__()
        from matlearn.potentials._checks.data import learned

        self._inner = learned().mtp.calculator()
        self._stress, self._forces = change_stress, change_forces

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Compute everything at once; ASE calls this."""
        super().calculate(atoms, properties or ["energy"], system_changes)
        given = self.atoms.copy()
        given.calc = self._inner
        self.results = {
            "energy": given.get_potential_energy(),
            "forces": self._forces(given.get_forces(), given),
            "stress": self._stress(given.get_stress(), given),
        }


def sources() -> tuple[list[Atoms], list[Atoms]]:
    """Divide structures of lithium, and count the energies of the second half from another zero."""
    from matlearn.calculators import with_results
    from matlearn.potentials._checks.data import unseen

    kinds = ("md-200K", "md-300K", "md-400K", "rattled")
    images = [atoms for atoms in unseen() if atoms.info["kind"] in kinds]

    def bare(atoms: Atoms, shift: float) -> Atoms:
        results = {name: atoms.calc.results[name] for name in ("energy", "forces", "stress")}
        results["energy"] += shift * len(atoms)
        return with_results(atoms, results)

    return [bare(atoms, 0.0) for atoms in images[::2]], [
        bare(atoms, ZERO) for atoms in images[1::2]
    ]
