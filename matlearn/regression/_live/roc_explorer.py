"""A threshold to move, and what becomes of every measure. Private: see ``widgets.explore_roc``."""

from __future__ import annotations

import html
import threading

import ipywidgets as ipw
import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from matlearn._widgets.settled import settle
from matlearn.plotting import PALETTE
from matlearn.regression._benchmark.metrics import Measures, measure
from matlearn.regression._figures.scored import Scored
from matlearn.regression._live.neighbours import table

_STEPS = 200
_BINS = 40
_WRAP = ipw.Layout(flex_flow="row wrap", align_items="flex-start", grid_gap="24px")


class RocExplorer(ipw.VBox):
    """The ROC curve, the scores of both classes, and a threshold through them.

    Attributes
    ----------
    threshold : ipywidgets.FloatSlider
        Above it the classifier says True.
    measures : Measures
        Measures at the threshold, and the area under the curve, which has none.
    counts : (2, 2) array of int
        True classes (rows) against those said.
    figure : plotly.graph_objects.FigureWidget
        Traces: the curve, what thresholding leaves of it, the point; the scores of both classes,
        and the threshold.
    table : ipywidgets.HTML
        The confusion matrix and the measures.
    """

    def __init__(self, data: Scored) -> None:
        from sklearn.metrics import roc_auc_score

        self.data = data
        self._lock = threading.RLock()
        self._area = float(roc_auc_score(data.target, data.score))
        low, high = self._ends()
        step = (high - low) / _STEPS
        self.threshold = ipw.FloatSlider(
            value=min(max(data.threshold, low), high), min=low, max=high, step=step,
            description="Threshold", readout_format=".3f" if high - low <= 5 else ".2f",
            style={"description_width": "90px"}, layout=ipw.Layout(width="560px"),
        )  # fmt: skip
        self.threshold.add_class("matlearn-threshold")
        self.threshold.observe(lambda _change: self._update(), "value")
        self.figure = self._new_figure(low, high)
        self.table = ipw.HTML()
        self.table.add_class("matlearn-measures")
        plot = ipw.Box([self.figure], layout=ipw.Layout(width="864px", max_width="100%"))
        super().__init__([self.threshold, plot, self.table])
        self.add_class("matlearn-roc")
        self.add_class("matlearn-explore")
        self._update()
        settle(self.figure)

    def _ends(self) -> tuple[float, float]:
        if self.data.probability:
            return 0.0, 1.0
        low, high = float(self.data.score.min()), float(self.data.score.max())
        pad = 0.02 * (high - low) or 1.0
        return low - pad, high + pad

    def _new_figure(self, low: float, high: float) -> go.FigureWidget:
        from sklearn.metrics import roc_curve

        data, (no, yes) = self.data, self.data.classes
        false, true, _ = roc_curve(data.target, data.score)
        edges = np.linspace(low, high, _BINS + 1)
        sheet = make_subplots(rows=1, cols=2, column_widths=[0.5, 0.5], horizontal_spacing=0.13)
        lines = [
            go.Scatter(x=false.tolist(), y=true.tolist(), name=f"scores: area {self._area:.3f}",
                       mode="lines", line={"color": PALETTE[0], "width": 2.5}, hoverinfo="skip"),
            go.Scatter(name="classes", mode="lines", hoverinfo="skip", fill="tozeroy",
                       fillcolor="rgba(230, 159, 0, 0.18)",
                       line={"color": PALETTE[1], "width": 2, "dash": "dash"}),
            go.Scatter(mode="markers", showlegend=False,
                       hovertemplate="false positives %{x:.3f}<br>recall %{y:.3f}<extra></extra>",
                       marker={"size": 13, "color": PALETTE[5], "line": {"width": 1, "color": "white"}}),
        ]  # fmt: skip
        for value, name, color in ((False, no, PALETTE[3]), (True, yes, PALETTE[2])):
            count = np.histogram(data.score[data.target == value], bins=edges)[0]
            lines.append(
                go.Bar(x=((edges[:-1] + edges[1:]) / 2).tolist(), y=count.tolist(), name=name,
                       marker={"color": color}, opacity=0.6, width=(high - low) / _BINS,
                       hovertemplate="%{y} samples<extra>" + html.escape(name) + "</extra>")
            )  # fmt: skip
        self._top = max(max(trace.y) for trace in lines[3:5])
        lines.append(
            go.Scatter(mode="lines", showlegend=False, line={"color": PALETTE[5], "width": 3},
                       hoverinfo="skip")
        )  # fmt: skip
        for trace, column in zip(lines, (1, 1, 1, 2, 2, 2), strict=True):
            sheet.add_trace(trace, row=1, col=column)
        sheet.update_xaxes(title="False positive rate", range=[-0.01, 1.01], row=1, col=1)
        sheet.update_yaxes(title="True positive rate (recall)", range=[-0.01, 1.02], row=1, col=1)
        sheet.update_xaxes(title=data.label, range=[low, high], row=1, col=2)
        sheet.update_yaxes(title="Samples", row=1, col=2)
        sheet.update_layout(
            template="plotly_white", width=860, height=420, barmode="overlay", dragmode=False,
            margin={"l": 70, "r": 15, "t": 45, "b": 55}, font={"size": 14, "color": "#222222"},
            legend={"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0},
        )  # fmt: skip
        figure = go.FigureWidget(sheet)
        figure._config = {"displayModeBar": False, "responsive": False}
        return figure

    def _update(self) -> None:
        with self._lock:
            cut = float(self.threshold.value)
            target, said = self.data.target, self.data.score > cut
            values = measure("classification", target, said)
            values["roc_auc"] = self._area
            self.measures: Measures = values
            self.counts = np.array(
                [
                    [((target == t) & (said == s)).sum() for s in (False, True)]
                    for t in (False, True)
                ]
            )
            false, true = self.counts[:, 1] / self.counts.sum(axis=1)
            after = (1 + true - false) / 2
            with self.figure.batch_update():
                polygon, point, line = self.figure.data[1], self.figure.data[2], self.figure.data[5]
                polygon.x, polygon.y = [0, float(false), 1], [0, float(true), 1]
                polygon.name = f"classes: area {after:.3f}"
                point.x, point.y = [float(false)], [float(true)]
                line.x, line.y = [cut, cut], [0, self._top]
            self.table.value = self._words(values, after)

    def _words(self, values: Measures, after: float) -> str:
        no, yes = self.data.classes
        (kept, wrong), (missed, found) = self.counts.tolist()
        matrix = table(
            [
                [f"true: {no}", f"{kept:,}", f"{wrong:,}"],
                [f"true: {yes}", f"{missed:,}", f"{found:,}"],
            ],
            ["", f"said: {no}", f"said: {yes}"],
        )
        none = "" if wrong + found else f" (nothing is taken for {yes})"
        rows = [
            ["accuracy", f"{values['accuracy']:.3f}", "share that is right"],
            ["balanced accuracy", f"{values['balanced_accuracy']:.3f}", "mean of what is right of each class"],
            ["precision", f"{values['precision']:.3f}", f"share of those said {yes} that are{none}"],
            ["recall", f"{values['recall']:.3f}", f"share of the {yes} that is found"],
            ["F1", f"{values['f1']:.3f}", "harmonic mean of the two"],
            ["area under ROC", f"{self._area:.3f}", "of the scores: the same at every threshold"],
            ["“rocauc”, thresholded", f"{after:.3f}", "of the classes: the balanced accuracy"],
        ]  # fmt: skip
        numbers = table(rows, ["Measure", "Value", ""])
        side = '<div style="display: flex; flex-wrap: wrap; gap: 40px; padding: 0 70px">'
        return f"{side}<div>{matrix}</div><div>{numbers}</div></div>"
