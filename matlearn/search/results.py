"""Read search results: thousands of ``.res`` files, or anything ASE reads, into one table."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from ase import Atoms

from ._cell import parse_cell
from ._frame import frame_from_atoms
from ._reading import read_images, read_res_files, read_with_ase

if TYPE_CHECKING:
    from os import PathLike

_AIRSS_SETS = {
    "run1": "run1",
    "run1-m3gnet": "run1-m3gnet",
    "run1-relaxed-m3gnet": "run1-relaxed-m3gnet",
    "refine-run1": "refine-run1/good_castep",
    "refine-run1-m3gnet": "refine-run1-m3gnet/good_castep",
}
_NAMED = 20  # files that a warning names
_PBE_SETS = ("run1", "run1-chgnet", "run1-relaxed-chgnet", "refine-run1", "refine-run1-chgnet")

__all__ = [
    "frame_from_atoms", "load_cells", "load_li_n_pbe", "load_lin2_airss", "load_lin2_pbe", "load_steps",
    "read_results", "read_starting_cells",
]  # fmt: skip


def read_results(path: str | PathLike[str], pattern: str = "**/*.res") -> pd.DataFrame:
    """Read the structures and energies of a search.

    Parameters
    ----------
    path : path
        A folder, or a single file (`pattern` is then not looked at).
    pattern : str
        Which files of the folder, as in `pathlib.Path.glob`. ``.res`` goes through a fast reader
        (about ten times ASE's speed, equal to it to 1e-5), every other suffix through
        ``ase.io.read``, where each frame of a file becomes a row.

    Returns
    -------
    DataFrame
        One row a structure, in the order of the paths: ``label``, ``formula`` (reduced),
        ``formula_units``, ``n_atoms``, ``energy`` (eV), ``energy_per_atom`` (eV), ``volume``
        (angstrom^3), ``volume_per_atom`` (angstrom^3), ``pressure`` (GPa), ``space_group`` (as
        the file says, else by spglib at 0.1 angstrom), ``structure`` (`ase.Atoms` that remembers
        its energy). Files that cannot be used (cut off, empty, binary, not numeric, atoms
        missing, an energy that is not finite) are skipped with one warning;
        ``.attrs["failures"]`` maps each to its reason.

    Raises
    ------
    FileNotFoundError
        If there is no such path, the folder is empty, or no file matches.
    ValueError
        If the pattern is empty or absolute.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from ase.build import bulk
    >>> with TemporaryDirectory() as folder:
    ...     bulk("Li", cubic=True).write(Path(folder) / "bcc.vasp", format="vasp")
    ...     frame = read_results(folder, "*.vasp")
    >>> frame[["label", "formula", "space_group"]].iloc[0].tolist()
    ['bcc', 'Li', 'Im-3m']
    """
    paths = _matching(Path(path), pattern)
    failures: dict[str, str] = {}
    if all(p.suffix == ".res" for p in paths):
        frame = read_res_files(paths, failures)
    else:
        parts = [
            read_res_files([p], failures) if p.suffix == ".res" else read_with_ase(p, failures)
            for p in paths
        ]
        frame = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    frame.attrs["failures"] = failures
    if failures:
        _warn(failures, len(paths), stacklevel=3)
    return frame


def read_starting_cells(path: str | PathLike[str], pattern: str = "**/*-orig.cell") -> pd.DataFrame:
    """Read the random cells that a published AIRSS search started from.

    Parameters
    ----------
    path : path
        A folder with CASTEP ``.cell`` files.
    pattern : str
        Which files of the folder.

    Returns
    -------
    DataFrame
        As `read_results`, with NaN for energy and pressure; a label is the file's name
        without ``-orig.cell``.

    Raises
    ------
    FileNotFoundError
        If there is no such path, or no file matches.
    ValueError
        If a file has no lattice or no positions; the message names it.
    """
    images = []
    for file in _matching(Path(path), pattern):
        try:
            numbers, cell, fractional = parse_cell(file.read_text())
        except (ValueError, UnicodeDecodeError) as error:
            raise ValueError(f"{file}: {error}") from error
        label = file.name.removesuffix(".cell").removesuffix("-orig")
        images.append(
            Atoms(numbers=numbers, cell=cell, scaled_positions=fractional, pbc=True,
                  info={"label": label})
        )  # fmt: skip
    return frame_from_atoms(images)


def load_lin2_airss(path: str | PathLike[str]) -> dict[str, pd.DataFrame]:
    """Read the published LiN2 search (github.com/zhubonan/airss-m3gnet-test).

    Parameters
    ----------
    path : path
        The folder with the content of ``lin2/``.

    Returns
    -------
    dict of DataFrame
        ``run1`` (PBE, from random cells), ``run1-m3gnet`` (M3GNet from the same cells),
        ``run1-relaxed-m3gnet`` (M3GNet from the PBE-relaxed cells), ``refine-run1`` and
        ``refine-run1-m3gnet`` (the 30 lowest of the first two, PBE at 800 eV). Columns as in
        `matlearn.search.read_results`. Energies of different settings have different zeros:
        compare within a table only.

    Raises
    ------
    FileNotFoundError
        If one of the folders is missing.
    """
    return {name: read_results(Path(path) / folder) for name, folder in _AIRSS_SETS.items()}


def load_lin2_pbe(path: str | PathLike[str]) -> dict[str, pd.DataFrame]:
    """Read this project's own LiN2 search (PBE with GPAW, and CHGNet).

    Parameters
    ----------
    path : path
        The folder with ``run1.extxyz`` and its companions.

    Returns
    -------
    dict of DataFrame
        ``run1`` (PBE from random cells), ``run1-chgnet`` (CHGNet from the same cells),
        ``run1-relaxed-chgnet`` (CHGNet from the PBE-relaxed cells), ``refine-run1`` and
        ``refine-run1-chgnet`` (PBE of the lowest of the first two): the same shape as
        `load_lin2_airss`. Columns as in `matlearn.search.read_results`.

    Raises
    ------
    FileNotFoundError
        If one of the files is missing.
    """
    return {name: _read_extxyz(Path(path) / f"{name}.extxyz") for name in _PBE_SETS}


def load_cells(path: str | PathLike[str]) -> pd.DataFrame:
    """Read the random cells that this project's LiN2 search starts from.

    Parameters
    ----------
    path : path
        ``initial.extxyz`` or the folder that holds it.

    Returns
    -------
    DataFrame
        One row a cell, columns as in `matlearn.search.read_results`; energies are NaN.

    Raises
    ------
    FileNotFoundError
        If the file is missing.
    """
    path = Path(path)
    return _read_extxyz(path / "initial.extxyz" if path.is_dir() else path)


def load_li_n_pbe(path: str | PathLike[str]) -> pd.DataFrame:
    """Read the phases of the Li-N system (PBE at 800 eV).

    Parameters
    ----------
    path : path
        ``phases.extxyz`` or the folder that holds it.

    Returns
    -------
    DataFrame
        One row a phase (``label`` is its name), columns as in `matlearn.search.read_results`.

    Raises
    ------
    FileNotFoundError
        If the file is missing.
    """
    path = Path(path)
    return _read_extxyz(path / "phases.extxyz" if path.is_dir() else path)


def load_steps(path: str | PathLike[str]) -> pd.DataFrame:
    """Read the ionic steps of this project's LiN2 relaxations, forces and stresses included.

    Parameters
    ----------
    path : path
        ``steps.extxyz.xz`` or the folder that holds it.

    Returns
    -------
    DataFrame
        One row an ionic step; columns as in `matlearn.search.read_results` (no space groups)
        with ``stage``, ``step`` and ``ecut`` (plane-wave cut-off, eV; energies of different
        cut-offs must not be mixed). Forces and stress are in each structure's calculator.

    Raises
    ------
    FileNotFoundError
        If the file is missing.
    """
    path = Path(path)
    path = path / "steps.extxyz.xz" if path.is_dir() else path
    _must_exist(path)
    return frame_from_atoms(read_images(path), extra=("stage", "step", "ecut"), symprec=None)


def _read_extxyz(path: Path) -> pd.DataFrame:
    _must_exist(path)
    return read_results(path)


def _must_exist(path: Path) -> None:
    if not path.is_file():
        raise FileNotFoundError(f"data file {str(path)!r} does not exist")


def _matching(path: Path, pattern: str) -> list[Path]:
    if not isinstance(pattern, str) or not pattern or Path(pattern).is_absolute():
        raise ValueError(f"pattern must be a relative pattern such as '**/*.res', got {pattern!r}")
    if path.is_file():
        return [path]
    if not path.exists():
        raise FileNotFoundError(f"path {str(path)!r} does not exist")
    found = sorted(path.glob(pattern), key=lambda p: p.parts)
    files = [p for p in found if p.name.endswith(".res") or p.is_file()]
    if not files:
        state = "holds no file that matches" if any(path.iterdir()) else "is empty: nothing matches"
        raise FileNotFoundError(f"folder {str(path)!r} {state} pattern {pattern!r}")
    return files


def _warn(failures: dict[str, str], n_files: int, stacklevel: int) -> None:
    named = [f"{Path(name).name} ({reason})" for name, reason in list(failures.items())[:_NAMED]]
    more = f" and {len(failures) - _NAMED} more" if len(failures) > _NAMED else ""
    warnings.warn(
        f"{len(failures)} of {n_files} files could not be used and were skipped: "
        f"{', '.join(named)}{more}; all are in .attrs['failures']",
        UserWarning,
        stacklevel=stacklevel,
    )
