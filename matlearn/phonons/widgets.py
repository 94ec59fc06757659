"""What can be clicked, moved and compared in the phonons chapter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matlearn.widgets import interactive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.phonons._live.convergence_board import ConvergenceBoard
    from matlearn.phonons._live.mode_board import ModeBoard
    from matlearn.phonons.force_constants import BandStructure, ForceConstants

__all__ = ["explore_convergence", "show_mode"]


def show_mode(
    force_constants: ForceConstants | BandStructure,
    *,
    point: str | int | None = None,
    branch: int | None = None,
    path: str | Sequence[Any] | None = None,
    supercell: tuple[int, int, int] | None = None,
    height: int = 440,
) -> ModeBoard | Axes:
    """Click on a band, and watch the crystal move in that mode.

    The sliders and the list of points do by keyboard what clicking does. All modes move at the same
    speed on the screen, one period in two seconds, and atoms go much farther than they would. Where
    the page asks for reduced motion nothing moves, and arrows show the way.

    Parameters
    ----------
    force_constants : ForceConstants or BandStructure
        What the modes are of. A band structure is drawn by its primitive cell.
    point : str or int, optional
        Special point to begin with, or the number of a wave vector on the path; the second special
        point if left out.
    branch : int, optional
        Which branch there, the lowest being 1; the highest if left out.
    path
        As of `ForceConstants.bands`.
    supercell : tuple of three int, optional
        How many cells are drawn; as many as 70 atoms allow, but at most 4 each way, if left out.
    height : int
        Of the bands (pixels).

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``figure``, ``point``, ``wave``, ``branch``, ``plays``, ``arrows``, ``size``,
        ``viewer``, ``mode`` and ``select(row, branch)``. Where widgets cannot run, the figure of
        :func:`matlearn.phonons.plots.mode`.

    Raises
    ------
    TypeError, ValueError
        If it is neither, or there is no such point or branch.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> constants = phonons.force_constants("emt", cell=bulk("Al", a=3.9943, cubic=True), order=2,
    ...                                     supercell=(2, 2, 2), workers=1, progress=False)
    >>> show_mode(constants, path="GXKGL", point="X").get_title(loc="left")
    'X, branch 3 of 3: 8.60 THz, longitudinal'
    """
    if not interactive():
        from matlearn.phonons import plots

        return plots.mode(
            force_constants, point=point, branch=branch, path=path, supercell=supercell
        )
    from matlearn.phonons._figures.motion import bands_and_cell, checked_branch
    from matlearn.phonons._live.mode_board import ModeBoard
    from matlearn.phonons._live.motion import repeats_of, row_of

    bands, cell = bands_and_cell(force_constants, path)
    return ModeBoard(
        bands,
        cell,
        repeats_of(cell, supercell),
        row=row_of(bands, point),
        branch=checked_branch(bands, branch),
        height=height,
    )


def explore_convergence(
    results: Any, *, tolerance: float = 0.02, reference: dict[str, float] | None = None
) -> ConvergenceBoard | Axes:
    """Choose what counts as converged, and see from which value on it is, and what that costs.

    Parameters
    ----------
    results : Convergence, a list of them, or a dict of them by name
        From `matlearn.phonons.converge`: over different things, or of several potentials.
    tolerance : float
        To begin with: the share of the last conductivity within which all others must lie.
    reference : dict of name and float, optional
        Conductivities (W/mK) drawn as lines, such as a measured one.

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``table``, ``quantity``, ``tolerance``, ``chosen`` and ``figure``. Where widgets
        cannot run, the figure of :func:`matlearn.phonons.plots.convergence` of the first.

    Raises
    ------
    TypeError, ValueError
        If it is no such result, or the tolerance is not above 0 and at most 0.5.

    Examples
    --------
    >>> from matlearn.phonons import Convergence
    >>> rows = [{"value": 5, "kappa": 10.1}, {"value": 7, "kappa": 9.2}, {"value": 9, "kappa": 9.1}]
    >>> explore_convergence(Convergence("mesh", 300.0, rows)).get_ylabel()
    'Thermal conductivity (W/mK)'
    """
    from matlearn.phonons._figures.words import labelled

    found = labelled(
        results, "results", needs=("over", "rows", "to_frame", "converged_at"),
        name=lambda one: f"over {one.over}",
    )  # fmt: skip
    if not 0 < tolerance <= 0.5:
        raise ValueError(
            f"tolerance must be a share above 0 and at most 0.5 (0.02 is 2 %), got {tolerance!r}"
        )
    if not interactive():
        from matlearn.phonons import plots

        return plots.convergence(
            {found[0][0]: found[0][1]}, tolerance=tolerance, reference=reference
        )
    from matlearn.phonons._live.convergence_board import ConvergenceBoard

    return ConvergenceBoard(found, tolerance=tolerance, reference=reference or {})
