"""Checks of what a random walk is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase.data import atomic_numbers

LATTICES = {"cubic": None, "bcc": 3, "fcc": 3, "triangular": 2}
"""Lattices, and how many axes each needs."""


def check_walk(given: dict[str, Any]) -> np.ndarray:
    """Refuse what makes no sense; give the shares of the axes."""
    for name, least in (("frames", 2), ("ions", 1), ("framework", 0)):
        value = given[name]
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")
    for name, unit in (("step", "A"), ("time_step", "ps")):
        if not _number(given[name]) or not 0 < given[name] < np.inf:
            raise ValueError(f"{name} must be above 0 ({unit}), got {given[name]!r}")
    if not _number(given["probability"]) or not 0 < given["probability"] <= 1:
        raise ValueError(f"probability must be above 0 and at most 1, got {given['probability']!r}")
    if not _number(given["backward"]) or not 0 <= given["backward"] < 1:
        raise ValueError(f"backward must be at least 0 and below 1, got {given['backward']!r}")
    if not _number(given["vibration"]) or not 0 <= given["vibration"] < np.inf:
        raise ValueError(f"vibration must be at least 0 (A), got {given['vibration']!r}")
    if np.shape(given["drift"]) != (3,):
        raise ValueError(f"drift must be three velocities in A/ps, got {given['drift']!r}")
    if given["species"] not in atomic_numbers or given["species"] in ("X", "O"):
        raise ValueError(
            f"species must be a chemical symbol other than O, the framework's, "
            f"got {given['species']!r}"
        )
    return _shares(given)


def _shares(given: dict[str, Any]) -> np.ndarray:
    kind, lattice, axes = given["kind"], given["lattice"], given["axes"]
    if kind not in ("lattice", "gaussian"):
        raise ValueError(f'kind must be "lattice" or "gaussian", got {kind!r}')
    if lattice not in LATTICES:
        raise ValueError(f"lattice must be one of {', '.join(LATTICES)}, got {lattice!r}")
    if (
        not isinstance(axes, str)
        or not axes
        or len(set(axes)) < len(axes)
        or set(axes) - set("xyz")
    ):
        raise ValueError(f'axes must be some of "xyz", each once, as in "xy", got {axes!r}')
    needed = LATTICES[lattice]
    if kind == "lattice" and needed not in (None, len(axes)):
        raise ValueError(f'lattice="{lattice}" needs {needed} axes, got axes={axes!r}')
    if kind == "gaussian" and given["backward"] > 0:
        raise ValueError('backward needs kind="lattice": a Gaussian step has no reverse')
    if given["anisotropy"] is None:
        return np.ones(len(axes))
    if kind == "lattice" and lattice != "cubic":
        raise ValueError(f'anisotropy needs lattice="cubic" or kind="gaussian", got {lattice!r}')
    share = np.asarray(given["anisotropy"], dtype=float)
    if share.shape != (len(axes),) or not (share >= 0).all() or not share.sum() > 0:
        raise ValueError(
            f"anisotropy must be {len(axes)} numbers of at least 0, not all 0, one for each of "
            f"axes={axes!r}, got {given['anisotropy']!r}"
        )
    return share


def _number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
