"""Supercells of one crystal in which atoms are displaced."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from ase import Atoms

from matlearn.phonons._phono3py import cells, pairs

if TYPE_CHECKING:
    from phono3py import Phono3py

KINDS = ("random", "systematic")


@dataclass(frozen=True, repr=False, eq=False)
class Displacements:
    """Supercells of one crystal in which atoms are displaced.

    A sequence of ASE Atoms: ``len``, ``[i]`` and iteration. Random ones can be cut and joined.
    """

    unitcell: Atoms
    """The unit cell that was given."""
    supercell_matrix: np.ndarray
    """The supercell's vectors as combinations of the unit cell's, (3, 3) integers."""
    primitive_matrix: np.ndarray
    """The primitive cell's vectors as combinations of the unit cell's, (3, 3)."""
    displacements: np.ndarray
    """Displacement of every atom (A), (supercells, atoms, 3)."""
    distance: float | None
    """How far a displaced atom is moved (A); None where not all are moved alike."""
    kind: str
    """``"random"``, every atom of a supercell, or ``"systematic"``, one or two of them."""
    pairs: dict[str, Any] | None = None
    """Which atoms are displaced, phono3py's data set of type 1, for systematic ones."""
    harmonic: Displacements | None = None
    """Displacements in a supercell of its own for the second order, None: the same supercell."""
    messages: tuple[str, ...] = ()
    """Reasons for doubt."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be 'random' or 'systematic', got {self.kind!r}")
        shape = np.shape(self.displacements)
        if len(shape) != 3 or shape[1:] != (self.atoms, 3):
            raise ValueError(
                f"displacements must have the shape (supercells, {self.atoms}, 3), got {shape}"
            )

    @property
    def atoms(self) -> int:
        """Atoms in a supercell."""
        return round(len(self.unitcell) * float(np.linalg.det(self.supercell_matrix)))

    @functools.cached_property
    def supercell(self) -> Atoms:
        """The undisplaced supercell, in phono3py's order of atoms."""
        return cells.supercell_atoms(self.unitcell, self.supercell_matrix)

    @property
    def order(self) -> int:
        """The highest order of force constants that these displacements are meant for."""
        if self.pairs is not None and "second_atoms" not in self.pairs["first_atoms"][0]:
            return 2
        return 3

    def phono3py(self) -> Phono3py:
        """Make a Phono3py object with these displacements; a new one each time.

        Those meant for the second order alone are its ``phonon_dataset``.
        """
        own = self if self.order == 2 else self.harmonic
        made = cells.build(
            self.unitcell,
            self.supercell_matrix,
            self.primitive_matrix,
            None if own is None else own.supercell_matrix,
        )
        if self.order == 3:
            made.dataset = self._dataset()
        if own is not None:
            made.phonon_dataset = own._dataset()
        return made

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write phono3py's ``phono3py_disp.yaml``, from which its command line goes on.

        Parameters
        ----------
        path
            Ends in ``.yaml``, ``.yaml.xz`` or ``.yaml.gz``.
        """
        from matlearn.phonons._phono3py.files import write_yaml

        write_yaml(path, self.phono3py(), {"messages": list(self.messages)})

    def _dataset(self) -> dict[str, Any]:
        if self.pairs is not None:
            return pairs.without_results(self.pairs)
        return {"displacements": np.array(self.displacements, order="C")}

    def __len__(self) -> int:
        return len(self.displacements)

    @overload
    def __getitem__(self, index: int) -> Atoms: ...
    @overload
    def __getitem__(self, index: slice) -> Displacements: ...
    def __getitem__(self, index: int | slice) -> Atoms | Displacements:
        if isinstance(index, slice):
            if self.pairs is not None:
                raise ValueError(
                    "systematic displacements belong together and cannot be cut; take random ones, "
                    "or fewer by cutoff_pair_distance"
                )
            return replace(self, displacements=self.displacements[index])
        displaced = self.supercell.copy()
        displaced.positions += self.displacements[index]
        return displaced

    def __iter__(self) -> Iterator[Atoms]:
        return (self[number] for number in range(len(self)))

    def __add__(self, other: Displacements) -> Displacements:
        if not isinstance(other, Displacements):
            return NotImplemented
        check_addable(self, other)
        return replace(
            self,
            displacements=np.concatenate([self.displacements, other.displacements]),
            harmonic=self.harmonic or other.harmonic,
            messages=tuple(dict.fromkeys(self.messages + other.messages)),
        )

    def __repr__(self) -> str:
        far = "mixed distances" if self.distance is None else f"{self.distance:g} A"
        own = (
            f", {len(self.harmonic)} of {self.harmonic.atoms} for order 2" if self.harmonic else ""
        )
        formula = cells.formula_of(self.unitcell)
        return (
            f"Displacements({formula}, {len(self)} {self.kind} of {far}, {self.atoms} atoms{own})"
        )


def check_addable(one: Displacements, other: Displacements) -> None:
    """See that two sets of displacements can be one.

    Raises
    ------
    ValueError
        If they are not random, of another crystal, supercell or distance, or the same.
    """
    if one.pairs is not None or other.pairs is not None:
        raise ValueError("only random displacements can be joined; systematic ones are complete")
    if not (
        cells.same_cell(one.unitcell, other.unitcell)
        and (one.supercell_matrix == other.supercell_matrix).all()
        and np.allclose(one.primitive_matrix, other.primitive_matrix)
    ):
        raise ValueError(f"{one!r} and {other!r} are not of the same cell and supercell")
    if one.distance is None or other.distance is None or abs(one.distance - other.distance) > 1e-6:
        raise ValueError(
            f"displacement distances differ, {_far(one)} and {_far(other)}: the larger ones would "
            "outweigh the others in a fit. Fit each set on its own, and compare"
        )
    for moved in other.displacements:
        if np.isclose(one.displacements, moved, atol=1e-8).all(axis=(1, 2)).any():
            raise ValueError(
                "both sets hold the same supercell: draw the second with another seed, or one set "
                "with a larger count"
            )


def _far(one: Displacements) -> str:
    return "mixed" if one.distance is None else f"{one.distance:g} A"
