"""A mode as a still picture: where it is among the bands, and which way the atoms go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._figures.bands import bands as draw_bands
from matlearn.phonons._live import motion as _motion
from matlearn.plotting import PALETTE, describe

if TYPE_CHECKING:
    from ase import Atoms
    from matplotlib.axes import Axes

TURN = "-32z,-78x"
"""The picture is seen a little from above and the side."""


def mode(
    force_constants: Any,
    *,
    point: str | int | None = None,
    branch: int | None = None,
    path: str | Sequence[Any] | None = None,
    supercell: tuple[int, int, int] | None = None,
) -> Axes:
    """Draw a mode: its place among the bands, and arrows at the atoms.

    The arrows are at the moment when the atom that moves most is farthest away; arrows that are
    equally long need not move together, their phases differ with the wave.

    Parameters
    ----------
    force_constants : ForceConstants or BandStructure
        What the mode is of. A band structure is drawn by its primitive cell.
    point : str or int, optional
        Special point of the path, or the number of a wave vector on it; the second special point
        if left out.
    branch : int, optional
        Which branch there, the lowest being 1; the highest if left out.
    path
        As of `ForceConstants.bands`.
    supercell : tuple of three int, optional
        How many cells are drawn; as many as 70 atoms allow, but at most 4 each way, if left out.

    Returns
    -------
    matplotlib.axes.Axes
        Of the bands.

    Raises
    ------
    TypeError, ValueError
        If there is no such point or branch.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> constants = phonons.force_constants("emt", cell=bulk("Al", a=3.9943, cubic=True), order=2,
    ...                                     supercell=(2, 2, 2), workers=1, progress=False)
    >>> mode(constants, path="GXKGL", point="L", branch=1).get_title(loc="left")
    'L, branch 1 of 3: 3.50 THz, transversal'
    """
    import matplotlib.pyplot as plt

    known, cell = bands_and_cell(force_constants, path)
    row, number = _motion.row_of(known, point), checked_branch(known, branch)
    from matlearn._widgets.drawing import displayed

    atoms = displayed(cell, _motion.repeats_of(cell, supercell))
    chosen = _motion.motion(known, atoms, row, number)
    _, (ax, beside) = plt.subplots(1, 2, figsize=(11.5, 4.8), width_ratios=(3, 2))
    draw_bands(known, ax=ax)
    ax.plot(
        [known.distances[row]], [chosen.frequency], marker="o", markersize=13, color="black",
        markerfacecolor="none", markeredgewidth=2.5, zorder=6, clip_on=False,
    )  # fmt: skip
    words = _motion.in_words(known, chosen)
    ax.set_title(words, loc="left", fontsize=12)
    _arrows(beside, atoms, chosen.displacements(0.0))
    describe(beside, f"Beside them the atoms of the mode {words}, with an arrow each.")
    return ax


def bands_and_cell(given: Any, path: Any) -> tuple[Any, Atoms]:
    """Return bands, and the cell by which the crystal is drawn.

    Raises
    ------
    TypeError
        If it is neither force constants nor a band structure.
    """
    if callable(getattr(given, "bands", None)) and hasattr(given, "unitcell"):
        return given.bands(path), given.unitcell
    if not hasattr(given, "eigenvectors") or not hasattr(given, "primitive"):
        raise TypeError(
            f"force_constants must be ForceConstants or a BandStructure, got {type(given).__name__}"
        )
    if path is not None:
        raise ValueError("path is that of the BandStructure already: leave it out")
    return given, given.primitive


def checked_branch(known: Any, branch: int | None) -> int:
    """Return the number of a branch from 0.

    Raises
    ------
    TypeError, ValueError
        If there is no such branch.
    """
    count = known.frequencies.shape[1]
    if branch is None:
        return int(count - 1)
    if isinstance(branch, bool) or not isinstance(branch, int | np.integer):
        raise TypeError(f"branch must be a whole number from 1 to {count}, got {branch!r}")
    if not 1 <= branch <= count:
        raise ValueError(f"branch must be from 1 (the lowest) to {count}, got {branch}")
    return int(branch) - 1


def _arrows(ax: Axes, atoms: Atoms, moved: np.ndarray) -> None:
    """Draw atoms as discs, those in front last, each with an arrow of three times its way."""
    from ase.data import covalent_radii
    from ase.utils import rotate
    from matplotlib.patches import Circle

    from matlearn._widgets.drawing import cell_edges, element_colors

    turn = rotate(TURN)
    seen, way = atoms.positions @ turn, 3.0 * moved @ turn
    colors = element_colors(atoms)
    for start, end in cell_edges(atoms):
        line = np.array([start, end]) @ turn
        ax.plot(line[:, 0], line[:, 1], color="0.55", linewidth=1, zorder=1)
    order = np.argsort(seen[:, 2])
    for place, atom in enumerate(order):
        ax.add_patch(
            Circle(
                (seen[atom, 0], seen[atom, 1]), 0.32 * covalent_radii[atoms.numbers[atom]],
                facecolor=colors[atoms.symbols[atom]], edgecolor="0.35", linewidth=0.7,
                zorder=2 + place / len(order),
            )
        )  # fmt: skip
    ax.quiver(
        seen[order, 0], seen[order, 1], way[order, 0], way[order, 1], angles="xy", zorder=4,
        scale_units="xy", scale=1, color=PALETTE[5], width=0.007,
    )  # fmt: skip
    for name, color in colors.items():
        ax.scatter([], [], s=110, color=color, edgecolor="0.35", label=name)
    low, high = seen[:, :2].min(axis=0) - 1.6, seen[:, :2].max(axis=0) + 1.6
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    ax.set_axis_off()
    ax.legend(loc="upper left", bbox_to_anchor=(0.98, 1.0), frameon=False)
