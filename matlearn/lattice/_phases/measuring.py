"""Monte Carlo averages at one state point: means, fluctuations and their errors as one row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.data import atomic_numbers, chemical_symbols
from numpy.typing import NDArray

from matlearn.lattice.statistics import autocorrelation_time

if TYPE_CHECKING:
    from matlearn.lattice.monte_carlo import MonteCarlo

Floats = NDArray[np.float64]
Row = dict[str, float]


def held(simulation: MonteCarlo) -> dict[str, int]:
    """Count the active sites that may hold each species."""
    counts: dict[str, int] = {}
    for allowed, sites in simulation.model.sublattices:
        for z in allowed:
            counts[chemical_symbols[z]] = counts.get(chemical_symbols[z], 0) + len(sites)
    return counts


def grand_energy(simulation: MonteCarlo) -> float:
    """Give E - sum of mu_i N_i, the energy that a semi-grand run samples (eV); E in others."""
    potentials = simulation.chemical_potentials
    numbers = simulation.numbers[simulation.active]
    return simulation.energy - sum(
        mu * float((numbers == atomic_numbers[symbol]).sum()) for symbol, mu in potentials.items()
    )


def sample(
    simulation: MonteCarlo,
    *,
    sweeps: int,
    equilibration: int,
    observers: Iterable[Any] = (),
) -> dict[str, Floats]:
    """Equilibrate, then record; give the columns of the record and ``grand_energy`` (eV)."""
    if equilibration:
        simulation.run(equilibration, record_every=equilibration)
    frame = simulation.run(sweeps, observers=list(observers))
    series = {str(name): frame[name].to_numpy(dtype=float) for name in frame.columns}
    sites = held(simulation)
    series["grand_energy"] = series["energy"].copy()
    for symbol, mu in simulation.chemical_potentials.items():
        series["grand_energy"] -= mu * sites[symbol] * series[f"concentration_{symbol}"]
    return series


def averages(series: Mapping[str, Floats], n_sites: int) -> Row:
    """Average a record, a site.

    Parameters
    ----------
    series : mapping of str to ndarray, shape (n,)
        ``energy`` and ``grand_energy`` (eV, total) and any other column.
    n_sites : int
        Active sites.

    Returns
    -------
    dict
        For ``energy`` and ``grand_energy`` (a site, eV) and each other column (as it is): its mean,
        ``<column>_error``, and its variance times `n_sites`, ``<column>_variance``, with
        ``<column>_variance_error``.
    """
    row: Row = {}
    for name, values in series.items():
        if name in ("sweep", "acceptance", "energy_per_atom"):
            continue
        scaled = values / n_sites if name in ("energy", "grand_energy") else values
        samples = independent(scaled)
        variance = float(scaled.var()) * samples / max(samples - 1.0, 1.0)
        row[name] = float(scaled.mean())
        row[f"{name}_error"] = math.sqrt(variance / samples)
        row[f"{name}_variance"] = n_sites * variance
        row[f"{name}_variance_error"] = n_sites * variance * math.sqrt(2.0 / samples)
    return row


def independent(values: Floats) -> float:
    """As how many independent samples a series counts: at least 2, at most its length."""
    if len(values) < 4 or np.ptp(values) == 0:
        return float(len(values))
    memory = autocorrelation_time(values)
    return float(min(max(memory.n_effective, 2.0), len(values)))
