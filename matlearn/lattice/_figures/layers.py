"""A layer of a lattice as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import describe, new_axes

if TYPE_CHECKING:
    from ase import Atoms
    from matplotlib.axes import Axes


def snapshot(
    atoms: Atoms | Any,
    *,
    plane: Sequence[float] = (0, 0, 1),
    layer: int = 0,
    spin_up: str | None = None,
    colors: dict[str, str] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one layer of a lattice, a tile a site: what sits where.

    Parameters
    ----------
    atoms : ase.Atoms, MonteCarlo or KineticMonteCarlo
        A supercell of a lattice, or a simulation, whose present atoms are drawn.
    plane : sequence of three numbers
        Normal of the layer along the Cartesian axes; for a cubic crystal with its axes along x, y
        and z the Miller indices, (0, 0, 1) or (1, 1, 1).
    layer : int
        Which of the layers, from the lowest; -1 is the highest.
    spin_up : str, optional
        For an Ising model: the symbol that stands for spin up; the legend then speaks of spins.
    colors : dict of str to str, optional
        Colours of symbols (``#rrggbb``), in place of those of the palette by atomic number.
    title : str, optional
        Written above the axes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        If it is neither atoms nor has ``atoms``.
    ValueError
        If `plane` is no net plane of the supercell, or there is no such layer or species.

    Examples
    --------
    >>> from ase.build import bulk
    >>> atoms = bulk("Cu", cubic=True).repeat(4)
    >>> atoms.symbols[::4] = "Au"
    >>> [text.get_text() for text in snapshot(atoms).get_legend().get_texts()]
    ['Cu 50 %', 'Au 50 %']
    """
    from ase import Atoms as AseAtoms
    from matplotlib.patches import Patch

    from matlearn.lattice._figures.pictures import LayerPicture, species_colors
    from matlearn.lattice._figures.tiles import find_layer

    species = list(getattr(atoms, "concentrations", []))
    shown = atoms if isinstance(atoms, AseAtoms) else getattr(atoms, "atoms", None)
    if not isinstance(shown, AseAtoms):
        raise TypeError(
            f"atoms must be ase.Atoms or a simulation with atoms, got {type(atoms).__name__}"
        )
    palette = species_colors(species or shown.get_chemical_symbols()) | (colors or {})
    if spin_up is not None and spin_up not in palette:
        raise ValueError(f"spin_up must be one of {', '.join(palette)}, got {spin_up!r}")
    found = find_layer(shown, plane, layer)
    picture = LayerPicture(found, palette, width=1000)
    ax = new_axes(ax, size=(5.0, 5.0))
    ax.imshow(picture.rgb(shown.numbers), extent=picture.extent, interpolation="antialiased")
    ax.set_axis_off()
    here = np.array(shown.get_chemical_symbols())[found.sites]
    names = {s: s if s != "X" else "vacancy" for s in palette}
    if spin_up is not None:
        names = {s: "up" if s == spin_up else "down" for s in palette}
    shares = {names[s]: f"{names[s]} {100 * np.mean(here == s):.0f} %" for s in palette}
    patches = [
        Patch(facecolor=palette[s], edgecolor="0.6", label=shares[names[s]]) for s in palette
    ]
    ax.legend(
        handles=patches, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=4, frameon=False,
        handlelength=1.0, handleheight=1.0, fontsize=12,
    )  # fmt: skip
    ax.set_title(title or "")
    indices = " ".join(f"{p:g}" for p in plane)
    describe(
        ax, f"Layer {found.index + 1} of {found.count} perpendicular to ({indices}) with "
        f"{len(found.sites)} sites: {', '.join(shares.values())}."
    )  # fmt: skip
    return ax
