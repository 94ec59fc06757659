"""nglview with a colour for each range of grades. Private: it is imported where widgets can run."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from ase import Atoms

from matlearn._widgets.viewer import Viewer
from matlearn.potentials._figures.grades import BANDS, Floats, band_of


class GradeViewer(Viewer):
    """A structure, or a series of them, each atom coloured by its grade.

    Parameters
    ----------
    structures : list of ase.Atoms
        What to show.
    grades : list of ndarray, shape (n_atoms,)
        Grades of the atoms of each.
    height : int
        Height of the picture (pixels).
    """

    def __init__(
        self, structures: Sequence[Atoms], grades: Sequence[Floats], *, height: int = 380
    ) -> None:
        self._grades = list(grades)
        super().__init__(structures, height=height)

    def show(self, structure: Any, **options: Any) -> None:
        """Show one of the structures, or another one by element."""
        index = next((k for k, one in enumerate(self._structures) if one is structure), None)
        if index is None:
            super().show(structure, **options)
            return
        grades = self._grades[index]
        bands = band_of(grades)
        options["paint"] = [
            (f"{name} ({(bands == band).sum()})", color, (bands == band).nonzero()[0].tolist())
            for band, (_, name, color) in enumerate(BANDS)
            if (bands == band).any()
        ]
        formula = html.escape(structure.get_chemical_formula())
        options["label"] = f"<b>{formula}</b>, grades of atoms up to {grades.max():.3g}"
        super().show(structure, **options)
