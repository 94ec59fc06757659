"""Forces out of VASP's runs, through phonopy's parser."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree
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
        _check_cell(path, cell)
        order = _matched(np.asarray(run["points"][0]), expected, cell, path)
        energy = run["supercell_energies"][0]
        forces = np.asarray(run["forces"][0])[order]
        found.append((forces, None if energy is None else float(energy)))
    return found


def _check_cell(path: str | os.PathLike[str], cell: np.ndarray) -> None:
    """See that a run is of this cell: its atoms' places are in multiples of its own vectors.

    Raises
    ------
    ValueError
        If it is of another.
    """
    theirs = _cell_of(path)
    if theirs is None or np.abs(theirs - cell).max() < TOLERANCE:
        return
    raise ValueError(
        f"forces and displacements do not match: {path} is of another cell, with edges of "
        f"{_edges(theirs)} A and not {_edges(cell)} A. Displace the cell that VASP was given, and "
        "let it keep the cell (ISIF = 2)"
    )


def _edges(cell: np.ndarray) -> str:
    return ", ".join(f"{one:.4f}" for one in np.linalg.norm(cell, axis=1))


def _cell_of(path: str | os.PathLike[str]) -> np.ndarray | None:
    """Give the last cell (A) of a vasprun.xml; None where a file of another format has it."""
    from phonopy.file_IO import get_io_module_to_decompress

    if Path(path).suffix.lower() == ".h5":
        return None
    found = None
    with (
        get_io_module_to_decompress(path).open(path, "rb") as file,
        contextlib.suppress(ElementTree.ParseError),
    ):  # phonopy's parser said what it is worth
        for _, element in ElementTree.iterparse(file):
            if element.tag == "varray" and element.get("name") == "basis":
                found = np.array([[float(x) for x in (row.text or "").split()] for row in element])
            elif element.tag in ("set", "calculation"):
                element.clear()  # bands and densities of states are long
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
