"""Space groups in primitive cells, and the sites where fewer atoms than operations fit.

Everything follows from the operations in spglib's database: a site of special symmetry is a
point, line or plane that some operations leave in place.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SHIFTS = np.array(list(product((-1, 0, 1), repeat=3)), dtype=float)
_GENERIC = np.array([0.1732, 0.3141, 0.4142])  # a point of no particular symmetry


@dataclass(frozen=True, eq=False)
class Site:
    """Where atoms of one orbit can lie: ``projector @ x + origin`` for any x (fractional)."""

    multiplicity: int
    freedom: int  # dimensions: 0 for a point, 3 for the general position
    projector: Floats
    origin: Floats
    operations: tuple[int, ...]  # these make the orbit from the first atom


@dataclass(frozen=True, eq=False)
class SpaceGroup:
    """A space group in a primitive cell: x -> rotation @ x + translation (fractional)."""

    number: int
    symbol: str
    rotations: Floats
    translations: Floats

    @property
    def order(self) -> int:
        """Number of operations, lattice translations not counted."""
        return len(self.rotations)


@lru_cache(maxsize=1)
def _hall_numbers() -> dict[int, int]:
    """Return the standard setting (Hall number) of each of the 230 space groups."""
    settings: dict[int, int] = {}
    for hall in range(1, 531):
        settings.setdefault(_from_spglib("get_spacegroup_type", hall).number, hall)
    return settings


def _from_spglib(function: str, hall: int) -> Any:
    import spglib

    with warnings.catch_warnings():  # newer versions announce another way of reporting errors
        warnings.simplefilter("ignore", DeprecationWarning)
        found = getattr(spglib, function)(hall)
    if found is None:
        raise RuntimeError(f"spglib.{function} does not know the Hall number {hall}")
    return found


@lru_cache(maxsize=1)
def groups_by_order() -> dict[int, tuple[int, ...]]:
    """Return the numbers of the space groups that have as many operations."""
    orders: dict[int, list[int]] = {}
    for number in _hall_numbers():
        orders.setdefault(space_group(number).order, []).append(number)
    return {order: tuple(orders[order]) for order in sorted(orders)}


@lru_cache(maxsize=230)
def space_group(number: int) -> SpaceGroup:
    """Return a space group in a primitive cell.

    Parameters
    ----------
    number : int
        From 1 to 230, as in the International Tables.

    Returns
    -------
    SpaceGroup

    Examples
    --------
    >>> space_group(225).symbol, space_group(225).order
    ('Fm-3m', 48)
    """
    hall = _hall_numbers()[number]
    operations = _from_spglib("get_symmetry_from_database", hall)
    rotations = operations["rotations"].astype(float)
    translations = operations["translations"]
    basis = _primitive_basis(translations[(rotations == np.eye(3)).all(axis=(1, 2))])
    inverse = np.linalg.inv(basis)
    rotations, first = np.unique(
        np.round(inverse @ rotations @ basis), axis=0, return_index=True
    )  # centring translations repeat each rotation
    identity = int(np.flatnonzero((rotations == np.eye(3)).all(axis=(1, 2)))[0])
    order = [identity, *(k for k in range(len(rotations)) if k != identity)]
    moved = translations[first] @ inverse.T
    return SpaceGroup(
        number,
        _from_spglib("get_spacegroup_type", hall).international_short,
        rotations[order] + 0.0,
        _wrapped(moved[order]),
    )


def _primitive_basis(centrings: Floats) -> Floats:
    """Return primitive vectors (columns) of the lattice with these centring translations."""
    points = (np.unique(_wrapped(centrings), axis=0)[:, None] + _SHIFTS).reshape(-1, 3)
    lengths = np.linalg.norm(points, axis=1)
    points = points[np.lexsort((*-points.T, np.round(lengths, 6)))]
    points = points[np.linalg.norm(points, axis=1) > 1e-6][:30]
    for three in combinations(points, 3):
        determinant = np.linalg.det(np.array(three).T)
        if abs(determinant - 1.0 / len(centrings)) < 1e-6:
            return np.array(three).T
    raise RuntimeError(f"no primitive basis for centrings {centrings.tolist()}")


@lru_cache(maxsize=230)
def sites(number: int) -> tuple[Site, ...]:
    """Return the sites of a space group, the general position first.

    Parameters
    ----------
    number : int
        From 1 to 230.

    Returns
    -------
    tuple of Site
        Points are listed once each; lines and planes may appear more than once.

    Examples
    --------
    The inversion centres of P-1:

    >>> [site.multiplicity for site in sites(2)]
    [2, 1, 1, 1, 1, 1, 1, 1, 1]
    """
    group = space_group(number)
    elements = _symmetry_elements(group)
    lines = [e for e in elements if round(float(np.trace(e[0]))) == 1]
    elements += [p for p in map(_crossing, combinations(lines, 2)) if p is not None]
    found = [Site(group.order, 3, np.eye(3), np.zeros(3), tuple(range(group.order)))]
    known: set[bytes] = set()
    for projector, origin in elements:
        site = _site(group, projector, origin)
        orbit = _orbit(group, site, _GENERIC if site.freedom else np.zeros(3))
        key = np.sort(_key(orbit)).tobytes()
        if key not in known:
            known.add(key)
            found.append(site)
    return tuple(found)


def _symmetry_elements(group: SpaceGroup) -> list[tuple[Floats, Floats]]:
    """Return the fixed points, lines and planes of each operation in and around the cell."""
    elements = []
    for rotation, translation in zip(group.rotations[1:], group.translations[1:], strict=True):
        powers = [np.eye(3)]
        while not np.array_equal(rotation @ powers[-1], np.eye(3)):
            powers.append(rotation @ powers[-1])
        projector = np.mean(powers, axis=0)
        moves = translation + _SHIFTS
        origins = np.mean(np.cumsum([moves @ power.T for power in [0 * powers[0], *powers[:-1]]],
                                    axis=0), axis=0)  # fmt: skip
        fixed = np.abs(origins @ rotation.T + moves - origins).max(axis=1) < 1e-6
        kept: set[bytes] = set()
        for origin in origins[fixed]:
            key = _key(origin).tobytes()
            if key not in kept:
                kept.add(key)
                elements.append((projector, origin))
    return elements


def _crossing(
    lines: tuple[tuple[Floats, Floats], tuple[Floats, Floats]],
) -> tuple[Floats, Floats] | None:
    """Return the point where two lines meet, if they do."""
    (first, a), (second, b) = lines
    if np.allclose(first, second):
        return None
    matrix = np.vstack([np.eye(3) - first, np.eye(3) - second])
    point, *_ = np.linalg.lstsq(matrix, np.concatenate([a - first @ a, b - second @ b]))
    on_both = np.abs(first @ (point - a) + a - point).max() < 1e-6
    on_both &= np.abs(second @ (point - b) + b - point).max() < 1e-6
    return (np.zeros((3, 3)), point) if on_both else None


def _site(group: SpaceGroup, projector: Floats, origin: Floats) -> Site:
    """Return the site through a symmetry element, from all operations that keep it in place."""
    x = projector @ _GENERIC + origin
    images = group.rotations @ x + group.translations
    back = x - images
    keeps = np.abs(back - np.round(back)).max(axis=1) < 1e-6
    rotations = group.rotations[keeps]
    mean = rotations.mean(axis=0)
    start = (group.translations[keeps] + np.round(back[keeps])).mean(axis=0)
    _, first = np.unique(_key(images), return_index=True)
    operations = sorted(int(k) for k in first)
    return Site(
        group.order // int(keeps.sum()), round(float(np.trace(mean))), mean, start,
        tuple(operations),
    )  # fmt: skip


def _orbit(group: SpaceGroup, site: Site, x: Floats) -> Floats:
    chosen = list(site.operations)
    return group.rotations[chosen] @ (site.projector @ x + site.origin) + group.translations[chosen]


def _wrapped(x: Floats) -> Floats:
    x = x - np.floor(x)
    return np.where(x > 1.0 - 1e-9, 0.0, x)


def _key(points: Floats) -> NDArray[np.int64]:
    """Return one whole number for each point, the same for points a lattice vector apart."""
    steps = np.round((points - np.floor(points)) * 1e5).astype(np.int64) % 100000
    return steps @ np.array([10**10, 10**5, 1])
