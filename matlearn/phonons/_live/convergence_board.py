"""What counts as converged, by slider. Private: see :mod:`matlearn.phonons.widgets`."""

from __future__ import annotations

import html
import threading
from typing import Any

import ipywidgets as ipw
import numpy as np
import pandas as pd
import plotly.graph_objects as go

from matlearn._widgets.settled import settle
from matlearn.phonons._figures.converging import AXES, text_of
from matlearn.plotting import PALETTE

QUANTITIES = {
    "kappa": ("Thermal conductivity", "W/mK"),
    "change": ("Difference from the last", "%"),
    "force_rmse": ("Test error of forces", "meV/Å"),
    "lowest": ("Lowest frequency", "THz"),
    "highest": ("Highest frequency", "THz"),
    "cpu_seconds": ("CPU time", "s"),
}
_BAR = ipw.Layout(flex_flow="row wrap", align_items="center", grid_gap="4px 14px")
_LONG = {"description_width": "90px"}


class ConvergenceBoard(ipw.VBox):
    """A table of conductivities as a figure, with the band that counts as converged.

    Attributes
    ----------
    table : ipywidgets.Dropdown
        Which of several results.
    quantity : ipywidgets.Dropdown
        What is drawn.
    tolerance : ipywidgets.FloatSlider
        Half width of the band (%).
    chosen : ipywidgets.SelectionSlider
        A value that is looked at.
    converged_at : value or None
        From where on the conductivity stays inside the band.
    figure : plotly.graph_objects.FigureWidget
        Traces: the band, the values, the one from which on all are inside, the chosen one.
    status : ipywidgets.HTML
        What that means.
    """

    converged_at: Any

    def __init__(
        self, found: list[tuple[str, Any]], *, tolerance: float, reference: dict[str, float]
    ) -> None:
        self._found = found
        self._reference = reference
        self._lock = threading.RLock()
        self._busy = False
        self.table = ipw.Dropdown(
            options=[(name, place) for place, (name, _) in enumerate(found)], style=_LONG,
            description="Result", layout=ipw.Layout(width="300px"),
        )  # fmt: skip
        self.table.layout.display = None if len(found) > 1 else "none"
        self.quantity = ipw.Dropdown(
            options=[("", "kappa")], description="Drawn", style=_LONG,
            layout=ipw.Layout(width="330px"),
        )  # fmt: skip
        self.tolerance = ipw.FloatSlider(
            value=100 * tolerance, min=0.1, max=max(20.0, 100 * tolerance), step=0.1,
            description="Within (%)", style=_LONG, layout=ipw.Layout(width="380px"),
        )  # fmt: skip
        self.chosen = ipw.SelectionSlider(
            options=[("", 0)], description="Look at", style=_LONG, layout=ipw.Layout(width="380px")
        )
        self.status = ipw.HTML(layout=ipw.Layout(margin="0 4px", min_height="92px"))
        for name in ("table", "quantity", "tolerance", "chosen", "status"):
            getattr(self, name).add_class(f"matlearn-{name}")
        self.figure = self._new_figure()
        plot = ipw.Box([self.figure], layout=ipw.Layout(width="724px", max_width="100%"))
        super().__init__(
            [
                ipw.HBox([self.table, self.quantity], layout=_BAR),
                ipw.HBox([self.tolerance, self.chosen], layout=_BAR),
                self.status,
                plot,
            ]
        )
        self.add_class("matlearn-convergence")
        self.add_class("matlearn-explore")
        self._load()
        self.table.observe(lambda _change: self._load(), "value")
        for control in (self.quantity, self.tolerance, self.chosen):
            control.observe(lambda _change: self._update(), "value")

    @property
    def result(self) -> Any:
        """The result that is looked at."""
        return self._found[int(self.table.value)][1]

    def _load(self) -> None:
        """Take over another result."""
        with self._lock:
            self._busy = True
            try:
                self._frame = self.result.to_frame().reset_index(drop=True)
                kept = [
                    name
                    for name in QUANTITIES
                    if name in self._frame and self._frame[name].notna().any()
                ]
                old = self.quantity.value
                self.quantity.options = [
                    (f"{label} ({unit})", name)
                    for name, (label, unit) in QUANTITIES.items()
                    if name in kept or name == "kappa"
                ]
                self.quantity.value = old if old in kept else "kappa"
                self.chosen.options = [
                    (text_of(value), row) for row, value in enumerate(self._frame["value"])
                ]
                self.chosen.value = len(self._frame) - 1
            finally:
                self._busy = False
        self._update()

    def _new_figure(self) -> go.FigureWidget:
        traces = [
            go.Scatter(mode="lines", fill="toself", fillcolor="rgba(0, 158, 115, 0.15)",
                       line={"width": 0}, hoverinfo="skip", name="within"),
            go.Scatter(mode="lines+markers", line={"color": PALETTE[0], "width": 2},
                       marker={"size": 9}, hovertemplate="%{text}<extra></extra>", name="computed"),
            go.Scatter(mode="markers", hoverinfo="skip", name="converged from here on",
                       marker={"size": 17, "symbol": "square-open", "color": PALETTE[2],
                               "line": {"width": 3}}),
            go.Scatter(mode="markers", hoverinfo="skip", name="looked at",
                       marker={"size": 18, "symbol": "circle-open", "color": "black",
                               "line": {"width": 3}}),
        ]  # fmt: skip
        sheet = go.Figure(traces)
        sheet.update_layout(
            template="plotly_white", width=720, height=400, dragmode=False,
            margin={"l": 80, "r": 15, "t": 45, "b": 55}, font={"size": 14, "color": "#222222"},
            legend={"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0},
            xaxis={"type": "category"},
        )  # fmt: skip
        for name, value in self._reference.items():
            sheet.add_trace(
                go.Scatter(mode="lines", name=name, meta=float(value), hoverinfo="skip",
                           line={"color": PALETTE[5], "width": 2, "dash": "dash"})
            )  # fmt: skip
        figure = go.FigureWidget(sheet)
        figure._config = {"displayModeBar": False, "responsive": False}
        figure.data[1].on_click(self._on_click)
        return figure

    def _on_click(self, _trace: Any, points: Any, _state: Any) -> None:
        if points.point_inds:
            self.chosen.value = int(points.point_inds[0])

    def _update(self) -> None:
        with self._lock:
            if self._busy:
                return
            name, frame = str(self.quantity.value), self._frame
            x = [text_of(value) for value in frame["value"]]
            values = frame[name].to_numpy(dtype=float) if name in frame else np.full(len(x), np.nan)
            values = 100 * values if name == "change" else values
            share = float(self.tolerance.value) / 100
            self.converged_at = self.result.converged_at(share)
            first = next(
                (
                    row
                    for row, value in enumerate(frame["value"])
                    if self.converged_at is not None
                    and text_of(value) == text_of(self.converged_at)
                ),
                None,
            )
            label, unit = QUANTITIES[name]
            with self.figure.batch_update():
                band, line, mark, ring = self.figure.data[:4]
                band.x, band.y = self._band(x, values, name, share)
                line.x, line.y = x, [None if np.isnan(one) else float(one) for one in values]
                line.text = [f"{at}: {one:.4g} {unit}" for at, one in zip(x, values, strict=True)]
                for trace, row in ((mark, first), (ring, int(self.chosen.value))):
                    shown = row is not None and np.isfinite(values[row])
                    trace.x = [x[row]] if shown and row is not None else []
                    trace.y = [float(values[row])] if shown and row is not None else []
                for trace in self.figure.data[4:]:
                    trace.x = [x[0], x[-1]] if name == "kappa" else []
                    trace.y = [trace.meta, trace.meta] if name == "kappa" else []
                self.figure.layout.xaxis.title = AXES[self.result.over]
                self.figure.layout.xaxis.categoryarray = x
                self.figure.layout.yaxis.title = f"{label} ({unit})"
            settle(self.figure)
            self.status.value = self._words(first)

    def _band(
        self, x: list[str], values: np.ndarray, name: str, share: float
    ) -> tuple[list[str], list[float]]:
        good = values[np.isfinite(values)]
        if name not in ("kappa", "change") or not len(good):
            return [], []
        low, high = (
            (good[-1] * (1 - share), good[-1] * (1 + share))
            if name == "kappa"
            else (-100 * share, 100 * share)
        )
        left, right = x[0], x[-1]
        return [left, right, right, left, left], [float(v) for v in (low, low, high, high, low)]

    def _words(self, first: int | None) -> str:
        frame, result = self._frame, self.result
        within = f"{self.tolerance.value:g} %"
        if first is None:
            words = f"Not converged within {within}: no value but the last is inside the band."
        else:
            words = (
                f"From <b>{text_of(self.converged_at)}</b> on all values are within {within} of "
                "the last one. Whether the last one is right, only further values say."
            )
        row = frame.iloc[int(self.chosen.value)]
        failure = row.get("failure")
        if isinstance(failure, str) and failure:
            about = f"failed: {html.escape(failure)}"
        else:
            known = [
                f"{label.lower()} {100 * row[name] if name == 'change' else row[name]:.4g} {unit}"
                for name, (label, unit) in QUANTITIES.items()
                if name in row.index and pd.notna(row[name])
            ]
            about = ", ".join(known)
        return (
            f"Over {html.escape(AXES[result.over].lower())}, at {result.temperature:g} K. {words}"
            f"<br><b>{text_of(row['value'])}</b>: {about}"
        )
