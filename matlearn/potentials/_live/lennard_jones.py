"""Sigma and epsilon by slider. Private: see :mod:`matlearn.potentials.widgets`."""

from __future__ import annotations

import threading
from typing import Any

import ipywidgets as ipw
import numpy as np
from ase import Atoms
from matplotlib.figure import Figure

from matlearn._widgets.picture import Picture
from matlearn.plotting import describe
from matlearn.potentials._figures.pairs import energy_volume, pair_potential
from matlearn.potentials._figures.progress import as_png
from matlearn.potentials._lennard_jones.sums import energies, pair_sums
from matlearn.potentials.lennard_jones import LennardJones, fit_lennard_jones

SIZE = (11.5, 4.8)
_LONG = {"description_width": "90px"}
_WRAP = ipw.Layout(flex_flow="row wrap", align_items="center", grid_gap="6px")


class LennardJonesBoard(ipw.VBox):
    """The two parameters, the pair potential and the energies they give.

    Attributes
    ----------
    sigma, epsilon : ipywidgets.FloatSlider
        A, and meV.
    button : ipywidgets.Button
        Puts both to where least squares has them.
    potential : LennardJones
        With the values of the sliders.
    rms : float
        RMS error of the energies, eV/atom.
    status, picture
        The error in words; what is drawn.
    """

    def __init__(self, images: list[Atoms], start: tuple[float, float], cutoff: float) -> None:
        self._images, self._cutoff = images, cutoff
        self._fit = fit_lennard_jones(images, cutoff=cutoff)
        sizes = np.array([len(atoms) for atoms in images])
        self._reference = np.array([a.calc.results["energy"] for a in images]) / sizes
        self._sums = np.array([pair_sums(a, cutoff) for a in images]) / sizes[:, None]
        self._lock = threading.RLock()
        self._held = False
        best = self._fit
        self.sigma = self._slider("σ (Å)", start[0], best.sigma, 0.005, ".3f")
        self.epsilon = self._slider("ε (meV)", 1000 * start[1], 1000 * best.epsilon, 0.02, ".2f")
        self.sigma.add_class("matlearn-sigma")
        self.button = ipw.Button(description="Least squares", icon="magic")
        self.button.on_click(lambda _button: self._to_best())
        self.status = ipw.HTML(layout=ipw.Layout(margin="0 8px", min_height="24px"))
        self.status.add_class("matlearn-status")
        self.picture = Picture(width=int(80 * SIZE[0]))
        self.picture.add_class("matlearn-fit")
        super().__init__([ipw.HBox([self.sigma, self.epsilon, self.button], layout=_WRAP),
                          self.status, self.picture])  # fmt: skip
        self.add_class("matlearn-lennard-jones")
        self._draw()

    @property
    def potential(self) -> LennardJones:
        """The potential that the sliders make."""
        return LennardJones(self.sigma.value, self.epsilon.value / 1000, self._cutoff)

    @property
    def rms(self) -> float:
        """RMS error of the energies, eV/atom."""
        one = self.potential
        error = energies(self._sums, one.sigma, one.epsilon) - self._reference
        return float(np.sqrt(np.mean(error**2)))

    def _slider(self, name: str, value: float, best: float, step: float, form: str) -> Any:
        slider = ipw.FloatSlider(
            value=value, min=min(0.7 * best, value), max=max(1.3 * best, value), step=step,
            description=name, style=_LONG, readout_format=form, layout=ipw.Layout(width="380px"),
        )  # fmt: skip
        slider.observe(self._on_slider, "value")
        return slider

    def _on_slider(self, _change: Any) -> None:
        if not self._held:
            self._draw()

    def _to_best(self) -> None:
        self._held = True
        self.sigma.value, self.epsilon.value = self._fit.sigma, 1000 * self._fit.epsilon
        self._held = False
        self._draw()

    def _draw(self) -> None:
        with self._lock:
            one, figure = self.potential, Figure(figsize=SIZE, layout="constrained")
            left, right = figure.subplots(1, 2, width_ratios=(2, 3))
            ends = (0.85 * self._fit.sigma, 2.4 * self._fit.sigma)
            pair_potential(one, distances=ends, ax=left)
            left.set_ylim(-1.6 * self._fit.epsilon * 1000, 2.4 * self._fit.epsilon * 1000)
            energy_volume(self._images, one, ax=right)
            self.picture.data = as_png(figure)
            self.picture.alt = describe(left)
            best = self._fit.train.errors["energy_per_atom"].rms
            self.status.value = (
                f"RMS error {1000 * self.rms:.2f} meV/atom (the least that two parameters reach: "
                f"{1000 * best:.2f})"
            )
