"""A phase diagram as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

from .closings import Closing, closings
from .labels import as_frame, column_label, formula_label, is_model

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SOLUTION = "disordered"
"""What phases without long-range order are called, pure elements included."""

_SURE = ("crossing", "continuous")


def phase_diagram(
    diagram: Any,
    *,
    states: bool = False,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw temperature against composition: phases, and grey where two of them coexist.

    Ordered phases are coloured, the disordered one is white. A filled marker is a boundary that was
    passed, with its error; an open one is a bracket or an extrapolation. Dashed lines close what
    closes between two temperatures, somewhere: by eye.

    Parameters
    ----------
    diagram : PhaseDiagram
        What :func:`matlearn.lattice.phase_diagram` returns: ``tie_lines``, ``boundaries``,
        ``ground_states``, ``single_phase`` and ``species``.
    states : bool
        Draw also the simulated states in which each phase is stable, as dots.
    title : str, optional
        Written above the axes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no phase diagram, or has no boundary and no stable state.
    """
    import pandas as pd

    for name in ("tie_lines", "boundaries", "ground_states", "single_phase", "species"):
        if not hasattr(diagram, name):
            raise TypeError(
                f"diagram must be a PhaseDiagram, got {type(diagram).__name__} (it has no {name})"
            )
    stable = as_frame(diagram.single_phase, "diagram.single_phase", ["phase", "x", "stable"])
    stable = stable[stable["stable"].astype(bool)]
    boundaries = diagram.boundaries
    ground = diagram.ground_states
    pure = set(ground["phase"][(ground["concentration"] % 1.0) < 1e-6])  # ends of the solution
    zero = diagram.tie_lines[diagram.tie_lines["temperature"] == 0]
    lines = pd.concat([zero, boundaries[[c for c in zero if c in boundaries]]]).replace(
        {side: dict.fromkeys(pure, SOLUTION) for side in ("phase_left", "phase_right")}
    )
    phases = [phase for phase in [*ground["phase"], *stable["phase"]] if phase not in pure]
    phases = list(dict.fromkeys([SOLUTION, *phases]))
    if not len(stable) and not len(boundaries):
        raise ValueError("diagram has no boundary and no stable state")
    colors = _colors(phases)
    ax = new_axes(ax, size=(7.0, 5.4))
    for _, rows in lines.groupby(["phase_left", "phase_right"], sort=False):
        for piece in _pieces(rows, diagram.temperatures):
            _coexistence(ax, piece, colors)
    for phase in phases[1:]:
        for field in phase_fields(lines, phase, diagram.temperatures):
            t, low, high = field.T
            ax.fill_betweenx(t, low, high, color=colors[phase], alpha=0.15, linewidth=0, zorder=0.2)
    ends = closings(lines, diagram.temperatures, SOLUTION)
    for end in ends:
        _close(ax, end, colors)
    for side in ("left", "right"):
        for phase, rows in boundaries.groupby(f"phase_{side}", sort=False):
            _points(ax, rows, side, colors[phase], MARKERS[phases.index(phase) % len(MARKERS)])
    if states:
        for phase, rows in stable.groupby("phase"):
            ax.plot(rows["x"], rows["temperature"], ".", color=colors[phase], alpha=0.4,
                    markersize=4, zorder=1)  # fmt: skip
    for phase, x in zip(ground["phase"], ground["concentration"], strict=True):
        ax.plot(
            x,
            0,
            "D",
            color=colors[SOLUTION if phase in pure else phase],
            markersize=8,
            clip_on=False,
            zorder=5,
        )
    top = max([*diagram.temperatures, 0.0])
    tips = {end.phases[1]: end.tip for end in ends if end.tip > end.temperature}
    _name_phases(ax, stable, ground, colors, tips, top)
    temperature = column_label("temperature", model=is_model(diagram))[0]
    ax.set(xlabel=f"Fraction of {diagram.species[1]}", ylabel=temperature)
    ax.set(xlim=(0, 1), ylim=(0, 1.15 * top))
    ax.set_title(title or "")
    describe(ax, _in_words(diagram, phases))
    return ax


def _colors(phases: list[str]) -> dict[str, str]:
    ordered = [phase for phase in phases if phase != SOLUTION]
    paints = [color for color in PALETTE if color not in ("#000000", "#F0E442")]
    return {SOLUTION: "0.25"} | {phase: paints[k % len(paints)] for k, phase in enumerate(ordered)}


def _pieces(rows: pd.DataFrame, temperatures: Any) -> list[pd.DataFrame]:
    """Cut a boundary where a temperature is left out, or where it belongs to another place."""
    grid = [0.0, *sorted(temperatures)]
    rows = rows.sort_values(["temperature", "x_left"])
    pieces: list[list[int]] = []
    for position, (temperature, left, right) in enumerate(
        zip(rows["temperature"], rows["x_left"], rows["x_right"], strict=True)
    ):
        index = int(np.argmin(np.abs(np.array(grid) - temperature)))
        for piece in pieces:
            last = rows.iloc[piece[-1]]
            before = int(np.argmin(np.abs(np.array(grid) - last["temperature"])))
            near = left <= last["x_right"] + 0.1 and right >= last["x_left"] - 0.1
            if index == before + 1 and near:
                piece.append(position)
                break
        else:
            pieces.append([position])
    return [rows.iloc[piece] for piece in pieces]


def _coexistence(ax: Axes, rows: pd.DataFrame, colors: dict[str, str]) -> None:
    t, left, right = (rows[name].to_numpy() for name in ("temperature", "x_left", "x_right"))
    right = np.maximum(left, right)
    ax.fill_betweenx(t, left, right, color="0.91", linewidth=0, zorder=0)
    ax.hlines(t[t > 0], left[t > 0], right[t > 0], color="0.8", linewidth=0.7, zorder=0.5)
    for side, x in (("left", left), ("right", right)):
        color = colors[rows[f"phase_{side}"].iloc[0]]
        ax.plot(x, t, color=color, linewidth=1.8, zorder=2)


def phase_fields(lines: pd.DataFrame, phase: str, temperatures: Any) -> list[np.ndarray]:
    """Say from where to where an ordered phase is stable.

    Returns
    -------
    list of ndarray, shape (n, 3)
        Temperature, lowest and highest concentration; a new array where a temperature is left out.
    """
    fields: list[list[tuple[float, float, float]]] = [[]]
    for temperature in [0.0, *sorted(temperatures)]:
        here = lines[lines["temperature"] == temperature]
        low = here["x_right"][here["phase_right"] == phase]
        high = here["x_left"][here["phase_left"] == phase]
        if len(low) == len(high) == 1:
            fields[-1].append((temperature, float(low.iloc[0]), float(high.iloc[0])))
        elif fields[-1]:
            fields.append([])
    return [np.array(field) for field in fields if len(field) > 1]


def _close(ax: Axes, end: Closing, colors: dict[str, str]) -> None:
    """Draw how a field ends between two temperatures, dashed."""
    t, tip, (x, low, high, y) = end.temperature, end.tip, end.edges
    a, b, c = end.ends
    names = (end.phases[0], end.phases[1], end.phases[1], end.phases[2])
    for name, start, stop in zip(names, end.edges, (a, b, b, c), strict=True):
        ax.plot([start, stop], [t, tip], "--", color=colors[name], linewidth=1.4, zorder=2)
    gray: dict[str, Any] = {"color": "0.91", "linewidth": 0, "zorder": 0}
    ax.fill_betweenx([t, tip], [x, a], [low, b], **gray)
    ax.fill_betweenx([t, tip], [high, b], [y, c], **gray)
    if end.phases[1] != SOLUTION:
        ax.fill_betweenx([t, tip], [low, b], [high, b], color=colors[end.phases[1]], alpha=0.15,
                         linewidth=0, zorder=0.2)  # fmt: skip
    if end.beyond is not None:
        far, left, right = end.beyond
        ax.fill_betweenx([tip, far], [a, left], [c, right], **gray)
        ax.plot([a, c], [tip, tip], "--", color="0.5", linewidth=1.2, zorder=1)
        for name, start, stop in ((end.phases[0], a, left), (end.phases[2], c, right)):
            ax.plot([start, stop], [tip, far], "--", color=colors[name], linewidth=1.4, zorder=2)


def _points(ax: Axes, rows: pd.DataFrame, side: str, color: str, marker: str) -> None:
    sure = rows["kind"].isin(_SURE)
    for chosen, face in ((sure, color), (~sure, "white")):
        if chosen.any():
            ax.errorbar(
                rows[f"x_{side}"][chosen], rows["temperature"][chosen],
                xerr=rows[f"x_{side}_error"][chosen], linestyle="none", marker=marker, color=color,
                markerfacecolor=face, markeredgecolor=color if face == "white" else "white",
                markersize=7, capsize=2, zorder=3, elinewidth=1.6 if face == color else 0.8,
            )  # fmt: skip


def _name_phases(
    ax: Axes,
    stable: pd.DataFrame,
    ground: pd.DataFrame,
    colors: dict[str, str],
    tips: dict[str, float],
    top: float,
) -> None:
    """Write the name of an ordered phase over its tip, that of the solution at the top."""
    at_zero = ground.groupby("phase")["concentration"].apply(list).to_dict()
    for phase in colors:
        rows = stable[stable["phase"] == phase]
        if not len(rows) and phase not in at_zero:
            continue
        if phase == SOLUTION:
            hot = rows[rows["temperature"] == rows["temperature"].max()]
            place = (float((hot["x"].min() + hot["x"].max()) / 2), 1.08 * top)
        else:
            xs = rows["x"][rows["temperature"] == rows["temperature"].max()]
            tip = max(float(rows["temperature"].max()) if len(rows) else 0.0, tips.get(phase, 0.0))
            middle = float(np.median(xs if len(rows) else at_zero[phase]))
            place = (middle, min(tip + 0.02 * top, top))
        ax.annotate(
            formula_label(str(phase)), place, ha="center", va="bottom", fontsize=13,
            color=colors[phase], zorder=6,
            bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip


def _in_words(diagram: Any, phases: list[str]) -> str:
    unit = "J/kB" if is_model(diagram) else "K"
    parts = []
    for phase in phases:
        rows = diagram.single_phase
        rows = rows[(rows["phase"] == phase) & rows["stable"].astype(bool)]
        if len(rows):
            parts.append(
                f"{phase} is stable from {rows['x'].min():.2f} to {rows['x'].max():.2f}, up to "
                f"{rows['temperature'].max():g} {unit}"
            )
    return (
        f"Phase diagram of {' and '.join(diagram.species)}, temperature against the fraction of "
        f"{diagram.species[1]}: {'; '.join(parts) or ', '.join(phases)}."
    )
