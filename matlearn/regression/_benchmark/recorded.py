"""Runs at full scale that were made once and are kept (data/regression/benchmarks).

What is published is not kept with them: predictions come without formulas and targets, in the
order of the task's samples. `with_task` puts them back.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from matlearn.regression._benchmark.result import MatbenchResult

if TYPE_CHECKING:
    from matlearn.regression.tasks import Task

DATASET = "matbench-runs"


def load(path: str | Path) -> dict[str, MatbenchResult]:
    """Read all runs of a folder, by name: task, then model."""
    return {file.stem: MatbenchResult.load(file) for file in sorted(Path(path).glob("*.json"))}


def bare(result: MatbenchResult, task: Task) -> MatbenchResult:
    """Leave out what the task itself says, and halve the digits.

    Parameters
    ----------
    result
        A run over all samples of the task.
    task
        The task.

    Returns
    -------
    MatbenchResult
        Its predictions have columns fold (uint8), prediction, and probability or score where
        there is one (float32; classes bool); row i is sample i of the task.
    """
    place = {name: row for row, name in enumerate(task.ids)}
    rows = np.argsort([place[name] for name in result.predictions["id"]])
    table = result.predictions.iloc[rows].drop(columns=["id", "formula", "target"])
    kinds = {name: "float32" for name in table if table[name].dtype == float} | {"fold": "uint8"}
    return dataclasses.replace(result, predictions=table.astype(kinds).reset_index(drop=True))


def with_task(result: MatbenchResult, task: Task) -> MatbenchResult:
    """Put ids, formulas and targets beside the predictions of a recorded run.

    Parameters
    ----------
    result
        A recorded run.
    task
        Its task, complete.

    Returns
    -------
    MatbenchResult
        With predictions as `run_matbench` gives them, ordered by sample.

    Raises
    ------
    ValueError
        If the run is of another task, or of more or fewer samples.
    """
    if result.task != task.name:
        raise ValueError(f"task must be {result.task}, which the run is of, got {task.name}")
    if len(result) != len(task):
        raise ValueError(
            f"task must have the {len(result)} samples of the run, got {len(task)}: "
            "predictions belong to the task as a whole"
        )
    table = result.predictions.drop(columns=["id", "formula", "target"], errors="ignore")
    table.insert(0, "id", task.ids)
    table.insert(1, "formula", task.formulas)
    table.insert(3, "target", task.target)
    return dataclasses.replace(result, predictions=table)
