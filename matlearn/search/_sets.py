"""Several searches in one plot, with filters. Private: see :mod:`matlearn.search.widgets`."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
import pandas as pd

from matlearn._widgets.explorer import Explorer

ALL = "all"


class SetExplorer(Explorer):
    """An explorer of several sets.

    Attributes
    ----------
    set_filter, motif_filter : ipywidgets.Dropdown
        Which set, which motif is drawn.
    absolute : ipywidgets.Checkbox
        Energies as computed instead of above the lowest of each set.
    """

    def __init__(self, frame: pd.DataFrame, names: list[str]) -> None:
        counts = frame["motif"].value_counts()
        motifs = [(f"{name} ({count})", name) for name, count in counts.items()]
        choose = {"layout": ipw.Layout(width="auto"), "style": {"description_width": "initial"}}
        self.set_filter = ipw.Dropdown(options=[ALL, *names], description="Set", **choose)
        self.motif_filter = ipw.Dropdown(
            options=[(f"{ALL} ({len(frame)})", ALL), *motifs], description="Motif", **choose
        )
        self.absolute = ipw.Checkbox(
            description="energies as computed", indent=False, layout=ipw.Layout(width="auto")
        )
        one = len(names) == 1
        self._details = ["space_group", *(["motif"] if len(counts) > 1 else []), "set"]
        filters = [] if one else [self.set_filter]
        filters += [self.motif_filter] if len(counts) > 1 else []
        super().__init__(
            frame, "volume_per_atom", "relative_energy",
            color="motif" if one else "set", groups=None if one else names,
            controls=[*filters, self.absolute],
        )  # fmt: skip
        for control in (self.set_filter, self.motif_filter, self.absolute):
            control.observe(self._on_filter, "value")

    def _on_filter(self, _change: dict[str, Any]) -> None:
        visible = pd.Series(True, index=self.frame.index)
        if self.set_filter.value != ALL:
            visible &= self.frame["set"] == self.set_filter.value
        if self.motif_filter.value != ALL:
            visible &= self.frame["motif"] == self.motif_filter.value
        self.update(
            visible=visible,
            y="energy_per_atom" if self.absolute.value else "relative_energy",
        )

    def _values(self, row: int) -> list[str]:
        columns = [name for name in self._details if name in self.frame]
        extra = [f"{name.replace('_', ' ')}: {self.frame[name].iloc[row]}" for name in columns]
        return [value for value in [*super()._values(row)[:2], *extra] if not value.endswith(": ")]
