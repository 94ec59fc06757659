"""What reading and comparing ATAT's expansions share: a folder's files and their checks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matlearn.lattice._atat.orbits import Symmetry, find_symmetry
from matlearn.lattice._atat.reading import (
    AtatCluster,
    AtatLattice,
    read_clusters,
    read_ecis,
    read_lattice,
)

if TYPE_CHECKING:
    import numpy as np

TOLERANCE = 1e-3


def read_folder(folder: str | Path, ecis: str) -> tuple[AtatLattice, list[AtatCluster], np.ndarray]:
    folder = Path(folder)
    for name in ("lat.in", "clusters.out", ecis):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder} has no {name} (ATAT's maps writes it)")
    clusters, values = read_clusters(folder / "clusters.out"), read_ecis(folder / ecis)
    if len(clusters) != len(values):
        raise ValueError(
            f"{folder / ecis} holds {len(values)} interactions, but clusters.out has "
            f"{len(clusters)} clusters: one is needed for each, the empty cluster included"
        )
    return read_lattice(folder / "lat.in"), clusters, values


def symmetry_of(lattice: AtatLattice, tolerance: float) -> Symmetry:
    if not tolerance > 0:
        raise ValueError(f"tolerance must be positive (A), got {tolerance}")
    seen: dict[frozenset[str], tuple[str, ...]] = {}
    for symbols in lattice.chemical_symbols:
        first = seen.setdefault(frozenset(symbols), tuple(symbols))
        if first != tuple(symbols):
            raise ValueError(
                f"lat.in lists the same species as {','.join(first)} on one site and as "
                f"{','.join(symbols)} on another: different sites to ATAT, equal ones to icet; "
                "list them in one order"
            )
    return find_symmetry(lattice, tolerance)
