"""What a Monte Carlo run is told of species: checked, and laid out for the kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.data import atomic_numbers, chemical_symbols
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matlearn.lattice._engine.tables import LatticeModel

ENSEMBLES = ("semi-grand", "canonical", "vcsgc")
Sublattices = Sequence[tuple[tuple[int, ...], NDArray[np.int64]]]


def check_ensemble(ensemble: str, potentials: Any, phis: Any) -> None:
    """Refuse ensembles that do not exist, and what does not belong to the one chosen."""
    if ensemble not in ENSEMBLES:
        raise ValueError(f"ensemble must be one of {', '.join(ENSEMBLES)}, got {ensemble!r}")
    if potentials is not None and ensemble != "semi-grand":
        raise ValueError(
            f"chemical_potentials belong to the semi-grand ensemble, not to {ensemble!r}: "
            + (
                "in a canonical run the composition is fixed; leave them out"
                if ensemble == "canonical"
                else "VCSGC is driven by phis and kappa"
            )
        )
    if (phis is not None) != (ensemble == "vcsgc"):
        raise ValueError(
            "phis are what drives the VCSGC ensemble"
            + (": give them, as phis={'Au': -1.0}" if ensemble == "vcsgc" else ", and no other")
        )


def check_temperature(temperature: float) -> float:
    """Refuse temperatures that are not."""
    if isinstance(temperature, bool) or not isinstance(temperature, int | float | np.number):
        raise TypeError(f"temperature must be a number, got {temperature!r}")
    if not 0 < temperature < np.inf:
        raise ValueError(
            f"temperature must be above 0 K, got {temperature}: towards 0, anneal in steps"
        )
    return float(temperature)


def check_positive(value: float, name: str) -> float:
    """Refuse what is no positive, finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not 0 < value < np.inf:
        raise ValueError(f"{name} must be positive and finite, got {value}")
    return float(value)


def by_symbol(given: Mapping[str, float] | None, name: str, symbols: set[str]) -> dict[str, float]:
    """Read a dict of numbers for species."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} must be a dict such as {{'Au': 0.5}}, got {given!r}")
    for symbol, value in given.items():
        if symbol not in symbols:
            raise ValueError(
                f"{name} names {symbol!r}, which is not one of the species on active sites: "
                f"{', '.join(sorted(symbols))}"
            )
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise TypeError(f"{name}[{symbol!r}] must be a number, got {value!r}")
        if not np.isfinite(value):
            raise ValueError(f"{name}[{symbol!r}] must be finite, got {value}")
    return {symbol: float(value) for symbol, value in given.items()}


def potentials_of_classes(model: LatticeModel, given: dict[str, float]) -> NDArray[np.float64]:
    """Lay out chemical potentials, eV: shape (n_classes, max_species)."""
    table = np.zeros((len(model.species), model.tables.functions.shape[2]))
    for b, allowed in enumerate(model.species):
        for s, z in enumerate(allowed):
            table[b, s] = given.get(chemical_symbols[z], 0.0)
    return table


def phis_of_sublattices(model: LatticeModel, given: dict[str, float]) -> NDArray[np.float64]:
    """Lay out VCSGC's constraints, NaN where there is none: shape (n_sublattices, max_species).

    Raises
    ------
    ValueError
        If they are given, and not for all species but one of each sublattice.
    """
    table = np.full((len(model.sublattices), model.tables.functions.shape[2]), np.nan)
    for row, (kind, _) in enumerate(model.sublattices):
        names = [chemical_symbols[z] for z in kind]
        for s, name in enumerate(names):
            table[row, s] = given.get(name, np.nan)
        if given and np.isfinite(table[row]).sum() != len(kind) - 1:
            raise ValueError(
                f"phis must be given for all but one of the species {', '.join(names)} that share "
                f"a sublattice, got {given}"
            )
    return table


def occupy_randomly(
    model: LatticeModel,
    numbers: NDArray[np.int64],
    concentrations: dict[str, float],
    seed: np.random.SeedSequence,
) -> NDArray[np.int64]:
    """Put species on the sites of each sublattice at random, in given concentrations.

    Parameters
    ----------
    model
        The lattice.
    numbers
        Atomic numbers there now, kept on sublattices of which no species is named.
    concentrations
        Fraction of the sites of its sublattice that each species takes; they are rounded to whole
        atoms.
    seed
        For the order of the sites.

    Raises
    ------
    ValueError
        If the concentrations of a sublattice are negative, or do not sum to one.
    """
    random = np.random.default_rng(seed)
    numbers = np.array(numbers)
    for b, allowed in enumerate(model.species):
        if len(allowed) == 1:
            numbers[model.placement.basis == b] = allowed[0]
    for kind, sites in model.sublattices:
        names = [chemical_symbols[z] for z in kind]
        if not any(name in concentrations for name in names):
            continue
        shares = np.array([concentrations.get(name, 0.0) for name in names])
        if (shares < 0).any() or abs(shares.sum() - 1) > 1e-6:
            given = ", ".join(f"{n} {s:g}" for n, s in zip(names, shares, strict=True))
            raise ValueError(
                f"concentrations of {', '.join(names)} must be from 0 to 1 and sum to one, "
                f"got {given} (sum {shares.sum():g})"
            )
        exact = shares * len(sites)
        atoms = np.floor(exact + 1e-9).astype(int)
        missing = len(sites) - atoms.sum()
        atoms[np.argsort(atoms - exact, kind="stable")[:missing]] += 1
        numbers[random.permutation(sites)] = np.repeat(kind, atoms)
    return numbers


def swap_places(
    model: LatticeModel, occupations: NDArray[np.int8]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """List the sites that can be exchanged: members, places and blocks of the kernel `swaps`.

    Raises
    ------
    ValueError
        If no sublattice holds two species.
    """
    members: list[int] = []
    blocks: list[tuple[int, int, int, int]] = []
    for kind, sites in model.sublattices:
        groups = [sites[occupations[sites] == s] for s in range(len(kind))]
        if sum(len(group) > 0 for group in groups) < 2:
            continue
        start, end = len(members), len(members) + len(sites)
        for group in groups:
            low = len(members)
            members.extend(group.tolist())
            blocks.extend([(low, low + len(group), start, end)] * len(group))
    if not members:
        raise ValueError(
            "nothing can be exchanged: every sublattice of the supercell holds one species only. "
            "Give concentrations={'Cu': 0.75, 'Au': 0.25}, say, or a supercell with several species"
        )
    places = np.full(len(occupations), -1)
    places[members] = np.arange(len(members))
    return np.array(members), places, np.array(blocks)


def symbols_of(model: LatticeModel) -> list[str]:
    """Give the species of active sites, by atomic number."""
    found = {z for kind, _ in model.sublattices for z in kind}
    return sorted((chemical_symbols[z] for z in found), key=lambda symbol: atomic_numbers[symbol])


def two_seeds(
    seed: int | np.random.SeedSequence,
) -> tuple[np.random.SeedSequence, np.random.SeedSequence]:
    """Give independent seeds for the start and for the moves, always the same."""
    if isinstance(seed, np.random.SeedSequence):
        entropy, key = seed.entropy, (*seed.spawn_key,)
    elif isinstance(seed, int | np.integer) and not isinstance(seed, bool) and seed >= 0:
        entropy, key = int(seed), ()
    else:
        raise ValueError(f"seed must be a whole number of at least 0, got {seed!r}")
    first, second = (np.random.SeedSequence(entropy, spawn_key=(*key, k)) for k in range(2))
    return first, second


def check_whole(**given: int) -> None:
    """Refuse what is no whole number of at least 1."""
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise TypeError(f"{name} must be a whole number, got {value!r}")
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
