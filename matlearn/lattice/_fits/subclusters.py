"""Which orbits hold the parts of the clusters of another orbit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Site = tuple[int, int, int, int]


def subcluster_matrix(orbit_list: Any) -> Bools:
    """Say for each orbit which orbits hold what is left when atoms are taken from its clusters.

    Parameters
    ----------
    orbit_list
        icet's, of the primitive cell.

    Returns
    -------
    array of bool, shape (orbits, orbits)
        Row i, column j: clusters of orbit j are parts of those of orbit i. Parts that are in no
        orbit (a cut-off for triplets longer than that for pairs) are not looked for.
    """
    orbits = [orbit_list.get_orbit(i) for i in range(len(orbit_list))]
    where: dict[frozenset[Site], int] = {}
    for number, orbit in enumerate(orbits):
        for cluster in orbit.clusters:
            for form in _translations([_site(one) for one in cluster.lattice_sites]):
                where[form] = number
    parts = np.zeros((len(orbits), len(orbits)), dtype=bool)
    for number, orbit in enumerate(orbits):
        sites = [_site(one) for one in orbit.representative_cluster.lattice_sites]
        for order in range(1, len(sites)):
            for some in combinations(sites, order):
                found = where.get(_moved(some, some[0]))
                if found is not None:
                    parts[number, found] = True
    return parts


def _site(site: Any) -> Site:
    offset = [int(one) for one in site.unitcell_offset]
    return int(site.index), offset[0], offset[1], offset[2]


def _translations(sites: Sequence[Site]) -> list[frozenset[Site]]:
    """Return a cluster moved so that each of its sites in turn lies in the cell at the origin."""
    return [_moved(sites, origin) for origin in sites]


def _moved(sites: Sequence[Site], origin: Site) -> frozenset[Site]:
    return frozenset((i, x - origin[1], y - origin[2], z - origin[3]) for i, x, y, z in sites)
