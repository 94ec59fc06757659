"""Forces out of VASP's runs, through phonopy's parser."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from xml.parsers.expat import ExpatError

import numpy as np

from matlearn.phonons._forces import residuals
from matlearn.phonons._forces.results import ForceSet
from matlearn.phonons._phono3py.displaced import Displacements

TOLERANCE = 1e-3
"""How far an atom may be from where the displacements say it is (A); vasprun.xml has 8 digits."""
Run = tuple[np.ndarray, float | None]


def read_runs(
    paths: Sequence[str | os.PathLike[str]], positions: np.ndarray, cell: np.ndarray
) -> list[Run]:
    """Read forces (eV/A) and energy (eV) of runs, atoms put in the order of `positions`.

    Parameters
    ----------
    paths
        vasprun.xml, vasprun.xml.gz and the like.
    positions
        Expected, (runs, atoms, 3) in A.
    cell
        Of the supercell (A).

    Raises
    ------
    FileNotFoundError
        If one is not there.
    ValueError
        If one cannot be read, has other atoms, or atoms elsewhere: the file is named.
    """
    from phonopy.interface.vasp import parse_set_of_forces

    found = []
    for number, (path, expected) in enumerate(zip(paths, positions, strict=True)):
        if not Path(path).is_file():
            raise FileNotFoundError(f"no file {path} (run {number})")
        try:
            run = parse_set_of_forces(len(expected), [os.fspath(path)], verbose=False)
        except (ValueError, RuntimeError, KeyError, IndexError, OSError, ExpatError) as error:
            raise ValueError(f"{path} cannot be read as a finished run of VASP: {error}") from error
        if not run or len(run["forces"][0]) != len(expected):
            raise ValueError(
                f"{path} does not hold the forces of {len(expected)} atoms: is it a finished run "
                "of this supercell?"
            )
        order = _matched(np.asarray(run["points"][0]), expected, cell, path)
        energy = run["supercell_energies"][0]
        forces = np.asarray(run["forces"][0])[order]
        found.append((forces, None if energy is None else float(energy)))
    return found


def force_set_of(
    displacements: Displacements,
    paths: Sequence[str | os.PathLike[str]],
    perfect: str | os.PathLike[str] | None,
    subtract_mean: bool,
) -> ForceSet:
    """Read the forces of displaced supercells: see `matlearn.phonons.read_vasp_forces`."""
    if isinstance(paths, str | os.PathLike):
        raise TypeError("paths must be a list of files, one for each supercell, got one path")
    listed = list(paths)
    if perfect is None and len(listed) == len(displacements) + 1:
        perfect, listed = listed[0], listed[1:]
    if len(listed) != len(displacements):
        raise ValueError(
            f"forces and displacements do not match: {len(listed)} files for "
            f"{len(displacements)} supercells"
        )
    supercell = displacements.supercell
    places = supercell.positions + displacements.displacements
    if perfect is not None:
        listed, places = [perfect, *listed], np.concatenate([supercell.positions[None], places])
    runs = read_runs(listed, places, supercell.cell.array)
    forces = np.array([run[0] for run in runs])
    energies = np.array([np.nan if run[1] is None else run[1] for run in runs])
    if subtract_mean:
        forces = forces - forces.mean(axis=1, keepdims=True)
    residual, energy = None, None
    messages: tuple[str, ...] = ()
    if perfect is not None:
        residual, energy = forces[0], None if np.isnan(energies[0]) else float(energies[0])
        forces, energies = forces[1:] - residual, energies[1:]
        messages = residuals.of_forces(residual)
        for message in messages:
            warnings.warn(message, UserWarning, stacklevel=3)
    return ForceSet(
        displacements=displacements,
        forces=forces,
        energies=None if np.isnan(energies).any() else energies,
        residual=residual,
        perfect_energy=energy,
        info={"calculator": "VASP"},
        messages=displacements.messages + messages,
    )


def _matched(
    points: np.ndarray, expected: np.ndarray, cell: np.ndarray, path: str | os.PathLike[str]
) -> np.ndarray:
    """Give the run's number of each expected atom."""
    wanted = expected @ np.linalg.inv(cell)
    order = np.arange(len(points))
    off = _distance(points - wanted, cell)
    if off.max() < TOLERANCE:
        return order
    far = _distance(points[None, :] - wanted[:, None], cell)
    order = far.argmin(axis=1)
    off = far.min(axis=1)
    if off.max() < TOLERANCE and len(set(order.tolist())) == len(order):
        return order
    worst = int(off.argmax())
    raise ValueError(
        f"forces and displacements do not match: in {path} no atom is where atom {worst} of this "
        f"supercell is displaced to (the nearest is {off[worst]:.3f} A away). Are the files in the "
        "order of the displacements, and of the same set?"
    )


def _distance(difference: np.ndarray, cell: np.ndarray) -> np.ndarray:
    return np.linalg.norm((difference - np.rint(difference)) @ cell, axis=-1)
