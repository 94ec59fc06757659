"""The stages of a run: relax with a potential, and keep what is near the hull."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ase import Atoms

from matlearn.potentials._hulls.learning import Learner, with_energy
from matlearn.potentials._hulls.screening import fractions_of, hull_heights
from matlearn.potentials.moment_tensors import MTP


def screen(
    learner: Learner, number: int, mtp: MTP, structures: Sequence[Atoms], keep: float
) -> list[Atoms]:
    """Relax structures with a potential, learning on the way, and keep those near the hull.

    Returns
    -------
    list of Atoms
        As relaxed, in the order given, with ``info["label"]``.
    """
    screens = learner.folder.state.setdefault("screens", {})
    if str(number) not in screens:
        given_up = learner.relax(number, mtp, structures)
        rmse = learner.folder.state["fits"][str(number)]["rmse"]
        screens[str(number)] = {"rmse": rmse, "width": keep * rmse, "given_up": given_up}
        learner.folder.save()
    done = learner.folder.relaxations(number)
    labels = [atoms.info["label"] for atoms in structures]
    above = heights(labels, done, structures, mtp.species)[1]
    kept = []
    for atoms, height in zip(structures, above, strict=True):
        if height <= screens[str(number)]["width"]:
            relaxed = done[atoms.info["label"]].atoms
            assert relaxed is not None
            bare = Atoms(relaxed.numbers, relaxed.positions, cell=relaxed.cell, pbc=True)
            bare.info = dict(atoms.info)
            kept.append(bare)
    return kept


def judge(learner: Learner, mtp: MTP, structures: Sequence[Atoms]) -> None:
    """See how far off a potential was where it had been told nothing: RMSE in eV/atom."""
    if "survivors" in learner.folder.state:
        return
    calculator = mtp.calculator()
    errors = []
    for atoms in structures:
        known = learner.folder.paid(atoms)
        if known is not None and known.status == "done" and known.atoms is not None:
            guess = calculator.get_potential_energy(atoms) - known.atoms.get_potential_energy()
            errors.append(guess / len(atoms))
    rmse = float(np.sqrt(np.mean(np.square(errors)))) if errors else None
    learner.folder.state["survivors"] = {"rmse": rmse, "count": len(errors)}


def heights(
    labels: Sequence[str],
    done: dict[str, Any],
    structures: Sequence[Atoms],
    elements: Sequence[str],
) -> tuple[np.ndarray, np.ndarray]:
    """Give formation energies and heights above the hull of relaxed structures, in eV/atom."""
    energies = np.full(len(labels), np.nan)
    for index, label in enumerate(labels):
        record = done.get(label)
        if record is not None and with_energy(record):
            energies[index] = record.atoms.get_potential_energy() / len(record.atoms)
    return hull_heights(energies, fractions_of(structures, elements))


def some_of(structures: Sequence[Atoms], count: int, seed: int) -> list[Atoms]:
    """Draw a sample, in the order given."""
    if len(structures) <= count:
        return list(structures)
    chosen = np.random.default_rng(seed).choice(len(structures), count, replace=False)
    return [structures[index] for index in sorted(chosen)]
