"""The two paths of thermodynamic integration, as tables: over temperature, over potential."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from matlearn.lattice._phases.integrating import (
    Potentials,
    Way,
    infinite_entropy,
    measured,
    refine,
    sudden,
)
from matlearn.lattice._phases.integration import Integral, integrate
from matlearn.lattice._phases.measuring import grand_energy

_INFINITE = 1e-6  # beta at "infinite" temperature, in units of the largest one


@dataclass(frozen=True)
class Path:
    """Free energies along a path."""

    frame: pd.DataFrame
    """One row a point; the columns of `FreeEnergy.to_frame`."""
    notes: list[str]
    n_sites: int
    tail: float = 0.0


def over_temperature(
    way: Way,
    goals: Sequence[float],
    potentials: Potentials | None,
    start: str,
    limit: bool,
    points: int,
    tolerance: float,
    rounds: int,
) -> Path:
    """Integrate over 1/kT, from infinite temperature or from order."""
    kb = way.runs.boltzmann_constant

    def at(beta: float) -> tuple[float, Potentials | None]:
        return 1.0 / (kb * beta), potentials

    wanted = [_key(1.0 / (kb * goal)) for goal in goals]
    first = way.runs.simulation((goals[0], potentials, way.seed))
    n_sites, tail = first.n_active, 0.0
    if start == "infinite temperature":
        betas = np.linspace(0.0, max(wanted), points)
        betas[0] = _INFINITE * betas[-1]
        way.visit({b: at(b) for b in {*map(_key, betas), *wanted}})
        found = refine(way, at, "grand_energy", 1.0, tolerance, rounds)
        x, y, *_ = measured(way.rows, "grand_energy", 1.0)
        origin = -infinite_entropy(first, limit=limit) + x[0] * y[0]
        psi = origin + found.value
        statistical = found.statistical
        integration = found.discretisation
    else:
        perfect = grand_energy(first) / n_sites
        ratio = (max(wanted) / min(wanted)) ** (1.0 / (points - 1))
        betas = min(wanted) * max(ratio, 1.05) ** np.arange(points)
        inner = {_key(b) for b in betas if b < max(wanted) * (1 - 1e-6)}
        way.visit({b: at(b) for b in inner | set(wanted)})
        tail, doubt = _reach_order(way, at, perfect, tolerance)
        found = refine(way, at, "grand_energy", 1.0, tolerance, rounds)
        x = measured(way.rows, "grand_energy", 1.0)[0]
        psi = x[-1] * perfect - tail - (found.value[-1] - found.value)
        integral = _backwards(way)
        statistical, integration = integral.statistical, np.hypot(integral.discretisation, doubt)
        tail = tail / x[-1]
    frame = _frame(way, x, psi, statistical, integration, [at(b) for b in x], goals)
    least = 0.1 * min(goals) * kb
    notes = [
        f"the energy jumps between {1 / (kb * b):.6g} and {1 / (kb * a):.6g}: a transition of "
        "first order lies on the way, and free energies beyond it are not to be trusted"
        for a, b in sudden(way, "grand_energy", 1.0, least)
    ]
    return Path(frame, notes, n_sites, tail)


def _key(beta: float) -> float:
    """Round away what would tell equal temperatures apart."""
    return float(f"{beta:.12e}")


def _backwards(way: Way) -> Integral:
    """Errors of the integral from the last point back to each, by rising variable."""
    x, y, slope, noise, bend = measured(way.rows, "grand_energy", 1.0)
    back = integrate(x[::-1], y[::-1], slope[::-1], noise[::-1], bend[::-1])
    return Integral(
        back.value[::-1], back.statistical[::-1], back.discretisation[::-1], back.intervals[::-1]
    )


def _reach_order(way: Way, at: Any, perfect: float, tolerance: float) -> tuple[float, float]:
    """Go down in temperature until hardly anything is excited; give the rest, in kT, and its error.

    Excitations with a gap D die out as exp(-D/kT): from there on, their integral is <E> - E0 over
    D, and D = -d ln(<E> - E0) / d(1/kT) is known from the fluctuations.
    """
    for _ in range(12):
        x, y, slope, noise, _ = measured(way.rows, "grand_energy", 1.0)
        excited, fall = y[-1] - perfect, -slope[-1]
        if excited <= max(noise[-1], 1e-12) or fall <= 0:
            return 0.0, float(max(noise[-1], abs(excited)) * x[-1] / 5.0)  # D > 5 kT there
        tail = excited**2 / fall
        if tail < 0.2 * tolerance:
            return float(tail), 0.3 * float(tail)
        gap = fall / excited
        further = min(max(math.log(tail / (0.1 * tolerance)) / gap, 0.05 * x[-1]), 0.25 * x[-1])
        way.visit({float(x[-1] + further): at(float(x[-1] + further))})
    return float(tail), float(tail)


def varied(path: Sequence[Potentials]) -> str:
    """Name the one species whose chemical potential varies along a path."""
    symbols = sorted({symbol for potentials in path for symbol in potentials})
    moving = [s for s in symbols if len({p.get(s, 0.0) for p in path}) > 1]
    steps = np.diff([[p.get(s, 0.0) for p in path] for s in moving])
    if len(moving) != 1 or not ((steps > 0).all() or (steps < 0).all()):
        raise ValueError(
            "chemical_potentials must rise or fall for one species and stay for all others, got "
            f"changes for {', '.join(moving) or 'none'}"
        )
    return moving[0]


def over_potential(
    way: Way,
    temperature: float,
    path: Sequence[Potentials],
    first: Mapping[str, float],
    tolerance: float,
    rounds: int,
) -> Path:
    """Integrate over the chemical potential of one species, from a known first state."""
    kb = way.runs.boltzmann_constant
    symbol = varied(path)
    beta = 1.0 / (kb * temperature)
    sign = 1.0 if path[-1][symbol] > path[0][symbol] else -1.0

    def at(variable: float) -> tuple[float, Potentials | None]:
        return temperature, {**path[0], symbol: sign * variable / beta}

    wanted = {float(sign * beta * p[symbol]): (temperature, p) for p in path}
    way.visit(wanted)
    found = refine(way, at, "share", -sign, tolerance, rounds)
    x = measured(way.rows, "share", -sign)[0]
    psi = beta * float(first["free_energy"]) + found.value
    statistical = np.hypot(beta * float(first["statistical_error"]), found.statistical)
    integration = beta * float(first["integration_error"]) + found.discretisation
    states = [wanted.get(float(v), at(float(v))) for v in x]
    frame = _frame(way, x, psi, statistical, integration, states, [temperature])
    notes = [
        f"the concentration of {symbol} jumps between chemical potentials of "
        f"{sign * a / beta:.6g} and {sign * b / beta:.6g}: a transition of first order lies on the "
        "way, and grand potentials beyond it are not to be trusted"
        for a, b in sudden(way, "share", -sign, 0.04)
    ]
    return Path(frame, notes, 0)


def _frame(
    way: Way,
    x: Any,
    psi: Any,
    statistical: Any,
    integration: Any,
    states: Sequence[tuple[float, Potentials | None]],
    goals: Sequence[float],
) -> pd.DataFrame:
    kb = way.runs.boltzmann_constant
    rows = []
    for k, (temperature, potentials) in enumerate(states):
        exact = min(goals, key=lambda goal: abs(goal - temperature))
        kept = exact if abs(exact - temperature) < 1e-9 * temperature else temperature
        thermal, row = kb * temperature, way.rows[float(x[k])]
        energy, free = row["grand_energy"], thermal * psi[k]
        error = thermal * math.hypot(statistical[k], integration[k])
        rows.append({
            "temperature": kept,
            **{f"chemical_potential_{s}": mu for s, mu in (potentials or {}).items()},
            "free_energy": free, "error": error,
            "statistical_error": thermal * statistical[k],
            "integration_error": thermal * integration[k],
            "energy": row["energy"], "energy_error": row["energy_error"],
            "entropy": (energy - free) / thermal,
            "entropy_error": math.hypot(error, row["grand_energy_error"]) / thermal,
            **{n: v for n, v in row.items() if n.startswith("concentration_") and n.count("_") < 2},
        })  # fmt: skip
    return pd.DataFrame(rows)
