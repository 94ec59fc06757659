"""What a caller hands over as a structure, as ASE Atoms."""

from __future__ import annotations

from typing import Any

from ase import Atoms


def as_atoms(structure: Any, argument: str = "structure") -> Atoms:
    """Return ASE Atoms from ASE Atoms (as they are) or a pymatgen Structure or Molecule.

    Parameters
    ----------
    structure
        ASE Atoms, or anything with pymatgen's method ``to_ase_atoms``.
    argument
        What the caller's argument is called, for the error.

    Raises
    ------
    TypeError
        If it is neither.

    Examples
    --------
    >>> from pymatgen.core import Lattice, Structure
    >>> as_atoms(Structure(Lattice.cubic(3.4), ["Po"], [[0, 0, 0]])).get_chemical_formula()
    'Po'
    """
    if isinstance(structure, Atoms):
        return structure
    if hasattr(structure, "to_ase_atoms"):
        converted: Atoms = structure.to_ase_atoms()
        return converted
    raise TypeError(
        f"{argument} must be ASE Atoms or a pymatgen Structure, got {type(structure).__name__}"
    )
