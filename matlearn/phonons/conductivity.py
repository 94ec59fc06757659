"""Lattice thermal conductivity from force constants, by phono3py."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._constants.harmonic import checked_mesh, checked_temperatures
from matlearn.phonons._constants.judging import IMAGINARY
from matlearn.phonons._constants.results import ForceConstants
from matlearn.phonons._transport.results import ThermalConductivity
from matlearn.phonons._transport.running import Modes, by_parts

if TYPE_CHECKING:
    from matlearn.store import Store

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
    store: str | os.PathLike[str] | Store | None = None,
    progress: bool = True,
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
    store
        File or `matlearn.store.Store` that keeps some wave vectors at a time as soon as they are
        done; the same call goes on from there. Not for ``"lbte"``, which needs all at once.
    progress : bool
        Show a progress bar where it takes more than some seconds (not for ``"lbte"``).

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
    if isotopes:
        _check_isotopes(force_constants)
    made = force_constants.phono3py(nac=nac)
    try:
        made.mesh_numbers = list(numbers)
    except RuntimeError as error:
        raise ValueError(
            f"mesh = {numbers} has not the symmetry of this crystal: take the same number along "
            "directions that symmetry makes alike, such as one number for all three"
        ) from error
    rta = None
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"phono3py|phonopy")
        made.init_phph_interaction(average_degenerate_weights=True)
        if method == "rta":
            modes = by_parts(made, kelvin, isotopes, store=store, progress=progress)
        else:
            made.run_thermal_conductivity(
                is_LBTE=True, temperatures=kelvin, is_isotope=isotopes, log_level=0
            )
            found: Any = made.thermal_conductivity
            modes, rta = Modes.of(found), _tensor(found.kappa_RTA[0])
    messages = _imaginary(modes.frequencies, modes.weights)
    for message in messages:
        warnings.warn(message, UserWarning, stacklevel=2)
    shares = _tensor(modes.mode_kappa) / np.prod(numbers)
    return ThermalConductivity(
        temperatures=kelvin,
        kappa=shares.sum(axis=(1, 2)),
        mesh=numbers,
        method=method,
        nac=nac and force_constants.born is not None,
        isotopes=bool(isotopes),
        qpoints=modes.qpoints,
        weights=modes.weights,
        frequencies=modes.frequencies,
        group_velocities=modes.group_velocities * KM_PER_S,
        lifetimes=_lifetimes(modes.gamma, modes.frequencies),
        heat_capacities=modes.heat_capacities,
        mode_kappa=shares,
        kappa_rta=rta,
        primitive=force_constants.primitive,
        messages=tuple(dict.fromkeys([*force_constants.messages, *messages])),
    )


def _check_isotopes(constants: ForceConstants) -> None:
    """See that all elements have isotopes in nature."""
    from phonopy.structure.atomic_data import get_atomic_data

    known = get_atomic_data().isotope_data
    without = [one for one in sorted(set(constants.unitcell.symbols)) if not known.get(one)]
    if without:
        raise ValueError(
            f"isotopes = True, but {', '.join(without)} has no natural mixture of isotopes: leave "
            "isotopes out"
        )


def _tensor(six: Any) -> np.ndarray:
    """Give (..., 3, 3) of (..., 6)."""
    return np.asarray(six)[..., VOIGT]


def _lifetimes(gamma: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Give lifetimes (ps) of the half widths (THz) of the peaks."""
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
