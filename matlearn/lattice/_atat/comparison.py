"""ATAT's interactions beside icet's, cluster by cluster."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.lattice._atat import orbits as matching
from matlearn.lattice._atat.folder import TOLERANCE, read_folder, symmetry_of
from matlearn.lattice._atat.reading import AtatLattice
from matlearn.lattice._scans.shipping import expansion_of

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def compare_ecis(
    cluster_expansion: Any,
    folder: str | Path,
    *,
    ecis: str = "eci.out",
    tolerance: float = TOLERANCE,
) -> pd.DataFrame:
    """Put an icet expansion and ATAT's files side by side, cluster by cluster, in one convention.

    Parameters
    ----------
    cluster_expansion
        icet ClusterExpansion that predicts eV/atom, or a fit that has one, on the lattice of
        ``lat.in`` in the same orientation.
    folder, ecis, tolerance
        As in :func:`read_cluster_expansion`.

    Returns
    -------
    pandas.DataFrame
        A row a function of icet, then one for each cluster that only ATAT has: ``order``,
        ``diameter`` (A), ``functions``, ``multiplicity`` (per cell of icet), ``parameter`` (eV/atom,
        as icet stores it), ``eci`` (eV a cluster: parameter times atoms in the cell over
        multiplicity), ``eci_atat`` (eV a cluster, in icet's order of species), ``difference`` (eV),
        ``line`` (of ``clusters.out``) and ``eci_file`` (as ``eci.out`` has it). The empty cluster is
        per atom in every column but ``eci_file``. What one side lacks is NaN.

    Raises
    ------
    ValueError
        As :func:`read_cluster_expansion` does, and if the lattices differ.

    Examples
    --------
    >>> import tempfile
    >>> from matlearn.lattice.atat import write_cluster_expansion
    >>> from ase.build import bulk
    >>> from icet import ClusterExpansion, ClusterSpace
    >>> expansion = ClusterExpansion(ClusterSpace(bulk("Cu", a=4.0), [3.0], ["Cu", "Au"]), [0, 0, 1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_cluster_expansion(expansion, folder)
    ...     table = compare_ecis(expansion, folder)
    >>> bool(table["difference"].abs().max() < 1e-12)
    True
    """
    import pandas as pd

    expansion = expansion_of(cluster_expansion)
    space = expansion.get_cluster_space_copy()
    lattice, clusters, values = read_folder(folder, ecis)
    _check_species(space, lattice)
    symmetry = symmetry_of(lattice, tolerance)
    table = matching.decorations(lattice, clusters, symmetry)
    energies, sources = matching.convert(space, lattice, table, values, symmetry)
    n_atoms = len(space.primitive_structure)
    rows = []
    for row, parameter, energy, weights in zip(
        space.as_list, expansion.parameters, energies, sources, strict=True
    ):
        only = [block for block, weight in weights.items() if weight]
        empty = row["order"] == 0
        eci = parameter * (1 if empty else n_atoms / row["multiplicity"])
        eci_atat = energy / (len(lattice.primitive) if empty else 1)
        rows.append(
            {
                "order": row["order"],
                "diameter": 0.0 if empty else _diameter(space, row["orbit_index"]),
                "functions": () if empty else tuple(row["multicomponent_vector"]),
                "multiplicity": row["multiplicity"],
                "parameter": parameter,
                "eci": eci,
                "eci_atat": eci_atat,
                "difference": eci - eci_atat,
                "line": clusters[only[0]].line if len(only) == 1 else None,
                "eci_file": values[only[0]] if len(only) == 1 else np.nan,
            }
        )
    for block in sorted(set(range(len(clusters))) - set(itertools.chain(*sources))):
        cluster = clusters[block]
        known = {"eci_atat": np.nan, "line": cluster.line, "eci_file": values[block]}
        diameter = symmetry.diameter(matching.place(cluster, lattice, symmetry))
        rows.append(
            {"order": cluster.order, "diameter": diameter, "functions": cluster.functions, **known}
        )
    return pd.DataFrame(rows).astype({"line": "Int64"})


def _check_species(space: Any, lattice: AtatLattice) -> None:
    ours, theirs = (
        {frozenset(symbols) for symbols in sites}
        for sites in (space.chemical_symbols, lattice.chemical_symbols)
    )
    if ours != theirs:
        both = [sorted(",".join(sorted(names)) for names in part) for part in (ours, theirs)]
        raise ValueError(f"the expansion's sites hold {both[0]}, those of lat.in {both[1]}")


def _diameter(space: Any, orbit: int) -> float:
    cluster = space.orbit_list.get_orbit(orbit).representative_cluster
    return float(max(cluster.distances, default=0.0))
