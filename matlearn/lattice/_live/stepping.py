"""A simulation that runs beside the notebook. Private: the live board is built on it.

The thread that runs it is the only one that touches it while it runs: what the reader does with a
slider is a wish, which the thread takes up between two short runs. It never blocks the kernel.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

BLINK = 0.08  # s: a run between two looks at the wishes lasts about this long at most


class Stepper:
    """Runs a simulation picture by picture, and obeys while it does so.

    Parameters
    ----------
    simulation : MonteCarlo
        What is run.
    on_picture : callable
        Called from the thread after each picture's sweeps with the last record (a dict of the
        columns that ``simulation.run`` returns).
    on_state : callable
        Called without arguments when the thread has started and when it ends.
    interval : float
        Time from one picture to the next (s), or longer where the sweeps take longer.
    patience : float
        The thread ends where nobody has looked on (:meth:`seen`) for so long (s).

    Attributes
    ----------
    sweeps_per_picture : int
        May be set at any time.
    sweeps : int
        How many were made since the beginning, or since atoms were put on the lattice.
    rate : float
        How many a second of computing.
    error : Exception or None
        What ended the thread, if something did.
    """

    def __init__(
        self,
        simulation: Any,
        on_picture: Callable[[dict[str, float]], None],
        on_state: Callable[[], None],
        *,
        interval: float = 0.2,
        patience: float = 45.0,
    ) -> None:
        self.simulation = simulation
        self.sweeps_per_picture = 1
        self.error: Exception | None = None
        self.rate = 0.0
        self.sweeps = 0
        self._on_picture, self._on_state = on_picture, on_state
        self._interval, self._patience = interval, patience
        self._lock = threading.RLock()  # held by who works on the simulation
        self._wishes: dict[str, Any] = {}
        self._wished = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen = time.monotonic()
        self._active = False
        self._wanted = False

    @property
    def running(self) -> bool:
        """Whether the thread is at work and nobody has told it to stop."""
        return self._active and not self._stop.is_set()

    def start(self) -> None:
        """Run on; nothing happens if it runs already."""
        self._wanted = True
        self._seen = time.monotonic()
        if self.running:
            return
        self.join()
        self.error = None
        self._stop.clear()
        self._active = True
        self._thread = threading.Thread(target=self._work, name="live board", daemon=True)
        self._thread.start()
        self._on_state()

    def stop(self) -> None:
        """Stop after the current short run."""
        self._wanted = False
        self._stop.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread has ended, at most `timeout` seconds."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def seen(self) -> None:
        """Take note that somebody looks on; go on where it stopped for want of that."""
        self._seen = time.monotonic()
        if self._wanted and not self._active:
            self.start()

    def wish(self, **settings: Any) -> None:
        """Set attributes of the simulation as soon as it is between two short runs.

        Parameters
        ----------
        **settings
            ``temperature=...``, ``chemical_potentials=...``; ``atoms=...`` puts these atoms on
            the lattice.
        """
        with self._wished:
            self._wishes |= settings
        if not self._active:
            with self._lock:
                self._grant()

    def _grant(self) -> None:
        with self._wished:
            wishes, self._wishes = self._wishes, {}
        if "atoms" in wishes:
            self.simulation.set_atoms(wishes.pop("atoms"))
            self.sweeps = 0
        for name, value in wishes.items():
            setattr(self.simulation, name, value)

    def _work(self) -> None:
        try:
            while not self._stop.is_set() and time.monotonic() - self._seen < self._patience:
                begun = time.monotonic()
                record = self._advance(self.sweeps_per_picture)
                self._on_picture(record)
                rest = self._interval - (time.monotonic() - begun)
                self._stop.wait(max(rest, 0.02))  # at least a moment for the kernel
        except Exception as error:  # noqa: BLE001  a thread has nobody else to tell
            self.error, self._wanted = error, False
        self._active = False
        with self._lock:
            self._grant()  # what was wished in the last moment
        self._on_state()

    def _advance(self, sweeps: int) -> dict[str, float]:
        """Make the sweeps of one picture in runs of a blink, and give the last record."""
        left = sweeps
        record: dict[str, float] = {}
        while left > 0 and not (record and self._stop.is_set()):
            count = int(min(left, max(1, self.rate * BLINK)))
            with self._lock:
                self._grant()
                begun = time.perf_counter()
                record = self.simulation.run(count, record_every=count).iloc[-1].to_dict()
                spent = time.perf_counter() - begun
            rate = count / max(spent, 1e-6)
            self.rate = rate if not self.rate else 0.5 * (self.rate + rate)
            self.sweeps += count
            left -= count
            if left > 0:
                time.sleep(0.001)
        return record
