"""What runs over the temperature, up or down, have given so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matlearn.lattice._phases.deciding import two_peaks
from matlearn.lattice._phases.measuring import Row

Floats = NDArray[np.float64]
TWO_PEAKS = 0.5
"""Energies whose distribution has a valley this deep are those of two phases."""


@dataclass
class Passage:
    """What was run so far over the temperatures, in one direction."""

    rows: dict[float, Row] = field(default_factory=dict)
    energies: dict[float, Floats] = field(default_factory=dict)

    def add(self, rows: Sequence[Row], energies: Sequence[Floats]) -> None:
        """Keep rows; later ones replace earlier ones of the same temperature."""
        for row, values in zip(rows, energies, strict=True):
            self.rows[row["temperature"]] = row
            self.energies[row["temperature"]] = values

    @property
    def temperatures(self) -> Floats:
        """Where it was run, rising (K)."""
        return np.array(sorted(self.rows))

    def column(self, name: str) -> Floats:
        """Give a column by rising temperature."""
        return np.array([self.rows[t][name] for t in sorted(self.rows)])

    @property
    def triple(self) -> tuple[Floats, Floats, Floats]:
        """Energies, errors and variances, as `hysteresis` takes them."""
        mean, error, variance = (
            self.column(f"grand_energy{of}") for of in ("", "_error", "_variance")
        )
        return mean, error, variance


def finer(bracket: tuple[float, float], count: int, known: Floats) -> Floats:
    """Give evenly spaced temperatures; one that is known already but for rounding is that one."""
    wanted = np.linspace(*bracket, count)
    nearest = known[np.abs(known[:, None] - wanted).argmin(axis=0)]
    return np.where(np.abs(nearest - wanted) < 1e-6 * wanted, nearest, wanted)


def turns(heating: Passage, cooling: Passage) -> tuple[float, float, float]:
    """Find the temperature at which two phases take turns most clearly, going up and down.

    Returns
    -------
    temperature, depth, distance : tuple of float
        In K; of the valley between two peaks of the energies, 0 where heating and cooling do not
        both show it; between the peaks (eV a site).
    """
    best = (float(heating.temperatures[0]), 0.0, 0.0)
    for t in heating.temperatures:
        both = [passage.energies[float(t)] for passage in (heating, cooling)]
        if min(two_peaks(values)[0] for values in both) < 0.5 * TWO_PEAKS:
            continue
        depth, distance = two_peaks(np.concatenate(both))
        if depth > best[1]:
            best = (float(t), depth, distance)
    return best
