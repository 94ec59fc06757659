"""Images of a hop as the viewer shows them: the hop in the middle, the atom that hops in red."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ase import Atoms
from ase.geometry import find_mic

from matlearn.plotting import PALETTE
from matlearn.transport._barriers.curves import unwrapped

HOPS = PALETTE[5]
"""Colour of the atom that hops."""


def centred(images: Sequence[Atoms], radius: float | None) -> tuple[list[Atoms], int]:
    """Put the hop into the middle of the cell, in all images alike; give the atom that hops too.

    Parameters
    ----------
    images
        Of a path.
    radius
        Only atoms within this distance of the middle of the hop (A); None: all.
    """
    places = unwrapped(images)
    first, moves = images[0], np.linalg.norm(places[-1] - places[0], axis=1)
    atom = int(moves.argmax())
    middle = (places[0, atom] + places[-1, atom]) / 2
    around, away = find_mic(places.mean(axis=0) - middle, first.cell, first.pbc)
    centre = first.cell.array.sum(axis=0) / 2 if first.cell.rank == 3 else middle
    kept = np.ones(len(first), dtype=bool) if radius is None else away <= radius
    kept[atom] = True
    shown = []
    for positions in places:
        image = Atoms(first.numbers, centre + around + positions - places.mean(axis=0))
        image.set_cell(first.cell)
        image.pbc = first.pbc if radius is None else False
        shown.append(image[kept])
    return shown, int(kept[:atom].sum())


def hop_viewer(
    images: Sequence[Atoms], atom: int, labels: Sequence[str], supercell: Any, height: int
) -> Any:
    """Make the viewer, with a slider over the images."""
    from matlearn._widgets.drawing import element_colors
    from matlearn._widgets.viewer import Viewer

    symbols = np.array(images[0].get_chemical_symbols())
    symbols[atom] = ""
    paint = [(f"{images[0].symbols[atom]} that hops", HOPS, [atom])]
    for name, color in element_colors(images[0]).items():
        paint.append((name, color, np.flatnonzero(symbols == name).tolist()))

    class HopViewer(Viewer):
        """A hop, image by image."""

        def show(self, structure: Any, **options: Any) -> None:
            """Show an image."""
            number = next(k for k, one in enumerate(self._structures) if one is structure)
            options |= {"label": labels[number]}
            if tuple(supercell) == (1, 1, 1):
                options["paint"] = [group for group in paint if group[2]]
            super().show(structure, **options)

    return HopViewer(images, supercell=supercell, height=height)
