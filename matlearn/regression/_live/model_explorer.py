"""Models to try and to compare. Private: see :mod:`matlearn.regression.widgets`."""

from __future__ import annotations

import html
import threading
from collections.abc import Sequence
from typing import Any

import ipywidgets as ipw
import numpy as np
import pandas as pd

from matlearn._widgets.settled import settle
from matlearn.regression._figures.scored import class_names
from matlearn.regression._live.choices import NONE, settings_of
from matlearn.regression._live.crossing import Run, Samples, Stopped, cross_validate
from matlearn.regression._live.detail import Detail
from matlearn.regression._live.history import History, rounded, to_frame, to_html
from matlearn.regression._live.points import Points
from matlearn.regression.models import make_model
from matlearn.regression.tasks import Task

FOLDS = 5
_WRAP = ipw.Layout(flex_flow="row wrap", align_items="flex-start", grid_gap="8px")
_BAR = ipw.Layout(flex_flow="row wrap", align_items="center", grid_gap="6px")
_LONG = {"description_width": "130px"}


class ModelExplorer(ipw.VBox):
    """A model and its settings, what it predicts, and how it compares with the runs before.

    The fits run in a thread, so that the kernel stays free; a run can be stopped between folds.

    Attributes
    ----------
    task : Task
        What is predicted.
    runs : list of Run
        All runs so far, beginning with the mean (or classes at random).
    shown : Run
        The run whose predictions are drawn.
    model : ipywidgets.Dropdown
        Which model.
    settings : dict of str to ipywidgets.SelectionSlider
        Its settings by the name of the parameter.
    samples : ipywidgets.SelectionSlider
        How many samples.
    button : ipywidgets.Button
        Fits, and stops.
    progress : ipywidgets.IntProgress
        Folds done.
    points, history : Points, History
        With ``figure``: the predictions, and the scores of all runs.
    detail : Detail
        The chosen sample.
    error : Exception or None
        What ended the last run, if something did.
    """

    def __init__(
        self, task: Task, samples: Samples, models: Sequence[str], structures: Any
    ) -> None:
        self.task = task
        self.runs: list[Run] = []
        self.error: Exception | None = None
        self._samples = samples
        self._formulas = [task.formulas[row] for row in samples.rows]
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.RLock()
        self._active = False
        known = task.kind == "regression"
        self._metric = f"MAE ({task.unit})" if known and task.unit else "MAE"
        self._metric = self._metric if known else "balanced accuracy"
        self._make_controls(models)
        self.points = Points(
            task.kind, task.label, task.unit, class_names(task), lambda row: self.detail.select(row)
        )
        self.detail = Detail(samples, self._formulas, structures, self.points, task)
        self.history = History(self._metric.capitalize() if not known else self._metric, self.show)
        self.table = ipw.HTML()
        self.table.add_class("matlearn-runs")
        super().__init__(self._rows())
        self.add_class("matlearn-model-explorer")
        self.add_class("matlearn-explore")
        self._on_model()
        self._add("dummy", {}, self._fit("dummy", {}, int(self.samples.value)))
        self._show_state()

    @property
    def running(self) -> bool:
        """Whether a run is at work and nobody has told it to stop."""
        return self._active and not self._stop.is_set()

    def start(self) -> None:
        """Cross-validate the chosen model with the chosen settings; nothing happens if one runs."""
        if self.running:
            return
        self.join()
        self.error = None
        self._stop.clear()
        self._active = True
        chosen = {
            name: None if slider.value == NONE else slider.value
            for name, slider in self.settings.items()
        }
        said = {
            slider.description: {value: name for name, value in slider.options}[slider.value]
            for slider in self.settings.values()
        }
        work = (str(self.model.value), chosen, said, int(self.samples.value))
        self._thread = threading.Thread(
            target=self._work, args=work, name="model explorer", daemon=True
        )
        self._thread.start()
        self._show_state()

    def stop(self, *, wait: bool = False, timeout: float | None = None) -> None:
        """Stop after the fold that is being fitted, and drop the run.

        Parameters
        ----------
        wait : bool
            Return only when nothing runs any more.
        timeout : float, optional
            Wait at most this long (s).
        """
        self._stop.set()
        if wait:
            self.join(timeout)
        self._show_state()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the run has ended, at most `timeout` seconds."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def close(self) -> None:
        """End the run and take the explorer from the page."""
        self._stop.set()
        super().close()

    def show(self, number: int) -> None:
        """Draw the predictions of a run again, by its number."""
        if not 0 <= number < len(self.runs):
            raise ValueError(f"number must be of a run, 0 to {len(self.runs) - 1}, got {number}")
        with self._lock:
            run = self.shown = self.runs[number]
            self.points.show(
                self._samples.target[: run.n_samples], run.predicted, run.remembered,
                self._formulas[: run.n_samples],
            )  # fmt: skip
            self.detail.show(run)
            settle(self.points.figure)
            self.caption.value = (
                f"Run {number}, {html.escape(run.name)}: {in_words(run, self._metric)}"
            )

    def to_frame(self) -> pd.DataFrame:
        """Give all runs: model, settings, n_samples, test, test_std, train and cpu_seconds."""
        return to_frame(self.runs)

    def _make_controls(self, models: Sequence[str]) -> None:
        self.model = ipw.Dropdown(
            options=list(models), description="Model", style=_LONG, layout=ipw.Layout(width="330px")
        )
        self.model.add_class("matlearn-model")
        self.model.observe(self._on_model, "value")
        self.settings: dict[str, ipw.SelectionSlider] = {}
        sizes = [n for n in (50, 100, 200, 400, 700, 1000, 2000, 4000) if n < len(self._samples)]
        sizes = [n for n in sizes if self._enough(n)] + [len(self._samples)]
        self.samples = ipw.SelectionSlider(
            options=sizes, value=sizes[-1], description="Samples", style=_LONG,
            layout=ipw.Layout(width="330px"),
        )  # fmt: skip
        self.samples.add_class("matlearn-samples")
        self.button = ipw.Button(layout=ipw.Layout(width="100px"))
        self.button.add_class("matlearn-fit-button")
        self.button.on_click(lambda _button: self.stop() if self.running else self.start())
        self.progress = ipw.IntProgress(max=FOLDS, layout=ipw.Layout(width="160px"))
        self.status = ipw.HTML(layout=ipw.Layout(margin="0 8px", min_height="24px"))
        self.status.add_class("matlearn-status")
        self.caption = ipw.HTML(layout=ipw.Layout(margin="0 4px", min_height="24px"))
        self.caption.add_class("matlearn-caption")
        self._box = ipw.HBox(layout=_BAR)

    def _rows(self) -> list[ipw.Widget]:
        plot = ipw.Box([self.points.figure], layout=ipw.Layout(width="564px", max_width="100%"))
        plot.add_class("matlearn-points")
        scores = ipw.Box([self.history.figure], layout=ipw.Layout(width="564px", max_width="100%"))
        scroll = ipw.Box([self.table], layout=ipw.Layout(max_height="300px", overflow="auto"))
        return [
            ipw.HBox([self.model, self.samples], layout=_BAR),
            self._box,
            ipw.HBox([self.button, self.progress, self.status], layout=_BAR),
            self.caption,
            ipw.HBox([plot, self.detail], layout=_WRAP),
            ipw.HBox([scores, scroll], layout=_WRAP),
        ]

    def _enough(self, n: int) -> bool:
        """Whether the first n samples can be put into folds."""
        if self.task.kind == "regression":
            return True
        positive = int(self._samples.target[:n].sum())
        return min(positive, n - positive) >= FOLDS

    def _on_model(self, _change: Any = None) -> None:
        for slider in self.settings.values():
            slider.close()
        self.settings = {
            setting.parameter: ipw.SelectionSlider(
                options=setting.options, value=setting.default, description=setting.label,
                style=_LONG, layout=ipw.Layout(width="330px"),
            )
            for setting in settings_of(str(self.model.value), self.task.kind)
        }  # fmt: skip
        for slider in self.settings.values():
            slider.add_class("matlearn-setting")
        self._box.children = tuple(self.settings.values())

    def _fit(self, name: str, chosen: dict[str, Any], n: int) -> dict[str, Any]:
        model = make_model(name, self.task.kind, **chosen)
        return cross_validate(
            self._samples, model, n, folds=FOLDS, stop=self._stop, on_fold=self._on_fold
        )

    def _work(self, name: str, chosen: dict[str, Any], said: dict[str, str], n: int) -> None:
        try:
            self.progress.value = 0
            self._add(name, said, self._fit(name, chosen, n))
        except Stopped:
            pass
        except Exception as error:  # noqa: BLE001  a thread has nobody else to tell
            self.error = error
        self._active = False
        self._show_state()

    def _add(self, name: str, said: dict[str, str], outcome: dict[str, Any]) -> None:
        with self._lock:
            number, n = len(self.runs), len(outcome["predicted"])
            shown = "mean" if name == "dummy" and self.task.kind == "regression" else name
            self.runs.append(Run(number=number, model=shown, settings=said, n_samples=n, **outcome))
            self.history.show(self.runs)
            lower = self.task.kind == "regression"
            self.table.value = to_html(self.runs, self._metric, lower_is_better=lower)
            self.show(number)

    def _on_fold(self, done: int) -> None:
        self.progress.value = done

    def _show_state(self) -> None:
        running = self.running
        self.button.description = "Stop" if running else "Fit"
        self.button.icon = "stop" if running else "play"
        self.button.button_style = "" if running else "primary"
        self.progress.layout.visibility = "visible" if running else "hidden"
        if self.error is not None:
            name = type(self.error).__name__
            self.status.value = f"<b>No fit ({name}):</b> {html.escape(str(self.error))}"
        elif running:
            self.status.value = f"fitting {html.escape(str(self.model.value))} …"
        elif self._stop.is_set():
            self.status.value = "stopped"
        else:
            last = self.runs[-1]
            self.status.value = (
                f"run {last.number} took {last.cpu_seconds:.1f} CPU s"
                if last.number
                else "choose a model and its settings, and press Fit"
            )


def in_words(run: Run, metric: str) -> str:
    """Say the scores of a run in a sentence."""
    off = int(np.isnan(run.predicted).sum())
    text = (
        f"<b>{rounded(run.test.mean())} ± {run.test.std():.2g}</b> {html.escape(metric)} in {len(run.test)} "
        f"test folds, <b>{rounded(run.train.mean())}</b> on what was seen in training"
    )
    if off:
        text += f"; {off} samples have no prediction"
    return text + (f". <b>Mind:</b> {html.escape(run.remark)}." if run.remark else ".")
