"""Lattice thermal conductivity from force constants, by phono3py."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from matlearn.phonons._constants.harmonic import checked_mesh, checked_temperatures
from matlearn.phonons._constants.judging import IMAGINARY
from matlearn.phonons._constants.results import ForceConstants
from matlearn.phonons._transport.results import ThermalConductivity

__all__ = ["ThermalConductivity", "thermal_conductivity"]

METHODS = ("rta", "lbte")
VOIGT = np.array([[0, 5, 4], [5, 1, 3], [4, 3, 2]])
"""Where phono3py has the components of a tensor: xx, yy, zz, yz, xz, xy."""
KM_PER_S = 0.1
"""A THz, which is A/ps."""


def thermal_conductivity(
    force_constants: ForceConstants,
    *,
    mesh: int | Sequence[int] = (11, 11, 11),
    temperatures: float | Sequence[float] | np.ndarray = (300.0,),
    nac: bool = True,
    method: str = "rta",
    isotopes: bool = False,
) -> ThermalConductivity:
    r"""Compute the lattice thermal conductivity.

    Heat is carried by modes with heat capacity C, group velocity v and lifetime tau,

    .. math:: \kappa = \frac{1}{N V} \sum_\lambda C_\lambda
        \mathbf v_\lambda \otimes \mathbf v_\lambda \tau_\lambda, \qquad
        \tau_\lambda = \frac{1}{4 \pi \Gamma_\lambda},

    over the N wave vectors of a mesh; Gamma (THz) is the imaginary part of the self-energy from the
    third order: one mode decays into two, or two merge into one. Electrons, which carry most heat
    in a metal, are not in it.

    Where bands cross, weights of the tetrahedron method are averaged over them (phono3py's
    ``average_degenerate_weights``), so that the result does not hang on the choice of eigenvectors,
    which differs from machine to machine: without it the last per cent is arbitrary on small meshes.

    Parameters
    ----------
    force_constants : ForceConstants
        With the third order.
    mesh : int or three ints
        Wave vectors along each reciprocal vector of the primitive cell. 11 is quick and rarely
        converged: compare with 15 and 19.
    temperatures
        K.
    nac : bool
        Whether the field of polar modes counts, where Born charges are known.
    method : {"rta", "lbte"}
        The relaxation-time approximation, in which each mode relaxes on its own, or the direct
        solution of the linearised Boltzmann equation, in which scattering that keeps the momentum
        does not resist. The latter takes memory that grows with the mesh to the sixth power.
    isotopes : bool
        Whether the natural mixture of isotopes scatters too.

    Returns
    -------
    ThermalConductivity
        ``.at(300)`` is the mean over directions.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense, or there is no third order.

    Warns
    -----
    UserWarning
        Of imaginary modes, which are left out.

    References
    ----------
    A. Togo, L. Chaput and I. Tanaka, Phys. Rev. B 91, 094306 (2015), eqs. 10-12.
    L. Chaput, Phys. Rev. Lett. 110, 265506 (2013): the direct solution.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> cell = bulk("Al", a=3.9943, cubic=True)
    >>> constants = phonons.force_constants("emt", cell=cell, supercell=(2, 2, 2), workers=1,
    ...                                     progress=False)
    >>> phonons.thermal_conductivity(constants, mesh=5)
    ThermalConductivity(Al, 9.79... W/mK at 300 K, mesh 5x5x5, RTA)
    """
    if not isinstance(force_constants, ForceConstants):
        raise TypeError(
            "force_constants must be ForceConstants, from matlearn.phonons.force_constants; got "
            f"{type(force_constants).__name__}"
        )
    if force_constants.fc3 is None:
        raise ValueError(
            "force_constants hold the second order alone, in which modes live for ever: compute "
            "them with order=(2, 3)"
        )
    if method not in METHODS:
        raise ValueError(
            "method must be 'rta' (relaxation times) or 'lbte' (the direct solution), got "
            f"{method!r}"
        )
    numbers = checked_mesh(mesh)
    kelvin = checked_temperatures(temperatures, least=1.0)
    made = force_constants.phono3py(nac=nac)
    made.mesh_numbers = list(numbers)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"phono3py|phonopy")
        made.init_phph_interaction(average_degenerate_weights=True)
        made.run_thermal_conductivity(
            is_LBTE=method == "lbte", temperatures=kelvin, is_isotope=isotopes, log_level=0
        )
    found: Any = made.thermal_conductivity
    frequencies = np.asarray(found.frequencies)
    messages = _imaginary(frequencies, np.asarray(found.grid_weights))
    for message in messages:
        warnings.warn(message, UserWarning, stacklevel=2)
    return ThermalConductivity(
        temperatures=kelvin,
        kappa=_tensor(found.kappa[0]),
        mesh=numbers,
        method=method,
        nac=nac and force_constants.born is not None,
        isotopes=bool(isotopes),
        qpoints=np.asarray(found.qpoints),
        weights=np.asarray(found.grid_weights),
        frequencies=frequencies,
        group_velocities=np.asarray(found.group_velocities) * KM_PER_S,
        lifetimes=_lifetimes(found, frequencies),
        heat_capacities=np.asarray(found.mode_heat_capacities),
        mode_kappa=_tensor(found.mode_kappa[0]) / np.prod(numbers),
        kappa_rta=_tensor(found.kappa_RTA[0]) if method == "lbte" else None,
        primitive=force_constants.primitive,
        messages=tuple(dict.fromkeys([*force_constants.messages, *messages])),
    )


def _tensor(six: Any) -> np.ndarray:
    """Give (..., 3, 3) of (..., 6)."""
    return np.asarray(six)[..., VOIGT]


def _lifetimes(found: Any, frequencies: np.ndarray) -> np.ndarray:
    """Give lifetimes (ps) of the half widths (THz) of the peaks."""
    gamma = np.array(found.gamma[0])
    if found.gamma_isotope is not None:
        gamma = gamma + np.asarray(found.gamma_isotope[0])[None]
    lives = (gamma > 0) & (frequencies > 1e-3)[None]
    return np.where(lives, 1 / (4 * np.pi * np.where(lives, gamma, 1.0)), np.nan)


def _imaginary(frequencies: np.ndarray, weights: np.ndarray) -> tuple[str, ...]:
    """Say how many modes of the mesh are imaginary."""
    lost = frequencies < -IMAGINARY
    if not lost.any():
        return ()
    share = float((lost.sum(axis=1) * weights).sum() / (frequencies.shape[1] * weights.sum()))
    return (
        f"{share:.1%} of the modes of this mesh are imaginary (down to {-frequencies.min():.2f}i "
        "THz) and are left out: the conductivity is that of no crystal",
    )
