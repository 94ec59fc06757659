"""Birch-Murnaghan's equation of state, fitted to energies and pressures together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase.units import GPa
from scipy.optimize import least_squares

PRESSURE_WEIGHT = 10.0  # a pressure off by p counts like an energy off by p V / 10


@dataclass(frozen=True)
class State:
    """Volume (A3) and energy (eV) of the minimum, bulk modulus (GPa), its derivative.

    `pulay` (GPa) is what the pressures of the finite basis lie above those of the energies;
    `energy_error` (eV) and `pressure_error` (GPa) are RMS residuals.
    """

    volume: float
    energy: float
    bulk_modulus: float
    derivative: float
    pulay: float
    energy_error: float
    pressure_error: float


def birch_murnaghan(
    volumes: np.ndarray, energy: float, volume: float, modulus: float, derivative: float
) -> tuple[np.ndarray, np.ndarray]:
    """Energies (eV) and pressures (eV/A3) at `volumes` (A3); F. Birch, Phys. Rev. 71, 809 (1947)."""
    x = (volume / volumes) ** (2 / 3)
    bracket = (x - 1) ** 3 * derivative + (x - 1) ** 2 * (6 - 4 * x)
    pressures = 1.5 * modulus * (x**3.5 - x**2.5) * (1 + 0.75 * (derivative - 4) * (x - 1))
    return energy + 9 * volume * modulus / 16 * bracket, pressures


def fit_state(volumes: list[float], energies: list[float], pressures: list[float]) -> State:
    """Fit energies (eV) and pressures (GPa) of at least three volumes (A3).

    The stress of a plane-wave basis is the derivative of the energy at a fixed number of waves,
    the energies are those at a fixed cut-off: a constant between the two, the Pulay pressure, is
    fitted too. So the minimum is that of the energies, and both kinds say how it is curved.
    """
    v, e, p = (np.asarray(values, float) for values in (volumes, energies, pressures))
    scale, lowest = v.mean(), e.min()

    def curves(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found, pressed = birch_murnaghan(
            v, lowest + x[0] / 1000, x[1] * scale, x[2] * GPa * 100, x[3]
        )
        return found - e, pressed / GPa + x[4] - p

    def errors(x: np.ndarray) -> np.ndarray:
        energy, pressure = curves(x)
        weak = 1e-3 * (x[3] - 4.5)
        return np.concatenate(
            [1000 * energy, 1000 * pressure * GPa * scale / PRESSURE_WEIGHT, [weak]]
        )

    x = least_squares(errors, [0.0, 1.0, 0.5, 4.5, 0.0], x_scale=[1, 0.01, 0.1, 1, 0.1]).x
    energy, pressure = curves(x)
    return State(
        volume=float(x[1] * scale),
        energy=float(lowest + x[0] / 1000),
        bulk_modulus=float(100 * x[2]),
        derivative=float(x[3]),
        pulay=float(x[4]),
        energy_error=float(np.sqrt((energy**2).mean())),
        pressure_error=float(np.sqrt((pressure**2).mean())),
    )
