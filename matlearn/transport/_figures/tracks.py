"""Where single ions went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLANES = {"xy": (0, 1), "xz": (0, 2), "yz": (1, 2)}


def trails(
    trajectory: Any,
    species: str,
    *,
    plane: str = "xy",
    ions: int | None = None,
    step: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the paths of ions, seen along an axis, over the mean places of the other atoms.

    Parameters
    ----------
    trajectory : Trajectory
        A run; the drift of the other species is taken off.
    species : str
        Whose paths.
    plane : {"xy", "xz", "yz"}
        Which Cartesian plane one looks at.
    ions : int, optional
        How many ions: those that got farthest. Left out, eight of them in colour and all others in
        light grey.
    step : int, optional
        Draw each how-manieth frame; left out, some 400 in all.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        A dot marks where an ion started. Paths leave the cell (the rectangle) unwrapped.

    Raises
    ------
    TypeError, ValueError
        If it is no trajectory, the species is not there, or an argument makes no sense.

    Examples
    --------
    >>> from matlearn.transport import random_walk
    >>> trails(random_walk(frames=50, ions=4), "Li", ions=2).get_xlabel()
    'x (Å)'
    """
    if not hasattr(trajectory, "positions") or not hasattr(trajectory, "indices"):
        raise TypeError(f"trajectory must be a Trajectory, got {type(trajectory).__name__}")
    if plane not in PLANES:
        raise ValueError(f"plane must be 'xy', 'xz' or 'yz', got {plane!r}")
    mobile = trajectory.indices(species)
    if ions is not None and not 1 <= ions <= len(mobile):
        raise ValueError(
            f"ions must be from 1 to the {len(mobile)} {species} of the run, got {ions}"
        )
    paths, rest, chosen = mobile_paths(trajectory, mobile, step)
    across = list(PLANES[plane])
    moved = np.linalg.norm(paths[-1] - paths[0], axis=1)
    order = np.argsort(-moved, kind="stable")
    ax = new_axes(ax, size=(6.4, 5.6))
    if ions is None:
        for row in order[len(PALETTE) :]:
            ax.plot(*paths[:, row, across].T, color="0.75", linewidth=0.7, zorder=1)
    shown = order[: len(PALETTE) if ions is None else ions]
    for index, row in enumerate(shown):
        color, path = PALETTE[index % len(PALETTE)], paths[:, row, across]
        ax.plot(*path.T, color=color, linewidth=1.1, zorder=2)
        ax.plot(*path[0], "o", color=color, markersize=7, markeredgecolor="white", zorder=4)
    if len(rest):
        ax.scatter(
            rest[:, across[0]], rest[:, across[1]], s=55, facecolor="white", edgecolor="0.3",
            linewidth=1.3, zorder=3, label=f"{', '.join(chosen)}, mean places",
        )  # fmt: skip
        ax.legend(fontsize=10, loc="lower right", bbox_to_anchor=(1.02, 1.0), borderaxespad=0.2)
    _cell(np.asarray(trajectory.cells[0]), across, ax)
    ax.set(xlabel=f"{plane[0]} (Å)", ylabel=f"{plane[1]} (Å)", aspect="equal")
    ax.grid(visible=False)
    ax.set_title(f"{species}, {trajectory.duration:.4g} ps", fontsize=12, loc="left")
    describe(
        ax, f"Paths of {len(shown)} of {len(mobile)} {species} over {trajectory.duration:.4g} ps in the "
        f"{plane} plane. From start to end they moved {moved[shown].min():.1f} to "
        f"{moved[shown].max():.1f} Å; all of them {moved.mean():.1f} Å on average."
    )  # fmt: skip
    return ax


def mobile_paths(
    trajectory: Any, mobile: np.ndarray, step: int | None, most: int = 400
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return paths of some atoms, free of the drift of the others, and the others' mean places.

    Parameters
    ----------
    trajectory : Trajectory
        A run.
    mobile : array of int
        The atoms.
    step : int, optional
        Each how-manieth frame; so that at most `most` are left where it is left out.
    most : int
        How many.

    Returns
    -------
    tuple
        Paths (frames, atoms, 3), places of the others (others, 3), and the others' species.
    """
    every = max(1, -(-len(trajectory) // most)) if step is None else int(step)
    if every < 1 or every > max(1, len(trajectory) - 1):
        raise ValueError(f"step must be from 1 to {max(1, len(trajectory) - 1)} frames, got {step}")
    positions = np.asarray(trajectory.positions[::every], dtype=float)
    others = np.setdiff1d(np.arange(len(trajectory.numbers)), mobile)
    if not len(others):
        return positions[:, mobile], np.empty((0, 3)), []
    masses = np.asarray(trajectory.masses, dtype=float)[others]
    centre = np.einsum("fac,a->fc", positions[:, others], masses / masses.sum())
    positions = positions - (centre - centre[0])[:, None]
    symbols = np.asarray(trajectory.symbols)[others]
    return positions[:, mobile], positions[:, others].mean(axis=0), sorted(set(symbols.tolist()))


def _cell(cell: np.ndarray, across: list[int], ax: Axes) -> None:
    """The outline of the cell, as one sees it along the third axis."""
    first, second = (cell[k][across] for k in across)
    corners = np.array([np.zeros(2), first, first + second, second, np.zeros(2)])
    ax.plot(*corners.T, color="0.2", linewidth=1.2, zorder=0)
