"""A neighbourhood to turn, renumber and disturb. Private: see `matlearn.potentials.widgets`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw
import numpy as np
from ase import Atoms
from matplotlib.figure import Figure

from matlearn._widgets.picture import Picture
from matlearn.plotting import describe
from matlearn.potentials._figures.descriptors import SIZE, invariants_page, relative_scalars
from matlearn.potentials._figures.progress import as_png

if TYPE_CHECKING:
    from matlearn.potentials.moment_tensors import MTP

_LONG = {"description_width": "110px"}
_WRAP = ipw.Layout(flex_flow="row wrap", align_items="center", grid_gap="6px")


class DescriptorExplorer(ipw.VBox):
    """An atom, its neighbours, and what a potential sees of them.

    Attributes
    ----------
    about_x, about_z : ipywidgets.FloatSlider
        Turns, degrees.
    move : ipywidgets.FloatSlider
        How far one neighbour is pushed sideways, A.
    mirror : ipywidgets.ToggleButton
        The mirror image.
    renumber, reset : ipywidgets.Button
        Gives the neighbours other numbers; goes back to the beginning.
    atoms : ase.Atoms
        What is shown.
    largest_change : float
        Of a basis function, relative to what it was.
    status, picture
        That in words; what is drawn.
    """

    def __init__(self, mtp: MTP, atoms: Atoms, centre: int) -> None:
        self._mtp, self._start, self._centre = mtp, atoms, centre
        self._random = np.random.default_rng(0)
        self._order = np.arange(len(atoms))
        self._lock, self._held = threading.RLock(), False
        self.about_x = self._slider("Turn about x (°)", 0, 360, 5.0)
        self.about_z = self._slider("Turn about z (°)", 0, 360, 5.0)
        self.move = self._slider("Push one (Å)", -0.6, 0.6, 0.05)
        self.about_z.add_class("matlearn-turn")
        self.move.add_class("matlearn-push")
        self.mirror = ipw.ToggleButton(description="Mirror image", icon="exchange")
        self.mirror.observe(self._on_change, "value")
        self.renumber = ipw.Button(description="Renumber atoms", icon="random")
        self.renumber.on_click(lambda _button: self._renumber())
        self.reset = ipw.Button(description="From the start", icon="undo")
        self.reset.on_click(lambda _button: self._reset())
        self.status = ipw.HTML(layout=ipw.Layout(margin="0 8px", min_height="24px"))
        self.status.add_class("matlearn-status")
        self.picture = Picture(width=int(80 * SIZE[0]))
        self.picture.add_class("matlearn-descriptors")
        super().__init__([
            ipw.HBox([self.about_x, self.about_z, self.move], layout=_WRAP),
            ipw.HBox([self.renumber, self.mirror, self.reset], layout=_WRAP),
            self.status, self.picture,
        ])  # fmt: skip
        self.add_class("matlearn-descriptor-explorer")
        self._draw()

    @property
    def atoms(self) -> Atoms:
        """The neighbourhood as the controls make it."""
        atoms = self._start.copy()
        middle = atoms.positions[self._centre].copy()
        pushed = 1 if self._centre == 0 else 0
        bond = atoms.positions[pushed] - middle
        across = np.cross(bond, np.eye(3)[np.abs(bond).argmin()])
        atoms.positions[pushed] += self.move.value * across / np.linalg.norm(across)
        atoms.rotate(self.about_x.value, "x", center=middle)
        atoms.rotate(self.about_z.value, "z", center=middle)
        if self.mirror.value:
            atoms.positions[:, 0] = 2 * middle[0] - atoms.positions[:, 0]
        return atoms[self._order]

    @property
    def largest_change(self) -> float:
        """Largest change of a basis function, relative to what it was."""
        ratio = relative_scalars(self._mtp, self._start, self.atoms, self._centre)
        return float(np.abs(ratio - 1).max())

    def _slider(self, name: str, low: float, high: float, step: float) -> Any:
        slider = ipw.FloatSlider(
            value=0.0, min=low, max=high, step=step, description=name, style=_LONG,
            layout=ipw.Layout(width="330px"),
        )  # fmt: skip
        slider.observe(self._on_change, "value")
        return slider

    def _renumber(self) -> None:
        others = np.delete(np.arange(len(self._order)), self._centre)
        self._order[others] = self._random.permutation(self._order[others])
        self._draw()

    def _reset(self) -> None:
        self._held = True
        self.about_x.value = self.about_z.value = self.move.value = 0.0
        self.mirror.value = False
        self._order = np.arange(len(self._start))
        self._held = False
        self._draw()

    def _on_change(self, _change: Any) -> None:
        if not self._held:
            self._draw()

    def _draw(self) -> None:
        with self._lock:
            figure = Figure(figsize=SIZE, layout="constrained")
            ax = invariants_page(figure, self._mtp, self._start, self.atoms, self._centre)
            self.picture.data, self.picture.alt = as_png(figure), describe(ax)
            change = self.largest_change
            said = "none has changed" if change < 1e-9 else f"changed by up to {100 * change:.2g} %"
            self.status.value = f"Basis functions: {said} (largest relative change {change:.0e})"
