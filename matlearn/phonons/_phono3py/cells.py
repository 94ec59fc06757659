"""Cells: from ASE to phono3py and back, and the checks on what a user gives."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn._structures import as_atoms

if TYPE_CHECKING:
    from phono3py import Phono3py
    from phonopy.structure.atoms import PhonopyAtoms

CENTRINGS = ("P", "F", "I", "A", "C", "R")
CLOSEST = 0.3
"""Atoms of a crystal are farther apart (A)."""
SYMMETRY_WITHIN = 1e-5
"""How far (A) an atom may lie from where symmetry wants it, phono3py's own tolerance."""
NAC_FACTOR = 14.399652
"""e^2 / (4 pi epsilon_0) in eV A, which phono3py wants beside Born charges."""


def to_phonopy(atoms: Atoms) -> PhonopyAtoms:
    """Give a cell as phono3py takes it: species, masses, positions, magnetic moments."""
    from phonopy.structure.atoms import PhonopyAtoms

    moments = atoms.get_initial_magnetic_moments()
    return PhonopyAtoms(
        symbols=atoms.get_chemical_symbols(),
        cell=atoms.cell.array,
        positions=atoms.positions,
        masses=atoms.get_masses(),
        magnetic_moments=moments if np.any(moments) else None,
    )


def to_ase(cell: PhonopyAtoms) -> Atoms:
    """Give a cell of phono3py as ASE Atoms."""
    moments = cell.magnetic_moments
    return Atoms(
        numbers=cell.numbers,
        cell=cell.cell,
        positions=cell.positions,
        masses=cell.masses,
        magmoms=None if moments is None else moments,
        pbc=True,
    )


def checked_cell(cell: Any, argument: str = "cell") -> Atoms:
    """See that a unit cell is one.

    Raises
    ------
    TypeError, ValueError
        If it is no structure, not periodic in three dimensions, or has two atoms in one place.
    """
    atoms = as_atoms(cell, argument)
    if len(atoms) == 0:
        raise ValueError(f"{argument} has no atoms")
    if atoms.cell.rank < 3:
        raise ValueError(f"{argument} must have a cell in three dimensions, got {atoms.cell!r}")
    if atoms.cell.handedness < 0:
        raise ValueError(
            f"{argument} is left-handed (its three vectors make a left-handed system), which "
            "phono3py does not take: exchange two vectors, or turn all three over "
            "(atoms.set_cell(-atoms.cell, scale_atoms=False); atoms.wrap())"
        )
    if not atoms.pbc.all():
        raise ValueError(
            f"{argument} must be periodic in all three directions, its pbc is "
            f"{atoms.pbc.tolist()}: set cell.pbc = True (for a slab or molecule, with vacuum)"
        )
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise ValueError(f"{argument} has positions or a cell that are not finite")
    apart = atoms.get_all_distances(mic=True)[np.triu_indices(len(atoms), 1)]
    if apart.min(initial=np.inf) < CLOSEST:
        raise ValueError(
            f"{argument} has two atoms {apart.min():.2g} A apart: is one there twice, or are "
            "positions in other units than A?"
        )
    plain = Atoms(
        numbers=atoms.numbers,
        positions=atoms.positions,
        cell=atoms.cell,
        pbc=True,
        masses=atoms.get_masses() if atoms.has("masses") else None,
    )
    if atoms.has("initial_magmoms"):
        plain.set_initial_magnetic_moments(atoms.get_initial_magnetic_moments())
    return plain


def at_its_symmetry(atoms: Atoms) -> Atoms:
    """Free a cell of the rounding noise that a relaxation leaves (1e-8 A), of rotations as well.

    Symmetry is found with a tolerance, but its operations keep the noise, and what ought to be zero
    in them is not: symfc's sparse matrices then fill up, and the fit takes eight times the time and
    four times the memory. Cells that would move by more than 1e-5 A are left alone.
    """
    from ase.spacegroup.symmetrize import refine_symmetry

    made = atoms.copy()
    for _ in range(2):  # once more, after the rotation has been taken out
        refine_symmetry(made, symprec=SYMMETRY_WITHIN)
        rounded = np.where(np.abs(made.cell.array) < SYMMETRY_WITHIN, 0.0, made.cell.array)
        made.set_cell(rounded, scale_atoms=True)
    moved = np.abs(made.positions - atoms.positions).max(initial=0.0)
    strained = np.abs(made.cell.array - atoms.cell.array).max()
    return made if max(moved, strained) < SYMMETRY_WITHIN else atoms


def checked_matrix(supercell: Any, argument: str = "supercell") -> np.ndarray:
    """Give the matrix of a supercell, (3, 3) integers, from three or nine of them.

    Raises
    ------
    TypeError, ValueError
        If it is neither, or its determinant is not positive.
    """
    try:
        given = np.asarray(supercell, dtype=float)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{argument} must be three integers or a 3x3 matrix of integers, got {supercell!r}"
        ) from error
    if given.shape not in ((3,), (3, 3)) or np.any(given != np.rint(given)):
        raise ValueError(
            f"{argument} must be three integers such as (2, 2, 2), or a 3x3 matrix of integers; "
            f"got {supercell!r}"
        )
    matrix = np.diag(given) if given.ndim == 1 else given
    if np.linalg.det(matrix) < 0.5 or (given.ndim == 1 and given.min() < 1):
        raise ValueError(f"{argument} must have a positive determinant, got {supercell!r}")
    return matrix.astype(np.int64)


def primitive_matrix_of(cell: Atoms, given: Any) -> np.ndarray:
    """Give the matrix, (3, 3), that makes the primitive cell out of the unit cell.

    Raises
    ------
    ValueError
        If `given` is neither "auto", the letter of a centring, nor such a matrix.
    """
    from phonopy.structure.cells import get_primitive_matrix_with_auto

    if isinstance(given, str):
        if given not in ("auto", *CENTRINGS):
            raise ValueError(
                f"primitive_matrix must be 'auto', one of {', '.join(CENTRINGS)}, or a 3x3 "
                f"matrix; got {given!r}"
            )
        letter: Any = given
        return np.array(get_primitive_matrix_with_auto(to_phonopy(cell), letter))
    matrix = np.asarray(np.eye(3) if given is None else given, dtype=float)
    if matrix.shape != (3, 3) or not 1e-5 < np.linalg.det(matrix) < 1 + 1e-5:
        raise ValueError(
            "primitive_matrix must be a 3x3 matrix with a determinant above 0 and at most 1, got "
            f"{given!r}"
        )
    return matrix


def build(
    unitcell: Atoms,
    supercell_matrix: np.ndarray,
    primitive_matrix: np.ndarray,
    phonon_supercell_matrix: np.ndarray | None = None,
) -> Phono3py:
    """Make a silent Phono3py object.

    Raises
    ------
    ValueError
        If phono3py cannot make the cells; the message is phono3py's.
    """
    from phono3py import Phono3py

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Phono3py(
                to_phonopy(unitcell),
                supercell_matrix=supercell_matrix,
                primitive_matrix=primitive_matrix,
                phonon_supercell_matrix=phonon_supercell_matrix,
                log_level=0,
            )
        except (RuntimeError, AssertionError) as error:
            raise ValueError(f"phono3py cannot make these cells: {error}") from error


def supercell_atoms(unitcell: Atoms, matrix: np.ndarray) -> Atoms:
    """Give the supercell in phono3py's order of atoms."""
    from phonopy.structure.cells import get_supercell

    return to_ase(get_supercell(to_phonopy(unitcell), matrix))


def formula_of(atoms: Atoms) -> str:
    """Give the formula of a crystal, metals first.

    Examples
    --------
    >>> formula_of(Atoms("Cl4Na4"))
    'NaCl'
    """
    return str(atoms.symbols.formula.reduce()[0].format("metal"))


def shortest_repeat(cell: np.ndarray) -> float:
    """Length of the shortest translation of a cell (A)."""
    from ase.geometry import minkowski_reduce

    reduced, _ = minkowski_reduce(np.asarray(cell))
    return float(np.linalg.norm(reduced, axis=1).min())


def check_cutoff(cutoff: float | None, cell: np.ndarray, argument: str) -> None:
    """See that a cut-off fits into a supercell.

    Raises
    ------
    ValueError
        If it is not positive, or longer than half of the shortest translation of the supercell.
    """
    if cutoff is None:
        return
    if not (np.isfinite(cutoff) and cutoff > 0):
        raise ValueError(f"{argument} must be a positive distance in A, got {cutoff!r}")
    half = shortest_repeat(cell) / 2
    if cutoff > half + 1e-6:
        raise ValueError(
            f"{argument} = {cutoff:g} A is too long for this supercell, which repeats every "
            f"{2 * half:.2f} A: beyond {half:.2f} A an atom meets images of atoms it has met "
            "already. Take a larger supercell or a shorter cut-off"
        )


def same_cell(one: Atoms, other: Atoms) -> bool:
    """Whether two unit cells are the same, atom for atom."""
    return (
        len(one) == len(other)
        and bool((one.numbers == other.numbers).all())
        and np.allclose(one.cell.array, other.cell.array, atol=1e-6)
        and np.allclose(one.positions, other.positions, atol=1e-6)
    )
