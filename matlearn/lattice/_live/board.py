"""A running Monte Carlo simulation to play with. Private: see :mod:`matlearn.lattice.widgets`."""

from __future__ import annotations

import html
import weakref
from typing import Any

import ipywidgets as ipw
import numpy as np

from matlearn._widgets.picture import Picture
from matlearn.lattice._figures.pictures import LayerPicture, species_colors
from matlearn.lattice._figures.tiles import find_layer
from matlearn.lattice._figures.units import EnergyUnits
from matlearn.lattice._live.stepping import Stepper
from matlearn.lattice._live.traces import Quantity, Traces
from matlearn.plotting import PALETTE

WIDTH = 440
SPEEDS = (1, 3, 10, 30, 100, 300)
_WRAP = ipw.Layout(flex_flow="row wrap", align_items="flex-start", grid_gap="6px")
_BAR = ipw.Layout(flex_flow="row wrap", align_items="center", grid_gap="6px")
_LONG = {"description_width": "150px"}

_boards: weakref.WeakValueDictionary[int, Board] = weakref.WeakValueDictionary()


class Board(ipw.VBox):
    """A simulation, its lattice, its curves, and what it can be driven with.

    Attributes
    ----------
    simulation : MonteCarlo
        What runs.
    button, reset : ipywidgets.Button
        Starts and pauses; puts the atoms of the beginning back.
    temperature : ipywidgets.FloatSlider
        Acts at once, running or not.
    potentials : dict of str to ipywidgets.FloatSlider
        Chemical potential by symbol; empty for an ensemble without.
    speed : ipywidgets.SelectionSlider
        Sweeps from one picture to the next.
    layer : ipywidgets.IntSlider
        Which layer is shown; hidden where there is only one.
    picture : matlearn._widgets.picture.Picture
        The layer.
    traces : Traces
        The curves.
    status : ipywidgets.HTML
        Sweeps, pace and acceptance; an error, if one ended the run.
    """

    simulation: Any
    button: ipw.Button
    reset: ipw.Button
    speed: ipw.SelectionSlider
    temperature: ipw.FloatSlider
    potentials: dict[str, ipw.FloatSlider]
    layer: ipw.IntSlider
    picture: Picture
    legend: ipw.HTML
    status: ipw.HTML
    traces: Traces
    _plot: ipw.Box

    def __init__(self, simulation: Any, options: dict[str, Any]) -> None:
        older = _boards.get(id(simulation))
        if older is not None and older.simulation is simulation:
            older.close()
        _boards[id(simulation)] = self
        self.simulation = simulation
        self._start_atoms = simulation.atoms
        self._units = EnergyUnits.of(simulation)
        self._plane, self._up = options["plane"], options["spin_up"]
        self._species = list(simulation.concentrations)
        self._stepper = Stepper(simulation, self._on_picture, self._show_state)
        self._stepper.sweeps_per_picture = options["sweeps_per_picture"]
        self._make_controls(options)
        self._make_views(options["layer"])
        super().__init__(
            [
                ipw.HBox([self.button, self.reset, self.speed], layout=_BAR),
                ipw.HBox([self.temperature, *self.potentials.values()], layout=_BAR),
                ipw.HBox(
                    [ipw.VBox([self.picture, self.legend, self.layer]), self._plot], layout=_WRAP
                ),
                self.status,
            ]
        )
        self.add_class("matlearn-board")
        self._draw()
        self._show_state()

    @property
    def running(self) -> bool:
        """Whether the simulation is at work now."""
        return self._stepper.running

    @property
    def error(self) -> Exception | None:
        """What ended the run, if something did."""
        return self._stepper.error

    def start(self) -> None:
        """Run on from where it is."""
        self._stepper.start()

    def pause(self, *, wait: bool = False, timeout: float | None = None) -> None:
        """Pause after the current sweeps.

        Parameters
        ----------
        wait : bool
            Return only when nothing runs any more: from then on, and until the next start, the
            simulation is free for other use.
        timeout : float, optional
            Wait at most this long (s).
        """
        self._stepper.stop()
        if wait:
            self._stepper.join(timeout)
        self._show_state()

    def close(self) -> None:
        """End the run and take the board from the page."""
        self._stepper.stop()
        super().close()

    def _make_controls(self, options: dict[str, Any]) -> None:
        simulation = self.simulation
        self.button = ipw.Button(layout=ipw.Layout(width="100px"))
        self.button.add_class("matlearn-start")
        self.button.on_click(lambda _button: self.pause() if self.running else self.start())
        self.reset = ipw.Button(
            description="Reset", icon="rotate-left", layout=ipw.Layout(width="100px"),
            tooltip="Put the atoms of the beginning back and forget the curves",
        )  # fmt: skip
        self.reset.on_click(lambda _button: self._restart())
        self.speed = ipw.SelectionSlider(
            options=sorted({*SPEEDS, options["sweeps_per_picture"]}),
            value=options["sweeps_per_picture"], description="Sweeps a picture", style=_LONG,
        )  # fmt: skip
        self.speed.observe(self._on_speed, "value")
        low, high = options["temperatures"]
        self.temperature = ipw.FloatSlider(
            value=simulation.temperature, min=low, max=high, step=_step(high - low),
            description=f"Temperature ({self._units.temperature})", style=_LONG,
            readout_format=".2f" if high < 20 else ".0f", layout=ipw.Layout(width="420px"),
        )  # fmt: skip
        self.temperature.add_class("matlearn-temperature")
        self.temperature.observe(
            lambda change: self._stepper.wish(temperature=float(change["new"])), "value"
        )
        self.potentials = {}
        for symbol, (low, high) in options["chemical_potentials"].items():
            slider = ipw.FloatSlider(
                value=dict(simulation.chemical_potentials).get(symbol, 0.0), min=low, max=high,
                step=_step(high - low), readout_format=".3f" if high - low < 5 else ".2f",
                description=f"μ({self._name(symbol)}) ({self._units.energy})", style=_LONG,
                layout=ipw.Layout(width="420px"),
            )  # fmt: skip
            slider.add_class("matlearn-potential")
            slider.observe(self._on_potential, "value")
            self.potentials[symbol] = slider

    def _make_views(self, layer: int) -> None:
        first = find_layer(self._start_atoms, self._plane, layer)
        self.layer = ipw.IntSlider(
            value=first.index, min=0, max=first.count - 1, description="Layer",
            layout=ipw.Layout(width="400px", display=None if first.count > 1 else "none"),
        )  # fmt: skip
        self.layer.observe(lambda _change: self._on_layer(), "value")
        self.colors = species_colors(self._species)
        self._drawing = LayerPicture(first, self.colors, WIDTH)
        self.picture = Picture(on_beat=self._stepper.seen, pixelated=True)
        self.picture.add_class("matlearn-lattice")
        self.legend = ipw.HTML(layout=ipw.Layout(margin="0 4px", min_height="24px"))
        self.legend.add_class("matlearn-legend")
        self.status = ipw.HTML(layout=ipw.Layout(margin="0 4px", min_height="24px"))
        self.status.add_class("matlearn-status")
        units = self._units
        if self._up is not None:
            lines = [Quantity("composition", "m", "Magnetisation", PALETTE[3], (-1.05, 1.05))]
        elif len(self._species) == 2:
            last = self._species[-1]
            color = self.colors[last]
            lines = [Quantity("composition", last, f"Fraction of {last}", color, (-0.03, 1.03))]
        else:
            lines = [
                Quantity(f"concentration_{s}", s, "Fraction", self.colors[s], (-0.03, 1.03))
                for s in self._species
            ]
        lines.append(Quantity("energy", "energy", units.energy_label, PALETTE[7]))
        ends = (self.temperature.min, self.temperature.max)
        lines.append(Quantity("temperature", "T", f"T ({units.temperature})", PALETTE[5], ends))
        self.traces = Traces(lines, width=560, height=440)
        self._plot = ipw.Box([self.traces.figure], layout=ipw.Layout(width="564px"))

    def _name(self, symbol: str) -> str:
        if self._up is None:
            return symbol
        return "up" if symbol == self._up else "down"

    def _on_speed(self, change: dict[str, Any]) -> None:
        self._stepper.sweeps_per_picture = int(change["new"])

    def _on_potential(self, _change: dict[str, Any]) -> None:
        values = dict(self.simulation.chemical_potentials)
        values |= {symbol: float(slider.value) for symbol, slider in self.potentials.items()}
        self._stepper.wish(chemical_potentials=values)

    def _on_layer(self) -> None:
        layer = find_layer(self._start_atoms, self._plane, self.layer.value)
        self._drawing = LayerPicture(layer, self.colors, WIDTH)
        self._draw()

    def _restart(self) -> None:
        self._stepper.wish(atoms=self._start_atoms.copy())
        if not self.running:  # otherwise the next picture does it
            self.traces.clear()
            self._draw()
            self._show_state()

    def _on_picture(self, record: dict[str, float]) -> None:
        sweeps = self.traces.values("sweep")
        if sweeps and self._stepper.sweeps <= sweeps[-1]:  # the atoms of the beginning are back
            self.traces.clear()
        shown = {"sweep": float(self._stepper.sweeps)}
        shown |= {name: value for name, value in record.items() if name.startswith("concentr")}
        shown["energy"] = record["energy_per_atom"] * self._units.per_energy
        shown["temperature"] = self.simulation.temperature
        shown["composition"] = self._composition()
        self.traces.append(shown)
        self.traces.draw()
        self._draw()
        pace = f"{self._stepper.rate:,.0f} sweeps a second of computing"
        self._say(f"{pace}, {100 * record['acceptance']:.1f} % accepted")

    def _composition(self) -> float:
        fractions = self.simulation.concentrations
        if self._up is not None:
            return 2 * fractions[self._up] - 1
        return fractions[self._species[-1]]

    def _draw(self) -> None:
        width = self._drawing.width  # a pixel of the picture on one of the screen: sharp edges
        self.picture.width = width * max(1, WIDTH // (2 * width) * 2)
        self.picture.data = self._drawing.png(np.asarray(self.simulation.numbers))
        fractions = self.simulation.concentrations
        shares = {self._name(s): f"{100 * fractions[s]:.1f} %" for s in self._species}
        self.picture.alt = (
            f"Layer {self.layer.value + 1} of {self.layer.max + 1} of the lattice, a tile a site. "
            "In the whole crystal: " + ", ".join(f"{k} {v}" for k, v in shares.items()) + "."
        )
        self.legend.value = " ".join(
            '<span style="display: inline-block; width: 0.9em; height: 0.9em; vertical-align: '
            f'-0.1em; background: {self.colors[s]}; margin-right: 0.35em"></span>'
            f'<span style="margin-right: 0.9em">{html.escape(self._name(s))} '
            f"{shares[self._name(s)]}</span>"
            for s in self._species
        )

    def _say(self, text: str) -> None:
        if self.error is not None:
            name = type(self.error).__name__
            text = f"<b>Stopped by {name}:</b> {html.escape(str(self.error))}"
        self.status.value = f"Sweep {self._stepper.sweeps:,}: {text}"

    def _show_state(self) -> None:
        running = self.running
        self.button.description = "Pause" if running else "Start"
        self.button.icon = "pause" if running else "play"
        self.button.button_style = "" if running else "primary"
        if not running:
            self._say("paused")
            self.traces.settle()


def _step(width: float) -> float:
    """A round step, some hundred of them in the width."""
    return float(10 ** np.floor(np.log10(width / 100)))
