"""The search of a supercell for the lowest arrangement of each composition."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.lattice._fits import lowest as _lowest
from matlearn.lattice._fits.fractions import last_concentrations
from matlearn.lattice._fits.lowest import Solver, Sublattice, TimeOut

if TYPE_CHECKING:
    from ase import Atoms

MOST_COMPOSITIONS = 200
PATIENCE = 2  # compositions in a row that the solver may not finish before it is given up


class Search:
    """The search of one supercell, composition by composition."""

    def __init__(
        self,
        expansion: Any,
        supercell: Atoms,
        method: str,
        max_seconds: float,
        sweeps: int,
        restarts: int,
        seed: int,
    ) -> None:
        self.expansion, self.supercell, self.method = expansion, supercell, method
        self.max_seconds, self.sweeps, self.restarts = max_seconds, sweeps, restarts
        self.seed = seed
        self.space = expansion.get_cluster_space_copy()
        self.sublattices = _lowest.active_sublattices(self.space, supercell)
        symbols = [symbol for one in self.sublattices for symbol in one.symbols]
        if len(set(symbols)) < len(symbols):
            raise ValueError(
                "supercell: two of its sublattices may hold the same species, so that numbers of "
                "atoms do not say where they are; use max_atoms instead"
            )
        self.solver: Solver | None = None
        self.without = ""  # why the solver is not asked
        self.time_outs = 0
        self.stopped = False

    def _prepare(self) -> None:
        """Make the solver, or note why there is none."""
        if self.solver is not None or self.without or self.method == "annealing":
            return
        try:
            self.solver = Solver(self.expansion, self.supercell, self.sublattices)
        except (ImportError, ValueError, NotImplementedError) as error:
            if self.method != "solver":
                self.without = str(error)
            elif isinstance(error, ImportError):
                raise
            else:
                raise ValueError(f"{error} Take method='auto' or 'annealing'") from error

    def run(
        self, compositions: Sequence[Mapping[str, int]] | None, progress: bool
    ) -> list[dict[str, Any]]:
        from tqdm.auto import tqdm

        _check_compositions(compositions)
        if compositions is None:
            wanted = _all_compositions(self.sublattices)
        else:
            wanted = [_full_composition(one, self.sublattices) for one in compositions]
        rows: list[dict[str, Any]] = []
        try:
            for counts in tqdm(wanted, disable=not progress, unit="composition"):
                rows.append(self._one(counts, len(rows)))
        except KeyboardInterrupt:
            if not rows:
                raise
            self.stopped = True
        return rows

    def _one(self, counts: dict[str, int], number: int) -> dict[str, Any]:
        started = time.process_time()
        atoms, method, reason = self._arranged(counts, number)
        proven = method != "annealing"
        scope = f"this supercell of {len(atoms)} sites" if proven else ""
        seconds = time.process_time() - started
        energy = self.expansion.predict(atoms)
        return row_of(self.space, atoms, energy, method, proven, scope, seconds, reason)

    def _arranged(self, counts: dict[str, int], number: int) -> tuple[Atoms, str, str]:
        common = self.expansion, self.supercell, self.sublattices, counts
        number_of = _lowest.number_of_arrangements(self.sublattices, counts)
        if number_of == 1 or (self.method == "auto" and number_of <= _lowest.MOST_TRIED):
            return _lowest.try_all(*common), "all arrangements", ""
        self._prepare()
        reason = self.without
        if self.solver is not None:
            try:
                atoms = self.solver.lowest(counts, self.max_seconds)
            except TimeOut as error:
                if self.method == "solver":
                    raise ValueError(f"{error}; raise max_seconds or take method='auto'") from error
                reason = str(error)
                self.time_outs += 1
                if self.time_outs == PATIENCE:
                    self.solver = None
                    self.without = f"{reason}, {PATIENCE} times in a row"
            else:
                self.time_outs = 0
                return atoms, "solver", ""
        start = _lowest.any_arrangement(
            self.supercell, self.sublattices, counts, np.random.default_rng([self.seed, number])
        )
        found = _lowest.anneal(
            self.expansion, start, sweeps=self.sweeps, restarts=self.restarts, seed=self.seed
        )
        return found, "annealing", reason


def _check_compositions(compositions: Any) -> None:
    """Raise unless compositions are None, or several dicts of whole numbers."""
    if compositions is None:
        return
    listed = isinstance(compositions, Sequence) and not isinstance(compositions, str)
    if not listed or not all(isinstance(one, Mapping) for one in compositions):
        raise TypeError(
            "compositions must be a list of dicts, such as [{'Au': 8}, {'Au': 16}]; got "
            f"{compositions!r}"
        )
    if not compositions:
        raise ValueError("compositions must hold at least one, such as [{'Au': 8}]; got none")
    for one in compositions:
        for symbol, number in one.items():
            if isinstance(number, bool) or not isinstance(number, int | np.integer):
                raise TypeError(
                    f"compositions are numbers of atoms in the supercell, got {symbol}: {number!r}"
                )


def _all_compositions(sublattices: Sequence[Sublattice]) -> list[dict[str, int]]:
    """Return every composition of a supercell, if they are not too many."""
    choices = []
    for one in sublattices:
        n, k = len(one.sites), len(one.symbols)
        bars = itertools.combinations(range(n + k - 1), k - 1)
        edges = ([-1, *bar, n + k - 1] for bar in bars)
        parts = itertools.islice((np.diff(edge) - 1 for edge in edges), MOST_COMPOSITIONS + 1)
        choices.append([dict(zip(one.symbols, map(int, part), strict=True)) for part in parts])
    number = int(np.prod([len(one) for one in choices]))
    if number > MOST_COMPOSITIONS:
        raise ValueError(
            f"the supercell has more than {MOST_COMPOSITIONS} compositions; say which in "
            "compositions, such as [{'Au': 8}]"
        )
    return [
        {symbol: n for part in product for symbol, n in part.items()}
        for product in itertools.product(*choices)
    ]


def _full_composition(
    given: Mapping[str, int], sublattices: Sequence[Sublattice]
) -> dict[str, int]:
    """Return the number of atoms of every species, from those given."""
    known = [symbol for one in sublattices for symbol in one.symbols]
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(
            f"compositions name {', '.join(unknown)}, which no site with a choice may hold; "
            f"allowed: {', '.join(known)}"
        )
    counts: dict[str, int] = {}
    for one in sublattices:
        named = {symbol: int(given[symbol]) for symbol in one.symbols if symbol in given}
        missing = [symbol for symbol in one.symbols if symbol not in named]
        rest = len(one.sites) - sum(named.values())
        if (
            len(missing) > 1
            or rest < 0
            or (not missing and rest)
            or min(named.values(), default=0) < 0
        ):
            raise ValueError(
                f"a composition must say how many of the {len(one.sites)} sites hold "
                f"{', '.join(one.symbols)}, all but one of them; got {dict(given)}"
            )
        counts |= named | dict.fromkeys(missing, rest)
    return counts


def row_of(
    space: Any,
    atoms: Atoms,
    energy: float,
    method: str,
    proven: bool,
    scope: str,
    seconds: float,
    reason: str,
) -> dict[str, Any]:
    """Return what is said of one structure."""
    return {
        "formula": _formula(space, atoms),
        "concentration": float(last_concentrations([atoms], space)[0]),
        "n_atoms": len(atoms),
        "mixing_energy": float(energy),
        "method": method,
        "proven": proven,
        "scope": scope,
        "seconds": seconds,
        "reason": reason,
        "structure": atoms,
    }


def _formula(space: Any, atoms: Atoms) -> str:
    """Reduced formula with the species in the order of the space, as training sets have it."""
    order = dict.fromkeys(symbol for site in space.chemical_symbols for symbol in site)
    counts = atoms.symbols.formula.reduce()[0].count()
    parts = [(symbol, counts[symbol]) for symbol in order if symbol in counts]
    return "".join(symbol + (str(n) if n > 1 else "") for symbol, n in parts)
