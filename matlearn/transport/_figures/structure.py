"""Who stands around whom, and where the mobile ions are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes
from matlearn.transport._figures.words import labelled

if TYPE_CHECKING:
    from ase import Atoms
    from matplotlib.axes import Axes

_DASHES = ("-", "--", "-.", ":")
_AXES = "xyz"


def radial_distribution(
    results: Any, *, coordination: bool = False, until: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw radial distributions, several on the same axes.

    Parameters
    ----------
    results : RadialDistribution, a list of them, or a dict of them by name
        From :func:`matlearn.transport.radial_distribution`.
    coordination : bool
        Also draw the running number of neighbours, dotted, on an axis of its own at the right.
    until : float, optional
        Largest distance that is drawn (Å).
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no such result, or there is none.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.transport import Trajectory, radial_distribution as count
    >>> still = Trajectory.from_atoms([bulk("Cu", cubic=True) * (2, 2, 2)] * 2, time_step=0.1)
    >>> radial_distribution(count(still, "Cu"), coordination=True).get_xlabel()
    'Distance (Å)'
    """
    found = labelled(
        results, lambda one: f"{one.first}-{one.second}", "results",
        needs=("distances", "values", "coordination"),
    )  # fmt: skip
    ax = new_axes(ax)
    beside = ax.twinx() if coordination else None
    said, highest = [], 1.0
    for index, (name, one) in enumerate(found):
        color = PALETTE[index % len(PALETTE)]
        rows = np.asarray(one.distances) <= (until or np.inf)
        r, g = np.asarray(one.distances)[rows], np.asarray(one.values)[rows]
        if not len(r):
            raise ValueError(f"until must be beyond {float(one.distances[0]):.3g} Å, got {until}")
        ax.plot(r, g, color=color, linestyle=_DASHES[index % len(_DASHES)], label=name)
        words = f"{name} has its highest peak, {g.max():.2g}, at {r[int(g.argmax())]:.2f} Å"
        if beside is not None:
            neighbours = np.asarray(one.coordination)[rows]
            beside.plot(r, neighbours, color=color, linestyle=":", linewidth=1.6)
            highest = max(highest, float(neighbours[-1]))
        if np.isfinite(getattr(one, "first_coordination", np.nan)):
            words += f" and {one.first_coordination:.1f} neighbours to {one.first_minimum:.2f} Å"
        said.append(words)
    ax.axhline(1, color="0.4", linewidth=1, zorder=0)
    ax.set(xlabel="Distance (Å)", ylabel="g(r)")
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    ax.legend(fontsize=11)
    if beside is not None:
        beside.set_ylim(0, min(highest, 24.0))
        beside.set_ylabel("Neighbours up to here (dotted)")
        beside.spines["right"].set_visible(True)
        beside.grid(visible=False)
    describe(ax, "Radial distribution. " + "; ".join(said) + ".")
    return ax


def density_map(
    density: Any,
    *,
    axis: str = "z",
    at: float | None = None,
    framework: Atoms | None = None,
    limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw where the mobile ions are: a section through their density, or a projection of it.

    Parameters
    ----------
    density : DensityMap
        From :func:`matlearn.transport.density_map`.
    axis : {"x", "y", "z"}
        Which cell vector (the first, second or third) one looks along.
    at : float, optional
        Where the section is, as a fraction of that vector. Left out: everything is projected, the
        mean density along the line of sight.
    framework : ase.Atoms, optional
        Drawn as circles: of a section, atoms within 0.6 Å of it; of a projection, all. Left out,
        the framework that the map itself knows, if it does.
    limit : float, optional
        Density (ions/Å³) of the brightest colour; the largest there is where it is left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no such map, or the axis or the place makes no sense.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> blob = SimpleNamespace(values=np.ones((4, 4, 4)), cell=4 * np.eye(3), species="Ag")
    >>> density_map(blob, at=0.5).get_title()
    'Ag, section at z = 0.5'
    """
    if not (hasattr(density, "values") and hasattr(density, "cell")):
        raise TypeError(
            f"density must be what density_map of a trajectory returns, got {type(density).__name__}"
        )
    if axis not in _AXES or len(axis) != 1:
        raise ValueError(f"axis must be 'x', 'y' or 'z', got {axis!r}")
    along = _AXES.index(axis)
    values, cell = np.asarray(density.values, dtype=float), np.asarray(density.cell, dtype=float)
    if at is None:
        picture = values.mean(axis=along)
        place = f"projected along {axis}"
    else:
        if not 0 <= at <= 1:
            raise ValueError(f"at must be a fraction of the cell, 0 to 1, got {at}")
        count = values.shape[along]
        picture = np.take(values, int(at * count) % count, axis=along)
        place = f"section at {axis} = {at:g}"
    left, up = (k for k in range(3) if k != along)
    flat = _flattened(cell, left, up)
    ax = new_axes(ax, size=(6.2, 5.0))
    edges = [np.linspace(0, 1, size + 1) for size in picture.shape]
    corners = np.stack(np.meshgrid(*edges, indexing="ij"), axis=-1) @ flat
    mesh = ax.pcolormesh(
        corners[..., 0], corners[..., 1], picture, cmap="cividis", vmin=0, vmax=limit,
        rasterized=True,
    )  # fmt: skip
    ax.figure.colorbar(mesh, ax=ax, label="Density (ions/Å³)", shrink=0.85)
    atoms = framework if framework is not None else getattr(density, "framework", None)
    drawn = 0 if atoms is None else _circles(atoms, ax, along, at, cell, flat)
    names = [f"{name} (Å)" for name in _AXES]
    ax.set(xlabel=names[left], ylabel=names[up], aspect="equal")
    ax.grid(visible=False)
    species = getattr(density, "species", "ions")
    ax.set_title(f"{species}, {place}", fontsize=12)
    beside = f", with {drawn} atoms of the framework as circles" if drawn else ""
    describe(
        ax, f"Density of {species}, {place}{beside}: from {picture.min():.2g} to {picture.max():.2g} "
        f"ions/Å³, {picture.max() / max(float(values.mean()), 1e-300):.1f} times the mean of the cell "
        "where it is highest."
    )  # fmt: skip
    return ax


def _flattened(cell: np.ndarray, left: int, up: int) -> np.ndarray:
    """The two cell vectors that span the picture, as vectors in its plane, the first along x."""
    first, second = cell[left], cell[up]
    length = float(np.linalg.norm(first))
    along = float(first @ second) / length
    across = float(np.sqrt(max(float(second @ second) - along**2, 0.0)))
    return np.array([[length, 0.0], [along, across]])


def _circles(
    atoms: Atoms, ax: Axes, along: int, at: float | None, cell: np.ndarray, flat: np.ndarray
) -> int:
    """Draw atoms on the map, and say how many."""
    fractions = (atoms.positions @ np.linalg.inv(cell)) % 1.0
    height = abs(float(np.linalg.det(cell))) / np.linalg.norm(
        np.cross(cell[(along + 1) % 3], cell[(along + 2) % 3])
    )
    near = np.ones(len(atoms), dtype=bool)
    if at is not None:
        away = (fractions[:, along] - at + 0.5) % 1.0 - 0.5
        near = np.abs(away) * height < 0.6
    rest = [k for k in range(3) if k != along]
    for index, symbol in enumerate(dict.fromkeys(atoms.get_chemical_symbols())):
        mine = near & (np.array(atoms.get_chemical_symbols()) == symbol)
        if mine.any():
            points = _with_images(fractions[mine][:, rest]) @ flat
            ax.scatter(
                points[:, 0], points[:, 1], s=110, facecolor="none", label=symbol, linewidth=2,
                edgecolor=("white", PALETTE[1], PALETTE[4])[index % 3], marker="osD^"[index % 4],
                clip_on=False, zorder=3,
            )  # fmt: skip
    if near.any():
        legend = ax.legend(fontsize=10, loc="upper right", facecolor="0.35", labelcolor="white")
        legend.set_zorder(4)
    return int(near.sum())


def _with_images(points: np.ndarray, edge: float = 0.03) -> np.ndarray:
    """Points of the unit square, those on its rim on both sides of it."""
    shifts = [np.array([i, j]) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    every = np.concatenate([points + shift for shift in shifts])
    inside = ((every > -edge) & (every < 1 + edge)).all(axis=1)
    return every[inside]
