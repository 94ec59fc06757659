"""How diffusion and conductivity rise with temperature."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.units import kB

from matlearn.transport._figures.words import with_error

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["Arrhenius", "arrhenius"]

UNITS = {"diffusion": ("D0", "cm2/s"), "conductivity": ("(sigma T)0", "S K/cm")}
LEAST_PROBABLE = 0.01
"""Below this probability of chi-square the points do not lie on the line."""


@dataclass(frozen=True, repr=False)
class Arrhenius:
    """An Arrhenius law fitted to values at several temperatures."""

    quantity: str
    """``"diffusion"``: D is activated; ``"conductivity"``: sigma times T is."""
    species: str | None
    """What moves, where the points say it."""
    activation_energy: float
    """eV."""
    activation_energy_error: float
    """Standard error, eV."""
    prefactor: float
    """Value at infinite temperature: cm2/s, or S K/cm where sigma times T is activated."""
    prefactor_error: float
    """Standard error to first order; above a third of the prefactor trust `covariance` instead."""
    covariance: np.ndarray = field(repr=False)
    """Of the logarithm of the prefactor and of the activation energy (eV), shape (2, 2)."""
    points: pd.DataFrame = field(repr=False)
    """``temperature`` (K), ``value``, ``error``, ``fit``, ``deviation`` (in standard errors)."""
    chi_square: float
    """Sum of the squared deviations; NaN where the points came without errors."""
    messages: tuple[str, ...] = ()
    """Reasons to distrust the law."""

    @property
    def degrees_of_freedom(self) -> int:
        """Number of points less the two parameters."""
        return len(self.points) - 2

    @property
    def probability(self) -> float:
        """Of a chi-square this large if the law and the errors hold; NaN for two points."""
        from scipy.stats import chi2

        if self.degrees_of_freedom < 1:
            return float("nan")
        return float(chi2.sf(self.chi_square, self.degrees_of_freedom))

    def at(self, temperature: float) -> tuple[float, float]:
        """Give the value at a temperature, with its standard error.

        Parameters
        ----------
        temperature
            K.

        Returns
        -------
        tuple of two floats
            In the unit of the points (cm2/s or S/cm). The error is that of the line: it grows with
            the distance in 1/T from the points, but knows nothing of another mechanism or phase.
        """
        if not (np.isfinite(temperature) and temperature > 0):
            raise ValueError(f"temperature must be positive, in kelvin, got {temperature}")
        row = self.band([temperature]).iloc[0]
        return float(row["value"]), float(row["error"])

    def band(self, temperatures: Iterable[float]) -> pd.DataFrame:
        """Give the law and its one-sigma band at temperatures.

        Parameters
        ----------
        temperatures
            K.

        Returns
        -------
        pandas.DataFrame
            ``temperature``, ``value``, ``error`` (first order), ``lower`` and ``upper`` (of the
            logarithm, so never below zero), ``extrapolated`` (outside the fitted range).
        """
        import pandas as pd

        t = np.array(list(temperatures), dtype=float)
        if not (np.isfinite(t).all() and (t > 0).all()):
            raise ValueError("temperatures must be positive, in kelvin")
        design = np.stack([np.ones_like(t), -1 / (kB * t)], axis=1)
        log = design @ [np.log(self.prefactor), self.activation_energy]
        spread = np.sqrt(np.einsum("ni,ij,nj->n", design, self.covariance, design))
        value = np.exp(log) / (t if self.quantity == "conductivity" else 1.0)
        fitted = self.points["temperature"]
        columns = {"temperature": t, "value": value, "error": value * spread}
        columns |= {"lower": value * np.exp(-spread), "upper": value * np.exp(spread)}
        outside = (t < fitted.min()) | (t > fitted.max())
        return pd.DataFrame({**columns, "extrapolated": outside})

    def to_frame(self) -> pd.DataFrame:
        """Return the points beside the law: a copy of `points`."""
        return self.points.copy()

    def plot(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw points, line and band (`matlearn.transport.plots.arrhenius`).

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure where it is left out.
        **options
            As of `matlearn.transport.plots.arrhenius`: ``experiment``, ``extrapolate_to``.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from matlearn.transport import plots

        return plots.arrhenius(self, ax=ax, **options)

    def __repr__(self) -> str:
        name, unit = UNITS[self.quantity]
        t = self.points["temperature"]
        energy = with_error(self.activation_energy, self.activation_energy_error)
        first = with_error(self.prefactor, self.prefactor_error)
        what = f"{self.species}, " if self.species else ""
        doubt = f", {len(self.messages)} doubts" if self.messages else ""
        return (
            f"Arrhenius({what}Ea = {energy} eV, {name} = {first} {unit}, {len(t)} points from "
            f"{t.min():g} to {t.max():g} K{doubt})"
        )


def arrhenius(points: Any, *, quantity: str | None = None) -> Arrhenius:
    r"""Fit an Arrhenius law by weighted least squares.

    .. math:: D = D_0 e^{-E_a / k_B T} \qquad \sigma T = (\sigma T)_0 e^{-E_a / k_B T}

    The straight line is that of the logarithm against 1/kT, each point weighted by the inverse
    square of its relative error (an error of D is, to first order, one of ln D times D). The errors
    are taken at their word and never rescaled: where the points miss the line by more, a message
    says so. By Nernst and Einstein sigma is proportional to D/T, hence sigma T has the activation
    energy of D; that of sigma alone is lower by about kT.

    Parameters
    ----------
    points : list or pandas.DataFrame
        Results of `diffusion_coefficient` or `ionic_conductivity` with temperatures, (temperature
        in K, value, error) triples, or a table ``temperature``, ``value``, ``error``. Values are in
        cm2/s or S/cm. Without any errors the points count alike, and their scatter about the line
        (three temperatures at least) takes the place of errors.
    quantity : {"diffusion", "conductivity"}, optional
        What plain numbers are: diffusion unless given. Results know it.

    Returns
    -------
    Arrhenius

    Warns
    -----
    UserWarning
        For each message: two points only, a line that the points do not lie on, values compatible
        with zero, temperatures that look like degrees Celsius.

    Raises
    ------
    TypeError, ValueError
        If there is one temperature only, a temperature, value or error is not positive, some errors
        are missing, or different quantities, species or kinds are mixed.

    References
    ----------
    P. R. Bevington and D. K. Robinson, Data Reduction and Error Analysis, 3rd edition (2003),
    chapter 6: the weighted line and its covariance.

    Examples
    --------
    >>> law = arrhenius([(500, 1.68e-5, 8e-7), (600, 2.45e-5, 1e-6), (750, 3.57e-5, 2e-6)])
    >>> law
    Arrhenius(Ea = 0.097(9) eV, D0 = 1.6(3)e-4 cm2/s, 3 points from 500 to 750 K)
    >>> near, far = law.at(600), law.at(400)  # beyond the points the error grows
    >>> print(f"{near[1] / near[0]:.1%} and {far[1] / far[0]:.1%}")
    2.7% and 9.2%
    """
    from matlearn.transport._conduction.points import COLDEST, collect

    table, found, species = collect(points, quantity)
    t, value = table["temperature"].to_numpy(), table["value"].to_numpy()
    relative = table["error"].to_numpy() / value
    scale = t if found == "conductivity" else np.ones_like(t)
    known = bool(np.isfinite(relative).all())
    if not known and len(t) < 3:
        raise ValueError("error is missing: two points without errors have no error of their line")
    design = np.stack([np.ones_like(t), -1 / (kB * t)], axis=1)
    weights = 1 / relative if known else np.ones_like(t)
    logs = np.log(value * scale)
    solution = np.linalg.lstsq(design * weights[:, None], logs * weights, rcond=None)[0]
    inside = (design * weights[:, None]).T @ (design * weights[:, None])
    covariance = np.linalg.inv(inside)
    rest = (logs - design @ solution) * weights
    chi_square = float(rest @ rest)
    if not known:
        variance = chi_square / (len(t) - 2)
        covariance = covariance * variance
        rest, chi_square = rest / np.sqrt(variance) if variance > 0 else rest, float("nan")
    law = np.exp(design @ solution)
    messages = _doubts(t, relative, rest, chi_square)
    if t.min() < COLDEST:
        messages.append(
            f"a temperature of {t.min():g} K is colder than ions move: were degrees Celsius meant? "
            "temperatures are in kelvin"
        )
    for message in messages:
        warnings.warn(message, UserWarning, stacklevel=2)
    errors = np.sqrt(np.diag(covariance))
    first = float(np.exp(solution[0]))
    return Arrhenius(
        quantity=found,
        species=species,
        activation_energy=float(solution[1]),
        activation_energy_error=float(errors[1]),
        prefactor=first,
        prefactor_error=float(first * errors[0]),
        covariance=covariance,
        points=table.assign(fit=law / scale, deviation=rest),
        chi_square=chi_square,
        messages=tuple(messages),
    )


def _doubts(t: np.ndarray, relative: np.ndarray, rest: np.ndarray, chi_square: float) -> list[str]:
    """Say why the law may not hold."""
    from scipy.stats import chi2

    messages = []
    if not np.isfinite(relative).all():
        messages.append(
            "the points have no errors: the scatter about the line stands in for them, so nothing "
            "tests whether the line is straight"
        )
    elif len(t) == 2:
        messages.append("two points always lie on a line: nothing tests the law; add a temperature")
    else:
        probability = float(chi2.sf(chi_square, len(t) - 2))
        if probability < LEAST_PROBABLE:
            worst, free = int(np.argmax(np.abs(rest))), len(t) - 2
            messages.append(
                f"the points do not lie on one line: chi-square {chi_square:.3g} for {free} "
                f"degree{'s' if free > 1 else ''} of freedom has a probability of {probability:.1g}, "
                f"and the value at {t[worst]:g} K is {abs(rest[worst]):.1f} standard errors off. "
                "Two mechanisms, a phase transition between the temperatures, or errors that are quoted too small"
            )
    doubtful = t[relative > 0.5] if np.isfinite(relative).all() else t[:0]
    if len(doubtful):
        messages.append(
            f"at {', '.join(f'{one:g}' for one in doubtful)} K the value is within two standard "
            "errors of zero: it hardly counts in the fit; run longer there"
        )
    return messages
