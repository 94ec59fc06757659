"""What can be turned, clicked and watched in the potentials chapter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ase import Atoms

from matlearn.widgets import interactive

from ._live.grades import view_grades as view_grades

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.potentials._live.descriptors import DescriptorExplorer
    from matlearn.potentials._live.fit_board import FitBoard
    from matlearn.potentials._live.lennard_jones import LennardJonesBoard
    from matlearn.potentials.moment_tensors import MTP

__all__ = ["descriptor_explorer", "fit_board", "lennard_jones_board", "view_grades"]


def descriptor_explorer(mtp: MTP, atoms: Atoms, *, centre: int = 0) -> DescriptorExplorer | Axes:
    """Turn, mirror and renumber a neighbourhood, push an atom, and watch what a potential sees.

    Vector and matrix moments turn with the atoms. The basis functions, in which all indices are
    contracted, stay, until an atom moves relative to the others.

    Parameters
    ----------
    mtp
        A potential with parameters.
    atoms
        A cluster (not periodic) of up to 60 atoms.
    centre
        The atom whose neighbourhood it is.

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``about_x``, ``about_z``, ``move``, ``mirror``, ``renumber``, ``reset``, ``atoms`` and
        ``largest_change``. Where widgets cannot run, the cluster turned by 70 degrees.

    Raises
    ------
    TypeError
        If `mtp` is no moment tensor potential.
    ValueError
        If it has no parameters, the cluster is periodic, too large or too small, has elements that
        the potential does not know, or no atom `centre`.
    """
    from matlearn.potentials.moment_tensors import MTP

    if not isinstance(mtp, MTP):
        raise TypeError(f"mtp must be an MTP, got {type(mtp).__name__}")
    if atoms.pbc.any() or not 2 <= len(atoms) <= 60:
        raise ValueError(
            "atoms must be a cluster of 2 to 60 atoms that is not periodic, got "
            f"{len(atoms)} atoms with pbc {atoms.pbc.tolist()}"
        )
    if not 0 <= centre < len(atoms):
        raise ValueError(f"centre must be the number of an atom, 0 to {len(atoms) - 1}: {centre}")
    mtp.descriptors(atoms)  # refuses what it does not know
    if not interactive():
        from matplotlib.pyplot import figure

        from matlearn.potentials._figures.descriptors import SIZE, invariants_page

        turned = atoms.copy()
        turned.rotate(70, "z", center=atoms.positions[centre])
        return invariants_page(figure(figsize=SIZE), mtp, atoms, turned, centre, "Turned by 70°")
    from matlearn.potentials._live.descriptors import DescriptorExplorer

    return DescriptorExplorer(mtp, atoms.copy(), centre)


def fit_board(
    mtp: MTP,
    images: Iterable[Atoms],
    *,
    validation: Iterable[Atoms] | None = None,
    start: bool = False,
    **options: Any,
) -> FitBoard | Axes:
    """Watch a moment tensor potential being fitted: loss, parity plot and residuals.

    The fit runs beside the notebook and can be stopped and gone on with; the best parameters so
    far are kept. It changes `mtp` itself: stop the board before a cell uses the potential. It
    pauses when no page has shown it for 45 s.

    Parameters
    ----------
    mtp
        The potential.
    images
        Structures with reference results.
    validation
        Structures held back; they are shown instead of `images`, and training stops when it no
        longer serves them.
    start
        Start at once; otherwise the button does.
    **options
        Handed to `MTP.fit`: ``max_iterations``, ``weights``, ``seed``, ``starts``.

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``mtp``, ``result`` (a `FitResult` as soon as a run has ended), ``history``,
        ``button`` and the methods ``start``, ``stop`` and ``close``. Where widgets cannot run, the
        potential is fitted and the same figure drawn.

    Raises
    ------
    TypeError
        If `mtp` is none.
    ValueError
        If an image has no results to learn from.
    """
    from matlearn.potentials._mtp.checks import checked_images
    from matlearn.potentials.moment_tensors import MTP

    if not isinstance(mtp, MTP):
        raise TypeError(f"mtp must be an MTP, got {type(mtp).__name__}")
    known = checked_images(images)
    held = None if validation is None else checked_images(validation, "validation")
    if held is not None:
        options["validation"] = held
    if not interactive():
        from matlearn.potentials._figures.progress import fit_overview

        return fit_overview(mtp.fit(known, progress=False, **options))
    from matlearn.potentials._live.fit_board import FitBoard

    board = FitBoard(mtp, known, held or known, options)
    if start:
        board.start()
    return board


def lennard_jones_board(
    images: Iterable[Atoms],
    *,
    start: tuple[float, float] = (3.40, 0.0104),
    cutoff: float = 12.0,
) -> LennardJonesBoard | Axes:
    """Fit a Lennard-Jones potential by hand: two sliders, the pair energy and the energies it gives.

    Parameters
    ----------
    images
        Structures of one element with energies relative to atoms on their own;
        ``info["crystal"]`` names what shares a colour.
    start
        Sigma (A) and epsilon (eV) to begin with.
    cutoff
        Pairs further apart than this (A) do not count.

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``sigma`` (A), ``epsilon`` (meV), ``button`` (least squares), ``potential`` and
        ``rms`` (eV/atom). Where widgets cannot run, the energies with the potential it begins with.

    Raises
    ------
    ValueError
        As `fit_lennard_jones`.
    """
    from matlearn.potentials.lennard_jones import LennardJones, fit_lennard_jones

    known = list(images)
    if not interactive():
        from matlearn.potentials._figures.pairs import energy_volume

        fit_lennard_jones(known, cutoff=cutoff, start=start)  # refuses what cannot be fitted
        return energy_volume(known, LennardJones(*start, cutoff))
    from matlearn.potentials._live.lennard_jones import LennardJonesBoard

    return LennardJonesBoard(known, start, cutoff)
