"""The penalty of a linear model by slider. Private: see :mod:`matlearn.regression.widgets`."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable

import ipywidgets as ipw
import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from matlearn._widgets.settled import settle
from matlearn.plotting import PALETTE
from matlearn.regression._models.path_result import RegularisationPath

_SHOWN = 15
_WRAP = ipw.Layout(flex_flow="row wrap", align_items="flex-start", grid_gap="12px")
_BAR = ipw.Layout(flex_flow="row wrap", align_items="center", grid_gap="12px")


class PathExplorer(ipw.VBox):
    """Paths of the coefficients, errors, and the coefficients left at the chosen penalty.

    Attributes
    ----------
    kind : ipywidgets.ToggleButtons
        LASSO or ridge.
    alpha : ipywidgets.SelectionSlider
        Position of the penalty, the largest first.
    paths : RegularisationPath
        What is drawn.
    figure : plotly.graph_objects.FigureWidget
        A trace for each feature, then the errors in test folds (with their spread) and in
        training, then a line at the chosen penalty in each panel.
    status, table : ipywidgets.HTML
        Errors in words; the coefficients left.
    """

    def __init__(
        self, make: Callable[[str], RegularisationPath], first: RegularisationPath
    ) -> None:
        self._make, self._unit = make, f" ({first.unit})" if first.unit else ""
        self._made = {first.kind: first}
        self._lock = threading.RLock()
        self._held = False
        self.paths = first
        self.kind = ipw.ToggleButtons(
            options=[("LASSO", "lasso"), ("ridge", "ridge")], value=first.kind,
            style={"button_width": "90px"},
        )  # fmt: skip
        self.kind.add_class("matlearn-kind")
        self.alpha = ipw.SelectionSlider(
            options=self._options(), value=self.paths.best, description="Penalty α",
            layout=ipw.Layout(width="520px"), style={"description_width": "90px"},
        )  # fmt: skip
        self.alpha.add_class("matlearn-alpha")
        self.status = ipw.HTML(layout=ipw.Layout(margin="0 4px", min_height="24px"))
        self.status.add_class("matlearn-status")
        self.table = ipw.HTML()
        self.table.add_class("matlearn-coefficients")
        self.figure = self._new_figure()
        plot = ipw.Box([self.figure], layout=ipw.Layout(width="824px", max_width="100%"))
        super().__init__(
            [
                ipw.HBox([self.kind, self.alpha], layout=_BAR),
                self.status,
                ipw.HBox([plot, self.table], layout=_WRAP),
            ]
        )
        self.add_class("matlearn-paths")
        self.add_class("matlearn-explore")
        self.kind.observe(lambda _change: self._on_kind(), "value")
        self.alpha.observe(lambda _change: self._on_alpha(), "value")
        self._draw()
        self._mark()
        settle(self.figure)

    def _take(self, kind: str) -> RegularisationPath:
        if kind not in self._made:
            self._made[kind] = self._make(kind)
        return self._made[kind]

    def _options(self) -> list[tuple[str, int]]:
        return [(f"{alpha:.2g}", index) for index, alpha in enumerate(self.paths.alphas)]

    def _new_figure(self) -> go.FigureWidget:
        sheet = make_subplots(rows=1, cols=2, column_widths=[0.55, 0.45], horizontal_spacing=0.12)
        for index, name in enumerate(self.paths.names):
            line = {"color": PALETTE[index % len(PALETTE)], "width": 1.5}
            sheet.add_trace(
                go.Scatter(mode="lines", line=line, name=name, showlegend=False,
                           hovertemplate=f"{html.escape(name)}<br>%{{y:.3g}}<extra></extra>"),
                row=1, col=1,
            )  # fmt: skip
        for name, color in (("test folds", PALETTE[0]), ("seen in training", PALETTE[1])):
            sheet.add_trace(
                go.Scatter(mode="lines", name=name, line={"color": color, "width": 2.5},
                           hovertemplate="%{y:.4g}<extra>" + name + "</extra>",
                           error_y={"type": "data", "thickness": 1, "width": 0}),
                row=1, col=2,
            )  # fmt: skip
        for column in (1, 2):
            sheet.add_trace(
                go.Scatter(mode="lines", showlegend=False, hoverinfo="skip",
                           line={"color": PALETTE[5], "width": 3}),
                row=1, col=column,
            )  # fmt: skip
        sheet.update_xaxes(
            type="log", title="Penalty α", autorange="reversed", exponentformat="power", dtick=1
        )
        sheet.update_yaxes(title=f"Coefficient{self._unit}", row=1, col=1)
        sheet.update_yaxes(title=f"MAE{self._unit}", rangemode="tozero", row=1, col=2)
        sheet.update_layout(
            template="plotly_white", width=820, height=420, dragmode=False, hovermode="closest",
            margin={"l": 70, "r": 15, "t": 40, "b": 55}, font={"size": 14, "color": "#222222"},
            legend={"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0.55},
        )  # fmt: skip
        figure = go.FigureWidget(sheet)
        figure._config = {"displayModeBar": False, "responsive": False}
        return figure

    def _draw(self) -> None:
        paths, alphas = self.paths, self.paths.alphas.tolist()
        with self.figure.batch_update():
            for trace, line in zip(self.figure.data, paths.coefficients.T, strict=False):
                trace.x, trace.y = alphas, line.tolist()
            test, train = self.figure.data[-4:-2]
            for trace, errors in ((test, paths.test), (train, paths.train)):
                trace.x, trace.y = alphas, errors.mean(axis=0).tolist()
            test.error_y.array = paths.test.std(axis=0).tolist()

    def _mark(self) -> None:
        position, paths = int(self.alpha.value), self.paths
        alpha = float(paths.alphas[position])
        ends = float(paths.coefficients.min()), float(paths.coefficients.max())
        test, train = paths.test[:, position], paths.train[:, position]
        with self.figure.batch_update():
            first, second = self.figure.data[-2:]
            first.x, first.y = [alpha, alpha], list(ends)
            second.x, second.y = [alpha, alpha], [0.0, float(paths.test.mean(axis=0).max())]
        left = paths.left(position)
        best = "; no penalty does better" if position == paths.best else ""
        self.status.value = (
            f"α = {alpha:.2g}: <b>{len(left)} of {len(paths.names)} coefficients</b> are not zero. "
            f"MAE{html.escape(self._unit)} <b>{test.mean():.4g} ± {test.std():.2g}</b> in test folds{best}, "
            f"{train.mean():.4g} on what was seen in training."
        )
        self.table.value = _bars(left[:_SHOWN], len(left), float(np.abs(paths.coefficients).max()))

    def _on_kind(self) -> None:
        with self._lock:
            self.status.value = "fitting …"
            self.paths = self._take(str(self.kind.value))
            self._held = True
            try:
                self.alpha.options = self._options()
                self.alpha.value = self.paths.best
            finally:
                self._held = False
            self._draw()
            self._mark()

    def _on_alpha(self) -> None:
        if not self._held:
            with self._lock:
                self._mark()


def _bars(left: list[tuple[str, float]], count: int, largest: float) -> str:
    """Write coefficients as a table with a bar each."""
    rows = []
    for name, value in left:
        width = 100 * abs(value) / (largest or 1.0)
        color = PALETTE[0] if value > 0 else PALETTE[5]
        bar = f'<div style="width: {width:.0f}px; height: 0.8em; background: {color}"></div>'
        rows.append(
            f"<tr><td>{html.escape(name)}</td><td style='padding: 0 8px; text-align: right'>"
            f"{value:+.3g}</td><td>{bar}</td></tr>"
        )
    more = f"<tr><td>and {count - len(left)} more</td></tr>" if count > len(left) else ""
    return f'<table style="line-height: 1.35; font-size: 13px">{"".join(rows)}{more}</table>'
