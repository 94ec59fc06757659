"""The structure viewer with atoms coloured by their extrapolation grade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ase import Atoms

from matlearn.potentials._figures.grades import checked_grades, structure_by_grade
from matlearn.widgets import interactive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn._widgets.viewer import Viewer


def view_grades(
    images: Atoms | Sequence[Atoms], grades: Any, *, height: int = 380
) -> Viewer | Axes:
    """Show structures in three dimensions, each atom coloured by its extrapolation grade.

    Parameters
    ----------
    images : ase.Atoms or list of them
        A list gets a slider.
    grades : array_like, or a list of them
        A number for each atom, of each structure: :meth:`matlearn.potentials.ActiveSet.per_atom`.
    height : int
        Height of the picture (pixels).

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        A still picture where widgets cannot run; of a list the one with the largest grade.

    Raises
    ------
    ValueError
        If there is not a finite grade for each atom.

    Examples
    --------
    >>> from ase.build import bulk
    >>> view_grades(bulk("Cu", cubic=True), [0.3, 0.5, 2.5, 40.0])
    <Axes: >
    """
    structures = [images] if isinstance(images, Atoms) else list(images)
    numbers = [grades] if isinstance(images, Atoms) else list(grades)
    if not structures or len(structures) != len(numbers):
        raise ValueError(
            "images and grades must be equally many and not empty, "
            f"got {len(structures)} and {len(numbers)}"
        )
    values = [checked_grades(*pair) for pair in zip(structures, numbers, strict=True)]
    if not interactive():
        worst = max(range(len(values)), key=lambda k: values[k].max())
        return structure_by_grade(structures[worst], values[worst])
    from matlearn.potentials._live.grade_viewer import GradeViewer

    return GradeViewer(structures, values, height=height)
