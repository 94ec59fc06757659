"""Is a transition continuous or of first order? The analysis of runs, as functions of arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matlearn.lattice._phases.integration import jumps

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Hysteresis:
    """What heating and cooling over the same temperatures say."""

    melting: tuple[float, float] | None
    """Heating: the last temperature of the ordered phase and the first of the disordered one."""
    ordering: tuple[float, float] | None
    """Cooling: the first temperature of the ordered phase and the last of the disordered one."""
    apart: tuple[float, float] | None
    """Lowest and highest temperature at which heating and cooling differ in energy."""
    latent_heat: float
    """Largest jump of the energy, a site; 0 where there is none."""

    @property
    def bracket(self) -> tuple[float, float] | None:
        """Between these temperatures the transition lies."""
        ends = [t for pair in (self.melting, self.ordering) if pair for t in pair]
        return (min(ends), max(ends)) if ends else None


def hysteresis(
    temperatures: Floats,
    heating: tuple[Floats, Floats, Floats],
    cooling: tuple[Floats, Floats, Floats],
    *,
    boltzmann_constant: float,
) -> Hysteresis:
    """Compare energies on heating and on cooling.

    Parameters
    ----------
    temperatures : ndarray, shape (n,)
        Rising, in K.
    heating, cooling : triple of ndarray, shape (n,)
        Mean (grand) energy a site, its error, and its variance times the number of sites, at each
        temperature, in eV and eV^2.
    boltzmann_constant : float
        In eV/K.

    Returns
    -------
    Hysteresis
    """
    beta = 1.0 / (boltzmann_constant * temperatures)
    thermal = boltzmann_constant * temperatures
    jump: dict[str, tuple[float, float] | None] = {}
    size = 0.0
    for name, (mean, error, variance) in {"melting": heating, "ordering": cooling}.items():
        which = np.flatnonzero(
            jumps(beta, mean, -variance, error, least=0.05 * float(thermal.min()), factor=1.5)
        )
        if len(which):
            k = int(which[np.argmax(np.abs(np.diff(mean))[which])])
            jump[name] = (float(temperatures[k]), float(temperatures[k + 1]))
            size = max(size, float(abs(mean[k + 1] - mean[k])))
        else:
            jump[name] = None
    noise = np.hypot(heating[1], cooling[1])
    gap = np.abs(heating[0] - cooling[0])
    where = np.flatnonzero(gap > np.maximum(5 * noise, 0.1 * thermal))
    if not len(where):
        return Hysteresis(jump["melting"], jump["ordering"], None, size)
    first, last = int(where[0]), int(where[-1])
    # runs that change phase midway have large errors: what lies between two that do not decides
    melting = jump["melting"]
    if last + 1 < len(temperatures):
        melting = (float(temperatures[last]), float(temperatures[last + 1]))
    ordering = None
    if first > 0:
        ordering = (float(temperatures[first - 1]), float(temperatures[first]))
    apart = (float(temperatures[first]), float(temperatures[last]))
    return Hysteresis(melting, ordering, apart, max(size, float(gap[where].max())))


def two_peaks(energies: Floats, *, smoothing: float = 0.3) -> tuple[float, float]:
    """Tell how deep the valley between two peaks of a distribution is, and how far apart they are.

    Parameters
    ----------
    energies : ndarray, shape (n,)
        Samples of a run that went to and fro between two phases, or did not.
    smoothing : float
        Width over which the distribution is smoothed, in its standard deviations. Small or cold
        cells have few levels of energy, which are no peaks: it is at least the distance of levels.

    Returns
    -------
    depth : float
        1 - (lowest between the peaks) / (lower peak): 0 for one peak, 1 for two apart. Peaks of
        less than 5 % of the samples are none.
    distance : float
        Between the mean energies on either side of the valley.
    """
    spread = float(energies.std())
    levels = np.unique(np.round(energies, 12))
    if spread == 0 or len(levels) < 3:
        return 0.0, 0.0
    scaled = (energies - energies.mean()) / spread
    width = max(smoothing, float(np.median(np.diff(levels))) / spread)
    grid = np.linspace(scaled.min(), scaled.max(), 81)
    counts, _ = np.histogram(scaled, bins=400, range=(grid[0], grid[-1]))
    middles = grid[0] + (np.arange(400) + 0.5) * (grid[-1] - grid[0]) / 400
    density = np.exp(-0.5 * ((grid[:, None] - middles) / width) ** 2) @ counts
    best, valley, cumulative = 0.0, 0.0, np.cumsum(counts) / counts.sum()
    for k in range(1, len(grid) - 1):
        below = float(np.interp(grid[k], middles, cumulative))
        if 0.05 <= below <= 0.95:
            peak = min(density[:k].max(), density[k + 1 :].max())
            depth = 1.0 - float(density[k] / peak)
            if depth > best:
                best, valley = depth, float(grid[k])
    if best == 0.0:
        return 0.0, 0.0
    above = scaled > valley
    return best, float(energies[above].mean() - energies[~above].mean())


def crossing(
    temperatures: Floats,
    small: tuple[Floats, Floats],
    large: tuple[Floats, Floats],
    *,
    seed: int = 0,
    trials: int = 200,
) -> tuple[float, float] | None:
    """Find where the curves of two sizes cross, with its statistical error.

    A cubic (a parabola for fewer than 6 points) is fitted to each; the error is the scatter of the
    crossing when the points are moved at random within their errors.

    Parameters
    ----------
    temperatures : ndarray, shape (n,)
        At least 3.
    small, large : pair of ndarray, shape (n,)
        Binder's cumulant of either size, and its error.

    Returns
    -------
    temperature, error : tuple of float, or None
        None where they do not cross from above to below within the temperatures.
    """
    rng = np.random.default_rng(seed)
    centre, scale = float(temperatures.mean()), float(np.ptp(temperatures)) / 2
    t = (temperatures - centre) / scale
    degree = 3 if len(t) >= 6 else 2 if len(t) >= 4 else 1
    errors = [np.maximum(pair[1], 1e-6) for pair in (small, large)]

    def root(u: Floats, v: Floats, reach: float) -> float | None:
        fits = [
            np.polynomial.polynomial.polyfit(t, y, degree, w=1.0 / e)
            for y, e in zip((u, v), errors, strict=True)
        ]
        gap = np.polynomial.Polynomial(fits[1] - fits[0])
        slope = gap.deriv()
        found = [
            float(r.real)
            for r in gap.roots()
            if abs(r.imag) < 1e-9 and abs(r.real) <= reach and slope(r.real) < 0
        ]
        return min(found, key=lambda r: float(slope(r))) if found else None

    best = root(small[0], large[0], 1.0)
    if best is None:
        return None
    others = [
        root(
            small[0] + rng.normal(size=len(t)) * errors[0],
            large[0] + rng.normal(size=len(t)) * errors[1],
            1.5,
        )
        for _ in range(trials)
    ]
    scatter = np.array([1.5 if other is None else other for other in others])
    spread = 0.5 * float(np.diff(np.quantile(scatter, [0.1587, 0.8413]))[0])
    return centre + scale * best, scale * spread


def potentials_cross(
    beta: Floats,
    ordered: tuple[Floats, Floats],
    disordered: tuple[Floats, Floats],
    errors: tuple[float, float],
) -> tuple[float, float] | None:
    """Find the 1/kT at which two phases have the same free energy.

    Parameters
    ----------
    beta : ndarray, shape (n,)
        Rising, in 1/eV; both phases are known at each.
    ordered, disordered : pair of ndarray, shape (n,)
        psi = F / kT and its derivative, the energy (eV), both a site.
    errors : pair of float
        Of psi of either phase.

    Returns
    -------
    beta, error : tuple of float, or None
        None where they do not cross; past the ends psi goes on with its last slope, by a
        tenth of beta at most; a quarter of the way is added to the error.
    """
    from scipy.interpolate import CubicHermiteSpline
    from scipy.optimize import brentq

    gap, slope = ordered[0] - disordered[0], ordered[1] - disordered[1]
    noise = math.hypot(*errors)
    if len(beta) > 1:
        curve: Any = CubicHermiteSpline(beta, gap, slope)
        for low, high, a, b in zip(beta, beta[1:], gap, gap[1:], strict=False):
            if a * b <= 0:
                found = float(brentq(curve, low, high))
                return found, float(noise / max(abs(curve(found, 1)), 1e-300))
    at = 0 if abs(gap[0]) < abs(gap[-1]) else len(beta) - 1
    if slope[at] == 0:
        return None
    step = -gap[at] / slope[at]
    reach = 0.1 * float(beta[at])
    if abs(step) > reach:
        return None
    return float(beta[at] + step), float(math.hypot(noise / abs(slope[at]), 0.25 * abs(step)))


def highest(temperatures: Sequence[float], heat: Floats) -> tuple[int, float]:
    """Give the place of the largest heat capacity, and the temperature of a parabola's top there."""
    t = np.asarray(temperatures, dtype=float)
    k = int(np.argmax(heat))
    if not 0 < k < len(t) - 1:
        return k, float(t[k])
    a, b, _ = np.polyfit(t[k - 1 : k + 2] - t[k], heat[k - 1 : k + 2], 2)
    return k, float(np.clip(t[k] - b / (2 * a) if a < 0 else t[k], t[k - 1], t[k + 1]))
