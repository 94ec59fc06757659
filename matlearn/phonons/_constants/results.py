"""Force constants of second and third order, and what the harmonic ones say."""

from __future__ import annotations

import functools
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn.phonons._constants import files as _files
from matlearn.phonons._constants import harmonic
from matlearn.phonons._constants.harmonic import (
    BandStructure,
    DensityOfStates,
    ThermalProperties,
)
from matlearn.phonons._forces.charges import checked_charges
from matlearn.phonons._phono3py import cells

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from phono3py import Phono3py
    from phonopy import Phonopy


@dataclass(frozen=True, repr=False, eq=False)
class ForceConstants:
    """Second and third derivatives of the energy with respect to atoms' positions."""

    unitcell: Atoms
    """The unit cell that was given."""
    supercell_matrix: np.ndarray
    """The supercell's vectors as combinations of the unit cell's, (3, 3) integers."""
    primitive_matrix: np.ndarray
    """The primitive cell's vectors as combinations of the unit cell's, (3, 3)."""
    fc2: np.ndarray
    """Second order (eV/A2), (atoms of the primitive cell, atoms of the supercell, 3, 3)."""
    fc3: np.ndarray | None
    """Third order (eV/A3), (primitive, supercell, supercell, 3, 3, 3); None: not computed."""
    method: str
    """``"systematic"`` (finite differences) or ``"symfc"`` (a fit)."""
    drift: tuple[float, float | None] = (0.0, None)
    """Largest sums over a crystal that should vanish (eV/A2, eV/A3), before they were made to."""
    born: np.ndarray | None = None
    """Born effective charges (e), (atoms of the primitive cell, 3, 3)."""
    dielectric: np.ndarray | None = None
    """High-frequency dielectric constant, (3, 3)."""
    phonon_supercell_matrix: np.ndarray | None = None
    """Supercell of the second order, where it is another one."""
    source: str = ""
    """What the forces come from."""
    messages: tuple[str, ...] = ()
    """Reasons for doubt."""

    @property
    def harmonic_matrix(self) -> np.ndarray:
        """Matrix of the supercell that the second order is of."""
        own = self.phonon_supercell_matrix
        return self.supercell_matrix if own is None else own

    @functools.cached_property
    def supercell(self) -> Atoms:
        """The supercell (of the third order), in phono3py's order of atoms."""
        return cells.supercell_atoms(self.unitcell, self.supercell_matrix)

    @functools.cached_property
    def harmonic_supercell(self) -> Atoms:
        """The supercell of the second order."""
        return cells.supercell_atoms(self.unitcell, self.harmonic_matrix)

    @functools.cached_property
    def primitive(self) -> Atoms:
        """The primitive cell; wave vectors are in its reciprocal vectors."""
        return cells.to_ase(self.harmonic_model.primitive)

    @functools.cached_property
    def harmonic_model(self) -> Phonopy:
        """The Phonopy object that frequencies come from; do not change it, `phonopy` makes others."""
        return _files.phonopy_of(self, nac=True)

    @functools.cached_property
    def _without_nac(self) -> Phonopy:
        return _files.phonopy_of(self, nac=False)

    def phonopy(self, *, nac: bool = True) -> Phonopy:
        """Make a Phonopy object with the second order; a new one each time."""
        return _files.phonopy_of(self, nac=nac)

    def phono3py(self, *, nac: bool = True) -> Phono3py:
        """Make a Phono3py object with these constants; a new one each time."""
        return _files.phono3py_of(self, nac=nac)

    def with_nac(
        self, born: np.ndarray | Sequence[Any] | Mapping[str, Any], dielectric: Any
    ) -> ForceConstants:
        """Add Born charges and dielectric constant: see `ForceSet.with_nac`."""
        charges, constant = checked_charges(self, born, dielectric)
        return replace(self, born=charges, dielectric=constant)

    def frequencies(
        self, qpoints: Any, *, nac: bool = True, direction: Sequence[float] | None = None
    ) -> np.ndarray:
        """Compute frequencies at wave vectors.

        Parameters
        ----------
        qpoints
            Wave vectors in the reciprocal vectors of the primitive cell, (3,) or (n, 3).
        nac : bool
            Whether the field of polar modes counts, where Born charges are known.
        direction
            From which direction Gamma is approached, in the same coordinates. None: Gamma itself,
            where longitudinal and transversal optical modes are not split.

        Returns
        -------
        ndarray
            THz, (n, 3 atoms), rising; imaginary ones are negative. (3 atoms,) for one wave vector.
        """
        points = np.atleast_2d(np.asarray(qpoints, dtype=float))
        if points.ndim != 2 or points.shape[1] != 3:
            raise ValueError(f"qpoints must have the shape (n, 3), got {np.shape(qpoints)}")
        if not np.isfinite(points).all():
            raise ValueError("qpoints must be finite numbers")
        made = self.harmonic_model if nac else self._without_nac
        found = np.asarray(made.run_qpoints(points, nac_q_direction=direction).frequencies)
        return found[0] if np.ndim(qpoints) == 1 else found

    def bands(
        self,
        path: str | Sequence[Any] | None = None,
        *,
        points: int = 51,
        nac: bool = True,
    ) -> BandStructure:
        """Compute frequencies along lines between special points.

        Parameters
        ----------
        path
            Special points as ASE names them for the primitive cell, such as ``"GXKGL"`` with a
            comma where a line ends; or lists of (label, wave vector). None: ASE's own choice.
        points : int
            Wave vectors along each line.
        nac : bool
            Whether the field of polar modes counts, where Born charges are known.
        """
        return harmonic.bands(self, path, points, nac)

    def dos(
        self, mesh: int | Sequence[int] = 20, *, nac: bool = True, step: float = 0.05
    ) -> DensityOfStates:
        """Compute the density of states, of all atoms and of each element.

        Parameters
        ----------
        mesh : int or three ints
            Wave vectors along each reciprocal vector of the primitive cell.
        nac : bool
            Whether the field of polar modes counts, where Born charges are known.
        step : float
            Between frequencies (THz).
        """
        return harmonic.density_of_states(self, mesh, nac, step)

    def thermal_properties(
        self,
        temperatures: float | Sequence[float] | np.ndarray = tuple(range(0, 1001, 50)),
        mesh: int | Sequence[int] = 20,
        *,
        nac: bool = True,
    ) -> ThermalProperties:
        """Compute free energy, entropy and heat capacity of the harmonic crystal.

        Parameters
        ----------
        temperatures
            K.
        mesh : int or three ints
            Wave vectors along each reciprocal vector of the primitive cell.
        nac : bool
            Whether the field of polar modes counts, where Born charges are known.
        """
        return harmonic.thermal_properties(self, temperatures, mesh, nac)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the band structure (`matlearn.phonons.plots.bands`)."""
        return self.bands().plot(ax=ax)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write ``phono3py.yaml``, ``fc2.hdf5`` and ``fc3.hdf5`` into a folder.

        ``phono3py-load phono3py.yaml`` goes on from there, and `load` reads them. Files of these
        names are written over.

        Raises
        ------
        FileExistsError
            If these are of the second order alone and the folder has a ``fc3.hdf5``, which does
            not belong to them; or if there is a file where the folder should be.
        """
        _files.write(self, folder)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> ForceConstants:
        """Read what `save` wrote, or phono3py's own files of these names.

        Raises
        ------
        FileNotFoundError
            If the folder has no phono3py.yaml (or phono3py_params.yaml) or fc2.hdf5.
        ValueError
            If they do not belong together.
        """
        return cls(**_files.read(folder))

    def __repr__(self) -> str:
        third = "2" if self.fc3 is None else "2 and 3"
        polar = ", NAC" if self.born is not None else ""
        own = self.phonon_supercell_matrix
        more = "" if own is None else f" ({len(self.harmonic_supercell)} for order 2)"
        doubt = f", {len(self.messages)} messages" if self.messages else ""
        return (
            f"ForceConstants({cells.formula_of(self.unitcell)}, order {third} by {self.method}, "
            f"{len(self.supercell)} atoms{more}{polar}{doubt})"
        )


def warn(messages: Sequence[str], stacklevel: int = 3) -> None:
    """Warn of each reason for doubt."""
    for message in messages:
        warnings.warn(message, UserWarning, stacklevel=stacklevel)
