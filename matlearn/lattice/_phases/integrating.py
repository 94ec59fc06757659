"""Thermodynamic integration over independent Monte Carlo runs, refined where it must be."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.lattice._phases.bars import lengthen
from matlearn.lattice._phases.integration import Integral, integrate, jumps
from matlearn.lattice._phases.measuring import Row, averages, held, sample
from matlearn.lattice._scans.shipping import unpack
from matlearn.parallel import available_cores, map_unordered

Floats = NDArray[np.float64]
Potentials = dict[str, float]
Job = tuple[float, Potentials | None, int]
"""Temperature, chemical potentials, seed."""


@dataclass(frozen=True)
class Runs:
    """Makes independent runs at given state points; can be sent to another process."""

    packed: str
    supercell: Atoms
    ensemble: str
    concentrations: Mapping[str, float] | None
    sweeps: int
    equilibration: int
    boltzmann_constant: float
    observed: str | None = None
    """Species whose number is averaged, for each active site."""

    def simulation(self, job: Job) -> Any:
        """Build the simulation of a state point."""
        from matlearn.lattice.monte_carlo import MonteCarlo

        temperature, potentials, seed = job
        return MonteCarlo(
            unpack(self.packed),
            self.supercell,
            ensemble=self.ensemble,
            temperature=temperature,
            chemical_potentials=potentials,
            concentrations=self.concentrations,
            boltzmann_constant=self.boltzmann_constant,
            seed=seed,
        )

    def __call__(self, jobs: Sequence[Job]) -> list[Row]:
        """Make runs one after another."""
        rows = []
        for job in jobs:
            simulation = self.simulation(job)
            series = sample(simulation, sweeps=self.sweeps, equilibration=self.equilibration)
            if self.observed is not None:
                share = held(simulation)[self.observed] / simulation.n_active
                series["share"] = share * series[f"concentration_{self.observed}"]
            row = averages(series, simulation.n_active)
            rows.append({"temperature": job[0], **row})
        return rows


@dataclass
class Way:
    """A path of state points and what was measured at them."""

    runs: Runs
    seed: int
    client: Any
    workers: int | None
    bar: Any
    rows: dict[float, Row] = field(default_factory=dict)
    count: int = 0

    def visit(self, points: Mapping[float, tuple[float, Potentials | None]]) -> None:
        """Measure at points (path variable -> temperature, potentials) not visited before."""
        todo = [(at, *points[at]) for at in sorted(points) if at not in self.rows]
        if not todo:
            return
        jobs = []
        for _, temperature, potentials in todo:
            self.count += 1
            state = np.random.SeedSequence([self.seed, self.count]).generate_state(1)
            jobs.append((temperature, potentials, int(state[0])))
        parts = self._parts(len(jobs))
        lengthen(self.bar, len(jobs))
        results = map_unordered(
            self.runs,
            [[jobs[k] for k in part] for part in parts],
            client=self.client,
            workers=self.workers,
        )
        with contextlib.closing(results):
            for index, rows in results:
                for k, row in zip(parts[index], rows, strict=True):
                    self.rows[todo[k][0]] = row
                self.bar.update(len(rows))

    def _parts(self, number: int) -> list[NDArray[np.int64]]:
        """Share the jobs out; a part builds its tables again for each, so parts may be small."""
        if self.client is not None:
            return [np.array([k]) for k in range(number)]
        processes = available_cores() if self.workers is None else self.workers
        if processes == 1:
            return [np.array([k]) for k in range(number)]
        return list(np.array_split(np.arange(number), min(number, 4 * processes)))


def measured(
    rows: Mapping[float, Row], column: str, sign: float
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Give variable, integrand, slope and their errors, by rising variable."""
    x = np.array(sorted(rows))
    each = [
        np.array([rows[at][column + part] for at in x])
        for part in ("", "_error", "_variance", "_variance_error")
    ]
    return x, sign * each[0], -each[2], each[1], each[3]


def refine(
    way: Way,
    point: Callable[[float], tuple[float, Potentials | None]],
    column: str,
    sign: float,
    tolerance: float,
    rounds: int,
) -> Integral:
    """Halve intervals until the integration error is below the tolerance, or below the noise."""
    for _ in range(rounds):
        x, y, slope, noise, bend = measured(way.rows, column, sign)
        found = integrate(x, y, slope, noise, bend)
        step = np.diff(x)
        statistical = 2.0 * step * np.hypot(noise[1:], noise[:-1])
        allowed = np.maximum(tolerance / math.sqrt(len(step)), statistical)
        coarse = np.flatnonzero(found.intervals > allowed)
        if not len(coarse) or found.intervals.sum() < tolerance:
            break
        middles = 0.5 * (x[coarse] + x[coarse + 1])
        way.visit({float(at): point(float(at)) for at in middles})
    x, y, slope, noise, bend = measured(way.rows, column, sign)
    return integrate(x, y, slope, noise, bend)


def sudden(way: Way, column: str, sign: float, least: float) -> list[tuple[float, float]]:
    """List the intervals in which the integrand jumps."""
    x, y, slope, noise, _ = measured(way.rows, column, sign)
    return [(float(x[k]), float(x[k + 1])) for k in np.flatnonzero(
        jumps(x, y, slope, noise, least=least, factor=2.0)
    )]  # fmt: skip


def infinite_entropy(simulation: Any, *, limit: bool) -> float:
    """Entropy at infinite temperature, in kB for each active site.

    Semi-grand: all species of a site are equally likely. Canonical: the logarithm of the number of
    ways to arrange the atoms of this cell, or its limit for an infinite one.
    """
    numbers, total = simulation.numbers, 0.0
    for allowed, sites in simulation.model.sublattices:
        n = len(sites)
        if simulation.ensemble != "canonical":
            total += n * math.log(len(allowed))
            continue
        counts = [int((numbers[sites] == z).sum()) for z in allowed]
        if limit:
            total += sum(-c * math.log(c / n) for c in counts if c)
        else:
            total += math.lgamma(n + 1) - sum(math.lgamma(c + 1) for c in counts)
    return total / simulation.n_active
