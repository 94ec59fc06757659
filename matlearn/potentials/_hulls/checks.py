"""What `relax_and_learn` is given, checked before anything is computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from ase import Atoms

from matlearn._structures import as_atoms
from matlearn.potentials._mtp.checks import (
    check_apart,
    check_reach,
    checked_images,
    checked_weights,
)
from matlearn.potentials.moment_tensors import MTP


def checked_candidates(
    structures: Iterable[Atoms], species: Sequence[str], cutoff: float
) -> list[Atoms]:
    """Give the candidates as bare structures, each with a label of its own.

    Raises
    ------
    ValueError
        If one cannot be a candidate, two have the same label, or no structure is of one element.
    TypeError
        If it is one structure, or something else.
    """
    if isinstance(structures, Atoms) or not isinstance(structures, Iterable):
        raise TypeError(f"structures must be several ASE Atoms, got {type(structures).__name__}")
    candidates = []
    for number, structure in enumerate(structures):
        atoms = as_atoms(structure, f"structures[{number}]")
        label = str(atoms.info.get("label", f"{atoms.symbols}-{number:05d}"))
        if len(atoms) == 0 or atoms.cell.rank < 3:
            raise ValueError(f"structure {label!r} must have atoms and a cell in three dimensions")
        other = sorted(set(atoms.symbols) - set(species))
        if other:
            raise ValueError(
                f"structure {label!r} has {other[0]}, but the potential knows {', '.join(species)}"
            )
        bare = Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=True)
        bare.info = {"label": label}
        if "lattice" in atoms.info:
            bare.info["lattice"] = str(atoms.info["lattice"])
        candidates.append(bare)
    if candidates:
        check_apart(candidates, "structures")
        check_reach(candidates, cutoff, "structures")
    (label, number), *_ = Counter(a.info["label"] for a in candidates).most_common(1) or [("", 0)]
    if number > 1:
        raise ValueError(f"two structures have the label {label!r}")
    for element in species:
        if not any(set(atoms.symbols) == {element} for atoms in candidates):
            raise ValueError(
                f"structures must hold pure {element}, the zero of its formation energies"
            )
    return candidates


def checked_limits(
    select: float,
    stop: float,
    keep: float,
    fmax: float,
    max_steps: int,
    max_sweeps: int,
    max_calls: int | None,
    survivors: int,
    max_iterations: int,
    weights: Sequence[float],
) -> dict[str, Any]:
    """Refuse numbers that make no sense; give those that a run must keep."""
    if not 1 < select <= stop:
        raise ValueError(f"select must be above 1 and at most stop = {stop}, got {select}")
    for name, value in {"keep": keep, "fmax": fmax}.items():
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be a positive number, got {value}")
    whole = {
        "max_steps": (max_steps, 1), "max_sweeps": (max_sweeps, 1), "survivors": (survivors, 0),
        "max_iterations": (max_iterations, 0),
    }  # fmt: skip
    for name, (count, least) in whole.items():
        if int(count) != count or count < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, got {count}")
    checked_weights(weights)
    if max_calls is not None and max_calls < 1:
        raise ValueError(f"max_calls must be at least 1, or None; got {max_calls}")
    return {
        "select": float(select),
        "stop": float(stop),
        "keep": float(keep),
        "fmax": float(fmax),
        "max_steps": int(max_steps),
    }


def checked_start(
    mtp: MTP, images: Iterable[Atoms], start: int, accurate: MTP | None
) -> list[Atoms]:
    """See that there is something to learn from first, and that the potentials go together."""
    known = list(images)
    for number, atoms in enumerate(known):
        if atoms.calc is None or atoms.calc.results.get("energy") is None:
            raise ValueError(f"images[{number}] carries no energy: label it first")
    if known:
        check_apart(checked_images(known))
    strange = sorted({symbol for atoms in known for symbol in atoms.symbols} - set(mtp.species))
    if strange:
        raise ValueError(
            f"images hold {', '.join(strange)}, but the potential knows {', '.join(mtp.species)}"
        )
    if mtp.fitted and not known:
        raise ValueError(
            "images must hold what mtp was trained on: a potential can be graded against nothing "
            "else. Give them, or an MTP that is not fitted"
        )
    if not known and start < 2 * len(mtp.species):
        raise ValueError(f"start must be at least {2 * len(mtp.species)}, got {start}")
    if accurate is not None and accurate.species != mtp.species:
        raise ValueError(
            f"accurate must be for {', '.join(mtp.species)} as mtp is, in this order; got "
            f"{', '.join(accurate.species)}"
        )
    return known
