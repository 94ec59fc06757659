"""Exact results for diffusion on lattices without interactions."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from matlearn.lattice._kinetics.hops import build_network

CORRELATION_FACTORS: dict[str, float] = {
    "honeycomb": 1 / 3,
    "square": 1 / (np.pi - 1),
    "triangular": 0.56006,
    "diamond": 1 / 2,
    "sc": 0.65311,
    "bcc": 0.72719,
    "fcc": 0.78146,
}
"""Correlation factor of tracers that a single vacancy moves, on infinite lattices.

Compaan and Haven, Trans. Faraday Soc. 52, 786 (1956), and later work; checked here: what
`vacancy_correlation_factor` gives for two large cells extrapolates to them within 1e-4.
"""


def lattice_gas_jump_diffusion(
    occupation: float, hop_rate: float, neighbours: int, length: float, dimensions: int
) -> float:
    """Jump (collective) diffusion coefficient of a lattice gas without interactions.

    It is (1 - theta) z Gamma a^2 / 2d at all occupations theta: that a site can hold only one atom
    does not correlate the hops of all atoms together (R. Kutner, Phys. Lett. A 81, 239 (1981)).

    Parameters
    ----------
    occupation : float
        Fraction of the sites that hold an atom, 0 to 1.
    hop_rate : float
        Rate of a hop to one empty neighbour (Hz).
    neighbours : int
        Neighbours of a site.
    length : float
        Length of a jump (angstrom).
    dimensions : int
        1, 2 or 3.

    Returns
    -------
    float
        cm2/s.

    Raises
    ------
    ValueError
        If the occupation is no fraction.

    Examples
    --------
    >>> lattice_gas_jump_diffusion(0.25, 1e9, 6, 3.0, 3)
    6.75e-07
    """
    if not 0 <= occupation <= 1:
        raise ValueError(f"occupation must be from 0 to 1, got {occupation}")
    return float((1 - occupation) * neighbours * hop_rate * length**2 / (2 * dimensions) * 1e-16)


def vacancy_correlation_factor(cell: Atoms, jumps: float | None = None) -> float:
    """Correlation factor of tracers in a periodic cell with one vacancy.

    After a hop of the tracer the vacancy walks at random until it meets the tracer again, from some
    neighbouring site; the mean cosine c between that hop and the last gives (1 + c) / (1 - c). The
    walk is solved exactly, so this is the value for a cell of this size: above that of the infinite
    lattice by about one over the number of sites. It holds where all jumps are equivalent and the
    mean of the next one lies along the last, as on the lattices of `CORRELATION_FACTORS`.

    Parameters
    ----------
    cell : ase.Atoms
        All sites of the cell, up to some thousands; what is on them does not matter.
    jumps : float, optional
        Longest jump (angstrom), as in `matlearn.lattice.KineticMonteCarlo`.

    Returns
    -------
    float

    References
    ----------
    J. Bardeen and C. Herring, in Imperfections in Nearly Perfect Crystals (Wiley, 1952), p. 261;
    K. Compaan and Y. Haven, Trans. Faraday Soc. 52, 786 (1956).

    Examples
    --------
    >>> from ase.build import bulk
    >>> round(vacancy_correlation_factor(bulk("Cu", "fcc", a=3.6).repeat(6)), 3)
    0.786
    """
    from scipy.sparse import csr_matrix, identity
    from scipy.sparse.linalg import spsolve

    network = build_network(cell, np.arange(len(cell)), jumps)
    n, z = network.neighbours.shape
    tracer = 0
    site = np.repeat(np.arange(n), z)
    there = network.neighbours.ravel()
    free = (site != tracer) & (there != tracer) & (there >= 0)
    walk = csr_matrix((np.full(free.sum(), 1.0 / z), (site[free], there[free])), (n, n))
    start = np.zeros(n)
    first = network.vectors[network.vector_index[tracer]]  # from the tracer to its neighbours
    start[network.neighbours[tracer, 0]] = 1.0  # the tracer has just left this site
    visits = spsolve((identity(n) - walk).T.tocsc(), start)
    back = -first[0] / np.linalg.norm(first[0])  # the tracer's hop went the other way
    cosines = first @ back / np.linalg.norm(first, axis=1)
    mean = float((visits[network.neighbours[tracer]] / z) @ cosines)
    return (1 + mean) / (1 - mean)
