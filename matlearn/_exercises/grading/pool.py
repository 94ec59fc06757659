"""Run notebooks, each in a process of its own, some at once; Ctrl-C ends them and keeps what is done."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matlearn._exercises.grading import environment
from matlearn._exercises.grading.environment import Confinement
from matlearn._exercises.grading.limits import Limits
from matlearn._exercises.grading.originals import Original
from matlearn._exercises.grading.reading import Cell
from matlearn._exercises.grading.records import Record

SPARE = 150.0
"""Seconds that a runner gets beyond the notebook's own, to start and to finish."""


@dataclass(frozen=True)
class Job:
    """A notebook to run: its cells, the exercise it is, and a key for the record."""

    key: str
    cells: tuple[Cell, ...]
    original: Original
    warnings: tuple[str, ...] = ()


class Pool:
    """Runs jobs.

    Parameters
    ----------
    confinement, limits
        What is taken from notebooks, and what they may use.
    warm
        Folder of compiled code and the like, copied for each notebook; our own solutions fill it.
    """

    def __init__(self, confinement: Confinement, limits: Limits, warm: Path | None = None) -> None:
        self._confinement, self._limits, self._warm = confinement, limits, warm
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run_all(
        self, jobs: Sequence[Job], done: Callable[[Job, Record], None], workers: int = 1
    ) -> None:
        """Run jobs; `done` is called in this thread as each is done.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C, after the notebooks that were running have been ended.
        """
        with ThreadPoolExecutor(workers) as executor:
            waiting: dict[Future[Record], Job] = {
                executor.submit(self.run, job): job for job in jobs
            }
            try:
                while waiting:
                    for future in wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED).done:
                        done(waiting.pop(future), future.result())
            except BaseException:
                self._stop(list(waiting))
                raise

    def run(self, job: Job, *, trusted: bool = False) -> Record:
        """Run one notebook; with `trusted` (our own) it warms the folder that the others copy."""
        warm = self._warm if trusted else None
        with environment.folders(None if trusted else self._warm) as root:
            write = [root, warm] if warm else [root]
            variables = environment.variables(root, self._confinement, warm)
            given = {
                "cells": [{"id": cell.id, "source": cell.source} for cell in job.cells],
                "checks": [vars(check) for check in job.original.checks],
                "limits": self._limits.to_dict(),
                "root": str(root),
                "confined": environment.command(self._confinement, self._limits, write),
                "environment": variables,
            }
            result = self._result(json.dumps(given), variables)
        return Record(**{"warnings": list(job.warnings), **result})

    def _result(self, given: str, variables: dict[str, str]) -> dict[str, Any]:
        """Start a runner, hand it the job, and take what it says; whatever becomes of it."""
        words = [sys.executable, "-m", "matlearn._exercises.grading.runner"]
        pipe = subprocess.PIPE
        with self._lock:
            if self._stopped:
                return {"status": "killed", "problem": "grading was stopped"}
            process = subprocess.Popen(
                words, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=variables,
                start_new_session=True,
            )  # fmt: skip
            self._running.add(process)
        try:
            said, complained = process.communicate(given, self._limits.wall_seconds + SPARE)
            return dict(json.loads(said))
        except subprocess.TimeoutExpired:
            return {"status": "time", "problem": "the run did not end; it was ended from outside"}
        except ValueError:
            last = " ".join(complained.strip().splitlines()[-1:]) or f"code {process.returncode}"
            return {"status": "killed", "problem": f"the run ended without a result ({last[:300]})"}
        finally:
            _end(process)
            with self._lock:
                self._running.discard(process)

    def _stop(self, waiting: list[Future[Record]]) -> None:
        for future in waiting:
            future.cancel()
        with self._lock:
            self._stopped = True
            for process in self._running:
                _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """End a runner and all that came of it."""
    import psutil

    if process.poll() is not None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        for each in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                each.kill()
    process.kill()
    process.wait()
