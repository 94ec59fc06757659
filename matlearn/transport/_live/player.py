"""A run as a film in the structure viewer. Private: see :mod:`matlearn.transport.widgets`."""

from __future__ import annotations

import itertools
import json
from typing import Any

import ipywidgets as ipw
import numpy as np

from matlearn._widgets.viewer import Viewer
from matlearn.plotting import PALETTE
from matlearn.transport._live.moving import Film

_MOVE = """
((view, places, paths) => {
  const turn = view._matlearn_move = (view._matlearn_move || 0) + 1;
  const move = left => {
    if (turn !== view._matlearn_move) return;  // a later picture is under way
    const atoms = view.stage.compList.find(
      component => component.type === "structure" && component.reprList.length);
    if (!atoms) { if (left) setTimeout(() => move(left - 1), 100); return; }
    atoms.structure.updatePosition(places);
    atoms.updateRepresentations({position: true});
    const old = view.stage.compList.filter(component => component.name === "trails");
    if (paths.length) view.addShape("trails", paths);
    old.forEach(component => view.stage.removeComponent(component));
  };
  move(100);
})(this, %s);
"""
_BAR = ipw.Layout(flex_flow="row wrap", align_items="center", grid_gap="10px")


class Player(ipw.VBox):
    """A structure that moves, the trails of its ions, and what plays it.

    Attributes
    ----------
    viewer : matlearn._widgets.viewer.Viewer
        The picture.
    play : ipywidgets.Play
        Runs on and stops.
    frame : ipywidgets.IntSlider
        Which picture is shown.
    trails : ipywidgets.Checkbox
        Whether ions draw a trail.
    film : Film
        Where everything is in each picture.
    """

    def __init__(self, film: Film, *, trails: bool, height: int) -> None:
        self.film = film
        self.viewer = Viewer(height=height)
        self.viewer.layout.width = "560px"
        last = len(film) - 1
        self.play = ipw.Play(min=0, max=last, interval=150, show_repeat=True)
        self.play.add_class("matlearn-play")
        self.frame = ipw.IntSlider(
            min=0, max=last, readout=False, continuous_update=True, description="Time",
            layout=ipw.Layout(width="320px"), style={"description_width": "45px"},
        )  # fmt: skip
        self.frame.add_class("matlearn-frame")
        self.trails = ipw.Checkbox(
            value=trails, description="trails", indent=False, layout=ipw.Layout(width="80px")
        )
        self.trails.add_class("matlearn-trails")
        super().__init__([self.viewer, ipw.HBox([self.play, self.frame, self.trails], layout=_BAR)])
        self.add_class("matlearn-player")
        self.add_class("matlearn-explore")
        self._link = ipw.jslink((self.play, "value"), (self.frame, "value"))
        self.frame.observe(lambda _change: self._draw(), "value")
        self.play.observe(lambda _change: self._draw(), "playing")
        self.trails.observe(lambda _change: self._draw(), "value")
        self.viewer.show(film.first, label=self._label())
        self._opening = self.viewer.ngl._ngl_msg_archive[0]
        self._draw()

    @property
    def atoms(self) -> Any:
        """What is shown now, as ASE Atoms."""
        return self.film.atoms(int(self.frame.value))

    def _label(self) -> str:
        run = self.film.trajectory
        row = int(self.film.rows[int(self.frame.value)])
        words = f"<b>{self.film.first.get_chemical_formula()}</b>, {float(run.times[row]):.2f} ps"
        if run.temperatures is not None:
            words += f", {float(np.asarray(run.temperatures)[row]):.0f} K"
        return words

    def _paths(self) -> list[list[Any]]:
        """The trails as cylinders, the newest parts full in colour."""
        if not self.trails.value:
            return []
        shapes = []
        for index, path in enumerate(self.film.trails(int(self.frame.value))):
            full = np.array(_rgb(PALETTE[index % len(PALETTE)]))
            places = np.round(path, 2)
            for place, (start, end) in enumerate(itertools.pairwise(places)):
                if np.array_equal(start, end):
                    continue
                fade = 0.75 * (1 - (place + 1) / (len(places) - 1))
                color = np.round(full + (1 - full) * fade, 2).tolist()
                shapes.append(["cylinder", start.tolist(), end.tolist(), color, 0.12])
        return shapes

    def _draw(self) -> None:
        self.viewer.label.value = self._label()
        places = np.round(self.film.positions(int(self.frame.value)), 3).ravel().tolist()
        known = ", ".join(json.dumps(part) for part in (places, self._paths()))
        moved = self.viewer._message(_MOVE % known)

        def send(widget: Any) -> None:
            widget.send(self._opening)
            widget.send(moved)

        send._method_name = "executeCode"  # type: ignore[attr-defined]
        send._ngl_msg = moved  # type: ignore[attr-defined]
        ngl = self.viewer.ngl
        ngl._ngl_displayed_callbacks_before_loaded[:] = [send]
        if not self.play.playing:  # for pages that open later; a film would send everything twice
            ngl._ngl_msg_archive = [self._opening, moved]
        if ngl.loaded:
            ngl.send(moved)


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return red, green, blue
