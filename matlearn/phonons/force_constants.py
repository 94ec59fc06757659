"""Force constants from forces: by finite differences or by a fit."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._constants import judging, solving
from matlearn.phonons._constants.harmonic import (
    BandStructure,
    DensityOfStates,
    ThermalProperties,
)
from matlearn.phonons._constants.results import ForceConstants, warn
from matlearn.phonons._forces.evaluating import AnyCalculator
from matlearn.phonons._forces.results import ForceSet
from matlearn.phonons._phono3py import cells
from matlearn.phonons._phono3py.displaced import Displacements
from matlearn.phonons.displacements import random_displacements, systematic_displacements
from matlearn.phonons.force_sets import force_set

if TYPE_CHECKING:
    from matlearn.store import Store

__all__ = [
    "BandStructure",
    "DensityOfStates",
    "ForceConstants",
    "ThermalProperties",
    "force_constants",
]

SEVERAL = 4
"""Random supercells for each one that the fit needs at the least, as phono3py's command line."""


def force_constants(
    source: ForceSet | Displacements | AnyCalculator,
    *,
    calculator: AnyCalculator | None = None,
    cell: Any = None,
    supercell: Sequence[int] | np.ndarray | None = None,
    order: int | Sequence[int] = (2, 3),
    method: str | None = None,
    distance: float = 0.01,
    count: int | None = None,
    seed: int = 0,
    cutoff: float | None = None,
    fc2_from: str | None = None,
    phonon_supercell: Sequence[int] | np.ndarray | None = None,
    client: Any = None,
    workers: int | None = None,
    store: str | os.PathLike[str] | Store | None = None,
    progress: bool = True,
) -> ForceConstants:
    """Find force constants of second and third order.

    From forces that are there, or from a potential: ``force_constants("emt", cell=cell,
    supercell=(2, 2, 2))`` displaces the atoms and computes the forces itself.

    Parameters
    ----------
    source : ForceSet, Displacements, or a potential
        Forces; displacements, with `calculator`; or what `matlearn.calculators.get_calculator`
        and `force_set` take as a calculator (a name, a path, a function, a calculator, or anything
        with a method ``calculator()``, such as a fitted potential), with `cell` and `supercell`.
    calculator
        What computes the forces of `source`, where that is Displacements.
    cell, supercell
        Unit cell and supercell, where `source` is a potential.
    order : (2, 3) or 2
        Orders of the constants.
    method : {"systematic", "symfc"}, optional
        Finite differences of displaced pairs (phono3py's own), put right afterwards so that the
        sums vanish that must; or a fit that has all symmetry built in. None: finite differences
        where the displacements are systematic or a potential is given, the fit where they are
        random.
    distance : float
        Displacement (A), where `source` is a potential.
    count : int, optional
        Random supercells, where `source` is a potential and `method` is ``"symfc"``; half of them
        are the other half reversed. None: 4 times what the fit needs at the least.
    seed : int
        Of their random numbers.
    cutoff : float, optional
        Third-order constants of atoms farther apart (A) are zero (symfc; for finite differences see
        `systematic_displacements`).
    fc2_from : {"joint", "separate", "own"}, optional
        Where the second order comes from: the same fit as the third, a fit of its own to the same
        forces, or the forces of a supercell of its own. None: ``"own"`` where the displacements are
        systematic and have such a supercell, otherwise ``"joint"``, which is what the published
        data set ``nacl-phono3py`` is read by (8.27 W/mK at mesh 11; separate 8.31, own 8.48).
    phonon_supercell
        A larger supercell for the second order, where `source` is a potential.
    client, workers, store, progress
        As in `force_set`.

    Returns
    -------
    ForceConstants
        With ``.bands()``, ``.dos()``, ``.thermal_properties()``.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense, there are fewer forces than unknowns, or the constants would
        not fit into memory.
    ForceSetError
        If a potential fails on some supercells.

    Warns
    -----
    UserWarning
        Of imaginary modes, a supercell that ends too early, a large drift, a cell not relaxed.

    References
    ----------
    A. Togo, L. Chaput and I. Tanaka, Phys. Rev. B 91, 094306 (2015): finite differences.
    A. Seko and A. Togo, Phys. Rev. B 110, 214302 (2024): the fit.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> cell = bulk("Al", a=3.9943, cubic=True)
    >>> constants = phonons.force_constants("emt", cell=cell, supercell=(2, 2, 2), order=2,
    ...                                     workers=1, progress=False)
    >>> print(constants, constants.frequencies([0.5, 0.5, 0]).round(1))
    ForceConstants(Al, order 2 by systematic, 32 atoms) [... ... ...]
    """
    moved = _displacements(
        source,
        calculator=calculator,
        cell=cell,
        supercell=supercell,
        order=order,
        method=method,
        distance=distance,
        count=count,
        seed=seed,
        phonon_supercell=phonon_supercell,
        cutoff=cutoff,
    )
    second = source.harmonic if isinstance(source, ForceSet) else moved.harmonic
    orders, method, fc2_from = solving.checked(
        moved, second is not None, order, method, fc2_from, cutoff
    )
    solving.check_size(moved, orders, method, cutoff)
    if isinstance(source, ForceSet):
        forces = source
    else:
        how = {"client": client, "workers": workers, "store": store, "progress": progress}
        forces = _computed(moved, source if calculator is None else calculator, how)
    solved = solving.solve(forces, orders, method, fc2_from, cutoff)
    own = None
    if solved.own and moved.order == 3 and forces.harmonic is not None:
        own = forces.harmonic.displacements.supercell_matrix
    found = ForceConstants(
        unitcell=moved.unitcell,
        supercell_matrix=moved.supercell_matrix,
        primitive_matrix=moved.primitive_matrix,
        fc2=solved.fc2,
        fc3=solved.fc3,
        method=method,
        drift=solved.drift,
        born=forces.born,
        dielectric=forces.dielectric,
        phonon_supercell_matrix=own,
        source=str(forces.info.get("calculator", "")),
    )
    doubts = solved.messages + judging.judge(found)
    warn(doubts)
    return replace(found, messages=tuple(dict.fromkeys(forces.messages + doubts)))


def _displacements(
    source: Any,
    *,
    calculator: AnyCalculator | None,
    cell: Any,
    supercell: Any,
    order: int | Sequence[int],
    method: str | None,
    distance: float,
    count: int | None,
    seed: int,
    phonon_supercell: Any,
    cutoff: float | None,
) -> Displacements:
    """Give the displacements, made where they are not there."""
    given = [cell, supercell, phonon_supercell, count]
    if isinstance(source, ForceSet | Displacements):
        if any(one is not None for one in given):
            raise ValueError(
                f"cell, supercell, phonon_supercell and count are those of the "
                f"{type(source).__name__} already: leave them out"
            )
        if isinstance(source, ForceSet):
            if calculator is not None:
                raise ValueError("calculator has nothing to do: the forces are there already")
            return source.displacements
        if calculator is None:
            raise ValueError("Displacements have no forces: give the calculator, or a ForceSet")
        return source
    if calculator is not None:
        raise ValueError("calculator goes with Displacements; a potential is the first argument")
    if cell is None or supercell is None:
        raise ValueError(
            "a potential needs cell and supercell: force_constants(potential, cell=cell, "
            "supercell=(2, 2, 2))"
        )
    highest = max(solving.checked_orders(order))
    if solving.checked_method(method or "systematic", systematic=True) == "symfc":
        if phonon_supercell is not None:
            raise ValueError("phonon_supercell goes with method='systematic'")
        return _drawn(cell, supercell, distance, count, seed, highest, cutoff)
    if count is not None:
        raise ValueError("count goes with method='symfc': finite differences need all pairs")
    return systematic_displacements(
        cell,
        supercell,
        distance=distance,
        order=highest,
        phonon_supercell=phonon_supercell,
    )


def _computed(moved: Displacements, calculator: Any, how: dict[str, Any]) -> ForceSet:
    """Compute forces; what they warn of is said of the line that asked for constants."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        found = force_set(moved, calculator, **how)
    for one in caught:
        warnings.warn(str(one.message), one.category, stacklevel=3)
    return found


def _drawn(
    cell: Any,
    supercell: Any,
    distance: float,
    count: int | None,
    seed: int,
    order: int,
    cutoff: float | None,
) -> Displacements:
    """Draw as many random displacements as a fit wants."""
    if count is None:
        one = random_displacements(cell, supercell, count=1, distance=distance)
        cells.check_cutoff(cutoff, one.supercell.cell.array, "cutoff")
        options = None if cutoff is None else f"cutoff={cutoff}"
        least = solving.estimate_count(one.phono3py(), order, options)
        count = max(2, 2 * -(-SEVERAL * least // 2))
    return random_displacements(
        cell, supercell, count=count, distance=distance, seed=seed, plus_minus=count % 2 == 0
    )
