"""From moving ions to the conductivity that is measured."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.transport._conduction.charges import (
    carriers,
    charge_path,
    einstein,
    ions_per_volume,
    temperature_of,
)
from matlearn.transport._conduction.results import Conductivity, HavenRatio
from matlearn.transport._figures.words import with_error
from matlearn.transport.diffusion import Diffusion, diffusion_coefficient

if TYPE_CHECKING:
    from matlearn.transport.trajectories import Trajectory

__all__ = ["Conductivity", "HavenRatio", "haven_ratio", "ionic_conductivity"]

PRECISE = 0.2
"""A Haven ratio that is known to less than this says little."""
KINDS = {"nernst-einstein": "self", "charge": "collective"}


def ionic_conductivity(
    trajectory: Trajectory | Sequence[Trajectory] | Diffusion,
    species: str | None = None,
    *,
    charge: float | Mapping[str, float] = 1.0,
    temperature: float | None = None,
    kind: str = "nernst-einstein",
    number_density: float | None = None,
    **options: Any,
) -> Conductivity:
    r"""Compute an ionic conductivity.

    By Nernst and Einstein each ion carries its charge on its own, and the diffusion coefficient of
    single ions is enough:

    .. math:: \sigma_{NE} = \frac{n (z e)^2 D^*}{k_B T}

    with n ions per volume. What is measured is the current of all together,

    .. math:: \sigma = \frac{e^2}{V k_B T} \lim_{t \to \infty} \frac{1}{2 d t}
        \left\langle \left| \sum_i z_i \Delta \mathbf{r}_i(t) \right|^2 \right\rangle

    which has only one coordinate a run and needs a far longer one. With a charge for one species,
    displacements are relative to the centre of mass of all others, the framework; with charges for
    all atoms they must add up to zero, and no frame matters.

    Parameters
    ----------
    trajectory : Trajectory, list of Trajectory, or Diffusion
        A run, replicas, or a diffusion coefficient (which needs `number_density`).
    species : str, optional
        What carries the charge; not needed where `charge` names it, or with a `Diffusion`.
    charge : float or dict
        Charge of an ion in e, or one for each species that moves: ``{"Li": 1, "Cl": -1}``.
    temperature : float, optional
        K; the run's own unless given.
    kind : {"nernst-einstein", "charge"}
        Ions as if each moved alone, or all together.
    number_density : float, optional
        Ions per A3; from the mean volume of the run unless given.
    **options
        As of `diffusion_coefficient`: ``method``, ``diffusive_from``, ``until``, ``axes``, and
        ``drift`` for the former kind.

    Returns
    -------
    Conductivity

    Raises
    ------
    TypeError, ValueError
        If a species or charge is missing or impossible, the temperature is not known, or the run is
        not periodic.

    References
    ----------
    Allen and Tildesley, Computer Simulation of Liquids, 2nd edition (2017), section 2.7.

    Examples
    --------
    By hand: 0.015 ions of charge 1 per A3 are 1.5e22 per cm3. With D = 1e-5 cm2/s at 500 K, where
    kT = 0.04309 eV, sigma = 1.5e22 cm-3 x 1.602e-19 C x 1e-5 cm2/s / 0.04309 V = 0.558 S/cm.

    >>> from dataclasses import replace
    >>> from matlearn.transport import diffusion_coefficient, random_walk
    >>> d = diffusion_coefficient(random_walk(frames=200, seed=1), "Li")
    >>> d = replace(d, value=1e-5, error=2e-7, temperature=500.0)
    >>> ionic_conductivity(d, number_density=0.015)
    Conductivity(Li, 0.558(11) S/cm at 500 K, Nernst-Einstein)
    """
    if kind not in KINDS:
        raise ValueError(
            "kind must be 'nernst-einstein' (each ion on its own) or 'charge' (all together), "
            f"got {kind!r}"
        )
    if number_density is not None and not (np.isfinite(number_density) and number_density > 0):
        raise ValueError(f"number_density must be positive, in ions per A3, got {number_density}")
    if isinstance(trajectory, Diffusion):
        return _from_diffusion(
            trajectory, species, charge, temperature, kind, number_density, options
        )
    from matlearn.transport._structure.inputs import as_replicas

    runs = as_replicas(trajectory)
    charges = carriers(species, charge, runs[0].species)
    if number_density is not None and len(charges) > 1:
        raise ValueError("number_density is one number: leave it out where several species move")
    kelvin = temperature_of(temperature, [run.temperature for run in runs])
    density = {
        name: ions_per_volume(runs, name) if number_density is None else float(number_density)
        for name in charges
    }
    found: list[Diffusion]
    if kind == "charge":
        if "drift" in options:
            raise ValueError(
                "drift cannot be chosen for kind='charge': the framework's is taken off"
            )
        paths = [charge_path(run, charges) for run in runs]
        found = [diffusion_coefficient(paths, "X", kind="collective", drift=None, **options)]
        terms = [einstein(density[s], z, found[0].value, kelvin) for s, z in charges.items()]
        value = sum(terms)
        error = abs(value * found[0].error / found[0].value) if found[0].value else np.inf
    else:
        found = [diffusion_coefficient(runs, name, **options) for name in charges]
        pairs = list(zip(charges.items(), found, strict=True))
        value = sum(einstein(density[s], z, d.value, kelvin) for (s, z), d in pairs)
        error = np.hypot.reduce([einstein(density[s], z, d.error, kelvin) for (s, z), d in pairs])
    messages = tuple(dict.fromkeys(message for one in found for message in one.messages))
    return Conductivity(
        value=float(value),
        error=float(error),
        kind=kind,
        species="+".join(charges),
        charge=charges,
        temperature=kelvin,
        number_density=density,
        diffusion=tuple(found),
        messages=messages,
    )


def _from_diffusion(
    diffusion: Diffusion,
    species: str | None,
    charge: float | Mapping[str, float],
    temperature: float | None,
    kind: str,
    number_density: float | None,
    options: dict[str, Any],
) -> Conductivity:
    """Compute a conductivity from a diffusion coefficient that is known already."""
    if options:
        raise TypeError(f"{', '.join(options)}: a Diffusion is done already, give the trajectory")
    if species not in (None, diffusion.species):
        raise ValueError(f"species = {species!r}, but the Diffusion is of {diffusion.species}")
    if diffusion.kind != KINDS[kind]:
        fitting = next(name for name, one in KINDS.items() if one == diffusion.kind)
        raise ValueError(
            f"kind = {kind!r} needs a Diffusion of kind {KINDS[kind]!r}, got one of kind "
            f"{diffusion.kind!r}: say kind={fitting!r}, or give the trajectory"
        )
    if number_density is None:
        raise ValueError(
            "number_density must be given (ions per A3) with a Diffusion, which has no volume; or "
            "give the trajectory"
        )
    charges = carriers(diffusion.species, charge)
    if len(charges) > 1:
        raise ValueError("charge names several species, but a Diffusion is of one: give the run")
    kelvin = temperature_of(temperature, [diffusion.temperature])
    size = einstein(number_density, charges[diffusion.species], 1.0, kelvin)
    return Conductivity(
        value=size * diffusion.value,
        error=size * diffusion.error,
        kind=kind,
        species=diffusion.species,
        charge=charges,
        temperature=kelvin,
        number_density={diffusion.species: float(number_density)},
        diffusion=(diffusion,),
        messages=diffusion.messages,
    )


def haven_ratio(
    trajectory: Trajectory | Sequence[Trajectory], species: str, **options: Any
) -> HavenRatio:
    r"""Compare the diffusion of single ions with that of their charge: H = D* / D_sigma.

    1 where ions move independently; below 1 where one that hops pulls others along its way, so that
    more current flows than Nernst and Einstein expect. D_sigma is that of the ions' summed
    displacement, relative to the framework: one coordinate a run, which needs about 1 ns and
    several replicas where D* is content with 200 ps.

    The error is joint. The runs are cut into about ten blocks of time, both coefficients are
    estimated anew without each block in turn (the jackknife), and the scatter of their ratio is
    compared with both standard errors in quadrature: the larger of the two is given.

    Parameters
    ----------
    trajectory : Trajectory or list of Trajectory
        A run, or replicas.
    species : str
        What carries the charge.
    **options
        As of `diffusion_coefficient`, for both: ``method``, ``diffusive_from``, ``until``,
        ``axes``, ``drift``.

    Returns
    -------
    HavenRatio

    Warns
    -----
    UserWarning
        Where the run is too short to tell the ratio to 20 %, or to tell it from 1.

    Raises
    ------
    TypeError, ValueError
        As `diffusion_coefficient`; or if a coefficient is not positive.

    References
    ----------
    K. Compaan and Y. Haven, Trans. Faraday Soc. 52, 786 (1956): how hops that hang together add up.

    Examples
    --------
    >>> import warnings
    >>> from matlearn.transport import random_walk
    >>> warnings.simplefilter("ignore", UserWarning)
    >>> ratio = haven_ratio(random_walk(frames=1000, ions=30, seed=4), "Li")
    >>> abs(ratio.value - 1) < 3 * ratio.error  # walkers that do not see one another
    True
    """
    from matlearn.transport._conduction.haven import blocks_of, jackknife
    from matlearn.transport._structure.inputs import as_replicas

    if "kind" in options:
        raise TypeError("kind cannot be chosen: a Haven ratio compares both kinds")
    runs = as_replicas(trajectory)
    alone = diffusion_coefficient(runs, species, **options)
    together = diffusion_coefficient(runs, species, kind="collective", **options)
    for one in (alone, together):
        if not one.value > 1e-9 * alone.value:  # roundings, where all of them cancel
            raise ValueError(f"{one!r} is not positive, so there is no ratio: run longer")
    value = alone.value / together.value
    spread = float(np.hypot(alone.error / alone.value, together.error / together.value))
    drift = options.get("drift", "framework")
    blocks = blocks_of(runs, max(alone.window[0], together.window[0]))
    covariance = jackknife(blocks, (alone, together), drift)
    if covariance is not None:
        joint = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
        spread = max(spread, float(np.sqrt(max(joint, 0.0))))
    own = _too_short(value, spread, sum(run.duration for run in runs))
    for message in own:
        warnings.warn(message, UserWarning, stacklevel=2)
    return HavenRatio(
        value=value,
        error=value * spread,
        species=species,
        self_diffusion=alone,
        charge_diffusion=together,
        blocks=0 if covariance is None else len(blocks),
        messages=tuple(dict.fromkeys([*alone.messages, *together.messages, *own])),
    )


def _too_short(value: float, spread: float, duration: float) -> list[str]:
    """Say where a run is too short for its Haven ratio."""
    messages = []
    if spread > PRECISE:
        longer = duration * (spread / PRECISE) ** 2
        messages.append(
            f"the Haven ratio is known to {spread:.0%} only, from {duration:.3g} ps in all: for "
            f"{PRECISE:.0%}, run about {longer:.2g} ps (longer, or in replicas)"
        )
    if abs(value - 1) < 2 * value * spread:
        messages.append(
            f"a Haven ratio of {with_error(value, value * spread)} cannot be told from 1, ions that "
            "move independently"
        )
    return messages
