"""Bands to click on, and the crystal that moves. Private: see :mod:`matlearn.phonons.widgets`."""

from __future__ import annotations

import html
import threading
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw
import numpy as np
import plotly.graph_objects as go

from matlearn._widgets.settled import settle
from matlearn._widgets.viewer import Viewer
from matlearn.phonons._figures.words import special_point
from matlearn.phonons._live.motion import Motion, in_words, motion, place_name
from matlearn.phonons._live.page import moving
from matlearn.plotting import PALETTE

if TYPE_CHECKING:
    from ase import Atoms

    from matlearn.phonons.force_constants import BandStructure

PERIOD = 2.0
"""Seconds that one period takes on the screen."""
BETWEEN = -1
"""Stands for a wave vector that has no name."""
ARROW = 4.0
"""How much longer than the way of its atom an arrow is."""

_BAR = ipw.Layout(flex_flow="row wrap", align_items="center", grid_gap="4px 14px")
_WRAP = ipw.Layout(flex_flow="row wrap", align_items="flex-start", grid_gap="8px")
_LONG = {"description_width": "90px"}


class ModeBoard(ipw.VBox):
    """A band structure, the chosen mode, and the crystal moving in it.

    Attributes
    ----------
    figure : plotly.graph_objects.FigureWidget
        A trace a band, then the ring around the chosen mode.
    point : ipywidgets.Dropdown
        Special points, to go there at once.
    wave : ipywidgets.IntSlider
        Number of the wave vector on the path.
    branch : ipywidgets.IntSlider
        The branch, the lowest being 1.
    plays : ipywidgets.ToggleButton
        Whether the atoms move.
    arrows : ipywidgets.Checkbox
        Whether each atom has an arrow.
    size : ipywidgets.FloatSlider
        How far atoms go, against 0.45 A for the one that moves most.
    viewer : matlearn._widgets.viewer.Viewer
        The crystal.
    mode : Motion
        What is shown.
    status : ipywidgets.HTML
        The mode in words.
    """

    mode: Motion

    def __init__(
        self,
        bands: BandStructure,
        cell: Atoms,
        repeats: tuple[int, int, int],
        *,
        row: int,
        branch: int,
        height: int,
    ) -> None:
        self.bands = bands
        self._lock = threading.RLock()
        self._busy = False
        count = bands.frequencies.shape[1]
        self.viewer = Viewer(supercell=repeats, height=height - 60)
        self.figure = self._new_figure(height)
        self.point = ipw.Dropdown(
            options=self._points(), description="Point", layout=ipw.Layout(width="230px"),
            style=_LONG,
        )  # fmt: skip
        self.wave = ipw.IntSlider(
            min=0, max=len(bands.qpoints) - 1, description="Wave vector", readout=False,
            layout=ipw.Layout(width="330px"), style=_LONG,
        )  # fmt: skip
        self.branch = ipw.IntSlider(
            value=1, min=1, max=count, description="Branch", layout=ipw.Layout(width="260px"), style=_LONG
        )  # fmt: skip
        self.plays = ipw.ToggleButton(
            value=True, description="Stop", icon="pause", layout=ipw.Layout(width="110px"),
            tooltip="Let the atoms move, or stop them where they are farthest away",
        )  # fmt: skip
        self.arrows = ipw.Checkbox(
            value=False, description="arrows", indent=False, layout=ipw.Layout(width="80px")
        )
        self.size = ipw.FloatSlider(
            value=1.0, min=0.2, max=2.0, step=0.1, description="Amplitude", style=_LONG,
            layout=ipw.Layout(width="300px"),
        )  # fmt: skip
        self.status = ipw.HTML(layout=ipw.Layout(margin="0 4px", min_height="26px"))
        for name in ("point", "wave", "branch", "plays", "arrows", "size", "status"):
            getattr(self, name).add_class(f"matlearn-{name}")
        plot = ipw.Box([self.figure], layout=ipw.Layout(width="604px", max_width="100%"))
        super().__init__(
            [
                ipw.HBox([self.point, self.wave, self.branch], layout=_BAR),
                ipw.HBox([self.plays, self.arrows, self.size], layout=_BAR),
                self.status,
                ipw.HBox([plot, self.viewer], layout=_WRAP),
            ]
        )
        self.add_class("matlearn-modes")
        self.add_class("matlearn-explore")
        self.viewer.show(cell)
        self._opening = self.viewer.ngl._ngl_msg_archive[0]
        self.select(row, branch)
        self.wave.observe(self._on_slider, "value")
        self.branch.observe(self._on_slider, "value")
        self.point.observe(self._on_point, "value")
        self.plays.observe(self._on_plays, "value")
        for control in (self.arrows, self.size):
            control.observe(lambda _change: self._move(), "value")

    def select(self, row: int, branch: int) -> None:
        """Show a mode.

        Parameters
        ----------
        row
            Number of the wave vector on the path.
        branch
            Number of the branch from 0, the lowest first.
        """
        with self._lock:
            self._busy = True
            try:
                self.wave.value, self.branch.value = row, branch + 1
                rows = [value for _, value in self.point.options if value != BETWEEN]
                self.point.value = next((one for one in rows if self._alike(one, row)), BETWEEN)
            finally:
                self._busy = False
            self.mode = motion(self.bands, self.viewer.atoms, row, branch)
            ring = self.figure.data[-1]
            with self.figure.batch_update():
                ring.x = [float(self.bands.distances[row])]
                ring.y = [self.mode.frequency]
            settle(self.figure)
            self.status.value = f"<b>{html.escape(in_words(self.bands, self.mode))}</b>"
            self._move()

    def _points(self) -> list[tuple[str, int]]:
        """Ends of lines; one that ends where the next begins counts once if the modes agree."""
        bands = self.bands
        rows: list[int] = []
        for line in bands.lines:
            if not rows or not self._alike(rows[-1], line.start):
                rows.append(line.start)
            rows.append(line.stop - 1)
        found: list[tuple[str, int]] = [("between two", BETWEEN)]
        seen: dict[str, int] = {}
        for row in rows:
            name = place_name(bands, row)
            seen[name] = seen.get(name, 0) + 1
            found.append((f"{name} ({seen[name]})" if seen[name] > 1 else name, row))
        return found

    def _alike(self, one: int, other: int) -> bool:
        """Whether two wave vectors are the same, and their frequencies too."""
        bands = self.bands
        return bool(
            np.allclose(bands.qpoints[one], bands.qpoints[other], atol=1e-8)
            and np.allclose(bands.frequencies[one], bands.frequencies[other], atol=1e-4)
            and abs(bands.distances[one] - bands.distances[other]) < 1e-8
        )

    def _on_slider(self, _change: Any) -> None:
        if not self._busy:
            self.select(int(self.wave.value), int(self.branch.value) - 1)

    def _on_point(self, change: dict[str, Any]) -> None:
        if not self._busy and change["new"] != BETWEEN:
            self.select(int(change["new"]), int(self.branch.value) - 1)

    def _on_plays(self, change: dict[str, Any]) -> None:
        runs = change["new"]
        self.plays.description, self.plays.icon = ("Stop", "pause") if runs else ("Play", "play")
        self._move()

    def _on_click(self, trace: Any, points: Any, _state: Any) -> None:
        if points.point_inds:
            row = trace.customdata[points.point_inds[0]]
            self.select(int(row), int(trace.meta))

    def _new_figure(self, height: int) -> go.FigureWidget:
        bands = self.bands
        rows: list[int | None] = []
        for line in bands.lines:
            rows += [*range(line.start, line.stop), None]
        names = [place_name(bands, row) if row is not None else "" for row in rows]
        traces = [
            go.Scatter(
                x=[None if row is None else float(bands.distances[row]) for row in rows],
                y=[None if row is None else float(bands.frequencies[row, band]) for row in rows],
                customdata=rows, meta=band, text=names, mode="lines",
                line={"color": PALETTE[band % 3], "width": 2},
                hovertemplate=f"%{{text}}, branch {band + 1}: %{{y:.2f}} THz<extra></extra>",
            )
            for band in range(bands.frequencies.shape[1])
        ]  # fmt: skip
        ring = {"size": 17, "symbol": "circle-open", "color": "black", "line": {"width": 3}}
        traces.append(go.Scatter(mode="markers", marker=ring, hoverinfo="skip"))
        sheet = go.Figure(traces)
        places = [float(place) for place, _ in bands.labels]
        for place in places:
            sheet.add_vline(x=place, line={"color": "#999999", "width": 1}, layer="below")
        low, high = float(bands.frequencies.min()), float(bands.frequencies.max())
        sheet.update_layout(
            template="plotly_white", width=600, height=height, showlegend=False, dragmode=False,
            hovermode="closest", font={"size": 14, "color": "#222222"},
            margin={"l": 65, "r": 15, "t": 15, "b": 50},
            xaxis={"title": "Wave vector", "range": [places[0], places[-1]], "showgrid": False,
                   "tickvals": places, "ticktext": [_plain(name) for _, name in bands.labels],
                   "tickangle": 0},
            yaxis={"title": "Frequency (THz)", "zeroline": low < -0.05, "zerolinecolor": "#555555",
                   "range": [min(low * 1.1, 0.0) - 0.01 * high, 1.06 * high]},
        )  # fmt: skip
        figure = go.FigureWidget(sheet)
        figure._config = {"displayModeBar": False, "responsive": False}
        for trace in figure.data[:-1]:
            trace.on_click(self._on_click)
        return figure

    def _move(self) -> None:
        """Tell the page how the atoms go from now on; it moves them by itself."""
        moved, size = self.mode.amplitudes, float(self.size.value)
        base = self.viewer.atoms.positions
        parts = [np.round(part, 4).ravel().tolist() for part in (base, moved.real, moved.imag)]
        script = moving(
            parts, self._shapes(), seconds=PERIOD, plays=bool(self.plays.value), size=size
        )
        message = self.viewer._message(script)

        def send(widget: Any) -> None:
            widget.send(self._opening)
            widget.send(message)

        send._method_name = "executeCode"  # type: ignore[attr-defined]
        send._ngl_msg = message  # type: ignore[attr-defined]
        ngl = self.viewer.ngl
        ngl._ngl_displayed_callbacks_before_loaded[:] = [send]
        ngl._ngl_msg_archive = [self._opening, message]
        if ngl.loaded:
            ngl.send(message)

    def _shapes(self) -> list[list[Any]]:
        """Arrows along the way of each atom, from where it is at rest."""
        if not self.arrows.value:
            return []
        red, green, blue = (int(PALETTE[5][k : k + 2], 16) / 255 for k in (1, 3, 5))
        color = [round(red, 3), round(green, 3), round(blue, 3)]
        base = self.viewer.atoms.positions
        way = ARROW * float(self.size.value) * self.mode.displacements(0.0)
        return [
            ["arrow", start.tolist(), end.tolist(), color, 0.14]
            for start, end in zip(np.round(base, 3), np.round(base + way, 3), strict=True)
            if np.linalg.norm(end - start) > 0.05
        ]


def _plain(name: str) -> str:
    """Write a special point without formulas of matplotlib."""
    return special_point(name).replace("$_{", "<sub>").replace("}$", "</sub>")
