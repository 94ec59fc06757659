"""Fits to compare by slider. Private: see :mod:`matlearn.lattice.widgets`."""

from __future__ import annotations

import html
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw
import pandas as pd
from matplotlib.figure import Figure

from matlearn._widgets.picture import Picture
from matlearn.lattice._figures.overview import as_png, fit_overview
from matlearn.lattice.fitting import fit_cluster_expansion
from matlearn.plotting import describe

if TYPE_CHECKING:
    from matlearn.lattice._fits.result import ClusterExpansionFit

ORDERS = ("Pairs", "Triplets", "Quadruplets", "Quintuplets")
SIZE = (11.0, 8.2)
_LONG = {"description_width": "150px"}


class FitExplorer(ipw.VBox):
    """Cut-offs and method, and what the fit with them looks like.

    Attributes
    ----------
    cutoffs : list of ipywidgets.SelectionSlider
        Cut-off of pairs, of triplets, ... (Å); 0 stands for none.
    method : ipywidgets.Dropdown
        Method of the fit.
    fit : ClusterExpansionFit or None
        The fit with these settings; None where it is not possible.
    fits : dict
        All fits made so far, by cut-offs and method: each is made once.
    picture : matlearn._widgets.picture.Picture
        What is drawn of it.
    status : ipywidgets.HTML
        Parameters, structures and errors in words, or why there is no fit.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        choices: Sequence[Sequence[float]],
        methods: Sequence[str],
        options: dict[str, Any],
    ) -> None:
        self.frame = frame
        self.fit: ClusterExpansionFit | None = None
        self.fits: dict[tuple[tuple[float, ...], str], ClusterExpansionFit] = {}
        self._options = options
        self._lock = threading.RLock()
        self.cutoffs = [
            ipw.SelectionSlider(
                options=[("none" if not c else f"{c:.2f} Å", c) for c in values],
                value=values[len(values) // 2] if index == 0 else values[0],
                description=f"{ORDERS[index]} up to", style=_LONG, continuous_update=False,
                layout=ipw.Layout(width="360px"),
            )
            for index, values in enumerate(choices)
        ]  # fmt: skip
        self.method = ipw.Dropdown(
            options=list(methods), description="Method", style=_LONG,
            layout=ipw.Layout(width="360px"),
        )  # fmt: skip
        self.status = ipw.HTML(layout=ipw.Layout(margin="0 4px", min_height="44px"))
        self.status.add_class("matlearn-status")
        self.picture = Picture(width=int(80 * SIZE[0]))
        self.picture.add_class("matlearn-fit")
        wrap = ipw.Layout(flex_flow="row wrap", grid_gap="4px")
        super().__init__([ipw.HBox([*self.cutoffs, self.method], layout=wrap), self.status,
                          self.picture])  # fmt: skip
        self.add_class("matlearn-fits")
        for control in (*self.cutoffs, self.method):
            control.observe(self._on_change, "value")
        self._on_change()

    @property
    def chosen(self) -> tuple[float, ...]:
        """The cut-offs as the fit takes them: orders after the first without one are left out."""
        values: list[float] = []
        for slider in self.cutoffs:
            if not slider.value:
                break
            values.append(float(slider.value))
        return tuple(values)

    def to_frame(self) -> pd.DataFrame:
        """Return all fits made so far: ``cutoffs``, ``method``, sizes and errors (eV/atom)."""
        names = ("n_parameters", "n_nonzero", "rmse_train", "rmse_validation")
        return pd.DataFrame(
            [
                {"cutoffs": cutoffs, "method": method}
                | {name: getattr(fit, name) for name in names}
                for (cutoffs, method), fit in self.fits.items()
            ]
        )

    def _on_change(self, _change: Any = None) -> None:
        with self._lock:
            key = (self.chosen, str(self.method.value))
            try:
                fit = self.fits.pop(key, None)
                if fit is None:
                    self.status.value = "Fitting …"
                    fit = fit_cluster_expansion(
                        self.frame, list(key[0]), method=key[1], **self._options
                    )
            except ValueError as error:
                self.fit = None
                self.status.value = f"<b>No fit:</b> {html.escape(str(error))}"
                return
            self.fits[key] = self.fit = fit  # the last one made or looked at is the last one
            figure = Figure(figsize=SIZE, layout="constrained")
            ax = fit_overview(figure, self.frame, fit, self.to_frame(), list(self.method.options))
            self.picture.alt = describe(ax)
            self.picture.data = as_png(figure, dpi=110)
            self.status.value = in_words(fit)


def in_words(fit: ClusterExpansionFit) -> str:
    """Return size and errors of a fit in one sentence."""
    share = fit.n_structures / fit.n_parameters
    warning = "" if share >= 3 else f": <b>only {share:.1f} structures a parameter</b>"
    return (
        f"<b>{fit.n_parameters} parameters</b> ({fit.n_nonzero} not zero), "
        f"<b>{fit.n_structures} structures</b>{warning}. Error: "
        f"<b>{1000 * fit.rmse_validation:.2f} meV/atom</b> in validation, "
        f"{1000 * fit.rmse_train:.2f} in training."
    )
