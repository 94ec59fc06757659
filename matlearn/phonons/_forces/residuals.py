"""What an undisplaced supercell says about whether the cell was relaxed."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms, units

PERFECT = -1
"""Number of the undisplaced supercell among the others."""
FORCE = 0.01
"""Residual forces above this (eV/A) are those of a cell that is not relaxed."""
STRESS = 0.2
"""And stresses above this (GPa)."""


def judge(perfect: Atoms) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Say whether a cell is relaxed: reasons for doubt, and the numbers."""
    results = perfect.calc.results
    force = float(np.linalg.norm(results["forces"], axis=1).max())
    info: dict[str, Any] = {"residual_force": force}
    stress = results.get("stress")
    tension = None
    if stress is not None:
        tension = float(np.abs(stress).max() / units.GPa)
        info["residual_stress"] = tension
    return _messages(force, tension), info


def of_forces(residual: np.ndarray) -> tuple[str, ...]:
    """Say whether a cell is relaxed, by its forces alone."""
    return _messages(float(np.linalg.norm(residual, axis=1).max()), None)


def _messages(force: float, tension: float | None) -> tuple[str, ...]:
    if force <= FORCE and (tension is None or tension <= STRESS):
        return ()
    pulled = f"forces up to {force:.2g} eV/A" if force > 1e-6 else "no forces"
    pressed = "" if tension is None else f" and a stress of {tension:.2g} GPa"
    unknown = (
        ". Leave it aside for a potential that learned from displacements of this one cell: those "
        "do not tell the stress"
        if force <= FORCE
        else ""
    )
    return (
        f"the cell is not relaxed with this calculator: undisplaced it has {pulled}{pressed}. "
        "Frequencies and conductivity are those of a strained crystal: relax the cell first, "
        f"unless that is what you want{unknown}",
    )
