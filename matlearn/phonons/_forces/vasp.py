"""Forces out of VASP's runs, through phonopy's parser."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from xml.parsers.expat import ExpatError

import numpy as np

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
