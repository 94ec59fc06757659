"""A search that fills up as it runs. Private: see :mod:`matlearn.search.widgets`."""

from __future__ import annotations

import html
import threading
import time
from typing import Any

import ipywidgets as ipw
import numpy as np
import pandas as pd
from ase import Atoms

from matlearn._widgets.explorer import Explorer
from matlearn.store import Record

from .plots import relative_energy
from .results import frame_from_atoms
from .running import WITH_ENERGY, SearchRun, run_search

_REFRESH = 0.5  # seconds between two drawings at least


class LiveSearch(ipw.VBox):
    """A running search: its points, its lowest structure, and a button.

    Attributes
    ----------
    explorer : Explorer
        One point a finished structure.
    button : ipywidgets.Button
        Stops the search; goes on with it when it is stopped.
    status : ipywidgets.HTML
        How many are done and how many failed.
    run : SearchRun or None
        What was done when the search last came to its end or was stopped.
    error : Exception or None
        What ended the search, if something did.
    """

    def __init__(self, structures: list[Atoms], calculator: Any, options: dict[str, Any]) -> None:
        self.run: SearchRun | None = None
        self.error: Exception | None = None
        self._structures, self._calculator, self._options = structures, calculator, options
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._records: dict[str, Record] = {}
        self._rows: list[pd.DataFrame] = []
        self._drawn = 0.0
        self._active = False
        self.button = ipw.Button(icon="play", description="Start", button_style="primary")
        self.button.add_class("matlearn-stop")
        self.button.on_click(self._on_button)
        self.progress = ipw.IntProgress(max=len(structures), layout=ipw.Layout(width="220px"))
        self.status = ipw.HTML(layout=ipw.Layout(margin="0 8px"))
        self.status.add_class("matlearn-status")
        empty = pd.DataFrame(
            {"label": [], "volume_per_atom": [], "relative_energy": [], "structure": []}
        ).astype({"volume_per_atom": float, "relative_energy": float})
        self.explorer = Explorer(empty, "volume_per_atom", "relative_energy")
        bar = ipw.HBox(
            [self.button, self.progress, self.status],
            layout=ipw.Layout(flex_flow="row wrap", align_items="center"),
        )
        super().__init__([bar, self.explorer])
        self.add_class("matlearn-live")
        self._read_store()
        self._draw()

    @property
    def running(self) -> bool:
        """Whether the search is at work now."""
        return self._active

    def start(self) -> None:
        """Start the search, or go on with it; nothing happens if it runs already."""
        if self.running:
            return
        self._stop.clear()
        self.error, self._active = None, True
        self._thread = threading.Thread(target=self._work, name="live search", daemon=True)
        self._thread.start()
        self._show_button()

    def stop(self, *, wait: bool = False, timeout: float | None = None) -> None:
        """Stop after the current step; what is finished stays in the store.

        Parameters
        ----------
        wait : bool
            Return only when the search has ended.
        timeout : float, optional
            Wait at most this long (s).
        """
        self._stop.set()
        self.button.disabled = self.running
        if wait:
            self.join(timeout)

    def join(self, timeout: float | None = None) -> None:
        """Wait until the search has come to its end or was stopped, at most `timeout` seconds."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(self) -> None:
        try:
            self.run = run_search(
                self._structures, self._calculator, workers=1, progress=False,
                stop=self._stop, on_result=self._on_result, **self._options,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001  a thread has nobody else to tell
            self.error = error
        self._read_store()
        self._draw()
        self._active = False
        self._show_button(finished=True)

    def _read_store(self) -> None:
        """Take over what earlier runs left in the store; an unusable one speaks up in the run."""
        if self._options["store"].exists() and not self._rows:
            for record in SearchRun.read(self._options["store"]).records():
                self._take(record)

    def _on_result(self, record: Record) -> None:
        self._take(record)
        if time.monotonic() - self._drawn > _REFRESH:
            self._draw()

    def _take(self, record: Record) -> None:
        if record.key in self._records:
            return
        self._records[record.key] = record
        if record.status in WITH_ENERGY and record.atoms is not None:
            self._rows.append(frame_from_atoms([record.atoms], labels=[record.key]))

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        count = len(self._records)
        failed = sum(record.status not in WITH_ENERGY for record in self._records.values())
        text = f"{count - failed} relaxed, {failed} failed, {len(self._structures)} in all"
        if self._rows:
            frame = pd.concat(self._rows, ignore_index=True)
            frame["relative_energy"] = relative_energy(frame)
            best = int(np.argmin(frame["energy_per_atom"].to_numpy()))
            lowest = frame["energy_per_atom"].iloc[best]
            text += f"; lowest {lowest:.4f} eV/atom"
            self._show(frame, best)
        if self.error is not None:
            name = type(self.error).__name__
            text += f"<br><b>Stopped by {name}:</b> {html.escape(str(self.error))}"
        self.progress.value = count
        self.status.value = text

    def _show(self, frame: pd.DataFrame, best: int) -> None:
        """Draw the points; show a new best one unless the reader is looking at another."""
        shown = self.explorer
        old = shown.frame["relative_energy"].to_numpy(dtype=float)
        on_best = shown.selected is None or bool(np.argmin(old) == shown.selected)
        shown.update(frame)
        if on_best and shown.selected != best:
            shown.select(best)

    def _show_button(self, *, finished: bool = False) -> None:
        left = len(self._structures) - len(self._records)
        self.button.disabled = finished and left <= 0
        if finished:
            self.button.description = "Go on" if left > 0 else "Finished"
            self.button.icon = "play" if left > 0 else "check"
        else:
            self.button.description, self.button.icon = "Stop", "stop"

    def _on_button(self, _button: Any) -> None:
        if self.running:
            self.stop()
        else:
            self.start()
