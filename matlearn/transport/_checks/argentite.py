"""References of exercises 1 and 2: diffusion, current and activation in recorded silver sulfide."""

from __future__ import annotations

import functools
import math

import numpy as np

from matlearn.transport.diffusion import Diffusion, diffusion_coefficient

NAMES = {
    450: ("450K",),
    500: ("500K", "500K-2", "500K-3"),
    550: ("550K",),
    600: ("600K", "600K-2", "600K-3"),
    650: ("650K",),
}
BOLTZMANN = 8.617333e-5  # eV/K


@functools.cache
def pooled(kelvin: int) -> Diffusion:
    """D of silver at a temperature, all replicas together."""
    from matlearn import datasets

    runs = datasets.load("silver-sulfide-runs")
    return diffusion_coefficient([runs[name] for name in NAMES[kelvin]], "Ag", diffusive_from=3)


def by_two_lags(
    atoms: str = "Ag", per_ion: bool = True, origins: bool = True, wrapped: bool = False
) -> float:
    """D in cm2/s at 500 K from the displacements after 5 and 50 ps, with the slips that are usual."""
    from matlearn import datasets

    run = datasets.load("silver-sulfide-runs")["500K"]
    chosen = np.arange(len(run.numbers)) if atoms == "all" else run.indices(atoms)
    places = run.positions[:, chosen]
    if wrapped:
        places = places % run.cells[0, 0, 0]
    squares = []
    for lag in (5, 50):
        moved = places[lag:] - places[:-lag] if origins else places[lag : lag + 1] - places[:1]
        total = (moved**2).sum(axis=2).mean(axis=0)
        squares.append(total.mean() if per_ion else total.sum())
    return float((squares[1] - squares[0]) / (6 * 45) * 1e-4)


def current(ions_per_cell: float, kelvin: float = 500.0) -> float:
    """Nernst-Einstein conductivity (S/cm) at 500 K of so many charges in the cell of 162 atoms."""
    from scipy.constants import Boltzmann, elementary_charge

    from matlearn import datasets

    volume = datasets.load("silver-sulfide-runs")["500K"].volumes[0] * 1e-24  # cm3
    per_volume = ions_per_cell / volume * elementary_charge**2
    return float(per_volume * pooled(500).value / (Boltzmann * kelvin))


def slope(
    power: int = 0, celsius: bool = False, base: float = math.e, against: str = "inverse"
) -> float:
    """Activation energy in eV of D times T to a power, from an unweighted line, slips included."""
    kelvin = np.array(list(NAMES), dtype=float)
    values = np.array([pooled(int(each)).value for each in kelvin]) * kelvin**power
    scale = kelvin - 273.15 if celsius else kelvin
    across = scale if against == "temperature" else 1 / (BOLTZMANN * scale)
    return float(-np.polyfit(across, np.log(values) / np.log(base), 1)[0])


def growth(power: float) -> float:
    """D at 650 K times T to a power, over the same at 450 K."""
    return float(pooled(650).value / pooled(450).value * (650 / 450) ** power)


@functools.cache
def haven() -> float:
    """The Haven ratio at 500 K."""
    from matlearn import datasets
    from matlearn.transport.conduction import haven_ratio

    runs = datasets.load("silver-sulfide-runs")
    return haven_ratio([runs[name] for name in NAMES[500]], "Ag", diffusive_from=3).value
