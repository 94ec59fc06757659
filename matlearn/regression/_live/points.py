"""Predictions of a run as points that can be hovered over and clicked. Private."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from matlearn.plotting import PALETTE

_WIDTH, _HEIGHT = 560, 500


class Points:
    """Predicted against true values of a regression, or how sure a classifier was of each sample.

    Parameters
    ----------
    kind : {"regression", "classification"}
    label, unit : str
        What is predicted.
    classes : tuple of two str
        What False and True stand for.
    on_click : callable
        Called with the position of the sample that was clicked.

    Attributes
    ----------
    figure : plotly.graph_objects.FigureWidget
        Traces: training samples, test samples, a ring around the chosen one.
    """

    def __init__(
        self,
        kind: str,
        label: str,
        unit: str,
        classes: tuple[str, str],
        on_click: Callable[[int], None],
    ) -> None:
        self._kind, self._label, self._unit, self._classes = kind, label, unit, classes
        self._on_click = on_click
        self._places: tuple[np.ndarray, np.ndarray] = (np.array([]), np.array([]))
        seen = go.Scatter(
            name="seen in training", mode="markers", hoverinfo="skip",
            marker={"size": 6, "color": PALETTE[1], "symbol": "diamond", "opacity": 0.55},
        )  # fmt: skip
        test = go.Scatter(
            name="test", mode="markers", hovertemplate="%{text}<extra></extra>",
            marker={"size": 7, "color": PALETTE[0], "opacity": 0.75,
                    "line": {"width": 0.5, "color": "white"}},
        )  # fmt: skip
        ring = go.Scatter(
            mode="markers", hoverinfo="skip", showlegend=False,
            marker={"size": 17, "symbol": "circle-open", "color": "black", "line": {"width": 3}},
        )  # fmt: skip
        sheet = go.Figure([seen, test, ring])
        unit_text = f" ({unit})" if unit else ""
        known = kind == "regression"
        sheet.update_layout(
            template="plotly_white", width=_WIDTH, height=_HEIGHT, hovermode="closest",
            margin={"l": 75, "r": 15, "t": 40, "b": 55}, font={"size": 14, "color": "#222222"},
            legend={"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0},
            hoverlabel={"align": "left"},
            xaxis={"title": f"True {label}{unit_text}" if known else "True class",
                   "zeroline": False},
            yaxis={"title": f"Predicted {label}{unit_text}" if known
                   else f"How sure of “{classes[1]}”", "zeroline": False},
        )  # fmt: skip
        if not known:
            sheet.update_xaxes(tickvals=[0, 1], ticktext=list(classes), range=[-0.5, 1.5])
            sheet.update_yaxes(range=[-0.03, 1.03])
        self.figure = go.FigureWidget(sheet)
        self.figure._config = {"displayModeBar": False, "responsive": False}
        self.figure.data[1].on_click(self._clicked)

    def show(
        self,
        target: np.ndarray,
        predicted: np.ndarray,
        remembered: np.ndarray,
        names: Sequence[str],
    ) -> None:
        """Draw a run: a point a sample; `names` are their formulas."""
        known = self._kind == "regression"
        shift = 0.0 if known else np.random.default_rng(0).uniform(-0.35, 0.35, len(target))
        x, y = target.astype(float) + shift, np.asarray(predicted, dtype=float)
        self._places = x, y
        with self.figure.batch_update():
            seen, test, ring = self.figure.data
            seen.x, seen.y = x.tolist(), np.asarray(remembered, dtype=float).tolist()
            test.x, test.y = x.tolist(), y.tolist()
            test.text = [
                self._hover(name, t, p) for name, t, p in zip(names, target, y, strict=True)
            ]
            ring.x, ring.y = [], []
            self.figure.layout.shapes = [self._line(x, y)]
            if known:
                low, high = ends(x, y)
                self.figure.layout.xaxis.range = [low, high]
                self.figure.layout.yaxis.range = [low, high]

    def mark(self, position: int) -> None:
        """Put the ring around a sample."""
        x, y = self._places
        with self.figure.batch_update():
            self.figure.data[2].x, self.figure.data[2].y = (
                [float(x[position])],
                [float(y[position])],
            )

    def class_name(self, value: bool) -> str:
        """What a class is called."""
        return self._classes[int(value)]

    def words(self, target: Any, predicted: float) -> str:
        """Say true and predicted value of a sample."""
        if self._kind == "regression":
            unit = f" {self._unit}" if self._unit else ""
            off = f"(off by {predicted - target:+.3g})"
            return f"true {target:.4g}{unit}, predicted {predicted:.4g}{unit} {off}"
        name = self._classes[int(target)]
        return f"true: {name}, predicted: {self._classes[int(predicted > 0.5)]} ({predicted:.2f})"

    def _hover(self, name: str, target: Any, predicted: float) -> str:
        said = self.words(target, predicted).replace(", predicted", "<br>predicted")
        return f"<b>{html.escape(name)}</b><br>{html.escape(said).replace('&lt;br&gt;', '<br>')}"

    def _line(self, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
        """Where predictions are right; of classes where the classifier decides."""
        style = {"type": "line", "layer": "below", "line": {"color": "#777777", "width": 1.5}}
        if self._kind == "regression":
            low, high = ends(x, y)
            return style | {"x0": low, "x1": high, "y0": low, "y1": high}
        return style | {"x0": -0.5, "x1": 1.5, "y0": 0.5, "y1": 0.5}

    def _clicked(self, _trace: Any, points: Any, _state: Any) -> None:
        if points.point_inds:
            self._on_click(int(points.point_inds[0]))


def ends(target: np.ndarray, predicted: np.ndarray) -> tuple[float, float]:
    """Give ends of both axes: all true values, and predictions unless they are far away.

    Examples
    --------
    >>> import numpy as np
    >>> ends(np.array([0.0, 10.0]), np.array([1.0, 1000.0]))
    (-0.5, 15.5)
    """
    low, high = float(target.min()), float(target.max())
    span = (high - low) or 1.0
    bottom = min(low, max(float(predicted.min()), low - 0.5 * span))
    top = max(high, min(float(predicted.max()), high + 0.5 * span))
    return bottom - 0.05 * span, top + 0.05 * span
