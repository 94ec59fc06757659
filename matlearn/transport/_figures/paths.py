"""The path of a hop: its images, and the curve between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.transport.barriers import MigrationPath


def migration_path(
    paths: MigrationPath | Mapping[str, MigrationPath], *, ax: Axes | None = None
) -> Axes:
    """Draw energies along a path, or along several.

    Parameters
    ----------
    paths
        What `matlearn.transport.migration_barrier` gives, or a dict of several with their names.
        The curve fits energies and forces of the images; the saddle is marked larger.
    ax
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = new_axes(ax)
    named: Mapping[str, Any] = paths if isinstance(paths, Mapping) else {"": paths}
    if not named:
        raise ValueError("paths is empty: give at least one path")
    said = []
    for number, (name, path) in enumerate(named.items()):
        color, marker = PALETTE[number % len(PALETTE)], MARKERS[number % len(MARKERS)]
        words = f"{path.barrier:.3f} eV" + ("" if path.converged else ", not converged")
        label = f"{name}: {words}" if name else words
        ax.plot(*path.curve(), color=color, label=label)
        ax.plot(path.coordinate, path.energies, marker, color=color)
        ax.plot(
            path.coordinate[path.saddle], path.energies[path.saddle], marker, color=color,
            markersize=11, markeredgecolor="black", zorder=3,
        )  # fmt: skip
        said.append(
            f"{name or 'the path'} rises by {words} and falls by {path.reverse_barrier:.2f}"
        )
    ax.set(xlabel="Length of the path (Å)", ylabel="Energy above the initial state (eV)")
    ax.legend()
    describe(ax, f"Energy along a hop: {'; '.join(said)}.")
    return ax
