"""Lattices, orbits and separations from which a random crystal is put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._space_groups import Site, SpaceGroup, sites

Floats = NDArray[np.float64]
Separations = float | Mapping[Any, float]

_NEAR = np.array([n for n in product(range(-2, 3), repeat=3) if any(n)], dtype=float)
_DENSEST = 0.7405  # share of space that equal spheres can fill


def separation_matrix(elements: Sequence[str], min_separation: Separations) -> Floats:
    """Return the smallest separation of each pair of elements.

    Parameters
    ----------
    elements : sequence of str
        Element symbols.
    min_separation : float or mapping
        In angstrom: one for all pairs, or one for each pair, keyed ``"Li-N"`` or
        ``("Li", "N")`` in either order.

    Returns
    -------
    ndarray, shape (n_elements, n_elements)

    Raises
    ------
    ValueError
        If a pair is missing, not of these elements, given twice with different values, or not
        a positive length.

    Examples
    --------
    >>> separation_matrix(["Li", "N"], {"Li-Li": 2.5, "N-Li": 1.9, ("N", "N"): 1.5}).tolist()
    [[2.5, 1.9], [1.9, 1.5]]
    """
    if not isinstance(min_separation, Mapping):
        length = _positive(min_separation, "min_separation")
        return np.full((len(elements), len(elements)), length)
    given: dict[frozenset[str], float] = {}
    for key, value in min_separation.items():
        names: Sequence[str] = key.split("-") if isinstance(key, str) else ()
        if isinstance(key, tuple | frozenset):
            names = tuple(key)
        pair = frozenset(names)
        if len(names) != 2 or not pair <= set(elements):
            raise ValueError(
                f"min_separation has the key {key!r}; it must be a pair of {', '.join(elements)}, "
                f"such as '{elements[0]}-{elements[-1]}'"
            )
        length = _positive(value, f"min_separation[{key!r}]")
        if given.setdefault(pair, length) != length:
            raise ValueError(f"min_separation gives {key!r} twice, with different values")
    matrix = np.zeros((len(elements), len(elements)))
    for (i, a), (j, b) in combinations_with_replacement(enumerate(elements), 2):
        if frozenset((a, b)) not in given:
            raise ValueError(f"min_separation has no entry for the pair '{a}-{b}'")
        matrix[i, j] = matrix[j, i] = given[frozenset((a, b))]
    return matrix


def _positive(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name} must be a number in angstrom, got {value!r}")
    if not 0 < value < np.inf:
        raise ValueError(f"{name} must be a positive length in angstrom, got {value!r}")
    return float(value)


def overfull(amounts: Mapping[str, int], minimum: Floats, volume: float) -> str | None:
    """Say why the atoms cannot fit into the volume, if that is plain from their sizes.

    Parameters
    ----------
    amounts : mapping
        Element to number of atoms in one formula unit.
    minimum : ndarray, shape (n_elements, n_elements)
        Smallest separations, angstrom, in the order of `amounts`.
    volume : float
        Of one formula unit, angstrom^3.

    Returns
    -------
    str or None

    Examples
    --------
    >>> overfull({"Cu": 1}, np.array([[2.0]]), 5.0) is None
    False
    """
    for (element, count), closest in zip(amounts.items(), minimum.diagonal(), strict=True):
        least = count * np.pi / 6.0 * closest**3 / _DENSEST
        if least > volume:
            return (
                f"{count} {element} at least {closest:g} angstrom apart need "
                f"{least:.1f} angstrom^3, the formula unit has {volume:g}"
            )
    return None


def random_lattice(
    group: SpaceGroup, volume: float, shortest: float, rng: np.random.Generator
) -> Floats | None:
    """Draw a cell that the group leaves as it is: the mean of a random metric over the group.

    Parameters
    ----------
    group : SpaceGroup
    volume : float
        Angstrom^3.
    shortest : float
        No lattice vector may be shorter, angstrom.
    rng : numpy Generator

    Returns
    -------
    ndarray, shape (3, 3), or None
        Cell vectors as rows, a along x, b in the xy plane; never flatter than half of a cube
        of that volume. None where none was found in 50 trials.
    """
    for _ in range(50):
        a, b, c = rng.uniform(1.0, 2.0, 3)
        cos_a, cos_b, cos_g = np.cos(rng.uniform(np.pi / 3, 2 * np.pi / 3, 3))
        metric = np.array([
            [a * a, a * b * cos_g, a * c * cos_b],
            [a * b * cos_g, b * b, b * c * cos_a],
            [a * c * cos_b, b * c * cos_a, c * c],
        ])  # fmt: skip
        if group.order > 1:
            turned = group.rotations.transpose(0, 2, 1) @ metric @ group.rotations
            metric = turned.mean(axis=0)
        determinant = np.linalg.det(metric)
        if determinant < 0.05 * metric[0, 0] * metric[1, 1] * metric[2, 2]:
            continue
        cell = np.linalg.cholesky(metric) * (volume / np.sqrt(determinant)) ** (1.0 / 3.0)
        lowest = 1.0 / np.sqrt((np.linalg.inv(cell) ** 2).sum(axis=0).max())
        if lowest < 0.5 * volume ** (1.0 / 3.0):
            continue
        if ((_NEAR @ cell) ** 2).sum(axis=1).min() >= shortest**2:
            return np.asarray(cell)
    return None


def random_orbits(
    group: SpaceGroup, counts: Sequence[int], rng: np.random.Generator
) -> list[tuple[int, Site]] | None:
    """Draw orbits that hold as many atoms of each element as are wanted.

    As in AIRSS, general positions are filled first, at times but for one orbit, and sites of
    higher symmetry take the rest.

    Parameters
    ----------
    group : SpaceGroup
    counts : sequence of int
        Atoms of each element.
    rng : numpy Generator

    Returns
    -------
    list of (element index, Site), or None
        In the order of the elements. None where the atoms do not fit on the sites.
    """
    general, *special = sites(group.number)
    for trial in range(20):
        free = list(special)
        orbits: list[tuple[int, Site]] = []
        for element in np.argsort(rng.random(len(counts))):
            count = counts[element]
            fewer = int(rng.integers(0, 2)) if trial % 2 else 0
            n_general = max(count // group.order - fewer, 0)
            orbits += [(int(element), general)] * n_general
            count -= n_general * group.order
            while count:
                fitting = [site for site in free if site.multiplicity <= count]
                if not fitting:
                    break
                site = fitting[int(rng.integers(len(fitting)))]
                orbits.append((int(element), site))
                count -= site.multiplicity
                if site.freedom == 0:  # a point holds one atom
                    free.remove(site)
            if count:
                break
        else:
            return sorted(orbits, key=lambda orbit: orbit[0])
    return None
