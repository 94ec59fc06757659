"""Run a notebook from outside Jupyter and measure what it cost: ``matlearn run NOTEBOOK``."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import psutil


@dataclass(frozen=True)
class NotebookRun:
    """A notebook's run: what it cost, and where it failed if it did.

    Attributes
    ----------
    notebook : str
        Path as given.
    cpu_seconds : float
        User and system time of the kernel's process tree (s).
    peak_bytes : int
        Largest resident memory of the kernel's process tree (bytes), sampled ten times a second.
    wall_seconds : float
        Elapsed time (s); says little on a shared machine.
    error : str or None
        The failing cell and its traceback.
    """

    notebook: str
    cpu_seconds: float
    peak_bytes: int
    wall_seconds: float
    error: str | None = None

    def __repr__(self) -> str:
        state = "failed" if self.error else "ok"
        return (
            f"NotebookRun({self.notebook}: {state}, {self.cpu_seconds:.1f} CPU s, "
            f"{self.peak_bytes / 1e9:.2f} GB)"
        )

    def to_dict(self) -> dict[str, Any]:
        """The fields as a dictionary that JSON can hold."""
        return asdict(self)


def run_notebook(
    path: str | os.PathLike[str],
    *,
    output: str | os.PathLike[str] | None = None,
    timeout: float = 900.0,
    keep_going: bool = False,
    on_cell: Callable[[int, int], None] | None = None,
) -> NotebookRun:
    """Execute a notebook in a kernel of its own, in its own folder, and measure it.

    Parameters
    ----------
    path
        The ``.ipynb`` file; it is not changed.
    output
        Where to write the executed notebook; nowhere by default.
    timeout
        Wall-clock limit for each cell (s).
    keep_going
        Run the cells after a failing one, too (as an exercise that nobody has solved needs it).
    on_cell
        Called with (cells done, cells in all) after each code cell.

    Returns
    -------
    NotebookRun
        A failing cell ends the run; its traceback is in ``error``, and `output` is written all the same.
        With `keep_going` it does not, and is in `output` only.

    Raises
    ------
    FileNotFoundError
        If there is no such notebook.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no notebook at {path}")
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.resolve().parent)}}
    client = NotebookClient(
        notebook,
        timeout=timeout,
        resources=resources,
        kernel_name="python3",
        allow_errors=keep_going,
    )
    started = time.perf_counter()
    error = None
    with client.setup_kernel():
        meter = _TreeMeter(_process_of(client))
        code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
        try:
            for done, index in enumerate(code, start=1):
                client.execute_cell(notebook.cells[index], index)
                if on_cell:
                    on_cell(done, len(code))
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as failure:
            error = f"cell {index}: {failure}"
        cpu, peak = meter.stop()
    if output is not None:
        part = Path(output).with_suffix(".part")
        nbformat.write(notebook, part)
        part.replace(output)
    return NotebookRun(str(path), cpu, peak, time.perf_counter() - started, error)


def _process_of(client: Any) -> int:
    """Process number of a running client's kernel."""
    return int(client.km.provisioner.pid)


class _TreeMeter:
    """Samples CPU time and resident memory of a process and all its descendants."""

    def __init__(self, pid: int, interval: float = 0.1) -> None:
        import psutil

        self._root = psutil.Process(pid)
        self._interval = interval
        self._cpu: dict[tuple[int, float], float] = {}
        self._peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> tuple[float, int]:
        self._stop.set()
        self._thread.join()
        self._sample()
        return sum(self._cpu.values()), self._peak

    def _watch(self) -> None:
        while not self._stop.wait(self._interval):
            self._sample()

    def _sample(self) -> None:
        import psutil

        try:
            family = [self._root, *self._root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        resident = 0
        for process in family:
            resident += self._measure(process)
        self._peak = max(self._peak, resident)

    def _measure(self, process: psutil.Process) -> int:
        """Remember the process's own CPU time (also after it ended); its resident bytes now."""
        import psutil

        try:
            times = process.cpu_times()
            self._cpu[process.pid, process.create_time()] = times.user + times.system
            return int(process.memory_info().rss)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return 0
