"""The curves of the live board: what the simulation has done so far. Private."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from matlearn._widgets.settled import settle

_KEPT = 1500  # points of a curve; the oldest are dropped


@dataclass(frozen=True)
class Quantity:
    """One line of the board's curves.

    Attributes
    ----------
    column : str
        What is recorded under.
    name : str
        Name in the legend.
    panel : str
        Title of the axis it is drawn against.
    color : str
        Its colour.
    limits : tuple of two floats, optional
        Ends of the axis; as far as the values go where it is left out.
    """

    column: str
    name: str
    panel: str
    color: str
    limits: tuple[float, float] | None = None


class Traces:
    """Curves against the number of sweeps, one panel over the other.

    Parameters
    ----------
    quantities : list of Quantity
        The lines; those of the same panel lie in one.
    width, height : int
        Size of the figure (pixels).
    """

    def __init__(self, quantities: list[Quantity], *, width: int, height: int) -> None:
        self.quantities = quantities
        self._points: dict[str, deque[float]] = {
            name: deque(maxlen=_KEPT) for name in ["sweep", *(q.column for q in quantities)]
        }
        panels = list(dict.fromkeys(quantity.panel for quantity in quantities))
        sheet = make_subplots(rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.05)
        shared = {panel: [q for q in quantities if q.panel == panel] for panel in panels}
        for quantity in quantities:
            row = panels.index(quantity.panel) + 1
            sheet.add_trace(
                go.Scatter(
                    name=quantity.name, mode="lines", line={"color": quantity.color, "width": 2},
                    showlegend=len(shared[quantity.panel]) > 1,
                    hovertemplate="%{y:.4g}<extra>" + quantity.name + "</extra>",
                ),
                row=row, col=1,
            )  # fmt: skip
            sheet.update_yaxes(
                title={"text": quantity.panel, "standoff": 6, "font": {"size": 14}},
                range=quantity.limits, row=row, col=1,
                zeroline=False, exponentformat="none", nticks=5, automargin=False,
            )  # fmt: skip
        sheet.update_xaxes(
            title={"text": "Sweeps", "font": {"size": 14}},
            row=len(panels),
            col=1,
            rangemode="tozero",
            exponentformat="none",
        )
        sheet.update_layout(
            template="plotly_white", width=width, height=height, uirevision="board",
            margin={"l": 78, "r": 12, "t": 26, "b": 48}, font={"size": 13, "color": "#222222"},
            legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
            hovermode="x", dragmode=False,
        )  # fmt: skip
        self.figure = go.FigureWidget(sheet)
        self.figure._config = {"displayModeBar": False, "responsive": False}

    def __len__(self) -> int:
        return len(self._points["sweep"])

    def values(self, column: str) -> list[float]:
        """Return what is recorded of a quantity, or of ``"sweep"``."""
        return list(self._points[column])

    def append(self, record: Mapping[str, Any]) -> None:
        """Take up a record; it must have ``sweep`` and the columns of all quantities."""
        for name, points in self._points.items():
            points.append(float(record[name]))

    def clear(self) -> None:
        """Forget everything recorded."""
        for points in self._points.values():
            points.clear()
        self.draw()

    def draw(self) -> None:
        """Send the curves to the front end."""
        sweeps = self.values("sweep")
        with self.figure.batch_update():
            for line, quantity in zip(self.figure.data, self.quantities, strict=True):
                line.x, line.y = sweeps, self.values(quantity.column)

    def settle(self) -> None:
        """Hand the front end all that is drawn, for views that open later."""
        settle(self.figure)
