"""A task made of a table of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.regression.tasks import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["task_from_frame"]


def task_from_frame(
    frame: pd.DataFrame,
    target: str,
    *,
    formula: str = "formula",
    structure: str | None = None,
    name: str = "own material",
    label: str | None = None,
    unit: str = "",
) -> Task:
    """Make a task of a table of materials, so that all this chapter does can be done with it.

    Parameters
    ----------
    frame
        A row a sample. Its index gives the ids.
    target
        Column of what is to be predicted: numbers for a regression, True and False for a
        classification (0 and 1 are numbers: ``frame["metal"].astype(bool)`` makes classes of them).
    formula
        Column of formulas; where it is missing and there are structures, theirs are taken.
    structure
        Column of crystals (pymatgen Structure or ASE Atoms), if there is one.
    name, label, unit
        For figures and reports; `label` is the column's name where it is left out.

    Returns
    -------
    Task
        Its folds are made like those of matbench, and are not official.

    Raises
    ------
    ValueError
        If a column is missing, targets are missing or not finite (the rows are named), or two rows
        have the same index.
    TypeError
        If the targets are neither numbers nor booleans, or `frame` is no table.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"formula": ["NaCl", "MgO"], "density": [2.16, 3.58]})
    >>> task_from_frame(table, "density", unit="g/cm3")
    Task(own material: density in g/cm3, 2 formulas)
    """
    if not hasattr(frame, "columns"):
        raise TypeError(f"frame must be a pandas.DataFrame, got {type(frame).__name__}")
    _require(frame, target, "target")
    twice = frame.index[frame.index.duplicated()]
    if len(twice):
        raise ValueError(
            f"the index must be different in each row, since it gives the ids, got {twice[0]} "
            "twice: frame.reset_index(drop=True) numbers the rows"
        )
    crystals = None
    if structure is not None:
        _require(frame, structure, "structure")
        crystals = [_as_structure(entry, row) for row, entry in frame[structure].items()]
    if formula not in frame and crystals is not None:
        formulas = [crystal.composition.formula.replace(" ", "") for crystal in crystals]
    else:
        _require(frame, formula, "formula")
        formulas = [_as_formula(entry, row) for row, entry in frame[formula].items()]
    values, kind = _values(frame[target])
    return Task(
        name=name,
        kind=kind,
        label=label or target,
        unit=unit,
        ids=[str(row) for row in frame.index],
        formulas=formulas,
        target=values,
        structures=crystals,
    )


def _require(frame: pd.DataFrame, column: str, argument: str) -> None:
    if column not in frame:
        raise ValueError(
            f"{argument} must name a column of the table, one of "
            f"{', '.join(map(str, frame.columns))}; got {column!r}"
        )


def _values(column: pd.Series) -> tuple[np.ndarray, str]:
    missing = column.index[column.isna()]
    if len(missing):
        some = ", ".join(map(str, missing[:5]))
        raise ValueError(
            f"{column.name!r} is missing in {len(missing)} of {len(column)} rows ({some}"
            f"{', ...' if len(missing) > 5 else ''}): leave these out, such as by "
            f"frame.dropna(subset=[{column.name!r}])"
        )
    array = np.array(column.tolist())
    if array.dtype == bool:
        return array, "classification"
    if array.dtype.kind not in "iuf":
        raise TypeError(
            f"{column.name!r} must hold numbers, or True and False, got {column.iloc[0]!r} in row "
            f"{column.index[0]}: of two classes make frame[{column.name!r}] == {column.iloc[0]!r}"
        )
    return array.astype(float), "regression"


def _as_formula(entry: Any, row: Any) -> str:
    if not isinstance(entry, str):
        raise TypeError(f"the formula of row {row} must be text such as 'NaCl', got {entry!r}")
    return entry


def _as_structure(entry: Any, row: Any) -> Any:
    from ase import Atoms
    from pymatgen.core import Structure
    from pymatgen.io.ase import AseAtomsAdaptor

    if isinstance(entry, Structure):
        return entry
    if isinstance(entry, Atoms):
        return AseAtomsAdaptor.get_structure(entry)
    raise TypeError(
        f"the structure of row {row} must be a pymatgen Structure or ASE Atoms, got "
        f"{type(entry).__name__}"
    )
