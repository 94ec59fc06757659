"""The samples most like one in their features: what a model could go by. Private."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np


class Neighbourhood:
    """Distances between samples in scaled features.

    Parameters
    ----------
    inputs : frame or (n, p) array
        Features; each is brought to a standard deviation of 1, as the models do.
    """

    def __init__(self, inputs: Any) -> None:
        values = inputs.to_numpy(dtype=float) if hasattr(inputs, "to_numpy") else inputs
        values = np.asarray(values, dtype=float)
        spread = values.std(axis=0)
        self._values = (values[:, spread > 0] - values.mean(axis=0)[spread > 0]) / spread[
            spread > 0
        ]

    def nearest(self, position: int, among: int, count: int = 6) -> list[tuple[int, float]]:
        """Give the nearest of the first `among` samples, and their distances.

        Parameters
        ----------
        position : int
            Of the sample in question, which is left out.
        among : int
            Only the first so many samples count.
        count : int
            How many.
        """
        distance = np.linalg.norm(self._values[:among] - self._values[position], axis=1)
        order = [int(i) for i in np.argsort(distance, kind="stable") if i != position]
        return [(i, float(distance[i])) for i in order[:count]]


def table(rows: Sequence[Sequence[str]], head: Sequence[str], *, strong: int | None = None) -> str:
    """Write an HTML table.

    Parameters
    ----------
    rows : sequence of sequences of str
        Cells.
    head : sequence of str
        Titles of the columns.
    strong : int, optional
        Number of the row that is set bold.
    """
    cell = '<td style="padding: 1px 12px 1px 0; white-space: nowrap">'
    title = '<th style="text-align: left; padding: 1px 12px 1px 0; white-space: nowrap">'
    lines = ["<tr>" + "".join(f"{title}{html.escape(name)}</th>" for name in head) + "</tr>"]
    for number, row in enumerate(rows):
        style = ' style="font-weight: bold"' if number == strong else ""
        cells = "".join(f"{cell}{html.escape(text)}</td>" for text in row)
        lines.append(f"<tr{style}>{cells}</tr>")
    return f'<table style="line-height: 1.4">{"".join(lines)}</table>'
