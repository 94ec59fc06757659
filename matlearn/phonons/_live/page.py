"""What the page does by itself: it moves the atoms of a viewer. Private: see `mode_board`."""

from __future__ import annotations

import json
from typing import Any

_MOVE = """
((view, base, along, across, arrows, seconds, plays, size) => {
  const turn = view._matlearn_move = (view._matlearn_move || 0) + 1;
  const begin = performance.now();
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const places = new Float32Array(base.length);
  let drawn = false;
  const step = left => {
    if (turn !== view._matlearn_move || !left) return;  // another mode is shown
    if (!view.el.isConnected) { setTimeout(() => step(left - 1), 1000); return; }
    const atoms = view.stage.compList.find(
      component => component.type === "structure" && component.reprList.length);
    if (!atoms) { setTimeout(() => step(left - 1), 100); return; }
    const moving = plays && !calm;
    const phase = moving ? 2 * Math.PI * (performance.now() - begin) / (1000 * seconds) : 0;
    const cos = size * Math.cos(phase), sin = size * Math.sin(phase);
    for (let k = 0; k < base.length; k++) places[k] = base[k] + cos * along[k] + sin * across[k];
    atoms.structure.updatePosition(places);
    atoms.updateRepresentations({position: true});
    if (!drawn) {
      drawn = true;
      const old = view.stage.compList.filter(component => component.name === "arrows");
      if (arrows.length) view.addShape("arrows", arrows);
      old.forEach(component => view.stage.removeComponent(component));
    }
    view.el.setAttribute("data-phase", phase.toFixed(2));
    if (moving) setTimeout(() => requestAnimationFrame(() => step(600)), 30);
  };
  step(600);
})(this, %s);
"""


def moving(
    parts: list[list[float]], arrows: list[Any], *, seconds: float, plays: bool, size: float,
) -> str:  # fmt: skip
    """Write what lets the atoms of a viewer move from now on.

    Parameters
    ----------
    parts
        Where atoms are at rest, and the two parts of how they go (A), flat.
    arrows
        Shapes of NGL.
    seconds
        That one period takes.
    plays
        Whether they move, or stay where they are farthest away.
    size
        Factor of the way.
    """
    known = [*parts, arrows, seconds, plays, size]
    return _MOVE % ", ".join(json.dumps(part) for part in known)
