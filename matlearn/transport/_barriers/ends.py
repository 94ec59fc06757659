"""The two ends of a hop: checked and relaxed."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms

from matlearn.transport._barriers.matching import (
    MOVED,
    SAME_PLACE,
    Floats,
    displacements,
    matched,
)

SAME = 0.05
"""Two states with no atom further apart than this (A) are one."""


def checked_pair(
    initial: Atoms, final: Atoms, match: bool | None
) -> tuple[Atoms, Atoms, list[str]]:
    """Give copies of both ends, the atoms of the second in the order of the first, unwrapped.

    Raises
    ------
    ValueError
        If they cannot be the two ends of one hop.
    """
    for name, atoms in (("initial", initial), ("final", final)):
        if len(atoms) == 0:
            raise ValueError(f"{name} has no atoms")
        if not np.isfinite(atoms.positions).all():
            raise ValueError(f"{name} has positions that are not finite")
    if len(initial) != len(final) or sorted(initial.numbers) != sorted(final.numbers):
        raise ValueError(
            f"initial and final must hold the same atoms, got {initial.get_chemical_formula()} and "
            f"{final.get_chemical_formula()}"
        )
    if (initial.pbc != final.pbc).any():
        raise ValueError(
            f"initial and final must be periodic along the same axes, got {initial.pbc.tolist()} "
            f"and {final.pbc.tolist()}"
        )
    cells = initial.cell.array[initial.pbc], final.cell.array[final.pbc]
    if not np.allclose(*cells, atol=1e-4):
        raise ValueError(
            "initial and final must have the same cell, got edges of "
            f"{_edges(initial)} and {_edges(final)} A: relax the cell once, without the hop, and "
            "use it for both"
        )
    first, second = initial.copy(), final.copy()
    second.cell = first.cell.copy()
    second.set_constraint()
    second, messages = matched(first, second, match)
    second.set_constraint([constraint.copy() for constraint in first.constraints])
    moves = np.linalg.norm(second.positions - first.positions, axis=1)
    if moves.max() < SAME_PLACE:
        raise ValueError("; ".join(["initial and final are the same: no atom moves", *messages]))
    _check_fixed(first, moves)
    return first, second, messages + _ambiguous(first, moves)


def _edges(atoms: Atoms) -> str:
    return " x ".join(f"{length:.3f}" for length in atoms.cell.lengths())


def _check_fixed(atoms: Atoms, moves: Floats) -> None:
    from ase.constraints import FixAtoms

    for constraint in atoms.constraints:
        if isinstance(constraint, FixAtoms) and moves[constraint.index].max(initial=0.0) > 1e-6:
            worst = constraint.index[np.argmax(moves[constraint.index])]
            raise ValueError(
                f"atom {worst} is fixed but not in one place in initial and final: it moves by "
                f"{moves[worst]:.3f} A"
            )


def _ambiguous(atoms: Atoms, moves: Floats) -> list[str]:
    """Say where the shortest way round is not clear."""
    if not atoms.pbc.any():
        return []
    cell = atoms.cell.complete().array
    heights = np.abs(np.linalg.det(cell)) / np.linalg.norm(
        np.cross(cell[[1, 2, 0]], cell[[2, 0, 1]]), axis=1
    )
    half = heights[atoms.pbc].min() / 2
    if moves.max() < 0.9 * half:
        return []
    return [
        f"an atom moves by {moves.max():.2f} A in a cell whose half is {half:.2f} A wide: it was "
        "taken to go the shortest way, which may be the other one; use a larger cell"
    ]


def relax(atoms: Atoms, calculator: Any, fmax: float, steps: int) -> tuple[bool, float]:
    """Relax positions in place; say whether the forces came below fmax, and how large they are."""
    from ase.optimize import BFGS, LBFGS

    atoms.calc = calculator
    method: Any = BFGS if len(atoms) <= 100 else LBFGS  # exact, but slow for many atoms
    optimiser = method(atoms, logfile=None)
    converged = bool(optimiser.run(fmax=fmax, steps=steps))
    return converged, float(np.linalg.norm(atoms.get_forces(), axis=1).max())


def after_relaxing(given: Atoms, relaxed: Atoms, name: str) -> list[str]:
    """Say where an end state did not stay what it was."""
    moves = np.linalg.norm(displacements(given, relaxed), axis=1)
    if moves.max() <= MOVED:
        return []
    atom = int(moves.argmax())
    return [
        f"{name} did not stay what it was: its atom {atom} ({given.symbols[atom]}) moved by "
        f"{moves[atom]:.2f} A while it was relaxed"
    ]


def check_two(initial: Atoms, final: Atoms, relaxed: bool) -> None:
    """See that two states are left.

    Raises
    ------
    ValueError
        If both are one and the same.
    """
    moves = np.linalg.norm(final.positions - initial.positions, axis=1)
    if moves.max() < SAME:
        how = "relaxed to the same state: what was given as one of them is no minimum"
        raise ValueError(f"initial and final {how if relaxed else 'are the same'}")


def alike(first: Atoms, second: Atoms, tolerance: float = 0.05) -> bool:
    """Tell whether two states have the same distances between their atoms.

    States that a symmetry of the crystal maps onto each other have; compared are the sorted
    distances up to half the cell, of each pair of species, to `tolerance` (A).
    """
    if len(first) < 2:
        return False
    for left, right in zip(_fingerprint(first), _fingerprint(second), strict=True):
        if np.abs(left - right).max(initial=0.0) > tolerance:
            return False
    return True


def _fingerprint(atoms: Atoms) -> list[Floats]:
    """Sorted distances from each atom's kind to each kind, all pairs."""
    apart = atoms.get_all_distances(mic=bool(atoms.pbc.any()))
    upper = np.triu(np.ones(apart.shape, dtype=bool), 1)
    kinds = np.unique(atoms.numbers)
    found = []
    for i, one in enumerate(kinds):
        for other in kinds[i:]:
            pair = np.outer(atoms.numbers == one, atoms.numbers == other)
            found.append(np.sort(apart[(pair | pair.T) & upper]))
    return found
