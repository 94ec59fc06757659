"""One temperature of a scan: simulated wherever there is room, and kept once it is done."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from ase import Atoms
from ase.data import atomic_numbers
from numpy.typing import NDArray

from matlearn.lattice import statistics
from matlearn.lattice._scans.shipping import digest, unpack
from matlearn.parallel import map_unordered

if TYPE_CHECKING:
    from matlearn.lattice.monte_carlo import MonteCarlo
    from matlearn.store import Record, Store

Floats = NDArray[np.float64]
_OWN = ("sweep", "energy", "energy_per_atom", "acceptance")


@dataclass(frozen=True)
class Plan:
    """What is the same for all temperatures of a scan."""

    packed: str
    """The expansion."""
    supercell: Atoms
    settings: Mapping[str, Any]
    """Keywords of `MonteCarlo`."""
    sweeps: int
    equilibration: int
    record_every: int
    observers: Sequence[Any]
    seed: int
    keep_series: bool
    direction: str | None

    def identity(self) -> dict[str, Any]:
        """Say what decides the results, so that a stored one is not mistaken."""
        return {
            "expansion": digest(self.packed),
            "supercell": digest(self.supercell),
            **{name: value for name, value in self.settings.items() if value is not None},
            "sweeps": self.sweeps,
            "equilibration": self.equilibration,
            "record_every": self.record_every,
            "observers": [_identity(observer) for observer in self.observers],
            "seed": self.seed,
            "keep_series": self.keep_series,
            "direction": self.direction,
        }


@dataclass(frozen=True)
class Point:
    """What one temperature gave."""

    temperature: float
    row: dict[str, float]
    configuration: Atoms
    series: dict[str, list[float]] | None = field(repr=False)

    @classmethod
    def of(cls, record: Record) -> Point:
        """Read it from a store."""
        assert record.atoms is not None
        info = record.info
        return cls(info["temperature"], info["row"], record.atoms, info["series"])


def seed_of(seed: int, temperature: float) -> int:
    """Derive the seed of one temperature: the same in any list of temperatures, on any worker."""
    bits = int(np.float64(temperature).view(np.uint64))
    sequence = np.random.SeedSequence([seed, bits >> 32, bits & 0xFFFFFFFF])
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def simulate(plan: Plan, temperature: float, start: Atoms | None = None) -> Point:
    """Equilibrate and measure at one temperature, from the supercell or another configuration."""
    from matlearn.lattice.monte_carlo import MonteCarlo

    began = time.process_time()
    settings = dict(plan.settings)
    if start is not None:
        settings["concentrations"] = None
    simulation = MonteCarlo(
        unpack(plan.packed),
        plan.supercell if start is None else start,
        temperature=temperature,
        seed=seed_of(plan.seed, temperature),
        **settings,
    )
    if plan.equilibration:
        simulation.run(plan.equilibration, record_every=plan.equilibration)
    for observer in plan.observers:
        if hasattr(observer, "reset"):
            observer.reset()
    frame = simulation.run(
        plan.sweeps, record_every=plan.record_every, observers=list(plan.observers)
    )
    row = {"temperature": temperature} | averages(frame, simulation, plan.record_every)
    row["sweeps"] = plan.sweeps
    row["cpu_seconds"] = time.process_time() - began
    series = {str(c): frame[c].tolist() for c in frame} if plan.keep_series else None
    return Point(temperature, row, simulation.atoms, series)


def averages(frame: pd.DataFrame, simulation: MonteCarlo, record_every: int) -> dict[str, float]:
    """Average the records of one temperature, with errors."""
    energies = frame["energy"].to_numpy(dtype=float)
    memory = statistics.autocorrelation_time(energies)
    energy = statistics.mean(energies / simulation.n_sites)
    kt = 1.0 / simulation.beta
    capacity = statistics.heat_capacity(
        _grand_energies(frame, simulation),
        kt,
        n_sites=simulation.n_active,
        boltzmann_constant=1.0,
    )
    row = {
        "energy_per_atom": energy.value,
        "energy_error": energy.error,
        "heat_capacity": capacity.value,
        "heat_capacity_error": capacity.error,
        "acceptance": float(frame["acceptance"].mean()),
    }
    for column in frame:
        if column not in _OWN:
            row |= _mean(str(column), frame[column].to_numpy(dtype=float))
    return row | {
        "autocorrelation_time": memory.time * record_every,
        "n_effective": memory.n_effective,
        "drift": _drift(energies),
    }


def _mean(name: str, values: Floats) -> dict[str, float]:
    if not np.isfinite(values).all():  # such as short-range order where a species is missing
        return {name: math.nan, f"{name}_error": math.nan}
    found = statistics.mean(values)
    return {name: found.value, f"{name}_error": found.error}


def _drift(values: Floats) -> float:
    """Difference between the halves of a series, in its standard errors."""
    half = len(values) // 2
    if half < 4:
        return math.nan
    first, second = statistics.mean(values[:half]), statistics.mean(values[half:])
    error = math.hypot(first.error, second.error)
    return (second.value - first.value) / error if error else 0.0


def _grand_energies(frame: pd.DataFrame, simulation: MonteCarlo) -> Floats:
    """Return E - sum of mu_i N_i (eV) of each record: what a semi-grand run fluctuates in."""
    energies = frame["energy"].to_numpy(dtype=float).copy()
    for symbol, potential in simulation.chemical_potentials.items():
        number = atomic_numbers[symbol]
        places = sum(len(s) for kind, s in simulation.model.sublattices if number in kind)
        energies -= potential * places * frame[f"concentration_{symbol}"].to_numpy(dtype=float)
    return energies


def _identity(observer: Any) -> str:
    """Name an observer so that another one, or one with other settings, has another name."""
    name = getattr(observer, "__name__", type(observer).__name__)
    return f"{name} {getattr(observer, 'given', digest(observer))[:8]}"


def points_of(
    plan: Plan, kelvins: list[float], store: Any, client: Any, workers: int | None
) -> Iterator[Point]:
    """Give what is in the store, then what is not."""
    keys = {kelvin: f"{plan.direction or 'at'} {kelvin!r}" for kelvin in kelvins}
    identities = {
        kelvin: plan.identity() | ({"before": kelvins[:k]} if plan.direction else {})
        for k, kelvin in enumerate(kelvins)
    }
    done: dict[float, Point] = {}
    for kelvin in kelvins:
        if store is not None and keys[kelvin] in store:
            record = store.record(keys[kelvin])
            _same(store, keys[kelvin], record.info, identities[kelvin])
            done[kelvin] = Point.of(record)
    yield from done.values()
    todo = [kelvin for kelvin in kelvins if kelvin not in done]
    for point in _simulated(plan, todo, done, kelvins, client, workers):
        if store is not None:
            kelvin = point.temperature
            store.add(
                keys[kelvin], point.configuration, identity=identities[kelvin],
                temperature=kelvin, row=point.row, series=point.series,
            )  # fmt: skip
        yield point


def _simulated(
    plan: Plan,
    todo: list[float],
    done: dict[float, Point],
    kelvins: list[float],
    client: Any,
    workers: int | None,
) -> Iterator[Point]:
    if plan.direction is None:
        processes = min(workers, len(todo) or 1) if isinstance(workers, int) else workers
        for _, point in map_unordered(
            partial(_with_copies, plan), todo, client=client, workers=processes
        ):
            yield point
        return
    last = None
    for kelvin in kelvins:
        point = done.get(kelvin) or _with_copies(plan, kelvin, last)
        last = point.configuration
        if kelvin not in done:
            yield point


def _with_copies(plan: Plan, kelvin: float, start: Atoms | None = None) -> Point:
    return simulate(replace(plan, observers=copy.deepcopy(plan.observers)), kelvin, start)


def _same(store: Store, key: str, info: Mapping[str, Any], identity: Mapping[str, Any]) -> None:
    if "identity" not in info:
        raise ValueError(f"{store.path} holds a {key!r} that is of no scan")
    then = info["identity"]
    differs = [
        f"{name}={then.get(name)!r} there and {identity.get(name)!r} now"
        for name in sorted({*then, *identity})
        if then.get(name) != identity.get(name)
    ]
    if differs:
        raise ValueError(
            f"{store.path} holds {key!r} of another scan ({'; '.join(differs)}): use another store"
        )
