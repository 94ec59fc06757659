"""Textbook lattice models as cluster expansions: Ising, lattice gases, any pair interactions.

They are icet's own objects, so that the Monte Carlo that is checked against an exact result is the
one that simulates an alloy. Lengths are in units of the nearest-neighbour distance, energies in
whatever unit the interactions are given in: with ``coupling=1.0`` and ``boltzmann_constant=1.0``
temperatures are in J/kB. Elements only name the spins; by default silver is down, gold is up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers
from numpy.typing import NDArray

from matlearn.lattice._fits.libraries import icet
from matlearn.lattice._textbook.lattices import LATTICES as LATTICES
from matlearn.lattice._textbook.lattices import neighbours, periodic_directions, primitive
from matlearn.lattice._textbook.lattices import shell_distances as shell_distances
from matlearn.lattice._textbook.lattices import supercell as supercell

if TYPE_CHECKING:
    from icet import ClusterExpansion

Bonds = Mapping[tuple[str, str], float]


def ising(
    lattice: str,
    *,
    coupling: float | Sequence[float] = 1.0,
    field: float = 0.0,
    species: Sequence[str] = ("Ag", "Au"),
) -> ClusterExpansion:
    """Build the Ising model of a lattice as a cluster expansion.

    E = -sum over shells k of J_k * sum over pairs of neighbours of s_i s_j - h * sum of s_i.

    Parameters
    ----------
    lattice : str
        One of `LATTICES`.
    coupling : float or sequence of float
        J of nearest neighbours, or of the first, second, ... shell. Positive: a ferromagnet
        (like atoms together); negative: an antiferromagnet (ordering).
    field : float
        h, in the unit of the coupling. A difference of 2 h in chemical potential is the same.
    species : two str
        What stands for spin down and spin up.

    Returns
    -------
    icet.ClusterExpansion
        Energy a site, in the unit of the coupling.

    Raises
    ------
    ValueError
        If the lattice is not known, or the species are not two different ones.
    ImportError
        If icet is not installed.

    References
    ----------
    E. Ising, Z. Phys. 31, 253 (1925).

    Examples
    --------
    >>> model = ising("square", coupling=1.0)
    >>> all_up = supercell("square", 4, fill="Au")
    >>> float(model.predict(all_up))
    -2.0
    """
    down, up = _two(species)
    couplings = np.atleast_1d(np.asarray(coupling, dtype=float)).tolist()
    bonds = [{(up, up): -j, (down, down): -j, (down, up): j} for j in couplings]
    return pair_model(lattice, bonds, species=species, sites={down: field, up: -field})


def pair_model(
    lattice: str,
    bonds: Sequence[Bonds],
    *,
    species: Sequence[str],
    sites: Mapping[str, float] | None = None,
) -> ClusterExpansion:
    """Build a model of pair interactions, for any number of species, as a cluster expansion.

    Parameters
    ----------
    lattice : str
        One of `LATTICES`.
    bonds : sequence of dict
        For the first, second, ... shell of neighbours: two species -> energy of their bond.
        Pairs that are not given have none.
    species : sequence of str
        Two or more elements; ``"X"`` is a vacancy.
    sites : dict, optional
        Species -> energy of an atom by itself.

    Returns
    -------
    icet.ClusterExpansion
        Energy a site, in the unit of the bonds.

    Raises
    ------
    ValueError
        If the lattice or a species is not known, or an energy is not finite or not one.
    ImportError
        If icet is not installed.

    Examples
    --------
    A lattice gas of lithium that attracts itself:

    >>> gas = pair_model("fcc", [{("Li", "Li"): -0.05}], species=["Li", "X"])
    >>> float(gas.predict(supercell("fcc", 2, fill="Li")).round(12))      # 12 / 2 bonds a site
    -0.3
    """
    package = icet()
    symbols = _species(species)
    energies = [_matrix(shell, symbols) for shell in bonds]
    if not energies:
        raise ValueError("bonds must hold at least one shell")
    alone = np.zeros(len(symbols))
    for symbol, energy in (sites or {}).items():
        if not np.isfinite(energy):
            raise ValueError(f"the energy of {symbol!r} by itself must be finite, got {energy}")
        alone[_index(symbol, symbols)] = energy
    unit = primitive(lattice)
    distances = shell_distances(lattice, len(energies))
    space = package.ClusterSpace(unit, [distances[-1] + 0.01], [symbols] * len(unit))
    size = int(2 * distances[-1]) + 2  # or neighbours of two shells would be the same atom
    structure = unit.repeat([size if k < periodic_directions(lattice) else 1 for k in range(3)])
    ends = [neighbours(structure, distance) for distance in distances]
    # every such energy is a combination of the functions of sites and pairs: find which one
    rng = np.random.default_rng(0)
    vectors, values = [], []
    for _ in range(len(space) + 4):
        kinds = rng.integers(len(symbols), size=len(structure))
        structure.symbols = [symbols[kind] for kind in kinds]
        pairs = sum(
            matrix[kinds[i], kinds[j]].sum() / 2
            for matrix, (i, j) in zip(energies, ends, strict=True)
        )
        vectors.append(space.get_cluster_vector(structure))
        values.append((pairs + alone[kinds].sum()) / len(structure))
    parameters, _, rank, _ = np.linalg.lstsq(np.array(vectors), np.array(values), rcond=1e-10)
    residual = float(np.abs(np.array(vectors) @ parameters - values).max())
    scale = float(np.abs(values).max()) or 1.0
    if rank < len(space) or residual > 1e-10 * scale:
        raise RuntimeError(
            f"the model could not be written as a cluster expansion (rank {rank} of "
            f"{len(space)}, residual {residual:.1e})"
        )
    digits = 12 - int(np.floor(np.log10(scale)))  # so that -2 is -2
    return package.ClusterExpansion(space, np.round(parameters, digits) + 0.0)


def spins(
    configuration: Atoms | NDArray[np.integer], *, species: Sequence[str] = ("Ag", "Au")
) -> NDArray[np.int8]:
    """Read a configuration as spins.

    Parameters
    ----------
    configuration : ase.Atoms or ndarray of int
        A structure, or its atomic numbers.
    species : two str
        What stands for spin down and spin up.

    Returns
    -------
    ndarray of int8
        -1 and +1.

    Raises
    ------
    ValueError
        If there is another species.

    Examples
    --------
    >>> spins(supercell("chain", 3, fill="Au")).tolist()
    [1, 1, 1]
    """
    down, up = (atomic_numbers[s] for s in _two(species))
    numbers = configuration.numbers if isinstance(configuration, Atoms) else configuration
    found = np.where(numbers == up, np.int8(1), np.int8(-1))
    if not np.isin(numbers, (down, up)).all():
        raise ValueError(f"configuration must hold {species[0]} and {species[1]} alone")
    return found


def _matrix(bonds: Bonds, symbols: list[str]) -> NDArray[np.float64]:
    matrix = np.zeros((len(symbols), len(symbols)))
    for pair, energy in bonds.items():
        if not np.isfinite(energy):
            raise ValueError(f"the bond {'-'.join(pair)} must be finite, got {energy}")
        a, b = (_index(symbol, symbols) for symbol in pair)
        if bonds.get((pair[1], pair[0]), energy) != energy:
            raise ValueError(f"the bond {'-'.join(pair)} has two energies, one for each order")
        matrix[a, b] = matrix[b, a] = energy
    return matrix


def _index(symbol: str, symbols: list[str]) -> int:
    if symbol not in symbols:
        raise ValueError(f"{symbol!r} is not among the species {', '.join(symbols)}")
    return symbols.index(symbol)


def _species(species: Sequence[str]) -> list[str]:
    symbols = [species] if isinstance(species, str) else list(species)
    unknown = [s for s in symbols if s not in atomic_numbers]
    if unknown or len(set(symbols)) < 2 or len(set(symbols)) != len(symbols):
        raise ValueError(f"species must be two or more different elements, got {species!r}")
    return symbols


def _two(species: Sequence[str]) -> tuple[str, str]:
    symbols = _species(species)
    if len(symbols) != 2:
        raise ValueError(f"species must be two elements, for down and up; got {species!r}")
    return symbols[0], symbols[1]
