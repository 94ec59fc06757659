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


def judge(perfect: Atoms, stressed: bool) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Say whether a cell is relaxed: reasons for doubt, and the numbers.

    Parameters
    ----------
    perfect
        The undisplaced supercell with its results.
    stressed
        Whether its stress means something.
    """
    results = perfect.calc.results
    force = float(np.linalg.norm(results["forces"], axis=1).max())
    info: dict[str, Any] = {"residual_force": force}
    stress = results.get("stress") if stressed else None
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
    told = (
        ""
        if force > FORCE
        else " (of a potential that learned from this cell alone the stress means nothing: hand over "
        "the result of its fit, which says so)"
    )
    return (
        f"the cell is not relaxed with this calculator: undisplaced it has {pulled}{pressed}{told}. "
        "Frequencies and conductivity are those of a strained crystal: relax the cell first, "
        "unless that is what you want",
    )
