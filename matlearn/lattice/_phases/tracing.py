"""The runs behind a phase diagram: references over temperature, then scans at each temperature."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from ase import Atoms

from matlearn.lattice._order.patterns import BinaryLattice, Pattern
from matlearn.lattice._phases.branches import Sampler, cooled, heated, scanned
from matlearn.lattice._phases.envelopes import SAME, Branch
from matlearn.lattice._phases.measuring import Row
from matlearn.lattice._phases.waves import Waves
from matlearn.lattice._scans.shipping import unpack

Task = dict[str, Any]
Result = dict[str, Any]
KEPT = (
    "temperature", "mu", "psi", "psi_error", "x", "x_error", "x_variance", "x_variance_error", "energy",
    "energy_error", "grand_energy", "grand_energy_error", "grand_energy_variance", "grand_energy_variance_error",
    "expanded",
)  # fmt: skip
FREE = "disordered"
"""Name of every phase without long-range order, the terminal solutions included."""


@dataclass(frozen=True)
class Tracer:
    """Does one task; can be sent to another process. Results are what JSON can hold."""

    packed: str
    supercell: Atoms
    phases: tuple[tuple[str, Atoms], ...]
    """Names and structures on the hull, by rising concentration: the pure elements at the ends."""
    limits: tuple[float, ...]
    """Chemical potentials at which one gives way to the next at 0 K (eV)."""
    sweeps: int
    equilibration: int
    boltzmann_constant: float

    def __call__(self, task: Task) -> Result:
        """Do it."""
        from matlearn.lattice.monte_carlo import MonteCarlo

        expansion = unpack(self.packed)
        lattice = BinaryLattice.of(expansion)
        patterns = []
        for name, structure in self.phases:
            filled = lattice.laid_over(structure, self.supercell)
            assert filled is not None
            patterns.append(lattice.pattern(name, filled))
        simulation = MonteCarlo(
            expansion,
            patterns[0].atoms,
            ensemble="semi-grand",
            temperature=1.0 / self.boltzmann_constant,
            chemical_potentials={},
            boltzmann_constant=self.boltzmann_constant,
            seed=task["seed"],
        )
        ordered = [pattern for pattern in patterns if not pattern.uniform]
        sampler = Sampler(
            simulation, lattice, ordered, self.sweeps, self.equilibration, self.boltzmann_constant,
            Waves.of(lattice, self.supercell),
        )  # fmt: skip
        if task["kind"] == "heating":
            (pattern,) = (p for p in patterns if p.name == task["phase"])
            rows, end = heated(sampler, pattern, task["mu"], task["temperatures"])
        elif task["kind"] == "cooling":
            stir(sampler)
            rows, end = cooled(sampler, task["mu"], task["temperatures"])
        else:
            branches = self._scans(sampler, patterns, task)
            return {"branches": branches, "sweeps": sampler.spent}
        return {"rows": [kept(row) for row in rows], "end": end, "sweeps": sampler.spent}

    def _scans(self, sampler: Sampler, patterns: Sequence[Pattern], task: Task) -> list[Result]:
        """Follow all phases over the chemical potential at one temperature."""
        kb, temperature = self.boltzmann_constant, task["temperature"]
        thermal = kb * temperature
        first, last = patterns[0], patterns[-1]
        a, b = sampler.excitations_of(first), sampler.excitations_of(last)
        low = min(a.edge(temperature, kb, sign=1), self.limits[0] - 3 * thermal)
        high = max(b.edge(temperature, kb, sign=-1), self.limits[-1] + 3 * thermal)
        start, finish = a.row(temperature, low, kb), b.row(temperature, high, kb)
        assert start is not None and finish is not None
        starts: list[tuple[Pattern | None, Row, tuple[int, ...]]] = [(first, start, (1,))]
        for pattern in patterns[1:-1]:
            row = task["heated"].get(pattern.name)
            if row is not None:
                starts.append((pattern, row, (-1, 1)))
        starts += [(None, row, (-1, 1)) for row in task["cooled"]]
        starts.append((last, finish, (-1,)))
        lines = [(row["mu"], thermal * row["psi"], row["x"]) for _, row, _ in starts]
        found: list[Result] = []
        free: list[Branch] = []
        for home, row, directions in starts:
            unordered = home is None or home.uniform
            if unordered and home is None and _known(free, row, thermal):
                continue
            ends, rows = {}, [row]
            for direction in directions:
                begin(sampler, home, row)
                goal = high if direction > 0 else low

                finished = partial(
                    _finished, lines=lines, free=free if unordered else [], thermal=thermal
                )
                more, end = scanned(sampler, home, row, direction, goal, finished)
                rows = more[::-1][:-1] + rows if direction < 0 else rows + more[1:]
                ends["up" if direction > 0 else "down"] = end
            name = FREE if unordered else home.name  # type: ignore[union-attr]
            result = {"phase": name, "rows": [kept(each) for each in rows], "ends": ends}
            found.append(result)
            lines += [(each["mu"], thermal * each["psi"], each["x"]) for each in rows]
            if unordered:
                free.append(as_branch(name, rows, thermal))
        return found


def kept(row: Row) -> Row:
    """Leave out what a diagram does not need."""
    return {name: float(row[name]) for name in KEPT if name in row}


def stir(sampler: Sampler) -> None:
    """Disorder the configuration."""
    sampler.simulation.temperature = 1e6 / sampler.boltzmann_constant
    sampler.simulation.run(20, record_every=20)


def begin(sampler: Sampler, home: Pattern | None, row: Row) -> None:
    """Come to equilibrium in a phase at the first state of a scan."""
    if home is None:
        stir(sampler)
    else:
        sampler.simulation.set_atoms(home.atoms)
    sampler.simulation.temperature = row["temperature"]
    symbols = sampler.lattice.symbols
    sampler.simulation.chemical_potentials = {symbols[0]: 0.0, symbols[1]: row["mu"]}
    if not row.get("expanded"):
        count = 2 * sampler.equilibration
        sampler.simulation.run(count, record_every=count)
        sampler.spent += count


def as_branch(name: str, rows: Sequence[Row], thermal: float) -> Branch:
    """Turn the rows of a scan, by rising chemical potential, into a branch."""
    columns = ("mu", "psi", "psi_error", "x", "x_error", "x_variance")
    mu, psi, psi_error, x, x_error, variance = (np.array([row[c] for row in rows]) for c in columns)
    return Branch(name, mu, thermal * psi, thermal * psi_error, x, x_error, variance / thermal)


def _known(free: Sequence[Branch], row: Row, thermal: float) -> bool:
    """Tell whether a state is on a branch that was followed already."""
    for branch in free:
        if branch.covers(row["mu"]):
            noise = math.hypot(branch.errors(row["mu"])[1], row["x_error"])
            if abs(branch.concentration(row["mu"]) - row["x"]) < SAME + 3 * noise:
                return True
    return False


def _finished(
    rows: Sequence[Row],
    *,
    lines: Sequence[tuple[float, float, float]],
    free: Sequence[Branch],
    thermal: float,
) -> str | None:
    """Say why a scan need not go on.

    Grand potentials are concave in mu, so each tangent of any phase lies above that phase: a state
    above a tangent is metastable for sure. One such state clearly, or two, let the crossing be
    found.
    """
    above = joined = 0
    for row in rows[-2:]:
        bound = min(phi - x * (row["mu"] - mu) for mu, phi, x in lines)
        excess = thermal * row["psi"] - bound
        above += excess > 2 * thermal * row["psi_error"] + 1e-4 * thermal
        joined += _known(free, row, thermal)
    if above == 2 or excess > 5 * thermal * row["psi_error"] + 1e-3 * thermal:
        return "metastable"
    return "joined another branch" if joined == 2 and len(rows) > 2 else None
