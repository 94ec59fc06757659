"""Force constants out of forces, by phono3py's finite differences or symfc's fit."""

from __future__ import annotations

import contextlib
import operator
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._learning.memory import available_memory
from matlearn.phonons._phono3py import cells

if TYPE_CHECKING:
    from phono3py import Phono3py

    from matlearn.phonons._forces.results import ForceSet
    from matlearn.phonons._phono3py.displaced import Displacements

METHODS = ("symfc", "systematic")
FC2_FROM = ("joint", "separate", "own")


@dataclass(frozen=True)
class Solved:
    """What the solvers found."""

    fc2: np.ndarray
    fc3: np.ndarray | None
    drift: tuple[float, float | None]
    """Largest sums that should vanish (eV/A2, eV/A3), before they are made to."""
    own: bool
    """Whether the second order is of a supercell of its own."""
    messages: tuple[str, ...]


def solve(
    forces: ForceSet,
    order: tuple[int, ...],
    method: str,
    fc2_from: str,
    cutoff: float | None,
) -> Solved:
    """Find force constants.

    Raises
    ------
    ValueError
        If there is too little to find them from, or they would not fit into memory.
    """
    messages: list[str] = []
    harmonic_alone = order == (2,) and forces.displacements.order == 3
    own = fc2_from == "own" or forces.displacements.order == 2
    made = forces.phono3py() if own else _without_own(forces)
    if forces.displacements.distance is None:
        messages.append(
            "displacement distances are mixed: the far ones weigh most in the fit, and what is of "
            "fourth order in them goes into the constants"
        )
    calculator: Any = "symfc" if method == "symfc" else "traditional"
    options = None if cutoff is None else f"cutoff={cutoff}"
    fc3, drift3 = None, None
    if 3 in order:
        with _explained(method):
            made.produce_fc3(fc_calculator=calculator, fc_calculator_options=options)
        drift3 = _drift3(made)
        if method == "systematic":
            made.symmetrize_fc3()
        fc3 = np.asarray(made.fc3)
    if own or fc2_from == "separate" or harmonic_alone or order == (2,):
        calculator = calculator if not own else _second_method(forces)
        with _explained(str(calculator)):
            made.produce_fc2(fc_calculator=calculator)
    drift2 = _drift2(made)
    if calculator == "traditional":
        made.symmetrize_fc2()
    fc2 = np.asarray(made.fc2)
    if not (np.isfinite(fc2).all() and (fc3 is None or np.isfinite(fc3).all())):
        raise ValueError("the force constants are not finite: are there enough displacements?")
    return Solved(fc2, fc3, (drift2, drift3), own, tuple(messages))


@contextlib.contextmanager
def _explained(method: str) -> Iterator[None]:
    """Say in words where symfc finds nothing that it could fit."""
    try:
        yield
    except AssertionError as error:
        if method != "symfc":
            raise
        raise ValueError(
            "symfc finds no constants to fit: in a supercell as small as this, symmetry (or the "
            "cutoff) leaves none. Take a larger one"
        ) from error


def estimate_count(made: Phono3py, order: int, options: str | None = None) -> int:
    """Estimate how many random supercells the fit needs at the least."""
    from phonopy.interface.symfc import SymfcFCSolver, parse_symfc_options

    own = order == 2 and made.phonon_supercell_matrix is not None
    with _explained("symfc"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solver = SymfcFCSolver(
            made.phonon_supercell if own else made.supercell,
            symmetry=made.phonon_supercell_symmetry if own else made.symmetry,
            options=parse_symfc_options(options, order),
        )
        return int(solver.estimate_numbers_of_supercells(orders=[order])[order])


def _second_method(forces: ForceSet) -> str:
    """How a supercell of its own gives the second order."""
    own = forces.harmonic or forces
    return "symfc" if own.displacements.pairs is None else "traditional"


def _without_own(forces: ForceSet) -> Phono3py:
    """Make a Phono3py object that knows one supercell alone; another costs symmetry searches."""
    moved = replace(forces.displacements, harmonic=None)
    return replace(forces, displacements=moved, harmonic=None).phono3py()


def _drift2(made: Phono3py) -> float:
    from phonopy.harmonic.force_constants import get_drift_force_constants

    own = made.phonon_supercell_matrix is not None
    primitive = made.phonon_primitive if own else made.primitive
    found = get_drift_force_constants(np.array(made.fc2), primitive=primitive)
    return float(max(abs(value) for value in found[:2]))


def _drift3(made: Phono3py) -> float:
    from phono3py.phonon3.fc3 import get_drift_fc3

    found = get_drift_fc3(np.array(made.fc3), primitive=made.primitive)
    return float(max(abs(value) for value in found[:3]))


def _check_enough(made: Phono3py, count: int, order: int, options: str | None) -> None:
    """See that a fit has more forces than unknowns."""
    needed = estimate_count(made, order, options)
    if count < needed:
        raise ValueError(
            f"{count} supercells are too few: the constants of order {order} have more "
            f"unknowns than there are forces, and need {needed} supercells at the least (several "
            "times as many to average out noise); or a cutoff"
        )


def _check_memory(made: Phono3py) -> None:
    """See that constants of the third order fit into memory before they are computed."""
    atoms, primitive = len(made.supercell), len(made.primitive)
    rows = atoms if "cutoff_distance" in (made.dataset or {}) else primitive
    needed = 216.0 * rows * atoms**2 * 2  # and a copy
    free = available_memory()
    if needed > free:
        raise ValueError(
            f"the third-order constants of {atoms} atoms need {needed / 1e9:.1f} GB, and "
            f"{free / 1e9:.1f} GB are free: take a smaller supercell for them (and a larger one, "
            "phonon_supercell, for the second order)"
        )


def checked_orders(order: Any) -> tuple[int, ...]:
    """Give orders of constants, (2,) or (2, 3).

    Raises
    ------
    ValueError
        If they are others.
    """
    given = [order] if isinstance(order, int | np.integer) else order
    try:
        orders = tuple(sorted({operator.index(one) for one in given}))
    except TypeError:
        orders = ()
    if orders not in ((2,), (2, 3)) or isinstance(order, bool):
        raise ValueError(f"order must be (2, 3), or 2 alone; got {order!r}")
    return orders


def checked_method(method: str | None, systematic: bool) -> str:
    """Give the method, as the displacements allow.

    Raises
    ------
    ValueError
        If they do not.
    """
    if method is None:
        method = "systematic" if systematic else "symfc"
    if method not in METHODS:
        raise ValueError(
            "method must be 'systematic' (finite differences of displaced pairs) or 'symfc' (a "
            f"fit to displacements of any kind), got {method!r}"
        )
    if method == "systematic" and not systematic:
        raise ValueError(
            "method = 'systematic' takes finite differences of displaced pairs, and these "
            "displacements are random: method='symfc' fits them"
        )
    return method


def checked(
    moved: Displacements,
    own: bool,
    order: Any,
    method: str | None,
    fc2_from: str | None,
    cutoff: float | None,
) -> tuple[tuple[int, ...], str, str]:
    """Give order, method and where the second order comes from, as the displacements allow.

    Parameters
    ----------
    moved
        Displacements of the forces.
    own
        Whether there are (or will be) forces of a supercell of its own for the second order.
    order, method, fc2_from, cutoff
        As in `matlearn.phonons.force_constants`.

    Raises
    ------
    ValueError
        If they do not.
    """
    orders = checked_orders(order)
    if 3 in orders and moved.order == 2:
        raise ValueError(
            "order = (2, 3) needs displaced pairs, and these displacements are of single atoms: "
            "take order=2, or systematic_displacements(..., order=3)"
        )
    systematic = moved.pairs is not None
    method = checked_method(method, systematic)
    if fc2_from is None:
        fc2_from = "own" if own and systematic else "joint"
    if fc2_from not in FC2_FROM:
        raise ValueError(
            "fc2_from must be 'joint' (with the third order), 'separate' (from the same forces, "
            "alone) or 'own' (from the forces of a supercell of its own), got "
            f"{fc2_from!r}"
        )
    if fc2_from == "own" and not own:
        raise ValueError("fc2_from = 'own', but there are no forces of a supercell of its own")
    if cutoff is not None:
        if method != "symfc":
            raise ValueError(
                "cutoff is symfc's; for finite differences pairs are left out beforehand, by "
                "systematic_displacements(..., cutoff_pair_distance=...)"
            )
        cells.check_cutoff(cutoff, moved.supercell.cell.array, "cutoff")
    return orders, method, fc2_from


def check_size(
    moved: Displacements, orders: tuple[int, ...], method: str, cutoff: float | None
) -> None:
    """See that there is memory for the constants and enough supercells to fit them to.

    Raises
    ------
    ValueError
        If there is too little of either.
    """
    made = replace(moved, harmonic=None).phono3py() if moved.order == 3 else moved.phono3py()
    if 3 in orders:
        _check_memory(made)
    if method == "symfc":
        options = None if cutoff is None or 3 not in orders else f"cutoff={cutoff}"
        _check_enough(made, len(moved), max(orders), options)
