"""Which atom of one state is which of the other, and how far it moves."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.geometry import find_mic
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Order = NDArray[np.intp]

MOVED = 1.0
"""An atom further from its place than this (A) has left it: thermal motion it is not."""
FEW = 3
"""More atoms that move at once are likelier a matter of numbering than a mechanism."""
RING = 6
"""More atoms than this do not change places with each other in one hop."""
SHIFTED = 0.3
"""A crystal as a whole moves less than this (A) while it relaxes around a hop."""
SAME_PLACE = 1e-3
"""What is nearer to its place than this (A) has not moved."""


def displacements(first: Atoms, second: Atoms) -> Floats:
    """Give what leads from one state to the other, atom by atom, the shortest way round (A)."""
    found: Floats = find_mic(second.positions - first.positions, first.cell, first.pbc)[0]
    return found


def matched(first: Atoms, second: Atoms, match: bool | None) -> tuple[Atoms, list[str]]:
    """Give the second state in the order of the first, every atom where it goes the shortest way.

    A common shift of all atoms is taken back: it costs no energy, and would look like a hop of all.

    Raises
    ------
    ValueError
        If the second state is nothing but the first with other numbers.
    """
    messages: list[str] = []
    as_given = _shift_as_given(first, second) if match is not True else None
    shift = as_given
    if as_given is None or _hops(first, second, as_given) == 0:
        order, why = _order(first, second, match)
        sorted_ = second if order is None else second[order]
        shift = common_shift(first, displacements(first, sorted_))
        if as_given is None or shift is None:  # else a shift explains it as well, without sorting
            second = sorted_
            messages += [why] if why else []
        else:
            shift = as_given
    if shift is not None:
        messages.append(
            f"all atoms of final were shifted by {np.linalg.norm(shift):.2f} A against initial, "
            "which is no part of a hop: final was moved back by that much"
        )
        second.positions -= shift
    second.positions = first.positions + displacements(first, second)
    return second, messages


def common_shift(first: Atoms, moves: Floats) -> Floats | None:
    """Give the shift (A) that nearly all atoms have in common, None where there is none.

    Parameters
    ----------
    first
        Where the atoms were.
    moves
        (atoms, 3) what leads from there to where they are (A).
    """
    shift = np.median(moves, axis=0)
    length = float(np.linalg.norm(shift))
    if len(moves) <= 2 * FEW or length < SHIFTED:
        return None
    held = [atom for constraint in first.constraints for atom in np.atleast_1d(constraint.index)]
    if held and np.linalg.norm(moves[held], axis=1).min() < SHIFTED:
        return None
    rest = np.sort(np.linalg.norm(_shortest(first, moves - shift), axis=1))[:-FEW]
    if np.sqrt(np.mean(rest**2)) > length / 2:
        return None
    return _centre(first, moves, shift)


def _centre(first: Atoms, moves: Floats, shift: Floats) -> Floats:
    """Give the mean of those that go with the shift, which is less noisy than their median."""
    rest = _shortest(first, moves - shift)
    along = np.linalg.norm(rest, axis=1) < MOVED
    mean: Floats = shift + rest[along].mean(axis=0)
    return mean


def _shortest(atoms: Atoms, vectors: Floats) -> Floats:
    found: Floats = find_mic(vectors, atoms.cell, atoms.pbc)[0]
    return found


def _shift_as_given(first: Atoms, second: Atoms) -> Floats | None:
    """Give the common shift if the atoms are taken in the order given, and few hop besides."""
    if (first.numbers != second.numbers).any():
        return None
    shift = common_shift(first, displacements(first, second))
    return shift if shift is not None and _hops(first, second, shift) <= FEW else None


def _hops(first: Atoms, second: Atoms, shift: Floats) -> int:
    left = _shortest(first, displacements(first, second) - shift)
    return int((np.linalg.norm(left, axis=1) > MOVED).sum())


def _order(first: Atoms, second: Atoms, match: bool | None) -> tuple[Order | None, str]:
    """Say in which order the atoms of the second state follow those of the first, and why."""
    alike = (first.numbers == second.numbers).all()
    if match is False:
        if not alike:
            raise ValueError(
                "initial and final list their atoms in different orders; match=False forbids to "
                "sort them: give them in one order"
            )
        return None, ""
    given = np.linalg.norm(displacements(first, second), axis=1) if alike else None
    if match is None and given is not None and (given > MOVED).sum() <= FEW:
        return None, ""
    order = nearest(first, second)
    moves = np.linalg.norm(displacements(first, second[order]), axis=1)
    after = int((moves > MOVED).sum())
    if match is None and given is not None:
        before = int((given > MOVED).sum())
        shifted = _shift_as_given(first, second) is not None
        if after == 0 and before > RING and not shifted:
            raise ValueError(
                f"final is initial with other numbers: {before} atoms change places, and none is "
                "where no atom was before; give two states that differ, or match=False if these "
                "atoms really change places"
            )
        if after == 0 and not shifted:
            return None, (
                f"{before} atoms change places with each other on this path; if they are only "
                "numbered differently in final, no atom moves (match=True)"
            )
        if shifted and (after == 0 or after >= before):
            return None, ""
        if after >= before:
            return None, f"{before} of {len(first)} atoms move by more than {MOVED} A on this path"
    return order, (
        f"the atoms of final were put into the order of initial, each to the nearest of its kind: "
        f"{after} of {len(first)} move by more than {MOVED} A"
    )


def nearest(first: Atoms, second: Atoms) -> Order:
    """Match atoms of each species: as few as can be move.

    What is least is the sum of the square roots of distances: one long way costs less than two
    that are half as long, so that a hop does not become a chain of atoms that follow each other.
    """
    from ase.geometry import get_distances
    from scipy.optimize import linear_sum_assignment

    order = np.empty(len(first), dtype=np.intp)
    for number in np.unique(first.numbers):
        here, there = (
            np.flatnonzero(first.numbers == number),
            np.flatnonzero(second.numbers == number),
        )
        apart = get_distances(
            first.positions[here], second.positions[there], cell=first.cell, pbc=first.pbc
        )[1]
        rows, columns = linear_sum_assignment(np.sqrt(apart))
        order[here[rows]] = there[columns]
    return order
