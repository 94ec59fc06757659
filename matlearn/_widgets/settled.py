"""Plotly figures that are complete when the page first draws them. Private.

A FigureWidget tells the page of each change by a message, and the page takes note of messages only
from when it has loaded plotly, which takes it a while. What was changed before, between making a
figure and showing it, would be missing from the picture.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import plotly.graph_objects as go


def settle(figure: go.FigureWidget) -> None:
    """Hand the page the figure as it now is, as a whole: for views that open later.

    Parameters
    ----------
    figure : plotly.graph_objects.FigureWidget
        After its data or layout were changed; open views have followed by themselves.
    """
    state: Any = figure
    state._widget_data = deepcopy(state._data)
    state._widget_layout = deepcopy(state._layout_obj._props)
