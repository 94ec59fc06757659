"""What a moment tensor potential is given, checked before anything is computed."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Sequence
from numbers import Integral

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, chemical_symbols

from matlearn.potentials._mtp.packing import pack

LARGE = {"energy": 1e5, "forces": 1e3, "stress": 10.0}
"""Per atom in eV, in eV/A, in eV/A3: beyond these a unit is probably another one."""
CLOSEST = 0.1
"""A; two atoms closer than this are one atom entered twice."""


def checked_species(species: Sequence[str | int]) -> tuple[int, ...]:
    """Give atomic numbers of chemical symbols or atomic numbers.

    Raises
    ------
    ValueError
        If there is none, one is unknown, or one comes twice.
    """
    if isinstance(species, str):
        species = [species]
    numbers = []
    for one in species:
        known = (
            atomic_numbers.get(one)
            if isinstance(one, str)
            else int(one)
            if isinstance(one, Integral) and 0 < int(one) < len(chemical_symbols)
            else None
        )
        if not known:
            raise ValueError(f"species must be chemical symbols or atomic numbers, got {one!r}")
        numbers.append(known)
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(f"species must be different elements, at least one; got {list(species)!r}")
    return tuple(numbers)


def checked_settings(
    level: int, cutoff: float, min_distance: float | None, radial_functions: int
) -> None:
    """Refuse settings that make no potential.

    Raises
    ------
    ValueError
        If a distance is not positive or the two contradict each other, or there are too few
        radial functions. (The level is checked where its contractions are listed.)
    """
    if not (np.isfinite(cutoff) and cutoff > 0):
        raise ValueError(f"cutoff must be a distance in A, got {cutoff!r}")
    if min_distance is not None and not 0 <= min_distance < cutoff:
        raise ValueError(
            f"min_distance must lie between 0 and the cut-off of {cutoff} A, got {min_distance!r}"
        )
    if not isinstance(radial_functions, Integral) or not 2 <= radial_functions <= 40:
        raise ValueError(f"radial_functions must be from 2 to 40, got {radial_functions!r}")


def checked_weights(weights: Sequence[float]) -> tuple[float, float, float]:
    """Give the weights of energies, forces and stresses.

    Raises
    ------
    ValueError
        If they are not three numbers of at least 0, not all of them 0.
    """
    values = tuple(float(weight) for weight in weights)
    if len(values) != 3 or not np.isfinite(values).all() or min(values) < 0 or max(values) == 0:
        raise ValueError(
            "weights must be three numbers, of energies, forces and stresses, none negative and "
            f"not all zero; got {weights!r}"
        )
    return values


def checked_images(images: Iterable[Atoms], argument: str = "images") -> list[Atoms]:
    """Give structures whose results can be trained on.

    Raises
    ------
    ValueError
        If there is none, or one has no atoms, neither energy nor forces, or a result that is not
        a number or has the wrong shape; it says which.
    TypeError
        If something else than structures is given.

    Warns
    -----
    UserWarning
        If numbers are so large that their unit is probably not eV and A.
    """
    structures = [images] if isinstance(images, Atoms) else list(images)
    if not structures:
        raise ValueError(f"{argument} is empty: there is nothing to learn from")
    suspect = dict.fromkeys(LARGE, 0)
    for number, atoms in enumerate(structures):
        if not isinstance(atoms, Atoms):
            raise TypeError(f"{argument} must be ASE Atoms, got {type(atoms).__name__}")
        where = f"{argument}[{number}] ({atoms.symbols})"
        if len(atoms) == 0:
            raise ValueError(f"{argument}[{number}] has no atoms")
        known = atoms.calc.results if atoms.calc is not None else {}
        if known.get("energy") is None and known.get("forces") is None:
            raise ValueError(
                f"{where} carries neither energy nor forces: label it first, for instance by "
                "matlearn.calculators.single_points"
            )
        for name, limit in LARGE.items():
            if known.get(name) is None:
                continue
            values = np.asarray(known[name], dtype=float)
            if not np.isfinite(values).all():
                raise ValueError(f"{where}: its {name} holds a value that is not a number")
            if name == "forces" and values.shape != (len(atoms), 3):
                raise ValueError(f"{where}: its forces have the shape {values.shape}")
            largest = np.abs(values).max() / (len(atoms) if name == "energy" else 1)
            suspect[name] += bool(largest > limit)
    for name, count in suspect.items():
        if count:
            unit = {"energy": "eV", "forces": "eV/A", "stress": "eV/A3"}[name]
            warnings.warn(
                f"{count} of {len(structures)} structures have a very large {name}: is it in {unit}?",
                stacklevel=3,
            )
    return structures


def check_apart(images: Collection[Atoms], argument: str = "images") -> None:
    """Refuse structures with an atom entered twice.

    Raises
    ------
    ValueError
        If two atoms are in one place, or a position is not a number; it says which.
    """
    for number, atoms in enumerate(images):
        vectors = pack(atoms, np.unique(atoms.numbers).tolist(), CLOSEST).vectors
        if len(vectors):
            closest = np.linalg.norm(vectors, axis=1).min()
            raise ValueError(
                f"{argument}[{number}] ({atoms.symbols}): two atoms are in the same place "
                f"({closest:.2g} A apart): remove one of them"
            )


def check_reach(images: Collection[Atoms], cutoff: float, argument: str = "images") -> None:
    """Refuse a cut-off that reaches no neighbour.

    Raises
    ------
    ValueError
        If no two atoms of any structure are within the cut-off.
    """
    if not any(
        len(pack(atoms, np.unique(atoms.numbers).tolist(), cutoff).vectors) for atoms in images
    ):
        raise ValueError(
            f"no two atoms of {argument} are closer than the cut-off of {cutoff} A: choose a "
            "longer one"
        )


def checked_distances(shortest: float, cutoff: float, min_distance: float | None) -> float:
    """Give where the radial functions begin, from the shortest distance of the training set.

    Raises
    ------
    ValueError
        If no two atoms are within the cut-off.
    """
    if not np.isfinite(shortest):
        raise ValueError(
            f"no two atoms of the training set are closer than the cut-off of {cutoff} A: choose a "
            "longer one"
        )
    if min_distance is None:
        return float(np.floor(95 * shortest) / 100)
    if shortest < min_distance:
        warnings.warn(
            f"the shortest distance of the training set, {shortest:.3f} A, is below min_distance = "
            f"{min_distance} A, where the radial functions grow fast",
            stacklevel=4,
        )
    return min_distance
