"""Tables of structures whose energies come from interactions that are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from ase.build import bulk
from icet import ClusterSpace
from icet.tools import enumerate_structures

PRIMITIVE = bulk("Cu", "fcc", a=3.8)
SYMBOLS = [["Cu", "Au"]]


def space(cutoffs) -> ClusterSpace:
    return ClusterSpace(PRIMITIVE, list(cutoffs), SYMBOLS)


def table(cells, energies) -> pd.DataFrame:
    frame = pd.DataFrame({"structure": cells, "mixing_energy": energies})
    frame.attrs = {"primitive": PRIMITIVE, "chemical_symbols": SYMBOLS}
    return frame


def planted(cutoffs, parameters, *, max_atoms=5, noise=0.0, seed=0) -> pd.DataFrame:
    """All fcc cells up to a size, with energies of these parameters (and Gaussian noise)."""
    cells = list(enumerate_structures(PRIMITIVE, range(1, max_atoms + 1), SYMBOLS))
    known = space(cutoffs)
    energies = np.array([known.get_cluster_vector(cell) for cell in cells]) @ parameters
    rng = np.random.default_rng(seed)
    return table(cells, energies + noise * rng.normal(size=len(cells)))


SPARSE_CUTOFFS = [5.5, 3.9]
SPARSE = np.array([-0.02, 0.004, 0.03, 0.0, 0.0, -0.008, 0.01, 0.0])
"""Zerolet, point, pairs 1 to 4, triplets 1 and 2 at `SPARSE_CUTOFFS`: three of them zero."""
