"""A fit to watch while it runs. Private: see :mod:`matlearn.potentials.widgets`."""

from __future__ import annotations

import html
import threading
import time
from typing import Any

import ipywidgets as ipw
import numpy as np
from ase import Atoms
from matplotlib.figure import Figure

from matlearn._widgets.picture import Picture
from matlearn.fitting import FitResult
from matlearn.plotting import describe
from matlearn.potentials._figures.progress import SIZE, as_png, draw_page
from matlearn.potentials.moment_tensors import MTP

REFRESH = 0.7  # s between two drawings at least
PATIENCE = 45.0  # s without a page that shows the board, until it pauses
_QUANTITIES = [("forces", "forces"), ("energies", "energy_per_atom")]
_BAR = ipw.Layout(flex_flow="row wrap", align_items="center", grid_gap="6px")


class FitBoard(ipw.VBox):
    """A potential being fitted: its loss, its predictions, and a button.

    The fit runs in a thread of its own, the only one that touches the potential meanwhile. To
    stop it, the callback raises KeyboardInterrupt there, which `MTP.fit` takes as it takes Ctrl-C:
    the best parameters so far are kept.

    Attributes
    ----------
    mtp : MTP
        What is fitted, in place.
    result : FitResult or None
        What the last run came to.
    history : list of dict
        Rows of all iterations so far, of all runs.
    error : Exception or None
        What ended a run, if something did.
    button, quantity, status, picture
        The widgets.
    """

    def __init__(
        self, mtp: MTP, images: list[Atoms], shown: list[Atoms], options: dict[str, Any]
    ) -> None:
        self.mtp = mtp
        self.result: FitResult | None = None
        self.history: list[dict[str, float]] = []
        self.error: Exception | None = None
        self._images, self._shown, self._options = images, shown, options
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._drawing = threading.Lock()
        self._drawn = self._seen = 0.0
        self._active = False
        self._values: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self.button = ipw.Button(layout=ipw.Layout(width="110px"))
        self.button.add_class("matlearn-start")
        self.button.on_click(lambda _button: self.stop() if self.running else self.start())
        self.quantity = ipw.ToggleButtons(options=_QUANTITIES, style={"button_width": "110px"})
        self.quantity.observe(lambda _change: self._draw(), "value")
        self.status = ipw.HTML(layout=ipw.Layout(margin="0 8px", min_height="24px"))
        self.status.add_class("matlearn-status")
        self.picture = Picture(width=int(78 * SIZE[0]), on_beat=self._on_beat)
        self.picture.add_class("matlearn-fit")
        super().__init__([ipw.HBox([self.button, self.quantity], layout=_BAR), self.status,
                          self.picture])  # fmt: skip
        self.add_class("matlearn-fit-board")
        self._show_state()

    @property
    def running(self) -> bool:
        """Whether the fit is at work and nobody has told it to stop."""
        return self._active and not self._stop.is_set()

    def start(self) -> None:
        """Start the fit, or go on from the parameters it has; nothing happens if it runs."""
        if self.running:
            return
        self.join()
        self.error = None
        self._stop.clear()
        self._seen = time.monotonic()
        self._active = True
        self._thread = threading.Thread(target=self._work, name="fit board", daemon=True)
        self._thread.start()
        self._show_state()

    def stop(self, *, wait: bool = False, timeout: float | None = None) -> None:
        """Stop after the present iteration and keep the best parameters.

        Parameters
        ----------
        wait
            Return only when the potential is free for other use.
        timeout
            Wait at most this long, s.
        """
        self._stop.set()
        if wait:
            self.join(timeout)
        self._show_state()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the fit has ended, at most `timeout` seconds."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def close(self) -> None:
        """End the fit and take the board from the page."""
        self._stop.set()
        super().close()

    def _work(self) -> None:
        try:
            self.result = self.mtp.fit(
                self._images, callback=self._on_iteration, restart=not self.history,
                progress=False, **self._options,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001  a thread has nobody else to tell
            self.error = error
        self._active = False
        if self.error is None and self.mtp.fitted:
            self._predict(self.mtp)
            self._draw()
        self._show_state()

    def _on_iteration(self, _iteration: int, row: dict[str, float], mtp: MTP) -> None:
        self.history.append(dict(row))
        now = time.monotonic()
        if now - self._drawn > REFRESH:
            self._predict(mtp)
            self._draw()
            self._say(self._progress(row))
        if self._stop.is_set() or now - self._seen > PATIENCE:
            self._stop.set()
            raise KeyboardInterrupt
        time.sleep(0.002)  # a moment for the kernel

    def _on_beat(self) -> None:
        self._seen = time.monotonic()

    def _predict(self, mtp: MTP) -> None:
        """Compare with the references, for the picture."""
        calculator = mtp.calculator()
        energies, forces = [], []
        for atoms in self._shown:
            known = atoms.calc.results
            calculator.calculate(atoms)
            found, size = calculator.results, len(atoms)
            energies.append((known["energy"] / size, found["energy"] / size))
            if "forces" in known:
                forces.append(np.stack([known["forces"].ravel(), found["forces"].ravel()]))
        columns = np.array(energies).T
        values = {"energy_per_atom": (columns[0], columns[1])}
        if forces:
            both = np.concatenate(forces, axis=1)
            values["forces"] = (both[0], both[1])
        self._values = values

    def _draw(self) -> None:
        """Draw the page anew."""
        if not self.history or not self._values:
            return
        with self._drawing:
            figure = Figure(figsize=SIZE, layout="constrained")
            quantity = self.quantity.value
            if quantity not in self._values:
                quantity = next(iter(self._values))
            first = draw_page(figure, list(self.history), *self._values[quantity], quantity)
            self.picture.data = as_png(figure)
            self.picture.alt = describe(first)
            self._drawn = time.monotonic()

    def _progress(self, row: dict[str, float]) -> str:
        what = f"start {row['start'] + 1:.0f}, " if "start" in row else ""
        return f"{what}iteration {row['iteration']:.0f}, loss {row['loss']:.3g}"

    def _say(self, text: str) -> None:
        self.status.value = html.escape(text)

    def _show_state(self) -> None:
        running = self.running
        self.button.description = "Stop" if running else "Go on" if self.history else "Start"
        self.button.icon = "stop" if running else "play"
        self.button.button_style = "" if running else "primary"
        if self.error is not None:
            name = type(self.error).__name__
            self.status.value = f"<b>Stopped by {name}:</b> {html.escape(str(self.error))}"
        elif running:
            self._say("at work")
        elif self.result is not None:
            report = self.result.validation or self.result.train
            self._say(f"{self.result.stop_reason}: {report}, {self.result.seconds:.1f} CPU s")
        else:
            self._say(f"{self.mtp.n_parameters} parameters, {len(self._images)} structures")
