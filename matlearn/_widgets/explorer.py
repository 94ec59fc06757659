"""A scatter plot whose points are structures: click one, or choose it by keyboard, and see it.

Private: :mod:`matlearn.widgets` and the chapters' widgets are the way in.
"""

from __future__ import annotations

import html
import threading
from collections.abc import Sequence
from typing import Any

import ipywidgets as ipw
import numpy as np
import pandas as pd
import plotly.graph_objects as go

from matlearn.plotting import PALETTE, axis_label

from .settled import settle
from .viewer import Viewer

_SYMBOLS = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "x", "star")
_MANY = 5000  # above this the points are drawn with WebGL


class Explorer(ipw.VBox):
    """Points, a list of the same structures for the keyboard, and the viewer beside them.

    Attributes
    ----------
    figure : plotly.graph_objects.FigureWidget
        The points, one trace a group; the last trace is the ring around the chosen one.
    selector : ipywidgets.Dropdown
        The visible structures, lowest first.
    viewer : matlearn._widgets.viewer.Viewer
        The chosen structure.
    selected : int or None
        Its row (a position) in :attr:`frame`.
    frame : pandas.DataFrame
        All rows.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        x: str,
        y: str,
        *,
        color: str | None = None,
        structure: str = "structure",
        groups: Sequence[str] | None = None,
        controls: Sequence[ipw.Widget] = (),
        height: int = 440,
    ) -> None:
        self.selected: int | None = None
        self._x, self._y, self._color, self._structure = x, y, color, structure
        self._lock = threading.RLock()
        self._busy = False
        self._numeric = color is not None and _is_numeric(frame[color])
        if color is None or self._numeric:
            groups = [""]
        elif groups is None:
            groups = _group_names(frame[color])
        self._groups = list(groups or [""])
        self.figure = self._new_figure(len(frame), height)
        self.selector = ipw.Dropdown(
            description="Structure", layout=ipw.Layout(width="auto"),
            style={"description_width": "initial"},
        )  # fmt: skip
        self.selector.add_class("matlearn-selector")
        self.selector.observe(self._on_selector, "value")
        self.viewer = Viewer(height=height - 100)
        self.viewer.label.layout.min_height = "66px"  # three lines: the picture stays in its place
        plot = ipw.Box([self.figure], layout=ipw.Layout(width="644px", max_width="100%"))
        right = ipw.VBox(
            [self.selector, self.viewer], layout=ipw.Layout(width="420px", max_width="100%")
        )
        super().__init__(
            [
                *([ipw.HBox(list(controls), layout=_WRAP)] if controls else []),
                ipw.HBox([plot, right], layout=_WRAP),
            ]
        )
        self.add_class("matlearn-explore")
        self.update(frame)

    def update(
        self, frame: pd.DataFrame | None = None, *, visible: Any = None, y: str | None = None
    ) -> None:
        """Draw other rows, fewer of them, or another column against the same `x`.

        Parameters
        ----------
        frame : pandas.DataFrame, optional
            New rows; a chosen row stays chosen if it is still there under its position.
        visible : array_like of bool, optional
            Which rows are drawn; all with finite values where it is left out.
        y : str, optional
            Column on the vertical axis from now on.
        """
        with self._lock:
            if frame is not None:
                self.frame = frame.reset_index(drop=True)
            self._y = y or self._y
            shown = np.isfinite(self.frame[[self._x, self._y]].to_numpy(dtype=float)).all(axis=1)
            if visible is not None:
                shown &= np.asarray(visible, dtype=bool)
            rows = np.flatnonzero(shown)
            self._draw(rows)
            ordered = rows[np.argsort(self.frame[self._y].to_numpy(dtype=float)[rows])]
            keep = self.selected if self.selected in ordered else None
            self._busy = True
            try:
                self.selector.options = [(self._option(row), int(row)) for row in ordered]
                self.selector.value = keep
            finally:
                self._busy = False
            if keep is None and len(ordered):
                self.select(int(ordered[0]))
            else:
                self._mark()
            settle(self.figure)

    def select(self, row: int) -> None:
        """Choose a row by its position in :attr:`frame` and show its structure."""
        with self._lock:
            if not 0 <= row < len(self.frame):
                raise ValueError(f"row must be from 0 to {len(self.frame) - 1}, got {row}")
            if self._busy:
                return
            self._busy = True
            try:
                if any(value == row for _, value in self.selector.options):
                    self.selector.value = row
                self.selected = row
                self._mark()
                self.viewer.show(self.frame[self._structure].iloc[row], label=self._caption(row))
            finally:
                self._busy = False

    def _new_figure(self, count: int, height: int) -> go.FigureWidget:
        kind = go.Scattergl if count > _MANY else go.Scatter
        many = len(self._groups) > 1
        traces = [
            kind(
                name=name, mode="markers", hovertemplate="%{text}<extra></extra>",
                marker={
                    "size": 8 if count <= 500 else 6, "opacity": 0.8, "color": PALETTE[index % len(PALETTE)],
                    "symbol": _SYMBOLS[index % len(_SYMBOLS)],
                    "line": {"width": 0.5, "color": "white"},
                },
            )
            for index, name in enumerate(self._groups)
        ]  # fmt: skip
        if self._numeric:
            bar = {"title": {"text": axis_label(str(self._color)), "side": "right"}}
            traces[0].marker.update(colorscale="Cividis", colorbar=bar)
        ring = {"size": 17, "symbol": "circle-open", "color": "black", "line": {"width": 3}}
        traces.append(kind(mode="markers", marker=ring, hoverinfo="skip", showlegend=False))
        sheet = go.Figure(traces)
        sheet.update_layout(
            template="plotly_white", width=640, height=height, showlegend=many,
            margin={"l": 70, "r": 15, "t": 40 if many else 15, "b": 55},
            font={"size": 14, "color": "#222222"}, hoverlabel={"align": "left"},
            legend={"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0},
            xaxis={"title": axis_label(self._x), "exponentformat": "none", "zeroline": False},
        )  # fmt: skip
        figure = go.FigureWidget(sheet)
        for trace in figure.data[:-1]:
            trace.on_click(self._on_click)
        return figure

    def _draw(self, rows: np.ndarray) -> None:
        names = np.full(len(self.frame), "", dtype=object)
        if self._groups != [""]:
            values = self.frame[self._color].astype(str)
            names = values.where(values.isin(self._groups), _REST).to_numpy()
        with self.figure.batch_update():
            for name, trace in zip(self._groups, self.figure.data[:-1], strict=True):
                mine = rows[names[rows] == name]
                trace.x = self.frame[self._x].to_numpy(dtype=float)[mine].tolist()
                trace.y = self.frame[self._y].to_numpy(dtype=float)[mine].tolist()
                trace.text = [self._hover(row) for row in mine]
                trace.customdata = mine.tolist()
                if self._numeric:
                    colors = self.frame[self._color].to_numpy(dtype=float)[mine]
                    trace.marker.color = colors.tolist()
            self.figure.layout.yaxis.update(
                title=axis_label(self._y), exponentformat="none", zeroline=False, automargin=True
            )

    def _mark(self) -> None:
        ring = self.figure.data[-1]
        chosen = [] if self.selected is None else [self.selected]
        shown = {value for _, value in self.selector.options}
        chosen = [row for row in chosen if row in shown]
        with self.figure.batch_update():
            ring.x = self.frame[self._x].iloc[chosen].to_list()
            ring.y = self.frame[self._y].iloc[chosen].to_list()

    def _on_click(self, trace: Any, points: Any, _state: Any) -> None:
        if points.point_inds:
            self.select(int(trace.customdata[points.point_inds[0]]))

    def _on_selector(self, change: dict[str, Any]) -> None:
        if not self._busy and change["new"] is not None:
            self.select(int(change["new"]))

    def _name(self, row: int) -> str:
        frame = self.frame
        return str(frame["label"].iloc[row] if "label" in frame else frame.index[row])

    def _values(self, row: int) -> list[str]:
        columns = dict.fromkeys([self._y, self._x, *([self._color] if self._color else [])])
        return [f"{axis_label(name)}: {_text(self.frame[name].iloc[row])}" for name in columns]

    def _hover(self, row: int) -> str:
        return "<br>".join([f"<b>{html.escape(self._name(row))}</b>", *self._values(row)])

    def _caption(self, row: int) -> str:
        values = html.escape(", ".join(self._values(row)))
        return f'<div style="line-height: 1.35"><b>{html.escape(self._name(row))}</b><br>{values}</div>'

    def _option(self, row: int) -> str:
        return f"{_text(self.frame[self._y].iloc[row])}  {self._name(row)}"


_REST = "other"
_WRAP = ipw.Layout(flex_flow="row wrap", align_items="flex-start", grid_gap="8px")


def _is_numeric(values: pd.Series) -> bool:
    return values.dtype.kind in "fiu" and values.nunique() > len(PALETTE)


def _group_names(values: pd.Series) -> list[str]:
    """The values of a column, or the most frequent ones and the rest, one for each colour."""
    counts = values.astype(str).value_counts()
    if len(counts) <= len(PALETTE):
        return list(dict.fromkeys(values.sort_values(kind="stable").astype(str)))
    return [*counts.index[: len(PALETTE) - 1], _REST]


def _text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
