"""Cluster expansions of ATAT: read into icet, written from icet, compared interaction by interaction.

ATAT (A. van de Walle, M. Asta, G. Ceder, Calphad 26, 539 (2002); several species: A. van de Walle,
Calphad 33, 266 (2009)) and icet expand in the same functions, but keep their books differently:

============================  ===================================  ================================
what                          ATAT                                 icet
============================  ===================================  ================================
an interaction (ECI)          energy of one cluster (eV)           parameter: energy of all clusters
                                                                   of an orbit, per atom (eV/atom)
energy                        per cell of ``lat.in``:              per atom: sum of parameter times
                              sum of m J <correlation>             correlation
first species of a site       as listed in ``lat.in``              lowest atomic number
value of a binary's first     -1                                   -1
vacancy                       ``Vac``                              ``X``
============================  ===================================  ================================

So parameter = m J / (atoms in the cell), with the sign turned once for each point of a binary whose
species ``lat.in`` lists the other way round. ``maps`` fits formation energies, relative to the pure
elements; ``corrdump -eci`` prints the energy per cell. Where a site lists one species it is
inactive, but is one of the atoms all the same.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.data import atomic_numbers

from matlearn.lattice._atat import orbits as matching
from matlearn.lattice._atat import writing as writing
from matlearn.lattice._atat.comparison import compare_ecis
from matlearn.lattice._atat.folder import TOLERANCE, read_folder, symmetry_of
from matlearn.lattice._atat.reading import (
    AtatCluster,
    AtatLattice,
    read_clusters,
    read_ecis,
    read_lattice,
)
from matlearn.lattice._fits.libraries import icet
from matlearn.lattice._scans.shipping import expansion_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icet import ClusterExpansion

__all__ = [
    "AtatCluster",
    "AtatLattice",
    "compare_ecis",
    "read_cluster_expansion",
    "read_clusters",
    "read_ecis",
    "read_lattice",
    "write_cluster_expansion",
]


def read_cluster_expansion(
    folder: str | Path,
    *,
    ecis: str = "eci.out",
    multiplicities_included: bool = False,
    tolerance: float = TOLERANCE,
) -> ClusterExpansion:
    """Make icet's cluster expansion of the files that ATAT left in a folder.

    Parameters
    ----------
    folder
        Holds ``lat.in``, ``clusters.out`` and `ecis`.
    ecis
        Name of the file with the interactions.
    multiplicities_included
        The interactions are already multiplied by the multiplicities (``corrdump -mi``).
    tolerance
        Distance within which points are taken for sites and symmetry is found (A); ATAT's ``-z``.

    Returns
    -------
    icet.ClusterExpansion
        Its ``predict`` gives ATAT's energy per cell over the atoms in the cell (eV/atom), with
        ``maps`` a formation energy. Orbits within the cut-offs that the file leaves out are pruned.

    Raises
    ------
    ValueError
        If a file is malformed, if interactions and clusters differ in number, if a multiplicity is
        not what the symmetry makes it, or if two sites list the same species in different order
        (different sites to ATAT, equal ones to icet).
    ImportError
        If icet is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> lattice = "4.0 4.0 4.0 90 90 90\\n0 .5 .5\\n.5 0 .5\\n.5 .5 0\\n0 0 0 Cu,Au\\n"
    >>> clusters = "1\\n0\\n0\\n\\n1\\n0\\n1\\n0 0 0\\n\\n6\\n2.82843\\n2\\n0 0 0\\n.5 .5 0\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in [("lat.in", lattice), ("clusters.out", clusters)]:
    ...         _ = (Path(folder) / name).write_text(text)
    ...     _ = (Path(folder) / "eci.out").write_text("-0.06\\n0\\n0.01\\n")
    ...     expansion = read_cluster_expansion(folder)
    >>> expansion.parameters
    array([-0.06,  0.  ,  0.06])
    """
    lattice, clusters, values = read_folder(folder, ecis)
    symmetry = symmetry_of(lattice, tolerance)
    table = matching.decorations(lattice, clusters, symmetry)
    if multiplicities_included:
        values = values / [len(equivalents) for equivalents in table]
    cutoffs = _cutoffs(table, symmetry, tolerance)
    space = icet().ClusterSpace(
        lattice.primitive, cutoffs, lattice.chemical_symbols, symprec=tolerance
    )
    energies, sources = matching.convert(space, lattice, table, values, symmetry)
    missing = set(range(len(clusters))) - set(itertools.chain(*sources))
    if missing:
        raise RuntimeError(
            f"icet has no orbit for the clusters of lines {[clusters[i].line for i in missing]} "
            f"of clusters.out within the cut-offs {cutoffs} A"
        )
    multiplicities = np.array([row["multiplicity"] for row in space.as_list])
    parameters = np.nan_to_num(energies) * multiplicities / len(space.primitive_structure)
    parameters[0] = energies[0] / len(lattice.primitive)
    expansion = icet().ClusterExpansion(space, parameters)
    absent = [row for row, found in enumerate(sources) if row and not found]
    if absent:
        expansion.prune(indices=absent)
    return expansion


def write_cluster_expansion(cluster_expansion: Any, folder: str | Path) -> None:
    """Write icet's cluster expansion as ``lat.in``, ``clusters.out`` and ``eci.out`` for ATAT.

    Parameters
    ----------
    cluster_expansion
        icet ClusterExpansion that predicts eV/atom, or a fit that has one. Species are listed in
        icet's order, so that each function of ATAT is the one of icet.
    folder
        Made when missing; the three files are replaced.

    Raises
    ------
    ValueError
        If orbits were merged by hand: ATAT finds clusters by symmetry.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> from icet import ClusterExpansion, ClusterSpace
    >>> space = ClusterSpace(bulk("Cu", a=4.0), [3.0], ["Cu", "Au"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_cluster_expansion(ClusterExpansion(space, [-0.06, 0.0, 0.06]), folder)
    ...     read_ecis(f"{folder}/eci.out")
    array([-0.06,  0.  ,  0.01])
    """
    expansion = expansion_of(cluster_expansion)
    space = expansion.get_cluster_space_copy()
    primitive = space.primitive_structure
    symbols = [sorted(names, key=atomic_numbers.__getitem__) for names in space.chemical_symbols]
    cell = np.array(primitive.cell)
    lattice = AtatLattice(primitive, symbols, cell)
    symmetry = symmetry_of(lattice, max(space.symprec, 1e-5))
    clusters = [AtatCluster(1, 0.0, np.empty((0, 3)), (), ())]
    ecis = [expansion.parameters[0] * len(primitive)]
    for orbit in matching.orbits(space, symmetry):
        points = np.array([symmetry.positions[site[0]] + site[1:] for site in orbit.sites])
        n_species = tuple(len(symbols[site[0]]) for site in orbit.sites)
        for row in orbit.rows:
            functions = tuple(row["multicomponent_vector"])
            n_equivalent = len(symmetry.equivalents(orbit.sites, functions))
            diameter = symmetry.diameter(orbit.sites)
            clusters.append(AtatCluster(n_equivalent, diameter, points, n_species, functions))
            ecis.append(expansion.parameters[row["index"]] * len(primitive) / n_equivalent)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    writing.write_lattice(folder / "lat.in", lattice)
    writing.write_clusters(folder / "clusters.out", clusters)
    writing.write_ecis(folder / "eci.out", np.array(ecis))


def _cutoffs(
    table: Sequence[set[matching.Decorated]], symmetry: matching.Symmetry, tolerance: float
) -> list[float]:
    """Cut-offs (A) of icet's space that hold every cluster; an order without any gets `tolerance`."""
    keys = [next(iter(equivalents))[0] for equivalents in table]
    cutoffs = [tolerance] * max(1, max(len(key) for key in keys) - 1)
    for key in keys:
        if len(key) > 1:
            reach = symmetry.diameter(key) + 2 * tolerance
            cutoffs[len(key) - 2] = max(cutoffs[len(key) - 2], reach)
    return cutoffs
