"""Orderings of species on the sites of a superlattice, one for each that symmetry tells apart.

Hart and Forcade, Phys. Rev. B 77, 224115 (2008), and 80, 014120 (2009) for lattices with several
sites in the primitive cell, such as hcp.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.potentials._hulls.superlattices import (
    Integers,
    distinct_forms,
    folded,
    hermite_form,
)

_TOLERANCE = 1e-5
MAX_COLOURINGS = 5_000_000
"""Most ways of colouring one superlattice that are gone through."""


@dataclass(frozen=True)
class Parent:
    """A lattice with its sites and its space group."""

    cell: NDArray[np.float64]
    """Primitive vectors in angstrom, as rows."""
    sites: NDArray[np.float64]
    """Fractional coordinates of the sites, shape (sites, 3)."""
    rotations: tuple[Integers, ...]
    """Rotations on fractional coordinates (as columns)."""
    translations: NDArray[np.float64]
    """What each rotation is followed by, fractional, shape (rotations, 3)."""

    @classmethod
    def of(cls, primitive: Atoms) -> Parent:
        """Find the symmetry of a primitive cell, all of whose sites are alike."""
        from spglib import get_symmetry

        sites = primitive.get_scaled_positions()
        found = get_symmetry((primitive.cell.array, sites, [1] * len(sites)), _TOLERANCE)
        if found is None:
            raise ValueError("spglib finds no symmetry of the lattice: do two sites coincide?")
        return cls(
            primitive.cell.array,
            sites,
            tuple(np.asarray(r, dtype=np.int64) for r in found["rotations"]),
            np.asarray(found["translations"], dtype=np.float64),
        )


@dataclass(frozen=True)
class Ordering:
    """One way of putting species on a superlattice."""

    form: Integers
    """Hermite normal form of the superlattice."""
    points: Integers
    """Lattice points in its cell, shape (cells, 3)."""
    colours: NDArray[np.uint8]
    """A number for the species of each site, shape (cells, sites of the primitive cell)."""


def orderings(parent: Parent, cells: int, species: int) -> Iterator[Ordering]:
    """Give every ordering with so many primitive cells, and not with fewer, exactly once.

    Raises
    ------
    ValueError
        If there are too many to go through.
    """
    count = cells * len(parent.sites)
    if species**count > MAX_COLOURINGS:
        raise ValueError(
            f"{species} species on {count} sites are {species**count:.1e} ways, more than "
            f"{MAX_COLOURINGS:.0e}: ask for smaller cells"
        )
    colours = _all_colourings(count, species)
    weights = species ** np.arange(count - 1, -1, -1, dtype=np.int64)
    codes = colours @ weights
    for form in distinct_forms(cells, parent.rotations):
        points = _points(form)
        shifts = _shifts(form, points, len(parent.sites))
        new = np.ones(len(colours), dtype=bool)
        for shift in shifts[1:]:  # what a shift leaves as it is fits into a smaller cell
            new &= colours[:, shift] @ weights != codes
        left = np.flatnonzero(new)
        chosen = colours[left]
        lowest = codes[left]
        for turn in _turns(parent, form, points):
            for shift in shifts:
                np.minimum(lowest, chosen[:, turn[shift]] @ weights, out=lowest)
        for row in left[lowest == codes[left]]:
            yield Ordering(form, points, colours[row].reshape(cells, -1))


def _all_colourings(count: int, species: int) -> NDArray[np.int64]:
    """Give all ways of colouring sites, shape (species ** count, count)."""
    grid = np.indices((species,) * count, dtype=np.int64)
    return np.ascontiguousarray(grid.reshape(count, -1).T)


def _points(form: Integers) -> Integers:
    """List the lattice points in the cell of a superlattice, the origin first."""
    return np.stack(
        np.meshgrid(*(np.arange(n) for n in np.diag(form)), indexing="ij"), axis=-1
    ).reshape(-1, 3)


def _numbers(points: Integers, form: Integers) -> Integers:
    """Give the place of lattice points in the list of `_points`."""
    a, b, c = np.moveaxis(folded(points, form), -1, 0)
    _, second, third = np.diag(form)
    return (a * second + b) * third + c


def _shifts(form: Integers, points: Integers, sites: int) -> list[Integers]:
    """Give where each site goes under each translation of the lattice, the identity first."""
    return [
        (_numbers(points + shift, form)[:, None] * sites + np.arange(sites)).ravel()
        for shift in points
    ]


def _turns(parent: Parent, form: Integers, points: Integers) -> list[Integers]:
    """Give where each site goes under each operation that keeps the superlattice."""
    turns = {}
    sites = len(parent.sites)
    for rotation, translation in zip(parent.rotations, parent.translations, strict=True):
        if not np.array_equal(hermite_form(form @ rotation.T), form):
            continue
        images = parent.sites @ rotation.T + translation
        away = images[:, None] - parent.sites
        partner = np.abs(away - np.round(away)).max(axis=2).argmin(axis=1)
        cells = np.round(images - parent.sites[partner]).astype(np.int64)
        there = _numbers((points @ rotation.T)[:, None] + cells, form)
        turn = (there * sites + partner).ravel()
        turns[turn.tobytes()] = turn
    return list(turns.values())
