"""A crystal drawn as a graph: nodes, edges, and what a network says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.regression.graph_networks import CrystalGraph

_VIEW = np.deg2rad([-72.0, 24.0])
"""Turns about x and then about the upright of the picture: nothing hides behind anything else."""
_HOME, _IMAGE = 620.0, 300.0
"""Sizes of an atom of the cell and of its images."""


def crystal_graph(
    graph: CrystalGraph,
    *,
    longest: float | None = None,
    atom_values: Sequence[float] | None = None,
    edge_values: Sequence[float] | None = None,
    label: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the graph of a crystal: its cell, the atoms in it, and their edges.

    Atoms of the cell are large; images of them in other cells, to which edges lead, are small and
    pale. The crystal is seen from the front, a little from above and from the right.

    Parameters
    ----------
    graph
        What `matlearn.regression.graph` makes of a structure.
    longest
        Draw edges up to this length (A) only; all of them where it is left out.
    atom_values
        One for each atom, written beside it, such as the guesses of
        `CrystalGraphNetwork.atom_contributions`.
    edge_values
        One for each edge, by which it is coloured, such as a layer of
        `CrystalGraphNetwork.edge_gates`; the distance (A) where it is left out.
    label
        What `edge_values` are, for the colour bar.
    ax
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the values are not as many as the atoms or edges, or no edge is short enough.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.regression import graph
    >>> rocksalt = graph(bulk("NaCl", "rocksalt", a=5.64, cubic=True), max_neighbours=6)
    >>> len(crystal_graph(rocksalt).texts)
    8
    """
    edge = _one_each(edge_values, len(graph.distances), "edge_values", "edges")
    atom = _one_each(atom_values, len(graph.numbers), "atom_values", "atoms")
    shown = np.arange(len(graph.distances))
    if longest is not None:
        shown = np.flatnonzero(graph.distances <= longest)
        if len(shown) == 0:
            raise ValueError(
                f"longest must be at least the shortest edge, {graph.distances.min():.2f} A, "
                f"got {longest:g}"
            )
    ax = new_axes(ax, size=(7.0, 5.6))
    _draw_cell(ax, graph)
    values = graph.distances if edge is None else edge
    _draw_edges(ax, graph, shown, values, label or ("" if edge is not None else "Distance (Å)"))
    colors = _colors(graph.symbols)
    _draw_images(ax, graph, shown, colors)
    home = _seen(graph.positions)
    paint = [colors[symbol] for symbol in graph.symbols]
    ax.scatter(home[:, 0], home[:, 1], s=_HOME, color=paint, edgecolor="black", zorder=5)
    for number, symbol in enumerate(graph.symbols):
        dark = colors[symbol] in (PALETTE[0], PALETTE[7], PALETTE[5])
        ax.text(
            home[number, 0], home[number, 1], symbol, ha="center", va="center", zorder=6, fontsize=12,
            color="white" if dark else "black",
        )  # fmt: skip
        if atom is not None:
            ax.annotate(
                f"{atom[number]:.4g}", (home[number, 0], home[number, 1]), xytext=(16, 12), zorder=7,
                textcoords="offset points", fontsize=12,
                bbox={"boxstyle": "round,pad=0.15", "color": "white", "alpha": 0.8},
            )  # fmt: skip
    ax.set_aspect("equal")
    ax.axis("off")
    ax.margins(0.08)
    describe(ax, _told(graph, shown, values, atom))
    return ax


def _one_each(
    values: Sequence[float] | None, n: int, argument: str, things: str
) -> np.ndarray | None:
    if values is None:
        return None
    array = np.asarray(values, dtype=float)
    if array.shape != (n,):
        raise ValueError(f"{argument} must have one for each of the {n} {things}, got {len(array)}")
    return array


def _seen(points: np.ndarray) -> np.ndarray:
    """Turn points to where the reader sees them: right, up, towards the reader."""
    (cos_x, cos_y), (sin_x, sin_y) = np.cos(_VIEW), np.sin(_VIEW)
    about_x = np.array([[1, 0, 0], [0, cos_x, -sin_x], [0, sin_x, cos_x]])
    about_y = np.array([[cos_y, 0, sin_y], [0, 1, 0], [-sin_y, 0, cos_y]])
    turned: np.ndarray = points @ about_x.T @ about_y.T
    return turned


def _colors(symbols: Sequence[str]) -> dict[str, str]:
    from ase.data import atomic_numbers

    ordered = sorted(set(symbols), key=lambda symbol: atomic_numbers[symbol])
    return {symbol: PALETTE[index % len(PALETTE)] for index, symbol in enumerate(ordered)}


def _draw_cell(ax: Axes, graph: CrystalGraph) -> None:
    corners = np.array(list(np.ndindex(2, 2, 2)))
    for one in corners:
        for axis in range(3):
            if not one[axis]:
                other = one + np.eye(3, dtype=int)[axis]
                ends = _seen(np.array([one, other]) @ graph.cell)
                ax.plot(*ends[:, :2].T, color="0.6", linewidth=1, linestyle=(0, (4, 3)), zorder=1)


def _ends(graph: CrystalGraph, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    start = graph.positions[graph.centres[shown]]
    stop = graph.positions[graph.neighbours[shown]] + graph.images[shown] @ graph.cell
    return _seen(start), _seen(stop)


def _draw_edges(
    ax: Axes, graph: CrystalGraph, shown: np.ndarray, values: np.ndarray, label: str
) -> None:
    from matplotlib.collections import LineCollection

    start, stop = _ends(graph, shown)
    order = np.argsort(values[shown])[:: -1 if label.startswith("Distance") else 1]
    lines = LineCollection(
        list(np.stack([start[:, :2], stop[:, :2]], axis=1)[order]),
        array=values[shown][order], cmap="cividis", linewidths=2.2, alpha=0.9, zorder=2,
    )  # fmt: skip
    ax.add_collection(lines)
    if np.ptp(values[shown]) > 1e-3 * np.abs(values[shown]).max():
        ax.figure.colorbar(lines, ax=ax, label=label, shrink=0.75)


def _draw_images(ax: Axes, graph: CrystalGraph, shown: np.ndarray, colors: dict[str, str]) -> None:
    stop = _ends(graph, shown)[1]
    away = graph.images[shown].any(axis=1)
    _, first = np.unique(stop[away].round(3), axis=0, return_index=True)
    symbols = np.array(graph.symbols)[graph.neighbours[shown][away][first]]
    points = stop[away][first]
    ax.scatter(
        points[:, 0], points[:, 1], s=_IMAGE, color=[colors[symbol] for symbol in symbols],
        edgecolor="white", alpha=0.45, zorder=3,
    )  # fmt: skip


def _told(
    graph: CrystalGraph, shown: np.ndarray, values: np.ndarray, atom: np.ndarray | None
) -> str:
    drawn: Any = values[shown]
    text = (
        f"{graph.formula} as a graph: {len(graph.numbers)} atoms, {len(shown)} edges drawn, "
        f"coloured from {drawn.min():.3g} to {drawn.max():.3g}."
    )
    if atom is not None:
        said = (f"{s} {v:.4g}" for s, v in zip(graph.symbols, atom, strict=True))
        text += " Atoms: " + ", ".join(said) + "."
    return text
