"""From files to tables: ``.res`` by a fast parser, everything else by ASE."""

from __future__ import annotations

import io
import lzma
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from numpy.typing import NDArray

from ._formula import reduced_formula
from ._frame import COLUMNS, finish_frame, frame_from_atoms, known_property
from ._res import ResRecord, cells_from_parameters, parse_res

_COMPRESSED = {".gz", ".bz2", ".xz"}
# what ASE's many readers raise on files that are not what they should be
_UNREADABLE = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError,
    StopIteration, SyntaxError, TypeError, ValueError, zlib.error, lzma.LZMAError,
)  # fmt: skip


def read_res_files(paths: Sequence[Path], failures: dict[str, str]) -> pd.DataFrame:
    """Read ``.res`` files into one table; what cannot be used goes into `failures`."""
    records: list[ResRecord] = []
    origins: list[Path] = []
    for path in paths:
        try:
            records.append(parse_res(path.read_bytes().decode("utf-8", "replace")))
            origins.append(path)
        except (ValueError, OSError) as error:
            failures[str(path)] = str(error)
    cellpar = np.array([record.cellpar for record in records]).reshape(-1, 6)
    cells = cells_from_parameters(cellpar)
    good = np.asarray(np.isfinite(cells).all(axis=(1, 2)))
    for i in np.flatnonzero(~good):
        failures[str(origins[i])] = f"cell parameters {records[i].cellpar} make no cell"
    return _frame_from_res([r for r, ok in zip(records, good, strict=True) if ok],
                           cells[good])  # fmt: skip


def _frame_from_res(records: Sequence[ResRecord], cells: NDArray[np.float64]) -> pd.DataFrame:
    structures = []
    for record, cell in zip(records, cells, strict=True):
        atoms = Atoms(
            numbers=record.numbers,
            positions=np.array(record.fractional).reshape(-1, 3) @ cell,
            cell=cell,
            pbc=True,
        )
        atoms.calc = SinglePointCalculator(atoms, energy=record.energy)
        atoms.info = {"label": record.label, "space_group": record.space_group}
        structures.append(atoms)
    formulas = [reduced_formula(record.numbers) for record in records]
    data = {
        "label": [record.label for record in records],
        "formula": [formula for formula, _ in formulas],
        "formula_units": [n for _, n in formulas],
        "n_atoms": [len(record.numbers) for record in records],
        "energy": [record.energy for record in records],
        "volume": np.abs(np.linalg.det(cells)),
        "pressure": [record.pressure for record in records],
        "space_group": [record.space_group for record in records],
        "structure": structures,
    }
    return finish_frame(pd.DataFrame(data, columns=list(COLUMNS)))


def read_with_ase(path: Path, failures: dict[str, str]) -> pd.DataFrame:
    """Read all frames of a file into a table; what cannot be used goes into `failures`."""
    from ase.io.formats import UnknownFileTypeError

    try:
        images = read_images(path)
        if not images:
            failures[str(path)] = "no structure in it"
    except (*_UNREADABLE, UnknownFileTypeError) as error:
        failures[str(path)] = f"{type(error).__name__}: {error}".rstrip(": ")
        images = []
    name = path.with_suffix("") if path.suffix in _COMPRESSED else path
    good = []
    for i, atoms in enumerate(images):
        energy = known_property(atoms, "energy")
        problem = "no atoms" if len(atoms) == 0 else None
        if energy is not None and not np.isfinite(energy):
            problem = f"energy is {energy}"
        if not np.isfinite(atoms.positions).all() or not np.isfinite(atoms.cell.array).all():
            problem = "a coordinate or cell vector is not a finite number"
        if problem is not None:
            before = f"{failures[str(path)]}; " if str(path) in failures else ""
            failures[str(path)] = f"{before}frame {i}: {problem}"
            continue
        atoms.info.setdefault("label", name.stem if len(images) == 1 else f"{name.stem}-{i}")
        good.append(atoms)
    return frame_from_atoms(good)


def read_images(path: Path) -> list[Atoms]:
    """Read all frames of a file; a compressed one is unpacked first (seeking in it is slow)."""
    from ase.io import read
    from ase.io.formats import filetype, open_with_compression

    if path.suffix not in _COMPRESSED:
        return list(read(path, index=":"))
    with open_with_compression(str(path), "r") as packed:
        return list(read(io.StringIO(packed.read()), index=":", format=filetype(str(path))))
