"""The lowest arrangement of given atoms on a supercell: by trying all, by solving, by annealing."""

from __future__ import annotations

import contextlib
import itertools
import logging
import math
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.data import atomic_numbers
from numpy.typing import NDArray

from matlearn.lattice._fits.libraries import icet

if TYPE_CHECKING:
    from ase import Atoms

Ints = NDArray[np.int_]

MOST_TRIED = 15_000  # arrangements of a composition, up to which all are tried
TEMPERATURES = 40  # from hot to cold, in equal ratios
COLDEST = 1e-3  # beside the hottest


@dataclass(frozen=True, eq=False)
class Sublattice:
    """Sites that may hold the same species."""

    sites: Ints
    symbols: tuple[str, ...]


class TimeOut(Exception):
    """The solver did not finish; what it had is not proven."""


def active_sublattices(space: Any, supercell: Atoms) -> list[Sublattice]:
    """Return the sites of a supercell that have a choice, by what they may hold.

    Raises
    ------
    ValueError
        If it is no supercell of the expansion's cell.
    """
    cell = space.primitive_structure.cell.array
    repeats = np.linalg.solve(cell.T, supercell.cell.array.T)
    reason = "its vectors are no whole combinations of the primitive ones."
    if np.allclose(repeats, np.round(repeats), atol=1e-3):
        try:
            found = space.get_sublattices(supercell).active_sublattices
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
        else:
            return [Sublattice(np.array(one.indices), tuple(one.chemical_symbols)) for one in found]
    raise ValueError(
        f"supercell does not lie on the lattice of the expansion: {reason} Repeat the primitive "
        "cell, cluster_space.primitive_structure"
    )


def number_of_arrangements(sublattices: Sequence[Sublattice], counts: Mapping[str, int]) -> int:
    """Return how many arrangements a composition has."""
    number = 1
    for one in sublattices:
        left = len(one.sites)
        for symbol in one.symbols:
            number *= math.comb(left, counts[symbol])
            left -= counts[symbol]
    return number


def try_all(
    expansion: Any, supercell: Atoms, sublattices: Sequence[Sublattice], counts: Mapping[str, int]
) -> Atoms:
    """Return the lowest of all arrangements."""
    from mchammer.calculators import ClusterExpansionCalculator

    with quiet_icet():
        energy = ClusterExpansionCalculator(
            any_arrangement(supercell, sublattices, counts), expansion
        )
    numbers = supercell.numbers.copy()
    lowest, best = np.inf, numbers
    choices = [list(_arrangements(one, counts)) for one in sublattices]
    for choice in itertools.product(*choices):
        for one, arrangement in zip(sublattices, choice, strict=True):
            numbers[one.sites] = arrangement
        value = energy.calculate_total(occupations=numbers)
        if value < lowest - 1e-12:
            lowest, best = value, numbers.copy()
    return _with_numbers(supercell, best)


class Solver:
    """icet's ground-state finder on one supercell (Larsen et al., PRL 120, 256101 (2018)).

    Raises
    ------
    ImportError
        If highspy is missing.
    ValueError, NotImplementedError
        If it cannot treat this expansion: more than two species on a sublattice, or clusters
        whose parts are not in the cluster space.
    """

    def __init__(self, expansion: Any, supercell: Atoms, sublattices: Sequence[Sublattice]) -> None:
        try:
            import highspy  # noqa: F401
        except ImportError as error:
            raise ImportError(
                "the ground-state solver needs highspy: pip install highspy"
            ) from error
        from icet.tools.ground_state_finder import GroundStateFinder

        # in eV for the whole cell: per atom, coefficients come near the solver's tolerances
        total = icet().ClusterExpansion(
            expansion.get_cluster_space_copy(), np.array(expansion.parameters) * len(supercell)
        )
        with _quiet_stdout():
            self._finder = GroundStateFinder(total, supercell)
        for option in ("output_flag", "log_to_console"):
            self._finder.model.setOptionValue(option, False)
        self._finder.model.setOptionValue("mip_rel_gap", 0.0)
        self._sublattices = sublattices

    def lowest(self, counts: Mapping[str, int], max_seconds: float) -> Atoms:
        """Return the lowest arrangement.

        Raises
        ------
        TimeOut
            If that is not proven in time.
        """
        asked = {one.symbols[0]: int(counts[one.symbols[0]]) for one in self._sublattices}
        try:
            return self._finder.get_ground_state(asked, max_seconds=float(max_seconds), threads=1)
        except Exception as error:  # icet raises bare Exceptions
            if "Optimization failed" not in str(error):
                raise
            status = str(error).partition("(")[2].rstrip(")").lower()
            raise TimeOut(f"the solver gave up: {status} ({max_seconds:g} s)") from error


def anneal(
    expansion: Any,
    start: Atoms,
    *,
    sweeps: int,
    restarts: int,
    seed: int,
) -> Atoms:
    """Return the lowest arrangement met while cooling from hot to cold, several times."""
    from matlearn.lattice.monte_carlo import MonteCarlo

    orders = np.array([one["order"] for one in expansion.get_cluster_space_copy().as_list])
    hottest = float(np.abs(np.array(expansion.parameters)[orders > 1]).sum()) or 1.0
    ladder = hottest * COLDEST ** np.linspace(0.0, 1.0, TEMPERATURES)
    each = max(1, round(sweeps / TEMPERATURES))
    lowest, best = np.inf, start.copy()
    for stream in np.random.SeedSequence(seed).spawn(restarts):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="the supercell is so small")
            simulation = MonteCarlo(
                expansion, start, ensemble="canonical", temperature=float(ladder[0]),
                boltzmann_constant=1.0, seed=stream,
            )  # fmt: skip
        for temperature in ladder:
            simulation.temperature = float(temperature)
            simulation.run(each, record_every=each)
            if simulation.energy < lowest - 1e-9:
                lowest, best = simulation.energy, simulation.atoms
    return best


def any_arrangement(
    supercell: Atoms,
    sublattices: Sequence[Sublattice],
    counts: Mapping[str, int],
    rng: np.random.Generator | None = None,
) -> Atoms:
    """Put so many atoms of each species on a supercell: one after another, or at random."""
    numbers = supercell.numbers.copy()
    for one in sublattices:
        values = np.repeat(
            [atomic_numbers[s] for s in one.symbols], [counts[s] for s in one.symbols]
        )
        numbers[one.sites] = values if rng is None else rng.permutation(values)
    return _with_numbers(supercell, numbers)


@contextlib.contextmanager
def quiet_icet() -> Iterator[None]:
    """Keep icet from printing that small cells interact with themselves: here they may."""
    logger = logging.getLogger("icet")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _arrangements(sublattice: Sublattice, counts: Mapping[str, int]) -> Iterator[Ints]:
    numbers = np.zeros(len(sublattice.sites), dtype=int)

    def place(left: tuple[int, ...], symbols: tuple[str, ...]) -> Iterator[Ints]:
        if len(symbols) == 1:
            numbers[list(left)] = atomic_numbers[symbols[0]]
            yield numbers.copy()
            return
        for chosen in itertools.combinations(left, counts[symbols[0]]):
            numbers[list(chosen)] = atomic_numbers[symbols[0]]
            yield from place(tuple(i for i in left if i not in chosen), symbols[1:])

    return place(tuple(range(len(numbers))), sublattice.symbols)


def _with_numbers(supercell: Atoms, numbers: Ints) -> Atoms:
    atoms = supercell.copy()
    atoms.numbers = numbers
    return atoms


@contextlib.contextmanager
def _quiet_stdout() -> Iterator[None]:
    """Keep HiGHS from greeting: it writes past Python, before it can be told not to."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with Path(os.devnull).open("w") as nothing:
            os.dup2(nothing.fileno(), 1)
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
