"""Cluster expansions with random parameters, of each kind that the engine must take."""

from __future__ import annotations

import warnings

import numpy as np
from ase import Atoms
from ase.build import bulk, make_supercell
from icet import ClusterExpansion, ClusterSpace

from matlearn.lattice._engine.tables import LatticeModel, build_tables

FCC = bulk("Cu", "fcc", a=3.8)
ROCKSALT = bulk("MgO", "rocksalt", a=4.2)
HCP = bulk("Mg", "hcp", a=3.2, c=5.2)
SKEW = [[3, 1, 0], [0, 4, 1], [1, 0, 3]]

CASES = {
    "binary with triplets": (FCC, [6.73, 4.76], ["Cu", "Au"], 4),
    "quadruplets": (FCC, [6.0, 4.8, 3.9], ["Cu", "Au"], SKEW),
    "more than 64 neighbours": (FCC, [9.0, 6.5, 5.5], ["Cu", "Au"], 6),
    "ternary": (FCC, [5.0, 4.0], ["Cu", "Au", "Pd"], SKEW),
    "quaternary": (FCC, [5.0, 4.0, 3.0], ["Cu", "Au", "Pd", "Ag"], 4),
    "one active sublattice": (ROCKSALT, [6.0, 4.5], [["Mg", "Zn"], ["O"]], SKEW),
    "two active sublattices": (ROCKSALT, [6.0, 4.5], [["Mg", "Zn"], ["O", "S"]], 4),
    "binary beside ternary": (ROCKSALT, [6.0, 4.5], [["Mg", "Zn", "Ca"], ["O", "S"]], 4),
    "hcp": (HCP, [6.0, 4.5], ["Mg", "Zn"], 4),
    "8 sites, wrapped": (FCC, [6.73, 4.76, 4.0], ["Cu", "Au"], 2),
    "3 sites, wrapped": (FCC, [6.73, 4.76], ["Cu", "Au", "Pd"], [[3, 0, 0], [0, 1, 0], [0, 0, 1]]),
    "1 site, wrapped": (FCC, [6.73, 4.76], ["Cu", "Au", "Pd"], 1),
}


def expansion(cell: Atoms, cutoffs, symbols, seed: int = 0, scale: float = 1.0) -> ClusterExpansion:
    space = ClusterSpace(cell, list(cutoffs), symbols)
    parameters = np.random.default_rng(seed).normal(scale=scale, size=len(space))
    return ClusterExpansion(space, parameters)


def case(name: str) -> tuple[ClusterExpansion, Atoms, LatticeModel]:
    cell, cutoffs, symbols, size = CASES[name]
    made = expansion(cell, cutoffs, symbols)
    supercell = make_supercell(
        made.get_cluster_space_copy().primitive_structure,
        np.eye(3, dtype=int) * size if isinstance(size, int) else size,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return made, supercell, build_tables(made, supercell, check_species=False)


def random_occupations(model: LatticeModel, random: np.random.Generator) -> np.ndarray:
    allowed = model.tables.n_species[model.tables.site_class]
    return (random.random(len(allowed)) * allowed).astype(np.int8)
