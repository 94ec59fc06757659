"""Which points an Arrhenius law rests on. Private: see :mod:`matlearn.transport.widgets`."""

from __future__ import annotations

import html
import threading
import warnings
from collections.abc import Mapping
from typing import Any

import ipywidgets as ipw
import numpy as np
import pandas as pd
import plotly.graph_objects as go

from matlearn._widgets.settled import settle
from matlearn.plotting import PALETTE
from matlearn.transport._figures.words import NAMES, with_error
from matlearn.transport.activation import Arrhenius, arrhenius

_BAR = ipw.Layout(flex_flow="row wrap", align_items="center", grid_gap="4px 14px")
_LONG = {"description_width": "160px"}
_SYMBOLS = ("diamond-open", "square-open", "triangle-up-open", "cross-open")


class ArrheniusBoard(ipw.VBox):
    """Values at temperatures, the law through those that are switched on, and where it leads.

    Attributes
    ----------
    points : pandas.DataFrame
        ``temperature``, ``value``, ``error`` of all points.
    switches : dict of float to ipywidgets.Checkbox
        Which temperatures count.
    errors : ipywidgets.FloatLogSlider
        What all error bars are multiplied with.
    target : ipywidgets.FloatSlider
        Temperature (K) to which the law is carried on.
    fit : Arrhenius or None
        The law; None where fewer than two temperatures are left.
    figure : plotly.graph_objects.FigureWidget
        Traces: band, law, points that count, points that do not, the value at the target, and what
        was measured.
    status : ipywidgets.HTML
        The numbers.
    """

    fit: Arrhenius | None

    def __init__(
        self,
        start: Arrhenius,
        experiment: Mapping[str, tuple[np.ndarray, np.ndarray, Any]],
        target: float,
    ) -> None:
        self.points = start.points[["temperature", "value", "error"]].reset_index(drop=True)
        self._quantity, self._experiment = start.quantity, experiment
        self._lock = threading.RLock()
        self.switches: dict[float, ipw.Checkbox] = {}
        for place, temperature in enumerate(self.points["temperature"]):
            switch = ipw.Checkbox(
                value=True, description=f"{temperature:g} K", indent=False,
                layout=ipw.Layout(width="90px"),
            )  # fmt: skip
            switch.observe(lambda _change: self._update(), "value")
            key = float(temperature)
            self.switches[key if key not in self.switches else key + 1e-6 * place] = switch
        low, high = float(self.points["temperature"].min()), float(self.points["temperature"].max())
        self.errors = ipw.FloatLogSlider(
            value=1.0, base=10, min=-1, max=1, step=0.05, description="Error bars times",
            readout_format=".2f", style=_LONG, layout=ipw.Layout(width="420px"),
        )  # fmt: skip
        self.errors.add_class("matlearn-errors")
        self.target = ipw.FloatSlider(
            value=target, min=min(0.4 * low, target), max=max(1.5 * high, target), step=5.0,
            description="Extrapolate to (K)", readout_format=".0f", style=_LONG,
            layout=ipw.Layout(width="420px"),
        )  # fmt: skip
        self.target.add_class("matlearn-target")
        for slider in (self.errors, self.target):
            slider.observe(lambda _change: self._update(), "value")
        self.status = ipw.HTML(layout=ipw.Layout(margin="0 4px", min_height="70px"))
        self.status.add_class("matlearn-status")
        self.figure = self._new_figure()
        plot = ipw.Box([self.figure], layout=ipw.Layout(width="784px", max_width="100%"))
        boxes = ipw.HBox([ipw.Label("Points that count:"), *self.switches.values()], layout=_BAR)
        boxes.add_class("matlearn-switches")
        super().__init__(
            [boxes, ipw.HBox([self.errors, self.target], layout=_BAR), self.status, plot]
        )
        self.add_class("matlearn-arrhenius")
        self.add_class("matlearn-explore")
        self._update()
        settle(self.figure)

    @property
    def chosen(self) -> pd.DataFrame:
        """The points that count, with the errors that are used."""
        on = np.array([bool(switch.value) for switch in self.switches.values()])
        table = self.points[on].copy()
        table["error"] *= float(self.errors.value)
        return table

    def _new_figure(self) -> go.FigureWidget:
        _, unit = NAMES[self._quantity]
        dots = {"size": 11, "color": PALETTE[0]}
        hover = "%{customdata:g} K: %{y:.3e} " + unit + "<extra></extra>"
        traces = [
            go.Scatter(mode="lines", name="68 % band", fill="toself", hoverinfo="skip",
                       fillcolor="rgba(0, 114, 178, 0.18)", line={"width": 0}),
            go.Scatter(mode="lines", name="law", line={"color": PALETTE[0], "width": 2.5},
                       hoverinfo="skip"),
            go.Scatter(mode="markers", name="count", marker=dots, hovertemplate=hover,
                       error_y={"type": "data", "thickness": 1.6, "width": 5}),
            go.Scatter(mode="markers", name="left out", hovertemplate=hover,
                       marker={"size": 11, "color": "#999999", "symbol": "x"}),
            go.Scatter(mode="markers", name="extrapolated", hovertemplate=hover,
                       marker={"size": 13, "color": PALETTE[5], "symbol": "diamond"},
                       error_y={"type": "data", "symmetric": False, "thickness": 2.2, "width": 7}),
        ]  # fmt: skip
        for index, (name, (temperatures, values, errors)) in enumerate(self._experiment.items()):
            color = (PALETTE[7], PALETTE[3], PALETTE[2], PALETTE[1])[index % 4]
            traces.append(
                go.Scatter(x=(1000 / temperatures).tolist(), y=values.tolist(), mode="markers",
                           name=html.escape(name), customdata=temperatures.tolist(),
                           hovertemplate=hover,
                           marker={"size": 12, "color": color, "symbol": _SYMBOLS[index % 4]},
                           error_y=None if errors is None else
                           {"type": "data", "array": list(errors), "thickness": 1.3, "width": 4})
            )  # fmt: skip
        sheet = go.Figure(traces)
        sheet.update_layout(
            template="plotly_white", width=780, height=440, dragmode=False,
            margin={"l": 85, "r": 15, "t": 45, "b": 55}, font={"size": 14, "color": "#222222"},
            legend={"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0},
            xaxis={"title": "1000 K / temperature", "zeroline": False},
            yaxis={"title": NAMES[self._quantity][0], "type": "log", "exponentformat": "power"},
        )  # fmt: skip
        figure = go.FigureWidget(sheet)
        figure._config = {"displayModeBar": False, "responsive": False}
        return figure

    def _update(self) -> None:
        with self._lock:
            chosen, target = self.chosen, float(self.target.value)
            doubts: tuple[str, ...] = ()
            self.fit = None
            if chosen["temperature"].nunique() >= 2:
                self.fit, doubts = _fitted(chosen, self._quantity)
            rest = self.points.drop(chosen.index)
            with self.figure.batch_update():
                shade, law, count, left, far = self.figure.data[:5]
                for trace, table in ((count, chosen), (left, rest)):
                    trace.x = (1000 / table["temperature"]).tolist()
                    trace.y = table["value"].tolist()
                    trace.customdata = table["temperature"].tolist()
                count.error_y.array = chosen["error"].tolist()
                if self.fit is None:
                    for trace in (shade, law, far):
                        trace.x, trace.y = [], []
                else:
                    self._draw(self.fit, shade, law, far, target)
            self.status.value = self._words(target, doubts)

    def _draw(self, fit: Arrhenius, shade: Any, law: Any, far: Any, target: float) -> None:
        known = self.points["temperature"]
        low, high = min(float(known.min()), target), max(float(known.max()), target)
        inverse = np.linspace(1000 / high, 1000 / low, 80)
        band = fit.band(1000 / inverse)
        law.x, law.y = inverse.tolist(), band["value"].tolist()
        shade.x = [*inverse.tolist(), *inverse[::-1].tolist()]
        shade.y = [*band["upper"].tolist(), *band["lower"].tolist()[::-1]]
        there = fit.band([target]).iloc[0]
        far.x, far.y, far.customdata = [1000 / target], [float(there["value"])], [target]
        far.error_y.array = [float(there["upper"] - there["value"])]
        far.error_y.arrayminus = [float(there["value"] - there["lower"])]

    def _words(self, target: float, doubts: tuple[str, ...]) -> str:
        if self.fit is None:
            return "<b>An Arrhenius law needs at least two temperatures.</b>"
        fit, (_, unit) = self.fit, NAMES[self._quantity]
        name, first = ("D<sub>0</sub>", unit) if unit == "cm²/s" else ("(σT)<sub>0</sub>", "S K/cm")
        there = fit.band([target]).iloc[0]
        factor = float(there["upper"] / there["value"])
        known = self.chosen["temperature"]
        inside = known.min() <= target <= known.max()
        where = "interpolated" if inside else "extrapolated"
        text = (
            f"E<sub>a</sub> = <b>{with_error(fit.activation_energy, fit.activation_energy_error)} eV"
            f"</b>, {name} = {with_error(fit.prefactor, fit.prefactor_error)} {first}. "
            f"At {target:.0f} K, {where}: <b>{there['value']:.2e} {unit}</b>, "
            f"68 % between {there['lower']:.2e} and {there['upper']:.2e} (a factor of {factor:.2f})."
        )
        return text + "".join(f"<br>{html.escape(message)}" for message in doubts)


def _fitted(chosen: pd.DataFrame, quantity: str) -> tuple[Arrhenius, tuple[str, ...]]:
    """Fit, and give the messages as text instead of warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        fit = arrhenius(chosen, quantity=quantity)
    return fit, fit.messages
