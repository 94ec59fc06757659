"""The chosen sample: its crystal, or the compositions most like it. Private."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import ipywidgets as ipw
import numpy as np

from matlearn._widgets.viewer import Viewer
from matlearn.regression._live.crossing import Run, Samples
from matlearn.regression._live.neighbours import Neighbourhood, table
from matlearn.regression._live.points import Points
from matlearn.regression.tasks import Task


class Detail(ipw.VBox):
    """A list of the samples, worst predicted first, and what is known of the chosen one.

    Attributes
    ----------
    selector : ipywidgets.Dropdown
        Does by keyboard what a click in the plot does.
    viewer : Viewer or None
        The crystal, where the task has crystals.
    neighbours : ipywidgets.HTML
        The samples most like it in their features, with their values.
    selected : int or None
        Position of the chosen sample.
    """

    def __init__(
        self,
        samples: Samples,
        formulas: Sequence[str],
        structures: Sequence[Any] | None,
        points: Points,
        task: Task,
    ) -> None:
        self.selected: int | None = None
        self._samples, self._formulas, self._structures = samples, formulas, structures
        self._points, self._task = points, task
        self._near = Neighbourhood(samples.inputs)
        self._run: Run | None = None
        self._busy = False
        self.selector = ipw.Dropdown(
            description="Sample", layout=ipw.Layout(width="auto"),
            style={"description_width": "initial"},
        )  # fmt: skip
        self.selector.add_class("matlearn-selector")
        self.selector.observe(self._on_selector, "value")
        self.caption = ipw.HTML(layout=ipw.Layout(margin="0 4px", min_height="44px"))
        self.caption.add_class("matlearn-sample")
        self.neighbours = ipw.HTML(layout=ipw.Layout(margin="0 4px"))
        self.neighbours.add_class("matlearn-neighbours")
        self.viewer = None if structures is None else Viewer(height=240)
        middle = [] if self.viewer is None else [self.viewer]
        super().__init__(
            [self.selector, self.caption, *middle, self.neighbours],
            layout=ipw.Layout(width="440px", max_width="100%"),
        )

    def show(self, run: Run) -> None:
        """Take up a run: list its samples, and keep the chosen one if it is among them."""
        self._run = run
        target = self._samples.target[: run.n_samples]
        error = run.predicted - target
        order = np.argsort(-np.abs(error), kind="stable")
        self._busy = True
        try:
            self.selector.options = [
                (f"{error[row]:+.3g}  {self._formulas[row]}", int(row)) for row in order
            ]
        finally:
            self._busy = False
        kept = self.selected
        self.select(kept if kept is not None and kept < run.n_samples else int(order[0]))

    def select(self, position: int) -> None:
        """Choose a sample by its position."""
        if self._busy or self._run is None:
            return
        self._busy = True
        try:
            self.selected = self.selector.value = position
            self._points.mark(position)
            self._describe(position, self._run)
        finally:
            self._busy = False

    def _describe(self, position: int, run: Run) -> None:
        row = int(self._samples.rows[position])
        words = self._points.words(self._samples.target[position], float(run.predicted[position]))
        name = html.escape(f"{self._formulas[position]} ({self._task.ids[row]})")
        self.caption.value = (
            f'<div style="line-height: 1.35"><b>{name}</b><br>{html.escape(words)}</div>'
        )
        if self.viewer is not None and self._structures is not None:
            self.viewer.show(self._structures[position], label="&nbsp;")
        cells = []
        for other, distance in self._near.nearest(position, run.n_samples):
            value = self._samples.target[other]
            if self._task.kind == "classification":
                text = self._points.class_name(bool(value))
            else:
                text = f"{value:.4g}"
            cells.append([self._formulas[other], text, f"{distance:.2f}"])
        unit = f" ({self._task.unit})" if self._task.unit else ""
        known = self._task.kind == "regression"
        title = f"True {self._task.label}{unit}" if known else "True class"
        self.neighbours.value = "<b>Nearest in features:</b>" + table(
            cells, ["Formula", title, "Distance"]
        )

    def _on_selector(self, change: dict[str, Any]) -> None:
        if not self._busy and change["new"] is not None:
            self.select(int(change["new"]))
