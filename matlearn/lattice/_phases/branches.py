"""Follow one phase over temperature or chemical potential, and keep count of its grand potential.

The grand potential a site, phi = u - T s - mu x, is carried as psi = phi / kT:

    along the temperature at fixed mu      d psi / d(1/kT) = u - mu x
    along the chemical potential at fixed T      d psi / d(mu/kT) = -x

It starts from what is known: psi = -ln 2 at infinite temperature, or the low-temperature expansion,
in which the excitations are single exchanged atoms, psi = (u0 - mu x0) / kT - sum over sites of
exp(-(dE - mu dN) / kT) / n (A. F. Kohan et al., Comput. Mater. Sci. 9, 389 (1998); the way through
both: A. van de Walle and M. Asta, Modelling Simul. Mater. Sci. Eng. 10, 521 (2002)).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matlearn.lattice._order.patterns import BinaryLattice, Pattern
from matlearn.lattice._phases.excitations import RARE, Excitations
from matlearn.lattice._phases.integration import integrate
from matlearn.lattice._phases.measuring import Row, averages, independent, sample
from matlearn.lattice._phases.waves import Waves

if TYPE_CHECKING:
    from matlearn.lattice.monte_carlo import MonteCarlo

Floats = NDArray[np.float64]
LOOKS = 10
"""So often the order is looked at in a run."""
ENOUGH, EXTENSIONS = 12.0, 3
"""Runs worth fewer independent samples are doubled, at most so many times."""
CURVED = 1e-3
"""Steps over which the trapezoid rule is further off, in kT a site, are made smaller."""
SHORTEST = 0.001
"""Steps of the chemical potential are at least this long, in kT."""
ORDERED, FREE = 0.35, 0.5
"""An ordered phase has at least the first order parameter, a disordered one at most the second."""
ORDER = 0.12
"""Where one wave holds more than this share of all fluctuation there is long-range order."""
UNKNOWN = "ordered as none of the phases"


@dataclass
class Sampler:
    """Runs a simulation from state point to state point."""

    simulation: MonteCarlo
    lattice: BinaryLattice
    patterns: Sequence[Pattern]
    """Ordered phases to look out for."""
    sweeps: int
    equilibration: int
    boltzmann_constant: float
    waves: Waves
    """Look out for orders that are none of these."""
    excitations: dict[str, Excitations] = field(default_factory=dict)
    spent: int = 0
    """Sweeps so far."""

    def beta(self, temperature: float) -> float:
        """1 / kT in 1/eV."""
        return 1.0 / (self.boltzmann_constant * temperature)

    def words(self, temperature: float) -> str:
        """Write a temperature with its unit."""
        return f"{temperature:.4g} {'J/kB' if self.boltzmann_constant == 1 else 'K'}"

    def excitations_of(self, pattern: Pattern) -> Excitations:
        """Give the excitations of a phase, found once."""
        if pattern.name not in self.excitations:
            found = Excitations.of(self.simulation, self.lattice, pattern)
            self.excitations[pattern.name] = found
        return self.excitations[pattern.name]

    def at(self, temperature: float, mu: float) -> Row:
        """Average at a state point, from whatever configuration there is.

        Where the samples count as too few independent ones, as many again are made, and again.
        """
        self.simulation.temperature = temperature
        first, second = self.lattice.symbols
        self.simulation.chemical_potentials = {first: 0.0, second: mu}
        kept: dict[str, Floats] = {}
        orders: list[Row] = []
        powers: list[Floats] = []
        equilibration, sweeps = self.equilibration, self.sweeps
        for _ in range(EXTENSIONS + 1):
            parts = np.diff(np.linspace(0, sweeps, LOOKS + 1).astype(int))
            for part in parts[parts > 0]:  # the order changes slowly, and costs time to look at
                more = sample(self.simulation, sweeps=int(part), equilibration=equilibration)
                self.spent += equilibration + int(part)
                equilibration = 0
                kept = {name: np.append(kept.get(name, []), v) for name, v in more.items()}
                orders.append({})
                for pattern in self.patterns:
                    orders[-1] |= pattern.compare(self.simulation)
                if len(orders) % 2:
                    powers.append(self.waves.powers(self.simulation.numbers))
            slowest = min(
                independent(kept[name]) for name in ("grand_energy", f"concentration_{second}")
            )
            if slowest >= ENOUGH:
                break
            sweeps = len(kept["energy"])
        kept["x"] = kept.pop(f"concentration_{second}")
        kept.pop(f"concentration_{first}")
        row = averages(kept, self.simulation.n_active)
        row |= {name: float(np.mean([look[name] for look in orders])) for name in orders[0]}
        row |= {f"last_{name}": value for name, value in orders[-1].items()}
        row["order_any"] = self.waves.strongest(powers, row["x"])
        return {"temperature": temperature, "mu": mu, **row}


def carry(rows: Sequence[Row], along: str, boltzmann_constant: float) -> None:
    """Integrate psi from the first row, which knows it, to all others (in place)."""
    if len(rows) < 2:
        return
    x, y, slope, noise, bend = path(rows, along, boltzmann_constant)
    found = integrate(x, y, slope, noise, bend)
    start = rows[0]
    for k, row in enumerate(rows[1:], start=1):
        row["psi"] = start["psi"] + float(found.value[k])
        row["psi_error"] = math.hypot(start["psi_error"], float(found.error[k]))


def path(
    rows: Sequence[Row], along: str, boltzmann_constant: float
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Give variable, integrand, slope and the errors of both, along a path of rows."""
    beta = np.array([1.0 / (boltzmann_constant * row["temperature"]) for row in rows])
    name, sign = ("grand_energy", 1.0) if along == "temperature" else ("x", -1.0)
    mean, error, variance, noise = (
        np.array([row[name + part] for row in rows])
        for part in ("", "_error", "_variance", "_variance_error")
    )
    variable = beta if along == "temperature" else beta * np.array([row["mu"] for row in rows])
    return variable, sign * mean, -variance, error, noise


def lost(
    rows: Sequence[Row],
    row: Row,
    home: Pattern | None,
    patterns: Iterable[Pattern],
    along: str,
    boltzmann_constant: float,
) -> str | None:
    """Say why a row is no longer the phase of the rows before it, None where it is."""
    if home is not None and not home.uniform and not row.get("expanded"):
        order = row[f"order_{home.name}"]
        other = row[f"overlap_{home.name}"] ** 2 < 0.6 * order**2
        if order < (FREE if other else ORDERED):
            return "another order" if row["order_any"] > ORDER else "disordered"
        if other:  # or it has just been lost
            return "another order" if row[f"last_order_{home.name}"] > FREE else "disordered"
    if home is None or home.uniform:
        like = max(patterns, key=lambda p: row.get(f"overlap_{p.name}", 0.0), default=None)
        if like is not None and row.get(f"order_{like.name}", 0.0) > FREE:
            return f"ordered like {like.name}"
        if row.get("order_any", 0.0) > ORDER:
            return UNKNOWN
    if not rows:
        return None
    x, y, slope, noise, _ = path([rows[-1], row], along, boltzmann_constant)
    least = 0.1 / x.max() if along == "temperature" else 0.04
    believed = 3.0 * abs(x[1] - x[0]) * abs(slope[0]) + least
    doubt = min(4.0 * math.hypot(*noise), least)  # a run that jumps midway has a large error
    return "a jump" if abs(y[1] - y[0]) > believed + doubt else None


def heated(
    sampler: Sampler, pattern: Pattern, mu: float, temperatures: Sequence[float]
) -> tuple[list[Row], str]:
    """Follow an ordered phase from low temperature up, and say how it ended."""
    kb = sampler.boltzmann_constant
    excitations = sampler.excitations_of(pattern)
    least = float((excitations.costs - mu * excitations.gains).min())
    reference = 0.999 * least / (kb * -math.log(RARE))
    if least <= 0:
        return [], f"{pattern.name} is unstable against single exchanges at mu = {mu:.6g} eV"
    rows = [excitations.row(t, mu, kb) for t in temperatures if t < reference]
    known: list[Row] = [row for row in rows if row is not None]
    start = excitations.row(reference, mu, kb)
    assert start is not None
    followed, end = [start], "followed to the highest temperature"
    sampler.simulation.set_atoms(pattern.atoms)
    for temperature in ladder(reference, [t for t in temperatures if t >= reference], 1.12):
        row = sampler.at(temperature, mu)
        why = lost(followed, row, pattern, sampler.patterns, "temperature", kb)
        if why is not None:
            end = f"{why} at {sampler.words(temperature)}"
            break
        followed.append(row)
    carry(followed, "temperature", kb)
    return known + followed, end


def cooled(sampler: Sampler, mu: float, temperatures: Sequence[float]) -> tuple[list[Row], str]:
    """Follow the disordered phase from infinite temperature down, and say how it ended."""
    kb = sampler.boltzmann_constant
    top = max(temperatures)
    betas = np.linspace(1e-4, 1.0, 9)[:-1] * sampler.beta(top)
    way = [1.0 / (kb * beta) for beta in betas]
    rows: list[Row] = []
    end = "followed to the lowest temperature"
    for temperature in [*way, *ladder(top, sorted(temperatures, reverse=True), 1.15)]:
        row = sampler.at(temperature, mu)
        why = lost(rows, row, None, sampler.patterns, "temperature", kb)
        if why is not None:
            end = f"{why} at {sampler.words(temperature)}"
            break
        rows.append(row)
    if not rows:
        return [], end
    beta = sampler.beta(rows[0]["temperature"])
    rows[0]["psi"] = -math.log(2.0) + beta * rows[0]["grand_energy"]
    rows[0]["psi_error"] = beta * rows[0]["grand_energy_error"]
    carry(rows, "temperature", kb)
    return rows, end


def ladder(start: float, goals: Sequence[float], ratio: float) -> list[float]:
    """Put steps between temperatures that are further apart than a ratio; without the start."""
    steps: list[float] = []
    last = start
    for goal in goals:
        n = max(1, math.ceil(abs(math.log(goal / last)) / math.log(ratio) - 1e-9))
        steps += [last * (goal / last) ** (k / n) for k in range(1, n + 1)]
        last = goal
    return [t for t in steps if abs(t - start) > 1e-9 * start or start in goals]


def scanned(
    sampler: Sampler,
    home: Pattern | None,
    first: Row,
    direction: int,
    goal: float,
    finished: Callable[[list[Row]], str | None],
    *,
    change: float = 0.04,
) -> tuple[list[Row], str]:
    """Follow a phase over the chemical potential from a row that knows its psi.

    Steps are such that the concentration changes by about `change`, at most kT. Where it changes by
    far more, or the phase is lost, smaller steps are tried from the last good configuration.
    """
    kb, temperature = sampler.boltzmann_constant, first["temperature"]
    thermal = kb * temperature
    excitations = None if home is None else sampler.excitations_of(home)
    rows, longest = [first], thermal
    configuration: Any = sampler.simulation.atoms
    while True:
        last = rows[-1]
        step = min(thermal * max(change / max(last["x_variance"], 1e-9), SHORTEST), longest)
        mu = last["mu"] + direction * step
        if direction * (goal - mu) < 0.05 * step:
            mu = goal
        row = excitations.row(temperature, mu, kb) if excitations is not None else None
        if row is None:
            row = sampler.at(temperature, mu)
        why = lost(rows, row, home, sampler.patterns, "mu", kb)
        if why is None and step > 1.01 * SHORTEST * thermal and not row.get("expanded"):
            bend = (step / thermal) ** 2 * abs(row["x_variance"] - last["x_variance"]) / 12.0
            if abs(row["x"] - last["x"]) > 3.0 * change or bend > CURVED:
                why = "too far"
        if why is not None:
            if step <= 1.01 * SHORTEST * thermal:
                return rows, why
            longest = max(0.4 * step, SHORTEST * thermal)
            sampler.simulation.set_atoms(configuration)
            continue
        rows.append(row)
        longest = min(2.0 * step, thermal)
        configuration = sampler.simulation.atoms
        known = max((k for k, each in enumerate(rows) if each.get("expanded")), default=0)
        carry(rows[known:], "mu", kb)
        done = finished(rows)
        if done is not None or mu == goal:
            return rows, done or "end of the range"
