"""Trajectories: where each atom was, and when, unwrapped from the periodic cell."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms, units
from ase.data import chemical_symbols

from matlearn.transport._trajectories import checks
from matlearn.transport._trajectories.frames import cut, described, frame, gathered, table
from matlearn.transport._trajectories.frames import write as write_frames
from matlearn.transport._trajectories.saved import save as save_arrays

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["Trajectory", "read_trajectory"]


@dataclass(frozen=True, repr=False, eq=False)
class Trajectory:
    """Atoms on their way: the same atoms at times that are equally far apart.

    Made by `matlearn.transport.run_md`, `Trajectory.from_atoms` and `read_trajectory`. A slice of
    frames ``trajectory[a:b:c]`` is a trajectory again.

    Examples
    --------
    >>> from ase import Atoms
    >>> frames = [Atoms("Li", [[x, 0, 0]], cell=[4, 4, 4], pbc=True) for x in (3.0, 3.9, 0.7)]
    >>> trajectory = Trajectory.from_atoms(frames, time_step=0.1)
    >>> trajectory
    Trajectory(Li, 1 atom, 3 frames 0.1 ps apart, 0.2 ps)
    >>> trajectory.positions[:, 0, 0]  # unwrapped
    array([3. , 3.9, 4.7])
    """

    numbers: np.ndarray
    """(atoms,) atomic numbers."""
    positions: np.ndarray
    """(frames, atoms, 3) in A, unwrapped: an atom that leaves the cell is followed."""
    cells: np.ndarray
    """(frames, 3, 3) in A, lattice vectors in rows; a constant cell takes no memory."""
    pbc: np.ndarray
    """(3,) bool: periodic along a, b, c."""
    time_step: float
    """Time between two frames in ps."""
    masses: np.ndarray = None  # type: ignore[assignment]
    """(atoms,) in atomic mass units; the elements' own unless given."""
    energies: np.ndarray | None = None
    """(frames,) potential energies in eV."""
    kinetic_energies: np.ndarray | None = None
    """(frames,) in eV."""
    velocities: np.ndarray | None = None
    """(frames, atoms, 3) in A/ps."""
    info: dict[str, Any] = field(default_factory=dict)
    """How it was made: settings, versions."""

    def __post_init__(self) -> None:
        """Check shapes and units."""
        for name, value in checks.checked_fields(self).items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_atoms(
        cls,
        frames: Iterable[Atoms],
        *,
        time_step: float | None = None,
        unwrap: bool | str = "auto",
        info: dict[str, Any] | None = None,
    ) -> Trajectory:
        """Make a trajectory from frames.

        Parameters
        ----------
        frames
            ASE Atoms (or pymatgen structures): the same atoms in the same order.
        time_step
            Time between two frames in ps (0.1 for frames 100 fs apart). May be left out for frames
            that this class wrote: they say their time.
        unwrap
            ``"auto"`` follows atoms that were wrapped into the cell (between two frames each may
            move by up to 0.4 of the cell), and takes positions as they are where they lie in
            several cells already; True always unwraps, False never.
        info
            What to remember about it, for instance ``{"temperature": 700.0}`` (K).

        Returns
        -------
        Trajectory
            With energies and velocities if each frame has them.

        Raises
        ------
        ValueError
            If atoms change in number, species or order; if frames are too far apart to be
            unwrapped, or wrapped without a cell; if `time_step` is missing, not positive, or
            plainly in another unit than ps.
        """
        step = None if time_step is None else checks.checked_time_step(time_step)
        return cls(**gathered(frames, step, unwrap), info=dict(info or {}))

    def __repr__(self) -> str:
        return described(self)

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, frames: slice) -> Trajectory:
        """Give a trajectory of some of the frames."""
        return replace(self, **cut(self, frames))

    @property
    def symbols(self) -> list[str]:
        """Symbol of each atom."""
        return [chemical_symbols[number] for number in self.numbers]

    @property
    def species(self) -> list[str]:
        """Symbols that occur, in alphabetical order."""
        return sorted(set(self.symbols))

    @property
    def times(self) -> np.ndarray:
        """(frames,) in ps, from 0."""
        return np.arange(len(self)) * self.time_step

    @property
    def duration(self) -> float:
        """Time from the first frame to the last in ps."""
        return (len(self) - 1) * self.time_step

    @property
    def volumes(self) -> np.ndarray:
        """(frames,) volume of the cell in A3."""
        return np.abs(np.linalg.det(self.cells))

    @property
    def temperatures(self) -> np.ndarray | None:
        """(frames,) in K, from the kinetic energies; None where they are not known.

        Three degrees of freedom go to the centre of mass at rest, unless ``info`` says how many
        move (``"degrees_of_freedom"``).
        """
        if self.kinetic_energies is None:
            return None
        free = self.info.get("degrees_of_freedom", max(1, 3 * len(self.numbers) - 3))
        return 2.0 * self.kinetic_energies / (free * units.kB)

    @property
    def temperature(self) -> float | None:
        """The temperature that was set (K), else the mean one, None where none is known."""
        if self.info.get("temperature") is not None:
            return float(self.info["temperature"])
        measured = self.temperatures
        return None if measured is None else float(measured.mean())

    def indices(self, species: str) -> np.ndarray:
        """Give the atoms of a species.

        Parameters
        ----------
        species
            A chemical symbol.

        Raises
        ------
        ValueError
            If there are none.
        """
        found = np.flatnonzero(np.array(self.symbols) == species)
        if len(found) == 0:
            raise ValueError(f"species must be one of {', '.join(self.species)}; got {species!r}")
        return found

    def atoms(self, index: int, *, wrap: bool = False) -> Atoms:
        """Give one frame as ASE Atoms, with its energy and velocities if known.

        Parameters
        ----------
        index
            Number of the frame, negative from the end.
        wrap
            Put atoms back into the cell.
        """
        return frame(self, index, wrap)

    def to_frames(self, step: int = 1) -> list[Atoms]:
        """Give every `step`-th frame as ASE Atoms."""
        return [frame(self, index, False) for index in range(0, len(self), step)]

    def to_frame(self) -> pd.DataFrame:
        """Give what is known of each frame: time (ps), temperature (K), energies (eV), volume (A3).

        Returns
        -------
        pandas.DataFrame
            Columns ``time``, ``temperature``, ``energy``, ``kinetic_energy``, ``total_energy``,
            ``volume``, as far as they are known.
        """
        return table(self)

    def write(self, path: str | os.PathLike[str], **options: Any) -> None:
        """Write all frames through `ase.io.write`; the suffix decides (.extxyz, .traj, ...).

        Parameters
        ----------
        path
            File to write.
        **options
            Handed to `ase.io.write`.
        """
        write_frames(self, path, options)

    def save(self, path: str | os.PathLike[str], *, resolution: float | None = None) -> None:
        """Save to an .npz file, which `read_trajectory` reads.

        Parameters
        ----------
        path
            File to write, ending in .npz; it is written whole or not at all.
        resolution
            Round positions to multiples of this (A), which makes the file several times smaller:
            no position is then off by more than half of it, and velocities lose digits beyond the
            seventh. None keeps every bit.
        """
        save_arrays(self, Path(path), resolution)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw temperature, energy and volume against time; with `ax`, the temperature alone.

        See `matlearn.transport.plots.thermodynamics`.
        """
        from matlearn.transport import plots

        return plots.thermodynamics(self, quantities=None if ax is None else "temperature", ax=ax)


def read_trajectory(
    path: str | os.PathLike[str],
    *,
    time_step: float | None = None,
    timestep: float | None = None,
    species: Any = None,
    index: str | slice = ":",
    unwrap: bool | str = "auto",
    cell: Any = None,
) -> Trajectory:
    """Read a trajectory, and unwrap it.

    Parameters
    ----------
    path
        A run that `matlearn.transport.run_md` stored (also one that is going on), an .npz that
        `Trajectory.save` wrote, a LAMMPS dump (text, .gz too), a VASP XDATCAR, or anything that
        ASE reads (.traj, .extxyz, ...).
    time_step
        Time between two frames of the file in ps. Runs, .npz and frames that this project wrote
        say it themselves.
    timestep
        For LAMMPS dumps, which count steps: time step of the molecular dynamics in ps.
    species
        For LAMMPS dumps without elements: symbols of types 1, 2, ... as a list, or a dictionary.
    index
        Frames to keep, as in ASE (``"100:"``, ``"::10"``). Atoms are followed through all frames
        of the file.
    unwrap
        See `Trajectory.from_atoms`. LAMMPS coordinates that are unwrapped (``xu``, ``xsu``, or
        with image flags) are taken as they are.
    cell
        Lattice vectors (A), for files without a cell; the frames are then periodic.

    Returns
    -------
    Trajectory

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it cannot be read or unwrapped, or `time_step` is missing.
    """
    from matlearn.transport._trajectories.reading import read

    return read(Path(path), time_step, timestep, species, index, unwrap, cell)
