"""The structure viewer: nglview behind a box of fixed size, with a label and a legend.

Private: :mod:`matlearn.widgets` is the way in. nglview's own way of replacing a structure takes
several messages, waits for each answer in a thread and keeps a record of everything ever shown.
Here one message loads the new structure and then drops the old one: nothing flickers, nothing
piles up however often a reader clicks, and a view that is opened later gets the last structure.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import Any

import ipywidgets as ipw
import numpy as np

from .drawing import cell_edges, check_supercell, displayed, element_colors, pdb_text
from .nglview import import_nglview

_SHOW = """
(async (view, pdb, edges, centre, radius, paint, keep) => {
  const box = view.el.closest(".matlearn-explore") || view.el;
  for (const control of box.querySelectorAll("select, input, button")) {
    control.setAttribute("data-lm-suppress-shortcuts", "true");  // their keys, not JupyterLab's
  }
  const turn = view._matlearn_turn = (view._matlearn_turn || 0) + 1;
  const file = new Blob([pdb], {type: "text/plain"});
  const fresh = await view.stage.loadFile(
    file, {ext: "pdb", defaultRepresentation: false, inferBonds: "none"});
  if (turn !== view._matlearn_turn) { view.stage.removeComponent(fresh); return; }
  const old = view.stage.compList.filter(component => component !== fresh);
  for (const some of paint) {  // by element, or groups of atoms in a colour each
    fresh.addRepresentation("spacefill", {radiusType: "covalent", radiusScale: 0.5, ...some});
  }
  fresh.addRepresentation("licorice", {radiusSize: 0.13, multipleBond: "off"});
  if (edges.length) view.addShape("cell", edges);
  old.forEach(component => view.stage.removeComponent(component));
  view.handleResize();
  const controls = view.stage.viewerControls;
  if (!view._matlearn_turned) {  // the third axis up, seen a little from above and the side
    view._matlearn_turned = true;
    controls.spin([1, 0, 0], -1.35);
    controls.spin([0, 0, 1], 0.4);
  }
  if (keep) return;
  view.stage.setParameters({clipDist: 0.01, fogNear: 60, fogFar: 200});
  controls.center(centre);
  controls.distance(radius / Math.sin(view.stage.getParameters().cameraFov * Math.PI / 360));
})(this, %s);
"""


class Viewer(ipw.VBox):
    """A structure, or a series of them, turning in three dimensions.

    Attributes
    ----------
    label : ipywidgets.HTML
        The line above the picture.
    legend : ipywidgets.HTML
        The elements and their colours.
    ngl : nglview.NGLWidget
        The picture itself.
    frame : ipywidgets.IntSlider
        Which of several structures is shown; hidden for a single one.
    atoms : ase.Atoms
        What is drawn now, repeats included.
    """

    def __init__(
        self,
        structures: Sequence[Any] = (),
        *,
        supercell: tuple[int, int, int] = (1, 1, 1),
        label: str = "",
        height: int = 380,
    ) -> None:
        self._supercell = check_supercell(supercell)
        self._structures = list(structures)
        self.label = ipw.HTML(layout=ipw.Layout(margin="0 4px", min_height="24px"))
        self.label.add_class("matlearn-label")
        self.legend = ipw.HTML(layout=ipw.Layout(margin="0 4px", min_height="24px"))
        self.legend.add_class("matlearn-legend")
        self.ngl = import_nglview().NGLWidget(width="100%", height=f"{height}px")
        self.ngl.layout = ipw.Layout(width="100%", height=f"{height}px")
        # nglview tells Python about a component that another view dropped; we keep no such list
        self.ngl._handle_remove_component = lambda: None
        picture = ipw.Box(
            [self.ngl],
            layout=ipw.Layout(width="100%", height=f"{height + 2}px", border="1px solid #bbbbbb",
                              overflow="hidden"),
        )  # fmt: skip
        picture.add_class("matlearn-picture")
        self.frame = ipw.IntSlider(
            min=0, max=max(len(self._structures) - 1, 0), description="Frame",
            continuous_update=True, layout=ipw.Layout(width="100%"),
        )  # fmt: skip
        several = len(self._structures) > 1
        self.frame.layout.display = None if several else "none"
        self.frame.observe(self._on_frame, "value")
        super().__init__(
            [self.label, picture, self.legend, self.frame],
            layout=ipw.Layout(width="420px", max_width="100%"),
        )
        self.add_class("matlearn-viewer")
        self.atoms: Any = None
        if self._structures:
            self.show(self._structures[0], label=label)

    def show(
        self,
        structure: Any,
        *,
        label: str = "",
        keep_camera: bool = False,
        paint: Sequence[tuple[str, str, Sequence[int]]] = (),
    ) -> None:
        """Show another structure.

        Parameters
        ----------
        structure : ase.Atoms or pymatgen Structure
            What to show.
        label : str
            The line above the picture; the formula where it is left out.
        keep_camera : bool
            Keep direction and distance instead of fitting the picture to the structure.
        paint : sequence of (str, str, sequence of int)
            Name, colour and atoms of each group; by element where it is left out.
        """
        self.atoms = displayed(structure, self._supercell)
        self.label.value = label or f"<b>{html.escape(self.atoms.get_chemical_formula())}</b>"
        self.legend.value = " ".join(
            '<span style="display: inline-block; width: 0.9em; height: 0.9em; border-radius: 50%; '
            f"border: 1px solid #888888; vertical-align: -0.1em; background: {color}; "
            f'margin-right: 0.35em"></span><span style="margin-right: 0.7em">{name}</span>'
            for name, color in (
                [(html.escape(name), color) for name, color, _ in paint]
                or element_colors(self.atoms).items()
            )
        )
        self._render(keep_camera, paint)

    def _render(
        self, keep_camera: bool, paint: Sequence[tuple[str, str, Sequence[int]]] = ()
    ) -> None:
        edges = [
            ["cylinder", start, end, [0.4, 0.4, 0.4], 0.035]
            for start, end in cell_edges(self.atoms)
        ]
        points = np.vstack([self.atoms.positions, *(np.array(edge[1:3]) for edge in edges)])
        centre = (points.min(axis=0) + points.max(axis=0)) / 2
        radius = float(np.linalg.norm(points - centre, axis=1).max()) + 0.8
        place = dict(zip("xyz", centre.tolist(), strict=True))
        groups = [
            {"sele": "@" + ",".join(map(str, atoms)), "color": color} for _, color, atoms in paint
        ]
        parts = (pdb_text(self.atoms), edges, place, radius, groups or [{}])
        known = [json.dumps(part) for part in parts]
        fresh_view = self._message(_SHOW % ", ".join([*known, "false"]))

        def send(widget: Any) -> None:
            widget.send(fresh_view)

        send._method_name = "executeCode"  # type: ignore[attr-defined]
        send._ngl_msg = fresh_view  # type: ignore[attr-defined]
        # a view that opens from now on starts here; a saved page too
        self.ngl._ngl_displayed_callbacks_before_loaded[:] = [send]
        self.ngl._ngl_msg_archive = [fresh_view]
        if self.ngl.loaded:
            self.ngl.send(self._message(_SHOW % ", ".join([*known, json.dumps(keep_camera)])))

    def _message(self, code: str) -> dict[str, Any]:
        return self.ngl._get_remote_call_msg("executeCode", target="Widget", args=[code])

    def _on_frame(self, change: dict[str, Any]) -> None:
        self.show(self._structures[change["new"]], keep_camera=True)
