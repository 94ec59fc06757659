"""Turn a lattice, its energies and its barriers into what the kinetic kernels work on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, chemical_symbols
from numpy.typing import NDArray

from matlearn.lattice._engine.supercells import Placement
from matlearn.lattice._engine.tables import LatticeModel, build_tables
from matlearn.lattice._kernels.hopping import Jumps, State, Terms
from matlearn.lattice._kinetics.barriers import Barriers, BarrierTable
from matlearn.lattice._kinetics.hops import JumpNetwork, build_network, shared_terms


@dataclass(frozen=True)
class PlainModel:
    """A lattice without interactions, as observers look at one."""

    placement: Placement
    """The supercell as its own primitive cell."""
    sublattices: list[tuple[tuple[int, ...], NDArray[np.int64]]]
    """Atomic numbers and sites of the sublattice where atoms hop."""


@dataclass(frozen=True)
class Setup:
    """What stays the same while atoms hop."""

    symbols: list[str]
    """The vacancy, the species that may hop, then all others."""
    n_mobile: int
    """How many of them may hop."""
    network: JumpNetwork
    """Where to."""
    barriers: BarrierTable
    """At what cost."""
    tables: Terms
    """Energies."""
    jumps: Jumps
    """All of it, for the kernels."""
    constant: float
    """Energy that nothing changes (eV)."""
    model: LatticeModel | PlainModel
    """Where it comes from."""


def set_up(
    energies: Any,
    supercell: Atoms,
    *,
    attempt_frequency: float | Mapping[str, float],
    kra: Barriers | None,
    surroundings: float | None,
    vacancy: str,
    cutoff: float | None,
) -> Setup:
    """Prepare a simulation; see `matlearn.lattice.KineticMonteCarlo` for what is refused."""
    if not isinstance(supercell, Atoms):
        raise TypeError(f"supercell must be ASE Atoms, got a {type(supercell).__name__}")
    if vacancy not in atomic_numbers:
        raise ValueError(f"vacancy must be a symbol that ASE knows, such as 'X', got {vacancy!r}")
    expansion = getattr(energies, "cluster_expansion", energies)
    model: LatticeModel | None = None
    if hasattr(expansion, "get_cluster_space_copy"):
        if kra is None:
            raise ValueError(
                "kra must be given beside a cluster expansion: the kinetically resolved barrier in "
                "eV, a dict of species, or a function of a hop"
            )
        model = build_tables(expansion, supercell)
        lists = [[chemical_symbols[z] for z in allowed] for allowed in model.species]
        open_to = [vacancy in allowed for allowed in lists]
        if not any(open_to):
            raise ValueError(
                f"the cluster expansion has no vacancies {vacancy!r} among its species "
                f"({'; '.join(', '.join(allowed) for allowed in lists)}): nothing could hop"
            )
        hopping = {s for ok, allowed in zip(open_to, lists, strict=True) if ok for s in allowed}
        sites = np.flatnonzero(np.array(open_to)[model.placement.basis])
        others = {s for allowed in lists for s in allowed}
    else:
        _check_barriers(energies, kra)
        others = set(supercell.symbols)
        hopping = set(energies) if isinstance(energies, Mapping) else others
        sites = np.flatnonzero(np.isin(supercell.symbols, [*hopping, vacancy]))
    mobile = sorted(hopping - {vacancy}, key=lambda s: atomic_numbers.get(s, 0))
    rest = sorted(others - hopping - {vacancy}, key=atomic_numbers.__getitem__)
    symbols = [vacancy, *mobile, *rest]
    held = set(np.array(supercell.symbols)[sites])
    if vacancy not in held or not held & set(mobile):
        raise ValueError(
            f"nothing can hop: the supercell needs vacancies {vacancy!r} and atoms "
            f"({' or '.join(mobile) or 'of any element'}) on the same lattice, got "
            f"{supercell.get_chemical_formula()}"
        )
    frequencies = _frequencies(attempt_frequency, mobile, symbols)
    given, argument = (energies, "barriers") if model is None else (kra, "kra")
    table = BarrierTable(given, argument, mobile, symbols)
    network = build_network(supercell, sites, _checked_cutoff(cutoff))
    if model is None:
        tables, constant = _no_energies(len(supercell), len(symbols)), 0.0
        index_of = np.arange(len(symbols), dtype=np.int32)[None]
    else:
        tables = Terms(*(getattr(model.tables, name) for name in Terms._fields))
        constant = model.constant
        index_of = np.array(
            [[a.index(s) if s in a else -1 for s in symbols] for a in lists], dtype=np.int32
        )
    around, kinds = table.look_around(supercell, network, _checked_radius(surroundings))
    seen_start, seen_from = _seen(around)
    jumps = Jumps(
        neighbours=network.neighbours, reverse=network.reverse,
        vector_index=network.vector_index, vectors=network.vectors, index_of=index_of,
        **shared_terms(tables, network), rates=frequencies, barriers=table.constants,
        around=around, around_kind=kinds, seen_start=seen_start, seen_from=seen_from,
    )  # fmt: skip
    kept = model or _plain(supercell, sites, symbols[: len(mobile) + 1])
    return Setup(symbols, len(mobile), network, table, tables, jumps, constant, kept)


def _check_barriers(energies: Any, kra: Any) -> None:
    if not (isinstance(energies, Mapping | Real) or callable(energies)):
        raise TypeError(
            "the first argument must be a cluster expansion, a fit, or barriers (eV): a number, a "
            f"dict of species or a function of a hop; got a {type(energies).__name__}"
        )
    if kra is not None:
        raise ValueError(
            "kra must be left out where the first argument is the barrier itself: without a "
            f"cluster expansion nothing is to be added to it; got {kra!r}"
        )


def _plain(supercell: Atoms, sites: NDArray[np.int64], symbols: list[str]) -> PlainModel:
    n = len(supercell)
    placement = Placement(np.eye(3, dtype=np.int64), np.arange(n), np.zeros((n, 3), dtype=np.int64))
    return PlainModel(placement, [(tuple(sorted(atomic_numbers[s] for s in symbols)), sites)])


def _frequencies(given: Any, mobile: list[str], symbols: list[str]) -> NDArray[np.float64]:
    if not isinstance(given, Mapping):
        given = dict.fromkeys(mobile, given)
    if set(given) != set(mobile):
        raise ValueError(
            "attempt_frequency must be a number in Hz, or a dict with one for each of "
            f"{', '.join(mobile)}, got {', '.join(map(str, given)) or 'nothing'}"
        )
    for value in given.values():
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"attempt_frequency must be a number in Hz, got {value!r}")
        if not 0 < float(value) < np.inf:
            raise ValueError(f"attempt_frequency must be positive and finite (Hz), got {value}")
    return np.array([float(given.get(s, 0.0)) for s in symbols])


def _checked_cutoff(cutoff: Any) -> float | None:
    return None if cutoff is None else _checked_length(cutoff, "jumps", "the longest jump")


def _checked_radius(radius: Any) -> float | None:
    what = "the radius around the middle of a jump that its barrier depends on"
    return None if radius is None else _checked_length(radius, "surroundings", what)


def _checked_length(length: Any, name: str, what: str) -> float:
    if isinstance(length, bool) or not isinstance(length, Real):
        raise TypeError(f"{name} must be {what} in angstrom, got {length!r}")
    if not 0 < float(length) < np.inf:
        raise ValueError(f"{name} must be {what}, positive and finite (angstrom), got {length}")
    return float(length)


def _no_energies(n_sites: int, n_species: int) -> Terms:
    """Terms of a model whose energy is always zero."""
    none, zeros = np.zeros(0, dtype=np.int32), np.zeros(2, dtype=np.int32)
    return Terms(
        site_class=np.zeros(n_sites, dtype=np.int32), slots=np.zeros((n_sites, 1), dtype=np.int32),
        n_slots=zeros[:1], functions=np.zeros((1, 1, n_species)), group_start=zeros,
        group_own=none, group_order=none, group_coefficient=np.zeros(0), entry_start=zeros[:1],
        entries=none,
    )  # fmt: skip


def _seen(around: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """List, for each site, the sites that have a jump whose barrier depends on it."""
    site = np.nonzero(around >= 0)[0]
    pairs = np.unique(np.stack([around[around >= 0], site], axis=1), axis=0).reshape(-1, 2)
    start = np.searchsorted(pairs[:, 0], np.arange(len(around) + 1))
    return start.astype(np.int32), np.ascontiguousarray(pairs[:, 1], dtype=np.int32)


def new_state(setup: Setup, supercell: Atoms, random: NDArray[np.uint64]) -> State:
    """Put the atoms of a supercell on their sites; rates and fields are still to be computed."""
    code = {symbol: k for k, symbol in enumerate(setup.symbols)}
    species = np.array([code[s] for s in supercell.symbols], dtype=np.int8)
    on_network = setup.network.neighbours.max(axis=1) >= 0
    atoms = np.flatnonzero(on_network & (species > 0))
    vacancies = np.flatnonzero(on_network & (species == 0))
    atom_at, slot_of = (np.full(len(species), -1, dtype=np.int32) for _ in range(2))
    atom_at[atoms], slot_of[vacancies] = np.arange(len(atoms)), np.arange(len(vacancies))
    n_sites, n_jumps = setup.network.neighbours.shape
    n_own, n_slots = setup.tables.functions.shape[1], setup.tables.slots.shape[1]
    index = setup.jumps.index_of[setup.tables.site_class, species]
    values = setup.tables.functions[setup.tables.site_class, :, index]
    leaves = 1 << max(len(vacancies) - 1, 0).bit_length()
    return State(
        species=species, atom_at=atom_at, slot_of=slot_of, vacancies=vacancies.astype(np.int32),
        values=np.ascontiguousarray(values.ravel()), fields=np.zeros(n_sites * n_own),
        rates=np.zeros((len(vacancies), n_jumps)), tree=np.zeros(2 * leaves),
        displacements=np.zeros((len(atoms), 3)), collective=np.zeros((len(setup.symbols), 3)),
        squares=np.zeros(len(setup.symbols)), hops=np.zeros(len(setup.symbols), dtype=np.int64),
        clock=np.array([0.0, -1.0, 0.0, 0.0]), random=random,
        keys=setup.barriers.keys, known=setup.barriers.known,
        asked=np.zeros(len(vacancies) * n_jumps + 1, dtype=np.int64),
        todo=np.zeros(len(vacancies) * n_jumps + 1, dtype=np.int64),
        stamps=np.zeros(1 + n_sites + len(vacancies), dtype=np.int64),
        sites=np.zeros(n_sites, dtype=np.int32),
        changed=np.zeros(len(vacancies), dtype=np.int32),
        change=np.zeros(n_own), near=np.zeros(n_slots), slopes=np.zeros(n_slots),
    )  # fmt: skip
