"""The registry's loaders: from a published file to a task, or to structures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matlearn.regression._tasks import definitions as _definitions
from matlearn.regression._tasks import reading as _reading
from matlearn.regression.tasks import Task

if TYPE_CHECKING:
    import pandas as pd


def load_matbench(path: Path, *, structures: bool = False, progress: bool = True) -> Task:
    """Read a file of compositions and targets of matbench; the registry's loader.

    Parameters
    ----------
    path : Path
        The CSV file under its published name, by which the task is known.
    structures : bool
        Whether to fetch and read the crystal structures as well.
    progress : bool
        Whether to show progress bars.

    Returns
    -------
    Task
        The samples in their official order.

    Raises
    ------
    ValueError
        If the file is none of matbench, or the structures do not belong to it.
    """
    definition = _definitions.BY_FILE.get(Path(path).name)
    if definition is None:
        raise ValueError(
            f"{path} must have the name of a file of matbench, one of "
            f"{', '.join(_definitions.BY_FILE)}"
        )
    formulas, target = _reading.read_table(Path(path), definition.kind)
    crystals = None
    if structures:
        from matlearn import datasets

        _definitions.require_structures(definition.name)
        frame = datasets.load(f"{definition.name}-structures", progress=progress)
        crystals = _reading.matched_structures(frame, definition, formulas, target)
    return Task(
        name=definition.name,
        kind=definition.kind,
        label=definition.label,
        unit=definition.unit,
        ids=_definitions.identifiers(definition.name, len(target)),
        formulas=formulas,
        target=target,
        structures=crystals,
        official=len(target) == definition.rows,
    )


def load_structures(path: Path, *, progress: bool = True) -> pd.DataFrame:
    """Read the structures of a task in matminer's format; the registry's loader.

    Parameters
    ----------
    path : Path
        ``<name>.json.gz`` as matminer distributes it.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    pandas.DataFrame
        Column ``structure`` (pymatgen) and the target under matminer's name.

    Raises
    ------
    ValueError
        If the file is no such data set.
    """
    return _reading.read_structures(Path(path), progress=progress)
