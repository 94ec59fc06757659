"""Where two phases have the same free energy, integrated from both sides."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from ase import Atoms

from matlearn.lattice._phases.branches import carry
from matlearn.lattice._phases.deciding import potentials_cross
from matlearn.lattice._phases.integrating import Runs, Way
from matlearn.lattice._phases.measuring import Row
from matlearn.lattice._phases.paths import over_temperature
from matlearn.lattice._phases.sweeping import Setting
from matlearn.lattice.statistics import Estimate


def coexistence(
    setting: Setting,
    ordered: Atoms,
    disordered: Atoms,
    bracket: tuple[float, float],
    heating: Mapping[float, Row],
    cooling: Mapping[float, Row],
    *,
    seed: int,
    client: Any,
    workers: int | None,
    bar: Any,
) -> tuple[float, float, Estimate] | None:
    """Find where the free energies of the ordered and the disordered phase cross.

    The disordered phase is integrated from infinite temperature down to the top of the bracket, the
    ordered one from the ground state up to its bottom, both with independent runs; from there each
    is followed into the bracket with the rows of heating and cooling as long as it lives.

    Returns
    -------
    temperature, error, latent heat : tuple, or None
        In K; the energy of the disordered phase less that of the ordered one, eV a site. None where
        they do not cross near the bracket.
    """
    kb = setting.boltzmann_constant
    potentials = None
    if setting.ensemble != "canonical":
        potentials = dict(setting.chemical_potentials or {})
    chains = []
    for atoms, start, number in ((ordered, "order", 1), (disordered, "infinite temperature", 2)):
        goal = bracket[0] if start == "order" else bracket[1]
        runs = Runs(
            setting.packed, atoms, setting.ensemble, None, setting.sweeps, setting.equilibration, kb
        )
        way = Way(runs, seed + number, client, workers, bar)
        found = over_temperature(way, [goal], potentials, start, True, 8, 2e-3, 3)
        (at,) = found.frame.index[found.frame["temperature"] == goal]
        line = found.frame.loc[at]
        rows = heating if start == "order" else cooling
        inside = sorted(t for t in rows if bracket[0] < t < bracket[1])
        betas = np.array(list(way.rows))
        own = way.rows[float(betas[np.argmin(np.abs(betas - 1 / (kb * goal)))])]
        first = {
            **own, "temperature": goal,
            "psi": float(line["free_energy"]) / (kb * goal),
            "psi_error": float(line["error"]) / (kb * goal),
        }  # fmt: skip
        chain = [first]
        for t in inside if start == "order" else inside[::-1]:
            row = dict(rows[t])
            if _left(chain[-1], row, kb):
                break
            chain.append(row)
        carry(chain, "temperature", kb)
        chains.append({row["temperature"]: row for row in chain})
    low, high = chains
    common = sorted((1 / (kb * t), t) for t in set(low) & set(high))
    if not common:
        return _between(low, high, kb)
    beta = np.array([b for b, _ in common])
    pairs = [
        (np.array([side[t]["psi"] for _, t in common]),
         np.array([side[t]["grand_energy"] for _, t in common]))
        for side in (low, high)
    ]  # fmt: skip
    errors = [max(side[t]["psi_error"] for _, t in common) for side in (low, high)]
    met = potentials_cross(beta, pairs[0], pairs[1], (errors[0], errors[1]))
    if met is None:
        return None
    temperature = 1 / (kb * met[0])
    near = min((t for _, t in common), key=lambda t: abs(t - temperature))
    return temperature, kb * temperature**2 * met[1], _latent(low[near], high[near])


def _left(last: Row, row: Row, kb: float) -> bool:
    """Tell whether the phase was left between two temperatures."""
    step = abs(1 / (kb * row["temperature"]) - 1 / (kb * last["temperature"]))
    believed = 2.0 * step * last["grand_energy_variance"] + 0.05 * kb * row["temperature"]
    noise = math.hypot(row["grand_energy_error"], last["grand_energy_error"])
    return abs(row["grand_energy"] - last["grand_energy"]) > believed + 4 * noise


def _between(
    low: Mapping[float, Row], high: Mapping[float, Row], kb: float
) -> tuple[float, float, Estimate] | None:
    """Extrapolate both towards each other where they share no temperature."""
    cold, hot = low[max(low)], high[min(high)]
    b, c = 1 / (kb * cold["temperature"]), 1 / (kb * hot["temperature"])
    gap = hot["grand_energy"] - cold["grand_energy"]
    if gap <= 0:
        return None
    psi_cold, psi_hot = cold["psi"] - cold["grand_energy"] * b, hot["psi"] - hot["grand_energy"] * c
    beta = (psi_cold - psi_hot) / gap
    if not 0.8 * c < beta < 1.25 * b:
        return None
    bend = 0.5 * max(
        cold["grand_energy_variance"] * (beta - b) ** 2,
        hot["grand_energy_variance"] * (beta - c) ** 2,
    )
    error = math.hypot(math.hypot(cold["psi_error"], hot["psi_error"]), bend) / gap
    temperature = 1 / (kb * beta)
    return temperature, kb * temperature**2 * error, _latent(cold, hot)


def _latent(ordered: Row, disordered: Row) -> Estimate:
    return Estimate(
        disordered["grand_energy"] - ordered["grand_energy"],
        math.hypot(disordered["grand_energy_error"], ordered["grand_energy_error"]),
    )
