"""Independent work over processes of this machine, or over a Dask cluster the user connected."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_THREADS_OF = (
    "OMP_NUM_THREADS",  # torch's too
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
ONE_THREAD = dict.fromkeys(_THREADS_OF, "1")
"""Environment of a worker process: with a process a core, more threads only get in the way."""


def available_cores() -> int:
    """Count the physical cores that this process may really use.

    The least of the machine's physical cores, the process's CPU affinity, and the share that a
    container grants (control groups, version 1 or 2).

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> 1 <= available_cores() <= os.cpu_count()
    True
    """
    import psutil

    counts = [psutil.cpu_count(logical=False) or os.cpu_count() or 1]
    if hasattr(os, "sched_getaffinity"):
        counts.append(len(os.sched_getaffinity(0)))
    share = _container_share(Path("/sys/fs/cgroup"))
    if share is not None:
        counts.append(int(share))
    return max(1, min(counts))


def map_unordered(
    function: Callable[[T], R],
    items: Iterable[T],
    *,
    client: Any = None,
    workers: int | None = None,
) -> Generator[tuple[int, R], None, None]:
    """Apply a function to many items, and yield each result as soon as it is there.

    Items are drawn as workers come free, so `items` may be long or lazy. An exception raised by
    `function` ends the whole: a function returns what it expects to go wrong. Closing the
    iterator, or Ctrl-C, abandons what is in flight and leaves no process behind; workers also
    end by themselves, within about a second, when this process is killed.

    Parameters
    ----------
    function
        Of one argument. Lambdas and local functions are fine.
    items
        What to apply it to.
    client
        A connected `distributed.Client`: its cluster does the work, with the threads that the
        cluster was set up with. None uses processes of this machine (loky, one thread each).
    workers
        Number of processes; None takes one for each physical core available. 1 works in this
        process, one item at a time. Not used with `client`.

    Yields
    ------
    index, value
        The item's position in `items`, and the function's result for it.

    Raises
    ------
    ValueError
        If `workers` is below 1.
    TypeError
        If `workers` is no whole number, or `client` no Dask client.
    RuntimeError
        If a worker process died, most often for want of memory.

    Examples
    --------
    >>> sorted(map_unordered(abs, [-3, 1, -2], workers=1))
    [(0, 3), (1, 1), (2, 2)]
    """
    if client is not None:
        if not (hasattr(client, "submit") and hasattr(client, "scheduler_info")):
            raise TypeError(f"client must be a Dask client or None, got {type(client).__name__}")
        return _on_cluster(function, items, client)
    number = available_cores() if workers is None else workers
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"workers must be a whole number or None, got {workers!r}")
    if number < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    if number == 1:
        return ((index, function(item)) for index, item in enumerate(items))
    return _in_processes(function, items, number)


def _in_processes(
    function: Callable[[T], R], items: Iterable[T], workers: int
) -> Generator[tuple[int, R], None, None]:
    from concurrent.futures import FIRST_COMPLETED, wait

    from loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

    queue = enumerate(items)
    executor = None
    finished = False
    running: dict[Any, int] = {}
    try:
        while True:
            for index, item in itertools.islice(queue, 2 * workers - len(running)):
                if executor is None:
                    executor = ProcessPoolExecutor(
                        workers, initializer=_start_worker, initargs=(os.getpid(),), env=ONE_THREAD
                    )
                running[executor.submit(function, item)] = index
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
        finished = True
    except BrokenProcessPool as error:
        raise RuntimeError(
            f"a worker process died, most often for want of memory: try workers={workers // 2 or 1}"
        ) from error
    finally:
        if executor is not None:
            executor.shutdown(wait=True, kill_workers=not finished)


def _on_cluster(
    function: Callable[[T], R], items: Iterable[T], client: Any
) -> Generator[tuple[int, R], None, None]:
    from distributed import as_completed

    queue = enumerate(items)
    running: dict[Any, int] = {}
    completed = as_completed(loop=client.loop)  # of this client, be it the default one or not
    try:
        while True:
            backlog = 2 * max(1, sum(client.nthreads().values()))
            for index, item in itertools.islice(queue, max(0, backlog - len(running))):
                future = client.submit(function, item, pure=False)
                running[future] = index
                completed.add(future)
            if not running:
                break
            future = next(completed)
            yield running.pop(future), future.result()
    finally:
        client.cancel(list(running))


def _start_worker(parent: int) -> None:
    """Leave Ctrl-C to the parent, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, name="matlearn-parent-watch", daemon=True).start()


def _container_share(root: Path) -> float | None:
    """Read how many cores a container may use, None where there is no limit."""
    try:
        quota, period = (root / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota = (root / "cpu" / "cpu.cfs_quota_us").read_text().strip()
            period = (root / "cpu" / "cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    if not (quota.isdigit() and period.isdigit() and int(period)):
        return None  # "max", or -1
    return int(quota) / int(period)
