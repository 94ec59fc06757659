"""Training data for a cluster expansion: enumerated, relaxed, and mapped back onto the lattice."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator

from matlearn._relaxing.loop import WITH_ENERGY, Run, relax_all
from matlearn._structures import as_atoms
from matlearn.lattice._training.files import load_training_set, save_training_set
from matlearn.lattice._training.frame import Row, frame_from_rows
from matlearn.lattice._training.mapping import MAX_DISPLACEMENT, MAX_STRAIN, Mapping, map_back
from matlearn.lattice._training.species import Species, read_species
from matlearn.store import Record, Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["load_training_set", "save_training_set", "training_set"]


def training_set(
    primitive: Atoms,
    species: list[str] | list[list[str]],
    max_atoms: int,
    calculator: Calculator | str | os.PathLike[str] | Callable[[], Calculator],
    *,
    relax: str = "cell",
    store: str | os.PathLike[str] | Store,
    fmax: float = 0.01,
    max_steps: int = 300,
    max_strain: float = MAX_STRAIN,
    max_displacement: float = MAX_DISPLACEMENT,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Compute the energies of all orderings of a lattice up to a size.

    The symmetrically distinct structures are enumerated with icet (the algorithm of Hart and
    Forcade, Phys. Rev. B 77, 224115 (2008) and 80, 014120 (2009)). The end members, one species on
    each sublattice, are relaxed first; every other structure starts from the mean of their cells,
    weighted with its composition (Vegard's law), and is relaxed. What comes out is mapped back onto
    the lattice with icet.

    Each structure is kept in `store` as soon as it is finished. Whatever ends the process (Ctrl-C,
    a kill, a power cut), the same call goes on from there and does nothing twice; a call with a
    larger `max_atoms` computes only what is new.

    Parameters
    ----------
    primitive
        A primitive cell of the lattice, periodic in three directions. Its species do not matter,
        its lattice parameters (angstrom) are those of the ideal structures in the table.
    species
        Chemical symbols that may sit on any site, ``["Cu", "Au"]``, or one such list for each
        site of the primitive cell, ``[["Ti", "Zr"], ["N"]]``.
    max_atoms
        Size of the largest cells, in atoms.
    calculator
        A name such as ``"emt"`` or ``"chgnet"`` or the path of a fitted potential, a function
        without arguments that returns an ASE calculator, or an ASE calculator.
    relax
        ``"cell"``: shape and volume of the cell, while atoms keep their fractional coordinates, so
        that they cannot leave their sites. ``"volume"``: the volume alone. ``"full"``: cell and
        positions, the energy that nature has; then structures may leave the lattice.
    store
        The file (SQLite) that keeps the results, or an open `matlearn.store.Store`.
    fmax
        Relaxed when no force on an atom that may move is larger, in eV/A; likewise the force on the
        cell, which is stress times volume per atom, in eV.
    max_steps
        Steps after which a relaxation is given up.
    max_strain
        A cell whose largest and smallest principal strains against the lattice, at equal volume,
        differ by more has left the lattice (fcc that became bcc has 0.33).
    max_displacement
        A structure with an atom farther from its site than this fraction of the distance between
        sites has left the lattice.
    client, workers, progress
        As for `matlearn.search.run_search`.

    Returns
    -------
    DataFrame
        A row a structure, in the order of the enumeration: ``label``; ``formula`` (reduced);
        ``n_atoms``; ``energy`` (eV, of the relaxed cell); ``energy_per_atom`` (eV);
        ``mixing_energy`` (eV/atom, against the end members, or, where several sublattices have more
        of them than a linear reference can meet, the one closest); ``concentration`` (of the last
        species), ``concentration_<symbol>`` (over the sites that have a choice and may hold it);
        ``hull_distance`` (eV/atom, above the hull of what is on the lattice); ``structure`` (on
        the ideal lattice, for icet); ``relaxed_structure``; ``on_lattice``; ``displacement`` (A,
        the farthest atom from its site); ``status`` (``"done"``, ``"unconverged"``,
        ``"exploded"``, ``"error"``); ``reason``.
        A structure that left its lattice, or did not converge, has a row with its energy and its
        reason, but ``on_lattice`` is False: fits leave it out. One that failed has NaN for its
        energies. ``attrs`` has ``primitive`` and ``chemical_symbols``, as icet takes them.

    Raises
    ------
    TypeError, ValueError
        For an argument that makes no sense, a cell that is not primitive, an end member that
        could not be relaxed (nothing can be compared with it), and a store that holds something
        else under the same labels.
    ImportError
        If icet is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     frame = training_set(bulk("Cu", a=3.8), ["Cu", "Au"], 2, "emt",
    ...                          store=f"{folder}/cu-au.db", workers=1, progress=False)
    >>> print(frame[["label", "concentration", "mixing_energy"]].round(4).to_string(index=False))
         label  concentration  mixing_energy
      Cu-00000            0.0         0.0000
      Au-00001            1.0         0.0000
    CuAu-00002            0.5         0.0277
    CuAu-00003            0.5        -0.0079
    """
    primitive = as_atoms(primitive, "primitive")
    lattice = read_species(primitive, species)
    _check(primitive, lattice, max_atoms, max_strain, max_displacement)
    ideal = _enumerated(primitive, lattice, max_atoms)
    options: dict[str, Any] = {
        "kind": Run, "store": store, "relax": relax, "fmax": fmax, "max_steps": max_steps,
        "client": client, "workers": workers, "progress": progress,
    }  # fmt: skip
    limits = {"max_strain": max_strain, "max_displacement": max_displacement}
    ends = lattice.rows_of_end_members(ideal)
    pure = relax_all([ideal[i] for i in ends], calculator, **options).records()
    for i, record in zip(ends, pure, strict=True):
        _check_end_member(_row(record, ideal[i], primitive, limits))
    cells = [record.atoms.cell.array for record in pure if record.atoms is not None]
    run = relax_all(_started(ideal, ends, cells, lattice), calculator, **options)
    rows = [
        _row(record, atoms, primitive, limits)
        for record, atoms in zip(run.records(), ideal, strict=True)
    ]
    return frame_from_rows(rows, primitive, lattice)


def _check(
    primitive: Atoms,
    lattice: Species,
    max_atoms: Any,
    max_strain: Any,
    max_displacement: Any,
) -> None:
    if len(primitive) == 0 or primitive.cell.rank < 3 or not primitive.pbc.all():
        raise ValueError(
            "primitive must be a crystal, periodic in three directions; got "
            f"{len(primitive)} atoms, pbc={primitive.pbc.tolist()}"
        )
    _check_primitive(primitive, lattice)
    if isinstance(max_atoms, bool) or not isinstance(max_atoms, int | np.integer):
        raise TypeError(f"max_atoms must be a whole number, got {max_atoms!r}")
    if max_atoms < len(primitive):
        raise ValueError(
            f"max_atoms must be at least the {len(primitive)} of the primitive cell, got {max_atoms}"
        )
    for name, value in {"max_strain": max_strain, "max_displacement": max_displacement}.items():
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise TypeError(f"{name} must be a number, got {value!r}")
        if not value > 0:
            raise ValueError(f"{name} must be positive, got {value}")


def _check_primitive(primitive: Atoms, lattice: Species) -> None:
    from spglib import find_primitive

    kinds = list(dict.fromkeys(tuple(sorted(site)) for site in lattice.symbols))
    numbers = [1 + kinds.index(tuple(sorted(site))) for site in lattice.symbols]
    found = find_primitive((primitive.cell.array, primitive.get_scaled_positions(), numbers))
    if found is None:
        raise ValueError("primitive has no lattice that spglib finds: do two sites coincide?")
    if len(found[2]) < len(primitive):
        raise ValueError(
            f"primitive must be a primitive cell, got {len(primitive)} atoms where {len(found[2])} "
            "would do: use ase.build.bulk without cubic=True, or icet.tools.get_primitive_structure"
        )


def _enumerated(primitive: Atoms, lattice: Species, max_atoms: int) -> list[Atoms]:
    """Enumerate the structures, each with its label."""
    from matlearn.lattice._fits.libraries import icet

    plain = Atoms(primitive.numbers, primitive.positions, cell=primitive.cell, pbc=True)
    sizes = range(1, int(max_atoms) // len(primitive) + 1)
    structures = list(icet().tools.enumerate_structures(plain, sizes, lattice.lists))
    for number, atoms in enumerate(structures):
        atoms.info["label"] = f"{lattice.formula(atoms)}-{number:05d}"
    return structures


def _check_end_member(row: Row) -> None:
    """See that there is something to compare alloys with."""
    if row.status != "done":
        raise ValueError(
            f"calculator cannot relax the end member {row.label} ({row.reason}): there is nothing "
            "to compare with. What is wrong must be mended, and another store used"
        )
    if not row.on_lattice:
        raise ValueError(
            f"the end member {row.label} left the lattice of primitive ({row.reason}): there is "
            "nothing to compare with. Use a lattice that it has, or relax='volume'"
        )


def _started(
    ideal: list[Atoms],
    ends: list[int],
    cells: list[np.ndarray],
    lattice: Species,
) -> list[Atoms]:
    """Strain each structure to the mean of the end members' cells."""
    strains = np.array(
        [np.linalg.solve(ideal[i].cell.array, cell) for i, cell in zip(ends, cells, strict=True)]
    )
    starts = []
    for number, (atoms, shares) in enumerate(zip(ideal, lattice.shares(ideal), strict=True)):
        start = atoms.copy()
        if number not in ends:
            strain = np.tensordot(shares, strains, axes=1)
            start.set_cell(atoms.cell.array @ strain, scale_atoms=True)
        starts.append(start)
    return starts


def _row(record: Record, ideal: Atoms, primitive: Atoms, limits: dict[str, float]) -> Row:
    """Put together what is known of a structure."""
    relaxed = record.atoms
    if record.status in WITH_ENERGY and relaxed is not None:
        mapping = map_back(relaxed, ideal, primitive, **limits)
        energy = float(relaxed.get_potential_energy())
    else:
        mapping = Mapping(False, float("nan"), None)
        energy = float("nan")
    return Row(
        label=record.key,
        energy=energy,
        structure=Atoms(ideal.numbers, ideal.positions, cell=ideal.cell, pbc=True),
        relaxed_structure=relaxed,
        on_lattice=mapping.on_lattice and record.status == "done",
        displacement=mapping.displacement,
        status=record.status,
        reason="; ".join(filter(None, (record.reason, mapping.reason))) or None,
    )
