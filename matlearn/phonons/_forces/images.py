"""Supercells that were computed elsewhere: which atom is which, and how far each was moved."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from ase import Atoms

from matlearn._structures import as_atoms
from matlearn.phonons._forces import residuals
from matlearn.phonons._forces.results import ForceSet
from matlearn.phonons._phono3py import cells
from matlearn.phonons._phono3py.displaced import Displacements
from matlearn.phonons._phono3py.reading import distance_of

FAR = 0.5
"""An atom is displaced by at most this from its place (A)."""
STILL = 1e-6
"""A supercell in which no atom is farther from its place (A) is the undisplaced one."""
Computed = tuple[np.ndarray, np.ndarray, float | None]


def placed(image: Any, supercell: Atoms, argument: str) -> Computed:
    """Give displacements (A), forces (eV/A) and energy (eV) in the supercell's order of atoms.

    Raises
    ------
    TypeError, ValueError
        If it is no structure, another supercell, or has no forces.
    """
    atoms = as_atoms(image, argument)
    if len(atoms) != len(supercell) or sorted(atoms.numbers) != sorted(supercell.numbers):
        raise ValueError(
            f"{argument} is {atoms.get_chemical_formula()}, and the supercell is "
            f"{supercell.get_chemical_formula()}"
        )
    if not np.allclose(atoms.cell.array, supercell.cell.array, atol=1e-4):
        raise ValueError(f"{argument} has another cell than the supercell of this crystal")
    results: dict[str, Any] = getattr(atoms.calc, "results", {})
    if "forces" not in results:
        raise ValueError(f"{argument} has no forces: attach them, as ase.io.read does")
    cell = supercell.cell.array
    away = atoms.get_scaled_positions(wrap=False)[None] - supercell.get_scaled_positions()[:, None]
    moves = (away - np.rint(away)) @ cell
    far = np.linalg.norm(moves, axis=2)
    far[supercell.numbers[:, None] != atoms.numbers[None]] = np.inf
    order = far.argmin(axis=1)
    nearest = far.min(axis=1)
    if nearest.max() > FAR or len(set(order.tolist())) < len(order):
        worst = int(nearest.argmax())
        raise ValueError(
            f"{argument} does not match the supercell: the nearest {supercell.symbols[worst]} to the "
            f"place of atom {worst} is {nearest[worst]:.2f} A away, or one atom is nearest to two "
            f"places. Displacements are at most {FAR} A, from the cell that was given"
        )
    energy = results.get("energy")
    moved = moves[np.arange(len(order)), order]
    return moved, np.asarray(results["forces"])[order], None if energy is None else float(energy)


def gather(
    cell: Any,
    supercell: Any,
    images: Iterable[Atoms],
    subtract_mean: bool,
    primitive_matrix: Any,
    source: str,
) -> ForceSet:
    """Make a force set of supercells that were computed elsewhere: see `collect_forces`."""
    if isinstance(images, Atoms):
        raise TypeError("images must be several ASE Atoms, such as a list, got one Atoms")
    unitcell, matrix = cells.checked_cell(cell), cells.checked_matrix(supercell)
    perfect = cells.supercell_atoms(unitcell, matrix)
    found = [placed(one, perfect, f"images[{number}]") for number, one in enumerate(images)]
    still = [one for one in found if np.linalg.norm(one[0], axis=1).max() < STILL]
    moved = [one for one in found if np.linalg.norm(one[0], axis=1).max() >= STILL]
    if not moved:
        raise ValueError(f"images hold no displaced supercell, got {len(found)} in all")
    forces = np.array([one[1] for one in moved])
    if subtract_mean:
        forces = forces - forces.mean(axis=1, keepdims=True)
    residual = None
    messages: tuple[str, ...] = ()
    if still:
        residual = still[0][1] - (still[0][1].mean(axis=0) if subtract_mean else 0.0)
        forces = forces - residual
        messages = residuals.of_forces(residual)
        for message in messages:
            warnings.warn(message, UserWarning, stacklevel=3)
    energies = [one[2] for one in moved]
    displaced = np.array([one[0] for one in moved])
    distance, mixed = distance_of(np.linalg.norm(displaced, axis=2).ravel())
    return ForceSet(
        displacements=Displacements(
            unitcell,
            matrix,
            cells.primitive_matrix_of(unitcell, primitive_matrix),
            displaced,
            distance,
            "random",
            messages=mixed,
        ),
        forces=forces,
        energies=None if any(one is None for one in energies) else np.array(energies, dtype=float),
        residual=residual,
        perfect_energy=still[0][2] if still else None,
        info={"calculator": source},
        messages=mixed + messages,
    )
