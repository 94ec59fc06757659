"""Limits of a submitted notebook, and the watch that holds its processes to them."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psutil


@dataclass(frozen=True)
class Limits:
    """What a submitted notebook may use.

    Attributes
    ----------
    cell_seconds : float
        CPU time of a cell (s); it is interrupted then, and the next cell is run.
    cpu_seconds : float
        CPU time of the notebook (s).
    wall_seconds : float
        Elapsed time of the notebook (s); a cell that waits may take a third of it.
    memory_bytes : int
        Resident memory of all its processes.
    disk_bytes : int
        What its folder may hold.
    processes : int
        Processes at once.
    """

    cell_seconds: float = 60.0
    cpu_seconds: float = 180.0
    wall_seconds: float = 900.0
    memory_bytes: int = 2_000_000_000
    disk_bytes: int = 500_000_000
    processes: int = 32

    def to_dict(self) -> dict[str, Any]:
        """The fields as a dictionary that JSON can hold."""
        return asdict(self)


@dataclass(frozen=True)
class Breach:
    """A limit that was passed: the status it gives a row, and the words for it."""

    status: str
    words: str


class Watch:
    """Samples all descendants of this process, ends them when a limit of the notebook is passed.

    Parameters
    ----------
    limits
        What may be used.
    folder
        Whose size counts.
    interval
        Seconds between two samples.
    """

    def __init__(self, limits: Limits, folder: Path, interval: float = 0.1) -> None:
        self.breach: Breach | None = None
        self.peak_bytes = 0
        self._limits, self._folder, self._interval = limits, folder, interval
        self._cpu: dict[tuple[int, float], float] = {}
        self._started = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def cpu_seconds(self) -> float:
        """CPU time of all processes so far, also of those that ended (s)."""
        return sum(list(self._cpu.values()))

    @property
    def wall_seconds(self) -> float:
        """Elapsed time so far (s)."""
        return time.monotonic() - self._started

    def close(self) -> None:
        """Sample once more, and end what is left of the processes."""
        self._stop.set()
        self._thread.join()
        self._sample()
        end_descendants()

    def _run(self) -> None:
        rounds = 0
        while not self._stop.wait(self._interval):
            self._sample()
            if rounds % 20 == 0 and self.breach is None:
                self._weigh_the_folder()
            rounds += 1
            if self.breach is not None:
                end_descendants()

    def _sample(self) -> None:
        import psutil

        family = [each for each in psutil.Process().children(recursive=True) if _lives(each)]
        if len(family) > self._limits.processes and self.breach is None:
            # at once: where hundreds run, there is no time left to measure them
            self.breach = Breach("killed", f"started more than {self._limits.processes} processes")
            return
        resident = 0
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                times = process.cpu_times()
                self._cpu[process.pid, process.create_time()] = times.user + times.system
                resident += process.memory_info().rss
        if resident > self._limits.memory_bytes and len(family) > 1:
            resident = _shared_out(family)
        self.peak_bytes = max(self.peak_bytes, resident)
        if self.breach is None:
            self.breach = self._passed(resident)

    def _passed(self, resident: int) -> Breach | None:
        limits = self._limits
        if resident > limits.memory_bytes:
            return Breach("memory", f"used more than {limits.memory_bytes / 1e9:.1f} GB of memory")
        if self.cpu_seconds > limits.cpu_seconds:
            return Breach("time", f"used more than {limits.cpu_seconds:.0f} s of CPU time in all")
        if self.wall_seconds > limits.wall_seconds:
            return Breach("time", f"took longer than {limits.wall_seconds:.0f} s in all")
        return None

    def _weigh_the_folder(self) -> None:
        total = 0
        for folder, _, names in os.walk(self._folder):
            for name in names:
                with contextlib.suppress(OSError):
                    total += (Path(folder) / name).lstat().st_size
        if total > self._limits.disk_bytes:
            limit = self._limits.disk_bytes / 1e6
            self.breach = Breach("killed", f"wrote more than {limit:.0f} MB of files")


def _lives(process: psutil.Process) -> bool:
    import psutil

    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _shared_out(family: list[psutil.Process]) -> int:
    """Memory of processes, counting once what they share (bytes); slower to find out than the rest."""
    import psutil

    total = 0
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            about = process.memory_full_info()
            total += getattr(about, "pss", about.rss)
    return total


def end_descendants() -> None:
    """End all processes that came of this one, whatever they do, and take note of their end."""
    import psutil

    family: set[psutil.Process] = set()
    for _ in range(100):  # halted first: what is being ended one by one starts others meanwhile
        new = set(psutil.Process().children(recursive=True)) - family
        if not new:
            break
        _signal(new, signal.SIGSTOP)
        family |= new
    _signal(family, signal.SIGKILL)
    psutil.wait_procs(list(family), timeout=5)


def _signal(processes: set[psutil.Process], number: int) -> None:
    import psutil

    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process.send_signal(number)
