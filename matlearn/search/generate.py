"""Random crystals to start a structure search from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers
from numpy.typing import NDArray

from ._formula import parse_formula
from ._packing import (
    Separations,
    overfull,
    random_lattice,
    random_orbits,
    separation_matrix,
)
from ._space_groups import Site, SpaceGroup, groups_by_order, space_group

_DRAWS = 12  # choices of formula units and symmetry for one structure before giving up
_TRIALS = 40  # cells drawn for each
_PUSHES = 150  # steps of pushing atoms apart in one cell


class GenerationError(RuntimeError):
    """No crystal was found that satisfies the request.

    Attributes
    ----------
    made : int
        How many structures had been made before.
    """

    def __init__(self, message: str, made: int) -> None:
        super().__init__(message)
        self.made = made


@dataclass(frozen=True)
class _Request:
    formula: str
    amounts: dict[str, int]
    formula_units: tuple[int, ...]
    volume: tuple[float, float]
    minimum: NDArray[np.float64]
    operations: tuple[int, ...]
    seed: int


def random_structures(
    formula: str,
    count: int,
    *,
    formula_units: int | Sequence[int],
    volume_per_formula_unit: float | tuple[float, float],
    min_separation: Separations,
    symmetry_operations: int | Sequence[int] | None = 1,
    seed: int,
) -> Iterator[Atoms]:
    """Make random crystals whose atoms keep their distances.

    A random cell, random positions, and then atoms that are too close are pushed apart until
    all separations, periodic images included, are at least those asked for. With symmetry, a
    random space group with that many operations is drawn first, the cell is made to fit it, and
    atoms are pushed together with their images.

    Parameters
    ----------
    formula : str
        One formula unit, such as ``"LiN2"``.
    count : int
        How many structures.
    formula_units : int or sequence of int
        Formula units in a cell; from several one is drawn for each structure.
    volume_per_formula_unit : float or (float, float)
        Of the starting cell, angstrom^3; from a range it is drawn evenly.
    min_separation : float or mapping
        Smallest separations in angstrom: one for all pairs, or one for each pair, keyed
        ``"Li-N"`` or ``("Li", "N")``.
    symmetry_operations : int or sequence of int
        Operations of the space group, lattice translations not counted: 1, 2, 3, 4, 6, 8, 12,
        16, 24 or 48. From several (numbers without a space group are passed over) one is drawn
        for each structure; None is 1. Where atoms cannot fill general positions they lie on special ones.
    seed : int
        Structure number i depends on the request, the seed and i only.

    Yields
    ------
    ase.Atoms
        Periodic; ``info["label"]`` is ``"LiN2-0000"`` and so on, ``info["starting_group"]`` the
        space group that was imposed.

    Raises
    ------
    ValueError, TypeError
        At once, if an argument makes no sense or the atoms cannot fit into the volume.
    GenerationError
        While iterating, if a structure was not found in a reasonable number of trials; says
        what was in the way, and carries how many were made.

    Notes
    -----
    The method is that of AIRSS: Pickard and Needs, J. Phys.: Condens. Matter 23, 053201 (2011).

    Examples
    --------
    >>> request = dict(formula_units=[2, 3], volume_per_formula_unit=30.0, seed=1)
    >>> separations = {"Li-Li": 2.5, "Li-N": 1.9, "N-N": 1.5}
    >>> cells = list(random_structures("LiN2", 3, min_separation=separations, **request))
    >>> cells[2].info["label"], all(cells[2].pbc)
    ('LiN2-0002', True)
    """
    amounts = parse_formula(formula)
    _whole("count", count, 1)
    _whole("seed", seed, 0)
    low, high = _volume_range(volume_per_formula_unit)
    minimum = separation_matrix(list(amounts), min_separation)
    problem = overfull(amounts, minimum, high)
    if problem is not None:
        raise ValueError(
            f"{formula} cannot be packed: {problem}; raise volume_per_formula_unit or lower "
            "min_separation"
        )
    operations = 1 if symmetry_operations is None else symmetry_operations
    request = _Request(
        formula=formula,
        amounts=amounts,
        formula_units=_choices("formula_units", formula_units),
        volume=(low, high),
        minimum=minimum,
        operations=_existing_orders(_choices("symmetry_operations", operations)),
        seed=int(seed),
    )
    return (_structure(request, number) for number in range(count))


def _whole(name: str, value: object, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def _choices(name: str, value: int | Sequence[int]) -> tuple[int, ...]:
    values = value if isinstance(value, Sequence | np.ndarray) else [value]
    if len(values) == 0 or isinstance(value, str):
        raise ValueError(f"{name} must be a whole number or several, got {value!r}")
    return tuple(_whole(name, one, 1) for one in values)


def _volume_range(volume: float | tuple[float, float]) -> tuple[float, float]:
    ends = np.atleast_1d(np.asarray(volume))
    if ends.dtype.kind not in "iuf":
        raise TypeError(
            "volume_per_formula_unit must be a number in angstrom^3 or a range (low, high), "
            f"got {volume!r}"
        )
    if ends.shape not in ((1,), (2,)) or not (np.isfinite(ends).all() and 0 < ends[0] <= ends[-1]):
        raise ValueError(
            f"volume_per_formula_unit must be a positive volume in angstrom^3 or a range "
            f"(low, high), got {volume!r}"
        )
    return float(ends[0]), float(ends[-1])


def _existing_orders(wanted: tuple[int, ...]) -> tuple[int, ...]:
    existing = tuple(order for order in wanted if order in groups_by_order())
    if not existing:
        allowed = ", ".join(map(str, groups_by_order()))
        raise ValueError(
            f"symmetry_operations must be one or several of {allowed} (no space group has another "
            f"number), got {', '.join(map(str, wanted))}"
        )
    return existing


def _structure(request: _Request, number: int) -> Atoms:
    rng = np.random.default_rng([request.seed, number])
    obstacle = ""
    choices = list(product(request.formula_units, request.operations))
    chosen = rng.permutation(len(choices))[:_DRAWS]
    for choice in chosen:
        units, order = choices[choice]
        groups = list(groups_by_order()[order])
        for _ in range(_TRIALS):
            group = space_group(groups[int(rng.integers(len(groups)))])
            orbits = random_orbits(group, [n * units for n in request.amounts.values()], rng)
            if orbits is None:
                groups.remove(group.number)
                if groups:
                    continue
                obstacle = obstacle or (
                    f"{units} formula units do not fit on the sites of any space group with "
                    f"{order} operations: change formula_units or symmetry_operations"
                )
                break
            result = _crystal(request, units, group, orbits, rng)
            if isinstance(result, Atoms):
                result.info["label"] = f"{request.formula}-{number:04d}"
                result.info["starting_group"] = group.symbol
                return result
            obstacle = (
                f"{result} with {units} formula units and {order} symmetry operations: raise "
                "volume_per_formula_unit, lower min_separation, or ask for other formula_units or "
                "symmetry_operations"
            )
    raise GenerationError(
        f"structure {number} of {request.formula} was not found in {len(chosen) * _TRIALS} trials "
        f"({number} were made before): {obstacle}",
        made=number,
    )


def _crystal(
    request: _Request,
    units: int,
    group: SpaceGroup,
    orbits: list[tuple[int, Site]],
    rng: np.random.Generator,
) -> Atoms | str:
    """Return a crystal, or what was in the way."""
    from ._kernels import push_apart

    longest = request.minimum.diagonal().max()
    cell = random_lattice(group, units * rng.uniform(*request.volume), longest, rng)
    if cell is None:
        return f"no cell had all its lattice vectors longer than {longest:g} angstrom"
    inverse = np.linalg.inv(cell)
    kinds = np.array([kind for kind, _ in orbits])
    owner = np.repeat(np.arange(len(orbits)), [site.multiplicity for _, site in orbits])
    operations = [k for _, site in orbits for k in site.operations]
    projectors = np.array([site.projector for _, site in orbits])
    origins = np.array([site.origin for _, site in orbits])
    overlap, first, second, fractional = push_apart(
        np.einsum("ijk,ik->ij", projectors, rng.random((len(orbits), 3))) + origins,
        projectors,
        owner,
        group.rotations[operations],
        group.translations[operations],
        request.minimum[np.ix_(kinds, kinds)],
        cell,
        inverse,
        1.0 / np.sqrt((inverse**2).sum(axis=0)),
        _PUSHES,
    )
    elements = list(request.amounts)
    if overlap > 0.0:
        pair = f"{elements[kinds[first]]}-{elements[kinds[second]]}"
        return f"{pair} stayed {overlap:.2f} angstrom too close"
    numbers = [atomic_numbers[elements[kinds[site]]] for site in owner]
    return Atoms(numbers=numbers, positions=fractional @ cell, cell=cell, pbc=True)
