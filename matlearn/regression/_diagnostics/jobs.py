"""Many fits, one after the other or over processes; and what is kept when they are interrupted."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from matlearn.parallel import map_unordered
from matlearn.regression._diagnostics.checks import Problem, rows_of

J = TypeVar("J")
R = TypeVar("R")

_WORTH = 8.0  # s of work that is left: less than this, and processes cost more than they save

_IMPORTS = 3.0  # s: a shorter first job may have spent its time on importing what it needs


@dataclass(frozen=True)
class Fit:
    """One fit to be made, and the rows that it is tested on."""

    problem: Problem
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    parameters: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Scores:
    """What became of it: errors, predictions of the test rows, CPU time in s."""

    train: float
    test: float
    prediction: NDArray[Any]
    seconds: float


def fit_and_score(job: Fit) -> Scores:
    """Fit a copy of the model, and measure its errors on both sides."""
    from sklearn.base import clone

    problem = job.problem
    start = time.process_time()
    model = clone(problem.model).set_params(**dict(job.parameters))
    here, there = rows_of(problem.X, job.train), rows_of(problem.X, job.test)
    model.fit(here, problem.y[job.train])
    if getattr(model, "stop_reason_", "") == "interrupted":  # it keeps what it has learned by then
        raise KeyboardInterrupt
    seen, prediction = np.asarray(model.predict(here)), np.asarray(model.predict(there))
    return Scores(
        problem.metric(problem.y[job.train], seen),
        problem.metric(problem.y[job.test], prediction),
        prediction,
        time.process_time() - start,
    )


def run_jobs(
    function: Callable[[J], R],
    jobs: Sequence[J],
    *,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
    unit: str = "fit",
    keep_partial: bool = False,
    average: float = 1.0,
) -> dict[int, R]:
    """Do all jobs; each result under the number of its job.

    Without `client` and `workers` each job has one thread, and processes are only started where
    the first jobs say that they are worth it; `average` is how long a job takes in units of the
    first ones. Interrupted, what is there is returned if `keep_partial` is set.
    """
    from threadpoolctl import threadpool_limits
    from tqdm.auto import tqdm

    done: dict[int, R] = {}
    # small fits are slowed down by threads that wait for each other
    threads = 1 if client is None and workers is None else None
    with (
        threadpool_limits(threads),
        tqdm(total=len(jobs), disable=not progress, unit=unit) as bar,
    ):
        try:
            while client is None and workers is None and len(done) < len(jobs):
                start = time.process_time()
                done[len(done)] = function(jobs[len(done)])
                bar.update()
                spent = time.process_time() - start
                if spent * average * (len(jobs) - len(done)) < _WORTH:
                    workers = 1
                elif len(done) == 2 or spent > _IMPORTS:
                    break
            first = len(done)
            rest = itertools.islice(jobs, first, None)
            for index, result in map_unordered(function, rest, client=client, workers=workers):
                done[first + index] = result
                bar.update()
        except KeyboardInterrupt:
            if not (keep_partial and done):
                raise
    return dict(sorted(done.items()))
