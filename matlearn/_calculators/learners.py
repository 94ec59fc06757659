"""Potentials that can be taught, by name: the core names them, a chapter holds them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

LEARNERS: dict[str, tuple[str, str]] = {
    "mtp": (
        "matlearn.potentials.moment_tensors:MTP",
        "matlearn.potentials.learning:learn_on_the_fly",
    ),
}
"""By name: what makes the potential, and what teaches it, as ``"module:function"``."""

POTENTIALS: dict[str, str] = {
    "mtp": "matlearn.potentials.moment_tensors:MTP",
    "polynomial": "matlearn.potentials.polynomials:Polynomial",
}
"""Kinds of potential by name, as ``"module:class"``, for chapters that train one themselves."""


class Learner(NamedTuple):
    """A kind of potential, and how it is taught during molecular dynamics."""

    potential: Callable[..., Any]
    """Makes one that knows nothing: ``potential(level, species, cutoff=...)``."""
    learn: Callable[..., Any]
    """Teaches it: ``learn(atoms, potential, reference, temperature=..., steps=..., ...)``."""


def get_learner(name: str) -> Learner:
    """Give a kind of potential that learns on the fly.

    Parameters
    ----------
    name
        ``"mtp"``: moment tensor potentials (`matlearn.potentials.MTP`).

    Returns
    -------
    Learner
        Nothing heavy is imported before this call.

    Raises
    ------
    ValueError
        For another name.

    Examples
    --------
    >>> get_learner("mtp").potential(4, ["Cu"])
    MTP(level 4, Cu, cut-off 5.0 A, 11 parameters, not fitted)
    """
    if name not in LEARNERS:
        raise ValueError(f"name must be one of {', '.join(map(repr, LEARNERS))}, got {name!r}")
    potential, learn = (_resolve(target) for target in LEARNERS[name])
    return Learner(potential, learn)


def get_potential(name: str) -> Callable[..., Any]:
    """Give the class of a kind of potential.

    Parameters
    ----------
    name
        ``"mtp"`` (`matlearn.potentials.MTP`) or ``"polynomial"``
        (`matlearn.potentials.Polynomial`, made of what pypolymlp fitted).

    Raises
    ------
    ValueError
        For another name.

    Examples
    --------
    >>> get_potential("mtp")(4, ["Cu"])
    MTP(level 4, Cu, cut-off 5.0 A, 11 parameters, not fitted)
    """
    if name not in POTENTIALS:
        raise ValueError(f"name must be one of {', '.join(map(repr, POTENTIALS))}, got {name!r}")
    return _resolve(POTENTIALS[name])


def _resolve(target: str) -> Callable[..., Any]:
    module, _, function = target.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found
