"""Displaced supercells and the forces on their atoms."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn.phonons._forces import files as _files
from matlearn.phonons._forces.charges import checked_charges
from matlearn.phonons._phono3py import cells
from matlearn.phonons._phono3py.displaced import Displacements

if TYPE_CHECKING:
    from phono3py import Phono3py


@dataclass(frozen=True, repr=False, eq=False)
class ForceSet:
    """Displaced supercells and the forces on their atoms."""

    displacements: Displacements
    """The supercells."""
    forces: np.ndarray
    """Forces (eV/A), (supercells, atoms, 3)."""
    energies: np.ndarray | None = None
    """Energies of the supercells (eV), (supercells,); None where not known."""
    born: np.ndarray | None = None
    """Born effective charges (e), (atoms of the primitive cell, 3, 3)."""
    dielectric: np.ndarray | None = None
    """High-frequency dielectric constant, (3, 3)."""
    residual: np.ndarray | None = None
    """Forces of the undisplaced supercell that were taken off (eV/A), (atoms, 3)."""
    perfect_energy: float | None = None
    """Energy of the undisplaced supercell (eV)."""
    info: dict[str, Any] = field(default_factory=dict)
    """Where the forces come from."""
    messages: tuple[str, ...] = ()
    """Reasons for doubt."""
    harmonic: ForceSet | None = None
    """Forces in a supercell of its own for the second order, None: there are none."""

    def __post_init__(self) -> None:
        for name in ("forces", "energies"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=float))
        wanted = self.displacements.displacements.shape
        if not wanted[0]:
            raise ValueError("a ForceSet must hold at least one supercell, got none")
        if np.shape(self.forces) != wanted:
            raise ValueError(
                f"forces and displacements do not match: forces have the shape "
                f"{np.shape(self.forces)}, and {self.displacements!r} wants {wanted}"
            )
        if not np.isfinite(self.forces).all():
            bad = np.flatnonzero(~np.isfinite(self.forces).all(axis=(1, 2)))
            raise ValueError(f"forces are not finite in {len(bad)} supercells, first in {bad[0]}")
        if self.energies is not None and np.shape(self.energies) != wanted[:1]:
            raise ValueError(
                f"energies must be one for each of {wanted[0]} supercells, got the shape "
                f"{np.shape(self.energies)}"
            )
        if self.energies is not None and not np.isfinite(self.energies).all():
            bad = np.flatnonzero(~np.isfinite(self.energies))
            raise ValueError(
                f"energies are not finite in {len(bad)} supercells, first in {bad[0]}: leave these "
                "supercells out, or all energies (None)"
            )

    @property
    def unitcell(self) -> Atoms:
        """The unit cell that was given."""
        return self.displacements.unitcell

    @property
    def supercell(self) -> Atoms:
        """The undisplaced supercell, in phono3py's order of atoms."""
        return self.displacements.supercell

    def images(self) -> list[Atoms]:
        """Give the displaced supercells with energies (eV, where known) and forces (eV/A)."""
        from matlearn.calculators import with_results

        return [
            with_results(
                self.displacements[number],
                {
                    "forces": self.forces[number].copy(),
                    "energy": None if self.energies is None else float(self.energies[number]),
                },
                str(self.info.get("calculator", "unknown")),
            )
            for number in range(len(self))
        ]

    def with_nac(
        self, born: np.ndarray | Sequence[Any] | Mapping[str, Any], dielectric: Any
    ) -> ForceSet:
        """Add what the long-range electric field of polar crystals needs.

        Parameters
        ----------
        born
            Born effective charges (e): a 3x3 matrix or a number for each atom of the primitive
            cell, or for each element: ``{"Na": 1.09, "Cl": -1.09}``.
        dielectric
            High-frequency dielectric constant: a number or a 3x3 matrix.

        Raises
        ------
        ValueError
            If they have other shapes, or the charges add up to more than 0.1 e an atom.
        """
        charges, constant = checked_charges(self.displacements, born, dielectric)
        return replace(self, born=charges, dielectric=constant)

    def phono3py(self) -> Phono3py:
        """Make a Phono3py object with displacements, forces and charges; a new one each time."""
        return _files.phono3py_of(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write phono3py's ``phono3py_params.yaml``, from which ``phono3py-load`` goes on.

        Parameters
        ----------
        path
            Ends in ``.yaml``, ``.yaml.xz`` or ``.yaml.gz`` (the former is what 30 times the room
            holds, and all of them are what ``phono3py-load`` reads).
        """
        _files.write(self, path)

    def __len__(self) -> int:
        return len(self.displacements)

    def __getitem__(self, chosen: slice) -> ForceSet:
        if not isinstance(chosen, slice):
            raise TypeError(f"a ForceSet is cut by slices, such as [:20]; got {chosen!r}")
        energies = None if self.energies is None else self.energies[chosen]
        cut = self.displacements[chosen]
        return replace(self, displacements=cut, forces=self.forces[chosen], energies=energies)

    def __add__(self, other: ForceSet) -> ForceSet:
        if not isinstance(other, ForceSet):
            return NotImplemented
        mine, theirs = (one.info.get("calculator") for one in (self, other))
        if mine != theirs:
            raise ValueError(
                f"forces of different origin cannot be joined: {mine!r} and {theirs!r}"
            )
        charges = [(one.born, one.dielectric) for one in (self, other) if one.born is not None]
        if len(charges) == 2 and not all(map(np.allclose, *charges)):
            raise ValueError("Born charges of the two sets differ: give both the same by with_nac")
        messages = self.messages + other.messages
        energies = None
        if self.energies is not None and other.energies is not None:
            energies = np.concatenate([self.energies, other.energies])
        elif self.energies is not None or other.energies is not None:
            messages += ("one of the sets that were joined has no energies: those of the other are "
                         "left out",)  # fmt: skip
        born, dielectric = charges[0] if charges else (None, None)
        return replace(
            self,
            displacements=self.displacements + other.displacements,
            forces=np.concatenate([self.forces, other.forces]),
            energies=energies,
            born=born,
            dielectric=dielectric,
            residual=other.residual if self.residual is None else self.residual,
            perfect_energy=(
                other.perfect_energy if self.perfect_energy is None else self.perfect_energy
            ),
            messages=tuple(dict.fromkeys(messages)),
            harmonic=self.harmonic or other.harmonic,
        )

    def __repr__(self) -> str:
        moved = self.displacements
        size = 1000 * float(np.sqrt((self.forces**2).mean()))
        far = "mixed distances" if moved.distance is None else f"{moved.distance:g} A"
        parts = [
            cells.formula_of(moved.unitcell),
            f"{len(self)} {moved.kind} of {far}",
            f"{moved.atoms} atoms",
            f"forces {size:.4g} meV/A",
            "no energies" if self.energies is None else "energies",
        ]
        if self.born is not None:
            parts.append("Born charges")
        if self.harmonic is not None:
            parts.append(f"{len(self.harmonic)} of {self.harmonic.displacements.atoms} atoms")
        return f"ForceSet({', '.join(parts)})"
