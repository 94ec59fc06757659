"""Phono3py's data set of displaced pairs ("type 1"), as arrays and back.

It lists atoms that are displaced first, and for each of them those displaced besides. Supercells
come in the order of phono3py: all first displacements, then all pairs. Pairs beyond a cut-off stay
in the list, marked ``included: False``; they are not computed, and phono3py wants zeros for them.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

Pairs = dict[str, Any]


def entries(pairs: Pairs) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Go through the supercells, those left out too: (first, second or None)."""
    for first in pairs["first_atoms"]:
        yield first, None
    for first in pairs["first_atoms"]:
        for second in first.get("second_atoms", ()):
            yield first, second


def is_included(second: dict[str, Any] | None) -> bool:
    """Whether a supercell is within the cut-off."""
    return second is None or bool(second.get("included", True))


def mark_included(pairs: Pairs) -> Pairs:
    """Mark the pairs beyond the cut-off, which a file with forces does not."""
    cutoff = pairs.get("cutoff_distance")
    if cutoff is not None:
        for _, second in entries(pairs):
            if second is not None and "included" not in second:
                second["included"] = bool(second["pair_distance"] < cutoff)
    return pairs


def displacements_of(pairs: Pairs) -> np.ndarray:
    """Give the displacements (A) of the supercells that count, (n, atoms, 3)."""
    kept = [entry for entry in entries(pairs) if is_included(entry[1])]
    moved = np.zeros((len(kept), pairs["natom"], 3))
    for number, (first, second) in enumerate(kept):
        moved[number, first["number"]] += first["displacement"]
        if second is not None:
            moved[number, second["number"]] += second["displacement"]
    return moved


def distances_of(pairs: Pairs) -> np.ndarray:
    """Give the length of every single displacement (A)."""
    moves = [(second or first)["displacement"] for first, second in entries(pairs)]
    return np.linalg.norm(moves, axis=1)


def results_of(pairs: Pairs) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Give forces (eV/A) and energies (eV) of the supercells that count, None where missing."""
    kept = [(b or a) for a, b in entries(pairs) if is_included(b)]
    if not all("forces" in one for one in kept):
        return None, None
    forces = np.array([one["forces"] for one in kept])
    if not all("supercell_energy" in one for one in kept):
        return forces, None
    return forces, np.array([one["supercell_energy"] for one in kept])


def without_results(pairs: Pairs) -> Pairs:
    """Copy a data set without its forces and energies."""
    plain = copy.deepcopy(pairs)
    for first, second in entries(plain):
        for key in ("forces", "supercell_energy"):
            (first if second is None else second).pop(key, None)
    return plain


def with_results(pairs: Pairs, forces: np.ndarray, energies: np.ndarray | None) -> Pairs:
    """Copy a data set with forces (and energies), zeros for the supercells left out."""
    full = without_results(pairs)
    zeros = np.zeros((pairs["natom"], 3))
    number = 0
    for first, second in entries(full):
        entry = first if second is None else second
        counted = is_included(second)
        entry["forces"] = np.array(forces[number]) if counted else zeros
        if energies is not None:
            entry["supercell_energy"] = float(energies[number]) if counted else 0.0
        number += counted
    return full
