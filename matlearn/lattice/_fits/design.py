"""From a table of structures to the linear problem that a cluster expansion solves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matlearn._structures import as_atoms

if TYPE_CHECKING:
    from ase import Atoms

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Design:
    """Cluster vectors and energies of the structures that a fit uses."""

    cluster_space: Any
    """icet's ClusterSpace."""
    matrix: Floats
    """Cluster vectors, shape (structures, parameters)."""
    targets: Floats
    """Mixing energies, eV/atom."""
    rows: pd.DataFrame
    """The rows that are used, numbered from 0."""
    used: Bools
    """Which rows of the table given are used."""

    @property
    def n_off_lattice(self) -> int:
        """Rows left out because their structure left the lattice."""
        return int((~self.used).sum())

    @property
    def labels(self) -> list[str]:
        """A name for each row."""
        return row_labels(self.rows)


def build_design(
    frame: pd.DataFrame,
    cutoffs: Sequence[float],
    *,
    primitive: Atoms | None = None,
    species: Sequence[Any] | None = None,
    off_lattice: bool = False,
) -> Design:
    """Make the cluster space of a table of structures, and its cluster vectors."""
    cutoffs = check_cutoffs(cutoffs)
    rows, used = check_frame(frame, off_lattice=off_lattice)
    space = _cluster_space(frame, rows, cutoffs, primitive, species)
    return _filled(rows, used, space)


def design_in(frame: pd.DataFrame, space: Any, *, off_lattice: bool = False) -> Design:
    """Make the cluster vectors of a table of structures in a cluster space that exists."""
    rows, used = check_frame(frame, off_lattice=off_lattice)
    return _filled(rows, used, space)


def check_cutoffs(cutoffs: Any) -> list[float]:
    """Raise unless cut-offs are a list of positive numbers."""
    if isinstance(cutoffs, str | bytes) or not isinstance(cutoffs, Sequence | np.ndarray):
        raise TypeError(
            "cutoffs must be a list, one cut-off in angstrom for pairs, one for triplets, ... "
            f"such as [6.7, 4.8]; got {cutoffs!r}"
        )
    number = int | float | np.number
    if any(isinstance(one, bool) or not isinstance(one, number) for one in cutoffs):
        raise TypeError(f"cutoffs must be numbers in angstrom, got {list(cutoffs)}")
    values = [float(one) for one in cutoffs]
    if not values or not all(0 < one < np.inf for one in values):
        raise ValueError(
            f"cutoffs must be at least one positive length in angstrom, got {values}; leave "
            "higher orders out instead of giving them 0"
        )
    return values


def row_labels(rows: pd.DataFrame) -> list[str]:
    """Return a name for each row: its label, or its formula with its number."""
    if "label" in rows:
        return [str(label) for label in rows["label"]]
    return [
        f"{atoms.get_chemical_formula()}-{i:04d}"
        for i, atoms in zip(rows.index, rows["structure"], strict=True)
    ]


def fractions(structures: Sequence[Atoms], symbols: Sequence[str]) -> Floats:
    """Return atomic fractions, shape (structures, symbols)."""
    from ase.data import atomic_numbers

    numbers = [atomic_numbers[symbol] for symbol in symbols]
    return np.array([[np.mean(atoms.numbers == z) for z in numbers] for atoms in structures])


def cluster_vectors(space: Any, structures: Sequence[Atoms], labels: Sequence[str]) -> Floats:
    """Return one cluster vector a structure; a structure that does not fit is named."""
    allowed = {symbol for sites in space.chemical_symbols for symbol in sites}
    vectors = []
    for label, structure in zip(labels, structures, strict=True):
        atoms = as_atoms(structure, f"structure {label!r} of frame")
        outside = sorted(set(atoms.get_chemical_symbols()) - allowed)
        if outside:
            raise ValueError(
                f"structure {label!r} holds {', '.join(outside)}, which the expansion of "
                f"{', '.join(sorted(allowed))} does not know; drop it or name all species"
            )
        try:
            vectors.append(space.get_cluster_vector(atoms))
        except Exception as error:  # icet raises bare Exceptions for cells off the lattice
            reason = str(error).splitlines()[0]
            raise ValueError(
                f"structure {label!r} does not lie on the lattice of the expansion: {reason} "
                "Structures must be on the ideal lattice, all with its lattice parameter; "
                "icet.tools.map_structure_to_reference puts relaxed ones there"
            ) from error
    return np.array(vectors, dtype=float).reshape(len(vectors), len(space))


def check_frame(frame: Any, *, off_lattice: bool = False) -> tuple[pd.DataFrame, Bools]:
    """Return the rows of a table that a fit can use, and which they are; raise if it cannot."""
    _check_table(frame)
    return _on_lattice(frame, off_lattice)


def _check_table(frame: Any) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"frame must be a pandas DataFrame, got {type(frame).__name__}")
    hints = {
        "structure": "ASE Atoms on the ideal lattice, as matlearn.lattice.training_set gives them",
        "mixing_energy": "eV/atom; matlearn.lattice.hulls.mixing_energies makes it of energies per atom",
    }
    for column, hint in hints.items():
        if column not in frame:
            raise ValueError(
                f"frame has no column {column!r} ({hint}); "
                f"it has {', '.join(map(str, frame)) or 'none'}"
            )


def _on_lattice(frame: pd.DataFrame, off_lattice: bool) -> tuple[pd.DataFrame, Bools]:
    used = np.ones(len(frame), dtype=bool)
    if "on_lattice" in frame and not off_lattice:
        used = frame["on_lattice"].fillna(False).to_numpy(dtype=bool)
    rows = frame[used].reset_index(drop=True)
    if len(rows) == 0:
        raise ValueError(
            f"frame holds no structure on the lattice ({len(frame)} rows, all left it)"
            if len(frame)
            else "frame must hold at least one structure, got an empty table"
        )
    names = [f"the structure of row {one}" for one in frame.index[used]]
    structures = [as_atoms(*one) for one in zip(rows["structure"], names, strict=True)]
    rows["structure"] = pd.Series(structures, dtype=object)
    energies = _energies(rows)
    missing = np.flatnonzero(~np.isfinite(energies))
    if len(missing):
        names = [row_labels(rows)[i] for i in missing[:3]]
        raise ValueError(
            f"mixing_energy is missing for {len(missing)} of {len(rows)} structures "
            f"({', '.join(names)}{', ...' if len(missing) > 3 else ''}); compute them or drop "
            "them: frame.dropna(subset='mixing_energy')"
        )
    return rows, used


def _energies(rows: pd.DataFrame) -> Floats:
    try:
        return rows["mixing_energy"].to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"mixing_energy must hold numbers in eV/atom: {error}") from error


def _filled(rows: pd.DataFrame, used: Bools, space: Any) -> Design:
    matrix = cluster_vectors(space, list(rows["structure"]), row_labels(rows))
    return Design(space, matrix, _energies(rows), rows, used)


def _cluster_space(
    frame: pd.DataFrame,
    rows: pd.DataFrame,
    cutoffs: list[float],
    primitive: Atoms | None,
    species: Sequence[Any] | None,
) -> Any:
    from matlearn.lattice._fits.libraries import icet

    if primitive is None:
        primitive = frame.attrs.get("primitive")
    if primitive is None:
        primitive = _lattice_of(min(rows["structure"], key=len))
    if species is None:
        species = frame.attrs.get("chemical_symbols")
    if species is None:
        found = {symbol for atoms in rows["structure"] for symbol in atoms.get_chemical_symbols()}
        species = sorted(found)
        if len(species) < 2:
            raise ValueError(
                f"the structures of frame hold only {species[0]}: add some with another species, "
                "or say what there may be, such as species=['Cu', 'Au']"
            )
    primitive = as_atoms(primitive, "primitive")
    symbols = _species_of_sites(species, len(primitive))
    space = icet().ClusterSpace(primitive, cutoffs, symbols)
    if max(element["order"] for element in space.as_list) < 2:
        raise ValueError(
            f"cutoffs {cutoffs} A hold not one pair of atoms of this lattice; the first must "
            "exceed the nearest-neighbour distance"
        )
    return space


def _species_of_sites(species: Any, n_sites: int) -> list[list[str]]:
    """Return one list of chemical symbols for each site of the primitive cell."""
    from ase.data import atomic_numbers

    if isinstance(species, str) or not isinstance(species, Sequence) or len(species) == 0:
        raise TypeError(
            "species must be a list of chemical symbols, such as ['Cu', 'Au'], or one such list "
            f"for each site of the primitive cell; got {species!r}"
        )
    one_list = all(isinstance(one, str) for one in species)
    sites = [list(species)] * n_sites if one_list else [list(one) for one in species]
    if len(sites) != n_sites:
        raise ValueError(
            f"species must be one list, or one for each of the {n_sites} sites of the primitive "
            f"cell; got {len(sites)}"
        )
    unknown = sorted({one for site in sites for one in site if one not in atomic_numbers})
    if unknown:
        raise ValueError(f"species must be chemical symbols, got {', '.join(map(repr, unknown))}")
    return sites


def _lattice_of(atoms: Atoms) -> Atoms:
    """Return the primitive cell of the lattice under a structure, all atoms taken for equal.

    It is neither turned nor shifted against the structure, so that the other structures fit it.
    """
    import spglib
    from ase import Atoms as AseAtoms

    cell = (atoms.cell.array, atoms.get_scaled_positions(), np.ones(len(atoms), dtype=int))
    found: Any = spglib.standardize_cell(
        cell,  # type: ignore[arg-type]
        to_primitive=True,
        no_idealize=True,
        symprec=1e-4,
    )
    if found is None:
        raise ValueError(
            "the lattice under the structures was not found; give primitive= and species="
        )
    lattice, positions, _ = found
    number = int(atoms.numbers[0])
    return AseAtoms([number] * len(positions), cell=lattice, scaled_positions=positions, pbc=True)
