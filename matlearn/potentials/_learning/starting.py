"""A few structures from which a run begins when nothing is known."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from matlearn.potentials._learning.guards import shortest_distance

SMALLEST, LARGEST = 0.01, 0.04
"""Standard deviations of displacements in each direction, as parts of the shortest distance."""


def rattled_positions(atoms: Atoms, count: int, seed: int) -> list[np.ndarray]:
    """Displace atoms at random, from a little to what they do below the melting point.

    The first structure is as it stands. In the last the root mean square displacement is 7 % of
    the shortest distance; by Lindemann's rule a crystal melts at about 10 %.

    Parameters
    ----------
    atoms
        The structure.
    count
        How many, at least 1.
    seed
        Of the displacements.

    Returns
    -------
    list of ndarray, shape (n_atoms, 3)
        Positions in A.

    Examples
    --------
    >>> from ase.build import bulk
    >>> copper = bulk("Cu", cubic=True)
    >>> first, second = rattled_positions(copper, 2, seed=0)
    >>> bool((first == copper.positions).all()), bool((second == copper.positions).any())
    (True, False)
    """
    rng = np.random.default_rng([seed, 1])
    scale = shortest_distance([atoms], 10.0)
    scale = scale if np.isfinite(scale) else 2.0
    widths = scale * np.linspace(SMALLEST, LARGEST, max(count - 1, 1))
    moved = [atoms.positions + rng.normal(0.0, w, (len(atoms), 3)) for w in widths]
    return [atoms.get_positions(), *moved][:count]
