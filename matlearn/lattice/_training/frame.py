"""The table of training structures: how it is put together, written and read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms

from matlearn.lattice._fits.fractions import independent_fractions
from matlearn.lattice._training.species import Species
from matlearn.lattice.hulls import hull_distances, mixing_energies

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Row:
    """What is known of one structure."""

    label: str
    """Its name."""
    energy: float
    """Energy of the relaxed cell in eV; NaN if there is none."""
    structure: Atoms
    """On the ideal lattice."""
    relaxed_structure: Atoms | None
    """As it was relaxed."""
    on_lattice: bool
    """Whether it is still on the lattice, and converged."""
    displacement: float
    """Largest distance of an atom from its site, in angstrom."""
    status: str
    """How the relaxation ended."""
    reason: str | None
    """Why it did not end well."""


def frame_from_rows(rows: list[Row], primitive: Atoms, lattice: Species) -> pd.DataFrame:
    """Add to the structures what follows from their energies and compositions."""
    import pandas as pd

    structures = [row.structure for row in rows]
    energies = np.array([row.energy for row in rows])
    counts = np.array([row.on_lattice for row in rows])
    n_atoms = np.array([len(atoms) for atoms in structures])
    per_atom = energies / n_atoms
    concentrations = lattice.concentrations(structures)
    reference = lattice.reference(structures)
    pure = per_atom[lattice.rows_of_end_members(structures)]
    columns = {
        "label": [row.label for row in rows],
        "formula": [lattice.formula(atoms) for atoms in structures],
        "n_atoms": n_atoms,
        "energy": energies,
        "energy_per_atom": per_atom,
        "mixing_energy": mixing_energies(per_atom, reference, pure),
        "concentration": concentrations[lattice.active[-1]],
        **{f"concentration_{symbol}": value for symbol, value in concentrations.items()},
        "hull_distance": hull_distances(independent_fractions(structures), per_atom, counts=counts),
        "structure": pd.Series(structures, dtype=object),
        "relaxed_structure": pd.Series([row.relaxed_structure for row in rows], dtype=object),
        "on_lattice": counts,
        "displacement": [row.displacement for row in rows],
        "status": [row.status for row in rows],
        "reason": pd.Series([row.reason for row in rows], dtype=object),
    }
    frame = pd.DataFrame(columns)
    plain = Atoms(primitive.numbers, primitive.positions, cell=primitive.cell, pbc=True)
    frame.attrs = {"primitive": plain, "chemical_symbols": lattice.lists}
    return frame
