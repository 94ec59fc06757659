"""Where atoms and their trails are in each picture of a film. Private."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn._widgets.drawing import displayed

if TYPE_CHECKING:
    from ase import Atoms

TRAIL = 60
"""Pictures that a trail reaches back."""


@dataclass
class Film:
    """A run as it is shown: the frame of other atoms at rest, mobile ions put back into the cell.

    Attributes
    ----------
    rows : (pictures,) array of int
        Which frames of the run are shown.
    mobile : array of int
        The mobile ions.
    leaders : array of int
        Those with a trail, farthest travelled first.
    """

    trajectory: Any
    rows: np.ndarray
    mobile: np.ndarray
    leaders: np.ndarray
    first: Atoms
    """The first picture, units whole."""
    _positions: np.ndarray
    """Of all pictures, not wrapped, free of the drift of the other atoms."""

    @classmethod
    def of(cls, trajectory: Any, mobile: np.ndarray, rows: np.ndarray, trails: int) -> Film:
        """Take pictures from a run.

        Parameters
        ----------
        trajectory : Trajectory
            The run.
        mobile : array of int
            Ions that move.
        rows : array of int
            Frames to show.
        trails : int
            How many ions have a trail.
        """
        positions = np.array(trajectory.positions[rows], dtype=float)
        others = np.setdiff1d(np.arange(positions.shape[1]), mobile)
        if len(others):
            masses = np.asarray(trajectory.masses, dtype=float)[others]
            centre = np.einsum("fac,a->fc", positions[:, others], masses / masses.sum())
            positions -= (centre - centre[0])[:, None]
        atoms = trajectory.atoms(int(rows[0]))
        first = displayed(atoms)
        positions += first.positions - positions[0]  # whole units, all along
        moved = np.linalg.norm(positions[-1, mobile] - positions[0, mobile], axis=1)
        leaders = mobile[np.argsort(-moved, kind="stable")[:trails]]
        return cls(trajectory, rows, mobile, leaders, first, positions)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def series(self) -> np.ndarray:
        """Positions of all pictures (pictures, atoms, 3), not wrapped, Å."""
        return self._positions

    def cell(self, picture: int) -> np.ndarray:
        """Cell of a picture, (3, 3) in Å."""
        return np.asarray(self.trajectory.cells[int(self.rows[picture])], dtype=float)

    def _shifts(self, picture: int) -> np.ndarray:
        """By how much each atom of a picture is moved back into the cell, (atoms, 3) in Å."""
        shifts = np.zeros_like(self._positions[0])
        cell = self.cell(picture)
        if abs(np.linalg.det(cell)) < 1e-9:
            return shifts
        fractions = self._positions[picture, self.mobile] @ np.linalg.inv(cell)
        inside = np.where(np.asarray(self.trajectory.pbc, dtype=bool), np.floor(fractions), 0.0)
        shifts[self.mobile] = -inside @ cell
        return shifts

    def positions(self, picture: int) -> np.ndarray:
        """Where the atoms are drawn, (atoms, 3) in Å."""
        return self._positions[picture] + self._shifts(picture)

    def trails(self, picture: int) -> list[np.ndarray]:
        """The paths that lead to the ions with a trail, oldest place first, each (points, 3)."""
        begin = max(0, picture - TRAIL)
        shifts = self._shifts(picture)
        return [self._positions[begin : picture + 1, ion] + shifts[ion] for ion in self.leaders]

    def atoms(self, picture: int) -> Atoms:
        """A picture as ASE Atoms."""
        atoms = self.first.copy()
        atoms.set_cell(self.cell(picture))
        atoms.positions = self.positions(picture)
        return atoms
