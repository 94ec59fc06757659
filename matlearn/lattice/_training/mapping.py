"""See whether a relaxed structure still sits on its lattice, with icet's mapping."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms

MAX_STRAIN = 0.16
"""Largest change of shape, the difference of the largest and smallest principal strain: half the way
from fcc to bcc along Bain's path, where it is 2^(1/6) - 2^(-1/3) = 0.329. icet warns above 0.1."""
MAX_DISPLACEMENT = 0.3
"""Largest way of an atom from its site, as a fraction of the distance between sites."""
_WORDS = {
    "high_anisotropic_strain": "the cell changed its shape by {strain:.3f}, more than {max_strain:g}",
    "large_maximum_relaxation_distance": (
        "an atom is {displacement:.2f} A from its site, more than {max_displacement:g} of the "
        "distance between sites"
    ),
    "large_average_relaxation_distance": (
        "atoms are {average:.2f} A from their sites on average, more than half of "
        "{max_displacement:g} of the distance between sites"
    ),
    "possible_ambiguity_in_mapping": "an atom is almost as close to another site as to its own",
}


@dataclass(frozen=True)
class Mapping:
    """Where a relaxed structure is on its lattice."""

    on_lattice: bool
    """Whether the relaxed structure still is that ideal structure."""
    displacement: float
    """Largest distance of an atom from its site, in angstrom; NaN if nothing was mapped."""
    reason: str | None
    """What is wrong if it left its lattice."""


def map_back(
    relaxed: Atoms,
    ideal: Atoms,
    primitive: Atoms,
    *,
    max_strain: float = MAX_STRAIN,
    max_displacement: float = MAX_DISPLACEMENT,
) -> Mapping:
    """Map a relaxed structure onto the lattice that it started from.

    The volume is left out of the comparison: an alloy's lattice may grow as it likes.

    Parameters
    ----------
    relaxed
        The relaxed structure.
    ideal
        The structure it started from, on the lattice of `primitive`.
    primitive
        The primitive cell, with its sites occupied by anything.
    max_strain
        Difference of the largest and the smallest principal strain above which a structure has
        left its lattice.
    max_displacement
        Distance of an atom from its site, as a fraction of the distance between sites, above which
        it has left its lattice. Half of it is the limit of the average.

    Returns
    -------
    Mapping
    """
    from matlearn.lattice._fits.libraries import icet

    reference = primitive.copy()
    growth = relaxed.get_volume() / len(relaxed) * len(primitive) / primitive.get_volume()
    reference.set_cell(primitive.cell.array * growth ** (1 / 3), scale_atoms=True)
    bare = Atoms(relaxed.numbers, relaxed.positions, cell=relaxed.cell, pbc=True)
    levels = {
        "volumetric_strain": np.inf,
        "anisotropic_strain": max_strain,
        "maximum_displacement": np.inf,
        "average_displacement": np.inf,
        "maximum_displacement_fraction": max_displacement,
        "average_displacement_fraction": max_displacement / 2,
    }
    try:
        mapped, found = icet().tools.map_structure_to_reference(
            bare, reference, trigger_levels=levels, suppress_warnings=True
        )
    except ValueError as error:
        words = str(error).splitlines()[0].rstrip(".")
        return Mapping(False, float("nan"), f"icet does not find the lattice: {words}")
    strains = found.strain_tensor_eigenvalues
    numbers = {
        "strain": strains[-1] - strains[0],
        "displacement": found.drmax,
        "average": found.dravg,
        "max_strain": max_strain,
        "max_displacement": max_displacement,
    }
    reasons = [_WORDS[tag].format(**numbers) for tag in found.warnings]
    mapped.set_cell(mapped.cell.array / growth ** (1 / 3), scale_atoms=True)
    if not _same(mapped, ideal, primitive):
        reasons.append("it relaxed into another ordering of the lattice")
    return Mapping(not reasons, found.drmax, "; ".join(reasons) or None)


def _same(mapped: Atoms, ideal: Atoms, primitive: Atoms) -> bool:
    """Tell whether two structures on a lattice are the same, whatever their setting."""
    if np.allclose(mapped.cell.array, ideal.cell.array, atol=1e-4):
        partner = mapped.arrays["IndexMapping"]
        if (partner >= 0).all() and (mapped.numbers == ideal.numbers[partner]).all():
            shift = mapped.positions - ideal.positions[partner]
            steps = np.linalg.solve(ideal.cell.array.T, (shift - shift[0]).T)
            first = np.linalg.solve(primitive.cell.array.T, shift[0])
            if all(np.allclose(part, np.round(part), atol=1e-3) for part in (steps, first)):
                return True
    from ase.utils.structure_comparator import SymmetryEquivalenceCheck

    plain = Atoms(mapped.numbers, mapped.positions, cell=mapped.cell, pbc=True)
    if len(plain) != len(ideal) or sorted(plain.numbers) != sorted(ideal.numbers):
        return False
    # a copy, for the comparison moves the atoms of what it is given
    return bool(SymmetryEquivalenceCheck().compare(ideal.copy(), plain))
