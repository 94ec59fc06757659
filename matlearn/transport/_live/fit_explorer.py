"""The window of a fit by slider. Private: see :mod:`matlearn.transport.widgets`."""

from __future__ import annotations

import html
import threading
from typing import Any

import ipywidgets as ipw
import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from matlearn._widgets.settled import settle
from matlearn.plotting import PALETTE
from matlearn.transport._estimators.words import with_error
from matlearn.transport._live.window import Windows

_LONG = {"description_width": "110px"}
_BAR = ipw.Layout(flex_flow="row wrap", align_items="center", grid_gap="12px")
_POINTS = 300


class FitExplorer(ipw.VBox):
    """A mean squared displacement, the window of the fit, and what comes out of it.

    Attributes
    ----------
    windows : Windows
        What is fitted.
    window : ipywidgets.SelectionRangeSlider
        First and last lag of the fit (ps).
    scale : ipywidgets.ToggleButtons
        Plain or logarithmic axes.
    automatic : ipywidgets.Button
        Back to the window that the estimator chooses.
    value, error : float
        D by generalised least squares and its standard error (cm2/s).
    line : tuple of two floats
        D by the usual straight line through the same window, and the error that it quotes (cm2/s).
    figure : plotly.graph_objects.FigureWidget
        Traces: the displacement, the two lines, the window; D of windows that begin elsewhere, D
        of this one.
    status : ipywidgets.HTML
        The numbers.
    """

    value: float
    error: float
    line: tuple[float, float]

    def __init__(self, windows: Windows, truth: float | None = None) -> None:
        self.windows = windows
        self._truth = truth
        self._lock = threading.RLock()
        options = [(f"{lag * windows.step:.3g}", int(lag)) for lag in windows.choices]
        self.window = ipw.SelectionRangeSlider(
            options=options, index=self._automatic(), description="Window (ps)",
            layout=ipw.Layout(width="620px"), style=_LONG, continuous_update=True,
        )  # fmt: skip
        self.window.add_class("matlearn-window")
        self.scale = ipw.ToggleButtons(
            options=[("plain", "linear"), ("logarithmic", "log")], style={"button_width": "110px"}
        )
        self.scale.add_class("matlearn-scale")
        self.automatic = ipw.Button(description="Automatic", layout=ipw.Layout(width="110px"))
        self.automatic.add_class("matlearn-automatic")
        self.status = ipw.HTML(layout=ipw.Layout(margin="0 4px", min_height="92px"))
        self.status.add_class("matlearn-status")
        self.figure = self._new_figure()
        plot = ipw.Box([self.figure], layout=ipw.Layout(width="944px", max_width="100%"))
        super().__init__(
            [ipw.HBox([self.window, self.automatic, self.scale], layout=_BAR), self.status, plot]
        )
        self.add_class("matlearn-fit-window")
        self.add_class("matlearn-explore")
        self.window.observe(lambda _change: self._update(), "index")
        self.scale.observe(lambda _change: self._rescale(), "value")
        self.automatic.on_click(lambda _button: self._reset())
        self._update()
        settle(self.figure)

    def _automatic(self) -> tuple[int, int]:
        best = self.windows.automatic()
        return self.windows.position(best.start), self.windows.position(best.end)

    def _reset(self) -> None:
        self.window.index = self._automatic()

    def to_frame(self) -> Any:
        """Return D of windows with the same end and different starts: ``from``, ``value``, ``error``."""
        return self.windows.to_frame(self.windows.scan(int(self.window.value[1])))

    def _new_figure(self) -> go.FigureWidget:
        msd = self.windows.msd
        last = int(self.windows.choices[-1])
        rows = np.unique(
            np.r_[np.geomspace(1, last, _POINTS), np.linspace(1, last, _POINTS)].astype(int)
        )
        sheet = make_subplots(rows=1, cols=2, column_widths=[0.56, 0.44], horizontal_spacing=0.13)
        times = np.asarray(msd.lags)[rows]
        traces = [
            go.Scatter(x=times.tolist(), y=np.asarray(msd.values)[rows].tolist(), mode="lines",
                       name="measured", line={"color": PALETTE[0], "width": 2.5},
                       hovertemplate="%{x:.3g} ps: %{y:.3g} Å²<extra></extra>"),
            go.Scatter(mode="lines", name="generalised least squares", hoverinfo="skip",
                       line={"color": PALETTE[5], "width": 2.5, "dash": "dash"}),
            go.Scatter(mode="lines", name="usual straight line", hoverinfo="skip",
                       line={"color": PALETTE[7], "width": 2, "dash": "dot"}),
            go.Scatter(mode="lines", name="window", fill="toself", hoverinfo="skip",
                       fillcolor="rgba(0, 0, 0, 0.09)", line={"width": 0}, showlegend=False),
            go.Scatter(mode="markers+lines", name="windows that begin elsewhere", showlegend=False,
                       marker={"color": PALETTE[0], "size": 7}, line={"width": 1, "color": PALETTE[0]},
                       error_y={"type": "data", "thickness": 1.3, "width": 4},
                       hovertemplate="from %{x:.3g} ps: %{y:.3e} cm²/s<extra></extra>"),
            go.Scatter(mode="markers", name="this window", showlegend=False,
                       marker={"color": PALETTE[5], "size": 12, "symbol": "diamond"},
                       error_y={"type": "data", "thickness": 2.5, "width": 6},
                       hovertemplate="this window: %{y:.3e} cm²/s<extra></extra>"),
        ]  # fmt: skip
        for trace, column in zip(traces, (1, 1, 1, 1, 2, 2), strict=True):
            sheet.add_trace(trace, row=1, col=column)
        if self._truth is not None:
            sheet.add_hline(y=self._truth, line={"color": PALETTE[2], "width": 2}, row=1, col=2)
        sheet.update_xaxes(title="Lag (ps)", exponentformat="none", row=1, col=1)
        sheet.update_yaxes(title="Mean squared displacement (Å²)", exponentformat="none",
                           row=1, col=1)  # fmt: skip
        sheet.update_xaxes(title="Window begins at (ps)", type="log", exponentformat="none",
                           row=1, col=2)  # fmt: skip
        sheet.update_yaxes(title="D (cm²/s)", exponentformat="e", showexponent="all", row=1, col=2)
        sheet.update_layout(
            template="plotly_white", width=940, height=430, dragmode=False,
            margin={"l": 75, "r": 15, "t": 45, "b": 55}, font={"size": 14, "color": "#222222"},
            legend={"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0},
        )  # fmt: skip
        figure = go.FigureWidget(sheet)
        figure._config = {"displayModeBar": False, "responsive": False}
        return figure

    def _update(self) -> None:
        with self._lock:
            start, end = (int(lag) for lag in self.window.value)
            if end - start < 3:
                self.status.value = "<b>The window must hold at least three lags.</b>"
                return
            windows, unit, step = self.windows, self.windows.unit, self.windows.step
            chosen = self.window.index == self._automatic()
            best = windows.automatic() if chosen else windows.fit("gls", start, end)
            usual = windows.fit("ols", start, end)
            self.value, self.error = best.slope * unit, best.error * unit
            self.line = usual.slope * unit, usual.error * unit
            scan = windows.scan(end)
            lags = np.geomspace(start, end, 60)
            with self.figure.batch_update():
                _, first, second, shade, others, this = self.figure.data
                for trace, fit in ((first, best), (second, usual)):
                    trace.x = (lags * step).tolist()
                    trace.y = (fit.intercept + fit.slope * lags).tolist()
                shade.x, shade.y = self._shade(start * step, end * step)
                others.x = [at for at, _ in scan]
                others.y = [fit.slope * unit for _, fit in scan]
                others.error_y.array = [fit.error * unit for _, fit in scan]
                this.x, this.y = [start * step], [self.value]
                this.error_y.array = [self.error]
            self.status.value = self._words(windows.doubts(best))

    def _shade(self, left: float, right: float) -> tuple[list[float], list[float]]:
        values = np.asarray(self.windows.msd.values)[1 : int(self.windows.choices[-1]) + 1]
        low = float(values[values > 0].min(initial=1.0)) if self.scale.value == "log" else 0.0
        top = float(values.max())
        return [left, left, right, right, left], [low, top, top, low, low]

    def _rescale(self) -> None:
        with self._lock:
            self.figure.update_xaxes(type=self.scale.value, row=1, col=1)
            self.figure.update_yaxes(type=self.scale.value, row=1, col=1)
        self._update()

    def _words(self, messages: list[str]) -> str:
        msd, (start, end) = self.windows.msd, self.window.value
        step = self.windows.step
        share = 100 * self.error / self.value if self.value > 0 else float("nan")
        rows = [
            ("generalised least squares", with_error(self.value, self.error), f"{share:.1f} %"),
            ("usual straight line", with_error(*self.line),
             f"{100 * self.line[1] / self.line[0]:.1f} %" if self.line[0] > 0 else ""),
        ]  # fmt: skip
        if self._truth is not None:
            rows.append(("known value", f"{self._truth:.2e}".replace("e-0", "e-"), ""))
        body = "".join(
            f"<tr><td>{name}</td><td style='padding: 0 14px'><b>{value}</b> cm²/s</td>"
            f"<td>{error}</td></tr>"
            for name, value, error in rows
        )
        doubts = "".join(f"<br>{html.escape(message)}" for message in messages)
        return (
            f"D of {html.escape(msd.species)}, {msd.ions} ions, lags from {start * step:.3g} to "
            f"{end * step:.3g} ps{doubts}"
            f'<table style="line-height: 1.4">{body}</table>'
        )
