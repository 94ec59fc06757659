"""Convex hulls on axes: a line for two elements, a triangle for three.

Private: :func:`matlearn.search.plots.convex_hull` is the way in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, axis_label, describe, new_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from .hull import Hull


def draw_hulls(hulls: Mapping[str, Hull], *, labels: bool, ax: Axes | None) -> Axes:
    """Draw hulls of the same two or three elements."""
    elements = tuple(next(iter(hulls.values())).elements)
    frames = {name: hull.to_frame() for name, hull in hulls.items()}
    if len(elements) == 2:
        ax = _lines(frames, elements, labels=labels, ax=ax)
    else:
        ax = _triangle(frames, elements, labels=labels, ax=ax)
    stable = [
        f"{name or 'stable'}: {', '.join(map(str, frame.loc[frame['stable'], 'label']))}"
        for name, frame in frames.items()
    ]
    describe(ax, f"Convex hull of {' and '.join(elements)}. On the hull: {'; '.join(stable)}.")
    return ax


def subscripts(label: str) -> str:
    """Return a label with its numbers as subscripts where it is a formula."""
    if re.fullmatch(r"(?:[A-Z][a-z]?\d*)+", label):
        return re.sub(r"(\d+)", r"$_{\1}$", label)
    return label


def _places(frame: pd.DataFrame, x: str) -> list[tuple[float, float]]:
    return [(float(a), float(b)) for a, b in zip(frame[x], frame["formation_energy"], strict=True)]


def _gathered(frame: pd.DataFrame, x: str) -> dict[tuple[float, float], list[str]]:
    """Labels by place; phases too close for labels of their own share that of the lowest."""
    gathered: dict[tuple[float, float], list[str]] = {}
    room = 0.06 * max(float(np.ptp(frame["formation_energy"])), 1e-3)
    frame = frame.sort_values("formation_energy")
    for place, label in zip(_places(frame, x), frame["label"], strict=True):
        near = [p for p in gathered if abs(p[0] - place[0]) < 0.01 and place[1] - p[1] < room]
        gathered.setdefault(near[0] if near else place, []).append(subscripts(str(label)))
    return gathered


def _lines(
    frames: Mapping[str, pd.DataFrame], elements: tuple[str, ...], *, labels: bool, ax: Axes | None
) -> Axes:
    ax = new_axes(ax)
    x = f"x_{elements[1]}"
    for index, (name, frame) in enumerate(frames.items()):
        color, marker = PALETTE[index % len(PALETTE)], MARKERS[index % len(MARKERS)]
        stable = frame[frame["stable"]].sort_values(x)
        others = frame[~frame["stable"]]
        ax.plot(stable[x], stable["formation_energy"], color=color, marker=marker, markersize=9,
                label=name or "stable")  # fmt: skip
        if len(others):
            ax.scatter(others[x], others["formation_energy"], s=60, marker=marker,
                       facecolor="white", edgecolor=color, linewidth=1.8, zorder=3,
                       label=None if name else "above the hull")  # fmt: skip
        if labels and index == 0:  # the phases of the others stand at the same compositions
            for place, names in _gathered(frame, x).items():
                side = -1 if place[1] < -1e-6 and place in set(_places(stable, x)) else 1
                ax.annotate(
                    ", ".join(names), place, fontsize=11, xytext=(0, 9 * side),
                    textcoords="offset points", va="bottom" if side > 0 else "top",
                    ha="right" if place[0] == 1 and len(names) > 1 else "center",
                )  # fmt: skip
    ax.axhline(0, color="0.4", linewidth=0.8, zorder=0)
    ax.set(xlabel=f"Fraction of {elements[1]}", ylabel=axis_label("formation_energy"))
    ax.margins(x=0.08, y=0.16)
    if list(frames) == [""]:
        ax.legend(fontsize=11)
    else:  # above the axes, where no line of any hull can be hidden by it
        ax.legend(
            fontsize=11, title="filled: on the hull, open: above it", title_fontsize=10,
            loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=min(3, len(frames)), frameon=False,
        )  # fmt: skip
    return ax


def _triangle(
    frames: Mapping[str, pd.DataFrame], elements: tuple[str, ...], *, labels: bool, ax: Axes | None
) -> Axes:
    ax = new_axes(ax, size=(6.4, 5.2))
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])
    ax.plot(*np.vstack([corners, corners[:1]]).T, color="0.3", linewidth=1.2, zorder=0)
    lowest = min(frame["formation_energy"].min() for frame in frames.values()) or -1.0
    points = None
    for index, (name, frame) in enumerate(frames.items()):
        places = frame[[f"x_{element}" for element in elements]].to_numpy(dtype=float) @ corners
        marker = MARKERS[index % len(MARKERS)]
        stable = frame["stable"].to_numpy(dtype=bool)
        for chosen, size, edge in ((stable, 150, "black"), (~stable, 60, "0.6")):
            if not chosen.any():
                continue
            points = ax.scatter(
                places[chosen, 0], places[chosen, 1], c=frame["formation_energy"].to_numpy()[chosen], s=size,
                marker=marker, cmap="cividis", vmin=lowest, vmax=0.0, edgecolor=edge,
                linewidth=1.2, label=f"{name} stable" if edge == "black" and name else None,
            )  # fmt: skip
        if labels and index == 0:
            for place, label, on_hull in zip(places, frame["label"], stable, strict=True):
                if on_hull:
                    ax.annotate(subscripts(str(label)), place, xytext=(0, 10), ha="center",
                                textcoords="offset points", fontsize=11)  # fmt: skip
    if points is not None:
        ax.figure.colorbar(points, ax=ax, label=axis_label("formation_energy"))
    if list(frames) != [""]:
        ax.legend(loc="upper left")
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.margins(0.12)
    return ax
