"""What is known exactly, or nearly so, of Ising models: results to measure a simulation by.

Everything is for the Ising ferromagnet without a field, E = -J sum over nearest neighbours of
s_i s_j. Temperatures are in J/kB, energies in J a site, heat capacities in kB a site.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from matlearn.lattice._textbook.finite_square import FiniteSquare as FiniteSquare
from matlearn.lattice._textbook.finite_square import finite_square as finite_square

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CriticalTemperature:
    """Where an Ising ferromagnet loses its order."""

    value: float
    """In J/kB."""
    neighbours: int
    """Nearest neighbours of a site: the critical temperature in J/kB of mean-field theory."""
    exact: bool
    """False for a numerical value: all digits given are certain."""
    source: str


# The numerical values are those that high-temperature series and Monte Carlo agree on. fcc: 9.794
# is found in older sources. The chain orders at no temperature but zero.
_CRITICAL = {
    "chain": CriticalTemperature(0.0, 2, True, "E. Ising, Z. Phys. 31, 253 (1925)"),
    "honeycomb": CriticalTemperature(
        2.0 / math.log(2.0 + math.sqrt(3.0)), 3, True, "R. M. F. Houtappel, Physica 16, 425 (1950)"
    ),
    "square": CriticalTemperature(
        2.0 / math.log(1.0 + math.sqrt(2.0)), 4, True, "L. Onsager, Phys. Rev. 65, 117 (1944)"
    ),
    "triangular": CriticalTemperature(
        4.0 / math.log(3.0), 6, True, "R. M. F. Houtappel, Physica 16, 425 (1950)"
    ),
    "sc": CriticalTemperature(4.5115, 6, False, "series and Monte Carlo"),
    "bcc": CriticalTemperature(6.3544, 8, False, "series and Monte Carlo"),
    "fcc": CriticalTemperature(9.7971, 12, False, "series and Monte Carlo"),
}


def critical_temperature(lattice: str) -> float:
    """Return the critical temperature of the Ising ferromagnet with nearest neighbours.

    Parameters
    ----------
    lattice : str
        ``"chain"``, ``"honeycomb"``, ``"square"``, ``"triangular"``, ``"sc"``, ``"bcc"`` or
        ``"fcc"``.

    Returns
    -------
    float
        In J/kB; `critical_temperatures` says which are exact, and whose they are.

    Raises
    ------
    ValueError
        If nothing is known of this lattice.

    Examples
    --------
    >>> round(critical_temperature("square"), 6)
    2.269185
    """
    if lattice not in _CRITICAL:
        raise ValueError(f"lattice must be one of {', '.join(_CRITICAL)}; got {lattice!r}")
    return _CRITICAL[lattice].value


def critical_temperatures() -> pd.DataFrame:
    """Return all critical temperatures as a table.

    Returns
    -------
    DataFrame
        ``lattice``, ``temperature`` (J/kB), ``mean_field`` (what mean-field theory gives, J/kB),
        ``exact`` (bool), ``source``.

    Examples
    --------
    >>> critical_temperatures().iloc[2:5, :3].round(4)
          lattice  temperature  mean_field
    2      square       2.2692           4
    3  triangular       3.6410           6
    4          sc       4.5115           6
    """
    rows = [(k, v.value, v.neighbours, v.exact, v.source) for k, v in _CRITICAL.items()]
    return pd.DataFrame(rows, columns=["lattice", "temperature", "mean_field", "exact", "source"])


def onsager_energy(temperature: ArrayLike) -> Any:
    """Energy of the infinite square lattice.

    Parameters
    ----------
    temperature : float or array_like
        In J/kB.

    Returns
    -------
    float or ndarray
        In J a site; -sqrt(2) at the critical temperature.

    Raises
    ------
    ValueError
        If a temperature is not positive.

    References
    ----------
    L. Onsager, Phys. Rev. 65, 117 (1944).

    Examples
    --------
    >>> onsager_energy([2.0, critical_temperature("square"), 3.0]).round(5)
    array([-1.74556, -1.41421, -0.81731])
    """
    from scipy.special import ellipkm1

    k2, modulus = _onsager(temperature)
    # at the critical point the elliptic integral is infinite, and its product with 0 is 0
    product = np.where(modulus == 0.0, 0.0, modulus * ellipkm1(np.maximum(modulus**2, 1e-300)))
    return _plain(-(1.0 + 2.0 / math.pi * product) / np.tanh(k2))


def onsager_heat_capacity(temperature: ArrayLike) -> Any:
    """Heat capacity of the infinite square lattice.

    Parameters
    ----------
    temperature : float or array_like
        In J/kB.

    Returns
    -------
    float or ndarray
        In kB a site; infinite at the critical temperature.

    Raises
    ------
    ValueError
        If a temperature is not positive.

    References
    ----------
    L. Onsager, Phys. Rev. 65, 117 (1944).

    Examples
    --------
    >>> onsager_heat_capacity([2.0, 3.0]).round(5)
    array([0.72487, 0.40138])
    """
    from scipy.special import ellipe, ellipkm1

    k2, modulus = _onsager(temperature)
    first = ellipkm1(modulus**2)
    second = ellipe(1.0 - modulus**2)
    product = np.where(modulus == 0.0, 0.0, modulus * np.where(modulus == 0.0, 0.0, first))
    bracket = first - second - (math.pi / 2.0 + product) / np.cosh(k2) ** 2
    return _plain(np.maximum(0.0, (k2 / np.tanh(k2)) ** 2 * bracket / math.pi))


def onsager_free_energy(temperature: ArrayLike) -> Any:
    """Free energy of the infinite square lattice.

    Parameters
    ----------
    temperature : float or array_like
        In J/kB.

    Returns
    -------
    float or ndarray
        In J a site: -2 at low temperature, -kB T ln 2 at high. With the energy U the entropy is
        (U - F) / T.

    Raises
    ------
    ValueError
        If a temperature is not positive.

    References
    ----------
    L. Onsager, Phys. Rev. 65, 117 (1944).

    Examples
    --------
    >>> round(onsager_free_energy(critical_temperature("square")), 6)   # Tc (ln(2)/2 + 2G/pi)
    -2.109651
    """
    from scipy.integrate import quad

    def integral(angle: float) -> float:
        return math.log1p(math.sqrt(max(0.0, 1.0 - m * math.sin(angle) ** 2)))

    k2, modulus = _onsager(temperature)
    values = np.empty_like(k2)
    for index, value in np.ndenumerate(k2):
        m = 1.0 - float(modulus[index]) ** 2
        mean = 2.0 / math.pi * quad(integral, 0.0, math.pi / 2, epsabs=1e-12, epsrel=1e-12)[0]
        log_cosh = value + math.log1p(math.exp(-2.0 * value))  # ln (2 cosh 2K)
        values[index] = -(2.0 / value) * (log_cosh + 0.5 * mean - 0.5 * math.log(2.0))
    return _plain(values)


def onsager_magnetization(temperature: ArrayLike) -> Any:
    """Spontaneous magnetisation of the infinite square lattice.

    Parameters
    ----------
    temperature : float or array_like
        In J/kB.

    Returns
    -------
    float or ndarray
        From 1 at low temperature to 0 at the critical temperature and above.

    Raises
    ------
    ValueError
        If a temperature is not positive.

    References
    ----------
    Announced by L. Onsager (1949); C. N. Yang, Phys. Rev. 85, 808 (1952).

    Examples
    --------
    >>> onsager_magnetization([2.0, 3.0]).round(4)
    array([0.9113, 0.    ])
    """
    k2, _ = _onsager(temperature)
    return _plain(np.maximum(0.0, 1.0 - np.sinh(np.minimum(k2, 300.0)) ** -4) ** 0.125)


def _onsager(temperature: ArrayLike) -> tuple[Floats, Floats]:
    """Return 2 J / kB T, and 2 tanh^2 of it - 1: the complementary modulus with its sign."""
    kelvin = np.asarray(temperature, dtype=float)
    if not ((kelvin > 0).all() and np.isfinite(kelvin).all()):
        raise ValueError(f"temperature must be positive and finite, got {kelvin}")
    k2 = 2.0 / kelvin
    modulus = np.tanh(k2) ** 2 - 1.0 / np.cosh(np.minimum(k2, 300.0)) ** 2
    # the critical temperature is no binary number: what is nearest to it is meant to be it
    return k2, np.where(np.abs(modulus) < 1e-15, 0.0, modulus)


def _plain(values: Floats) -> Any:
    return float(values) if np.ndim(values) == 0 else values
