"""The matbench protocol: official folds, the same measures, beside what others published.

Source: Dunn, Wang, Ganose, Dopp and Jain, npj Comput. Mater. 6, 138 (2020); the folds are
scikit-learn's, shuffled with the number 18012019. The leaderboard's "rocauc" is the area after
thresholding, which is balanced accuracy: results here have both, each under its own name.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.parallel import map_unordered
from matlearn.regression._benchmark import inputs, running
from matlearn.regression._benchmark.keeping import FinishedFolds, fingerprint
from matlearn.regression._benchmark.leaderboard import leaderboard
from matlearn.regression._benchmark.metrics import METRICS, UnknownMetric, measure
from matlearn.regression._benchmark.result import MatbenchResult, assemble

if TYPE_CHECKING:
    import pandas as pd

    from matlearn.regression.tasks import Task

__all__ = ["METRICS", "MatbenchResult", "UnknownMetric", "leaderboard", "measure", "run_matbench"]

_WORTH_A_PROCESS = 5.0  # s; starting a process and importing scikit-learn takes about two


def run_matbench(
    task: str | Task,
    model: Any,
    *,
    folds: int | Sequence[tuple[Sequence[int], Sequence[int]]] = 5,
    features: str | pd.DataFrame | None = "magpie",
    store: str | os.PathLike[str] | None = None,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> MatbenchResult:
    """Fit and test a model on the folds of a task.

    Each fold fits a fresh copy of the model on its training part, scaling and all, and predicts
    the rest. Features do not depend on targets and are computed once.

    Parameters
    ----------
    task
        Name of a task, with or without ``matbench_``, or a `Task`.
    model
        One of `matlearn.regression.models.MODELS`, or a scikit-learn estimator, which is cloned.
    folds
        How many; 5 are the official ones. Or a list of (train, test) indices, such as
        `matlearn.regression.diagnostics.grouped_folds` gives; each sample is tested at most once
        (for those of `leave_one_element_out` there is `diagnostics.compare_folds`).
    features
        "magpie" (from formulas), "structure", "magpie+structure"; a table whose row i is sample i
        (one with the task's ids for its index must have them in order, too); None for an estimator
        that takes the structures themselves, such as `CrystalGraphNetwork`, for which it can be
        left out.
    store
        A folder that keeps finished folds, so that a run that was stopped goes on from there.
    client
        A connected Dask client; None uses this machine.
    workers
        Processes on this machine, for features of structures, too. None does the first fold in
        this process, and the others in processes if it took longer than five seconds.
    progress
        Whether to show a bar.

    Returns
    -------
    MatbenchResult

    Raises
    ------
    ValueError
        If features are not finite, the table has constant columns or rows in another order, there
        are fewer samples than folds, the model is for another kind of task, structures are needed and were
        not loaded, or `store` holds another run.
    TypeError
        If `model`, `features` or `folds` is none of these.

    Examples
    --------
    >>> import numpy as np
    >>> from matlearn.regression import Task
    >>> formulas = ["NaCl", "MgO", "KCl", "CaO"]
    >>> hardness = np.array([2.5, 6.0, 2.0, 3.5])
    >>> task = Task("hardness", "regression", "Mohs hardness", "", formulas, formulas, hardness)
    >>> result = run_matbench(task, "ridge", folds=2, progress=False)
    >>> result.predictions.shape
    (4, 5)
    >>> sorted(result.mean)
    ['mae', 'r2', 'rmse']
    """
    from tqdm.auto import tqdm

    from matlearn.regression import tasks

    if isinstance(task, str):
        wants = features is None or getattr(model, "takes_structures", False)
        wants = wants or (isinstance(features, str) and "structure" in features)
        task = tasks.load_task(task, structures=bool(wants), progress=progress)
    estimator = inputs.resolve_model(model, task.kind)
    splits, official = inputs.resolve_folds(task, folds)
    start = time.process_time()
    matrix, name = inputs.resolve_inputs(
        task, features, estimator, client=client, workers=workers, progress=progress
    )
    features_seconds = time.process_time() - start
    finished = FinishedFolds(store, _fingerprint(task, estimator, matrix, splits) if store else "")
    done = {number: finished.get(number) for number in range(len(splits))}
    jobs = [
        running.Fold(number, estimator, matrix, task.target, *splits[number])
        for number, result in done.items()
        if result is None
    ]
    with tqdm(
        total=len(splits), initial=len(splits) - len(jobs), desc=task.name, disable=not progress
    ) as bar:
        for result in _run(jobs, client, workers):
            finished.add(result)
            done[result.number] = result
            bar.update()
    results = [result for result in done.values() if result is not None]
    return assemble(task, estimator, name, splits, results, official, features_seconds)


def _run(
    jobs: list[running.Fold], client: Any, workers: int | None
) -> Iterator[running.FoldResult]:
    if client is None and workers is None and jobs:
        first = running.run_fold(jobs[0])
        yield first
        jobs = jobs[1:]
        workers = None if first.wall_seconds > _WORTH_A_PROCESS else 1
    if jobs:
        for _, result in map_unordered(running.run_fold, jobs, client=client, workers=workers):
            yield result


def _fingerprint(task: Task, model: Any, matrix: Any, splits: list[Any]) -> str:
    parameters = {
        key: value
        for key, value in model.get_params().items()
        if not (hasattr(value, "get_params") or key == "steps")
    }
    layers = [type(model).__name__, *(type(v).__name__ for v in model.get_params().values())]
    rows = matrix if hasattr(matrix, "iloc") else [inputs.identity(one) for one in matrix]
    indices = np.concatenate([part for split in splits for part in split])
    return fingerprint(
        task.name, task.ids, np.asarray(task.target), layers, sorted(parameters.items()), rows,
        [(len(train), len(test)) for train, test in splits], indices,
    )  # fmt: skip
