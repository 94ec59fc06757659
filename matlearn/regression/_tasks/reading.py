"""Reading the published files of matbench: the CSV of compositions, matminer's structures."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from pymatgen.core import Structure

    from matlearn.regression._tasks.definitions import Definition


def read_table(path: Path, kind: str) -> tuple[list[str], np.ndarray]:
    """Read formulas and targets from a CSV file with the columns ``formula`` and ``target``.

    Parameters
    ----------
    path : Path
        The file. ``NaN`` among the formulas is sodium nitride, not a missing value.
    kind : {"regression", "classification"}
        Of a classification the targets are 0 and 1.

    Returns
    -------
    tuple of list of str and numpy.ndarray
        Formulas; targets, float or bool.

    Raises
    ------
    ValueError
        If a column is missing, or a target is no number (or neither 0 nor 1).
    """
    import pandas as pd

    table = pd.read_csv(path, keep_default_na=False, dtype=str)
    if not {"formula", "target"} <= set(table.columns):
        raise ValueError(
            f"{path} must have the columns 'formula' and 'target', got {', '.join(table.columns)}"
        )
    values = pd.to_numeric(table["target"], errors="coerce").to_numpy(float)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise ValueError(
            f"{path}: the target must be a finite number in every row; in {len(bad)} of "
            f"{len(table)} it is not, first in line {bad[0] + 2} ({table['target'][bad[0]]!r})"
        )
    formulas = [str(formula) for formula in table["formula"]]
    return formulas, as_classes(values, str(path)) if kind == "classification" else values


def as_classes(values: np.ndarray, what: str) -> np.ndarray:
    """Turn numbers 0 and 1 into booleans; anything else is an error that names `what`."""
    other = values[(values != 0) & (values != 1)]
    if len(other):
        raise ValueError(
            f"{what}: the target of a classification must be 0 or 1, got {other[0]!s} (for "
            "numbers use kind='regression')"
        )
    return np.asarray(values == 1)


def read_structures(path: Path, *, progress: bool = True) -> pd.DataFrame:
    """Read a data set of matminer that holds structures.

    Only `pymatgen.core.Structure` objects are built, whatever other classes the file names.

    Parameters
    ----------
    path : Path
        ``<name>.json.gz`` as matminer distributes it.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    pandas.DataFrame
        Column ``structure`` (pymatgen) and the target under matminer's name, in the file's order.

    Raises
    ------
    ValueError
        If the file is no such data set.
    """
    from matminer.utils.io import load_dataframe_from_json
    from pymatgen.core import Structure
    from tqdm.auto import tqdm

    try:
        frame = load_dataframe_from_json(str(path), pbar=False, decode=False)
    except (ValueError, TypeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is no data set in matminer's format: {error}") from error
    if frame is None or "structure" not in frame:
        columns = "no table" if frame is None else ", ".join(map(str, frame.columns))
        raise ValueError(f"{path} must have a column 'structure', got {columns}")
    rows: Any = tqdm(
        frame["structure"], desc=path.name, unit="structures", disable=None if progress else True
    )
    structures = []
    for row, entry in enumerate(rows):
        try:
            structures.append(Structure.from_dict(entry))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"row {row} of {path} is no structure of pymatgen: {type(error).__name__} {error}"
            ) from error
    frame["structure"] = structures
    return frame


def matched_structures(
    frame: pd.DataFrame, definition: Definition, formulas: list[str], target: np.ndarray
) -> list[Structure]:
    """Structures of a task, once they were seen to belong to its table row by row.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `read_structures`.
    definition : Definition
        The task.
    formulas, target : list of str, numpy.ndarray
        From `read_table`.

    Returns
    -------
    list of pymatgen.core.Structure
        In the order of the table.

    Raises
    ------
    ValueError
        If number, targets or compositions differ.
    """
    if definition.column not in frame:
        raise ValueError(
            f"structures of {definition.name} must come with {definition.column!r}, got "
            f"{', '.join(map(str, frame.columns))}"
        )
    if len(frame) != len(target):
        raise ValueError(
            f"structures of {definition.name} must be as many as the {len(target)} rows of the "
            f"table, got {len(frame)}"
        )
    found = frame[definition.column].to_numpy(float)
    wrong = np.flatnonzero(~np.isclose(found, target.astype(float), rtol=1e-6, atol=1e-9))
    if not len(wrong):
        crystals = list(frame["structure"])
        pairs = zip(crystals, formulas, strict=True)
        wrong = np.array([row for row, pair in enumerate(pairs) if not _same(*pair)], dtype=int)
        if not len(wrong):
            return crystals
    row = wrong[0]
    raise ValueError(
        f"structures of {definition.name} do not belong to the table: {len(wrong)} rows differ, "
        f"first row {row} ({frame['structure'].iloc[row].composition.formula}, {found[row]:g}, "
        f"against {formulas[row]}, {float(target[row]):g})"
    )


def _same(structure: Structure, formula: str) -> bool:
    from pymatgen.core import Composition

    return bool(structure.composition.almost_equals(Composition(formula)))


def checked_target(target: np.ndarray, kind: str) -> np.ndarray:
    """Target as an array of its kind: finite floats, or booleans.

    Raises
    ------
    TypeError, ValueError
        If it holds no numbers, is not one-dimensional, is not finite, or is of the other kind.
    """
    try:
        values = np.asarray(target)
        numbers = values.astype(float)
    except (TypeError, ValueError) as error:
        raise TypeError(f"target must hold numbers, got {target!r:.100}") from error
    if values.ndim != 1:
        raise ValueError(f"target must be a list of numbers, got an array of shape {values.shape}")
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        raise ValueError(
            f"target must be finite, got {numbers[bad[0]]} in row {bad[0]} ({len(bad)} of "
            f"{len(values)} rows): leave such samples out, a model cannot learn from them"
        )
    if kind == "classification":
        return as_classes(numbers, "target")
    if values.dtype == bool:
        raise ValueError(
            "target of a regression must be numbers, got True and False: use kind='classification'"
        )
    return numbers
