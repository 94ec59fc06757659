"""The Ising model on a finite square lattice, exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FiniteSquare:
    """The Ising ferromagnet on a square lattice of finite size with periodic boundaries, exactly."""

    energy: float
    """J a site."""
    heat_capacity: float
    """kB a site."""
    free_energy: float
    """J a site."""


def finite_square(temperature: float, size: int, other_size: int | None = None) -> FiniteSquare:
    """Solve the Ising model on a periodic rectangle of the square lattice exactly.

    What a simulation of that size must give, at the critical temperature as well: the energy of
    the infinite lattice is not to be expected there (it is off by 0.6 / size).

    Parameters
    ----------
    temperature : float
        In J/kB.
    size, other_size : int
        Sites along the two edges, at least 2; a square where `other_size` is left out. Of 2 sites
        along an edge each is neighbour to the other twice.

    Returns
    -------
    FiniteSquare

    Raises
    ------
    ValueError
        If the temperature is below 0.01, or a size below 2.

    References
    ----------
    B. Kaufman, Phys. Rev. 76, 1232 (1949); as written by A. E. Ferdinand and M. E. Fisher, Phys.
    Rev. 185, 832 (1969).

    Examples
    --------
    >>> finite_square(2.269185314213022, 16).energy   # doctest: +ELLIPSIS
    -1.45306...
    """
    n, m = size, size if other_size is None else other_size
    if not (n >= 2 and m >= 2 and n == int(n) and m == int(m)):
        raise ValueError(f"size and other_size must be whole numbers of at least 2, got {n}, {m}")
    if not (temperature >= 0.01 and math.isfinite(temperature)):
        raise ValueError(f"temperature must be at least 0.01 J/kB and finite, got {temperature}")
    k2 = 2.0 / temperature
    sinh, cosh = math.sinh(k2), math.cosh(k2)
    # c_l = cosh gamma_l, and its derivatives by K (2 K = k2)
    ratio = cosh * cosh / sinh
    first = 2.0 * cosh * (1.0 - 1.0 / sinh**2)
    second = 4.0 * (sinh - 1.0 / sinh + 2.0 * cosh**2 / sinh**3)
    levels = np.arange(1, 2 * n)
    cosine = ratio - np.cos(math.pi * levels / n)
    gamma = np.arccosh(cosine)
    root = np.sqrt(cosine**2 - 1.0)
    slope = first / root
    bend = (second - cosine * slope**2) / root
    zero = k2 + math.log(math.tanh(k2 / 2.0))
    gammas = (np.append(zero, gamma), np.append(2.0 + 2.0 / sinh, slope),
              np.append(-4.0 * cosh / sinh**2, bend))  # fmt: skip
    odd = tuple(x[1::2] for x in gammas)
    even = tuple(x[0::2] for x in gammas)
    parts = [_product(g[0], g[1], g[2], m, sign) for g in (odd, even) for sign in (1, -1)]
    top = max(p[0] for p in parts)
    z, dz, ddz = (sum(math.exp(p[0] - top) * p[k] for p in parts) for k in (1, 2, 3))
    half = 0.5 * n * m
    log_z = half * math.log(2.0 * sinh) - math.log(2.0) + top + math.log(z)
    slope_z = 2.0 * half * cosh / sinh + dz / z
    bend_z = -4.0 * half / sinh**2 + ddz / z - (dz / z) ** 2
    return FiniteSquare(
        energy=-slope_z / (n * m),
        heat_capacity=(k2 / 2.0) ** 2 * bend_z / (n * m),
        free_energy=-log_z / (k2 / 2.0) / (n * m),
    )


def _product(
    gamma: Floats, slope: Floats, bend: Floats, m: int, sign: int
) -> tuple[float, float, float, float]:
    """Return the product of 2 cosh (or 2 sinh) of m gamma / 2, and its derivatives by K.

    As the logarithm of a common factor, and three numbers that it multiplies.
    """
    half = 0.5 * m * gamma
    small = np.exp(-2.0 * np.abs(half))
    factors = np.where(half < 0, sign, 1) * (1.0 + sign * small)  # over exp |half|
    turned = np.where(half < 0, -sign, 1) * (1.0 - sign * small)  # derivative by half
    scale = float(np.abs(half).sum())
    # the one factor that can vanish (gamma_0 at the critical point) is kept out of logarithms
    steps = 0.5 * m * slope * turned
    bends = 0.5 * m * bend * turned + (0.5 * m * slope) ** 2 * factors
    value, first, second = 1.0, 0.0, 0.0
    for f, s, b in zip(factors.tolist(), steps.tolist(), bends.tolist(), strict=True):
        value, first, second = (
            value * f,
            first * f + value * s,
            second * f + 2 * first * s + value * b,
        )
    return scale, value, first, second
