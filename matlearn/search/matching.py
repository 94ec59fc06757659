"""Which of many structures are copies of the same crystal?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from matlearn._structures import as_atoms

from ._frame import check_frame

if TYPE_CHECKING:
    from ase import Atoms

_NEEDED = ("structure", "formula", "energy_per_atom", "volume_per_atom")


def unique_structures(
    frame: pd.DataFrame,
    *,
    energy_tolerance: float = 0.005,
    volume_tolerance: float = 0.03,
    length_tolerance: float = 0.1,
    site_tolerance: float = 0.15,
    angle_tolerance: float = 3.0,
) -> pd.DataFrame:
    """Merge copies of the same crystal and keep the lowest of each.

    Structures are taken from the lowest energy upwards; each is compared with the crystals
    found so far that have the same formula and nearly the same energy and volume, by pymatgen's
    `StructureMatcher`. Its usual tolerances (0.2, 0.3, 5 degrees) merge crystals that differ
    by 17 meV/atom, LiN2 in P-6m2 and Cmmm; those used here do not.

    Parameters
    ----------
    frame : DataFrame
        As `matlearn.search.read_results` gives it.
    energy_tolerance : float
        Copies differ by at most this, eV/atom. Not applied to rows without an energy (NaN).
    volume_tolerance : float
        Copies' volumes per atom differ by at most this fraction.
    length_tolerance, site_tolerance, angle_tolerance : float
        ``ltol`` (fraction), ``stol`` (fraction of the mean free length per atom) and
        ``angle_tol`` (degrees) of pymatgen's `StructureMatcher`.

    Returns
    -------
    DataFrame
        One row a crystal, lowest energy first, with a column ``copies``: how many rows of
        `frame` it stands for, itself included.

    Raises
    ------
    ValueError
        If a column is missing or a tolerance is negative.
    TypeError
        If `frame` is no table or a tolerance no number.

    Examples
    --------
    >>> from ase.build import bulk, make_supercell
    >>> from matlearn.search import frame_from_atoms
    >>> twice = make_supercell(bulk("Cu"), [[2, 1, 0], [0, 1, 0], [0, 0, 1]])
    >>> unique_structures(frame_from_atoms([bulk("Cu"), twice, bulk("Cu", "bcc", 2.9)]))[
    ...     ["space_group", "copies"]].to_numpy().tolist()
    [['Fm-3m', 2], ['Im-3m', 1]]
    """
    from pymatgen.analysis.structure_matcher import StructureMatcher

    check_frame(frame, "frame", _NEEDED)
    for name, value in (
        ("energy_tolerance", energy_tolerance),
        ("volume_tolerance", volume_tolerance),
        ("length_tolerance", length_tolerance),
        ("site_tolerance", site_tolerance),
        ("angle_tolerance", angle_tolerance),
    ):
        if not isinstance(value, int | float | np.number):
            raise TypeError(f"{name} must be a number, got {value!r}")
        if not value >= 0:
            raise ValueError(f"{name} must not be negative, got {value!r}")
    matcher = StructureMatcher(
        ltol=length_tolerance,
        stol=site_tolerance,
        angle_tol=angle_tolerance,
        primitive_cell=False,  # the cells are primitive already
    )
    ordered = frame.sort_values("energy_per_atom", kind="stable").reset_index(drop=True)
    energies = ordered["energy_per_atom"].to_numpy(float)
    volumes = ordered["volume_per_atom"].to_numpy(float)
    formulas = ordered["formula"].to_numpy()
    crystals: dict[int, Any] = {}
    copies: dict[int, int] = {}
    for i, structure in enumerate(ordered["structure"]):
        atoms = as_atoms(structure, "each structure of frame")
        near = np.array([*crystals], dtype=int)
        apart = np.abs(energies[near] - energies[i])
        near = near[
            (formulas[near] == formulas[i])
            & ~(apart > energy_tolerance)
            & (np.abs(volumes[near] / volumes[i] - 1.0) <= volume_tolerance)
        ]
        primitive = _primitive(atoms)
        for j in near:
            if matcher.fit(crystals[j], primitive):
                copies[j] += 1
                break
        else:
            crystals[i], copies[i] = primitive, 1
    chosen = list(crystals)
    return ordered.iloc[chosen].assign(copies=[copies[i] for i in chosen]).reset_index(drop=True)


def _primitive(atoms: Atoms) -> Any:
    from pymatgen.core import Lattice, Structure

    structure = Structure(
        Lattice(atoms.cell.array), atoms.get_chemical_symbols(), atoms.get_scaled_positions()
    )
    return structure.get_primitive_structure().get_reduced_structure()
