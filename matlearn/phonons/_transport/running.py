"""Run phono3py's conductivity a part at a time, so that it shows how far it is and can go on."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.store import Store

if TYPE_CHECKING:
    from phono3py import Phono3py

PART = 16
"""Wave vectors in a part: phono3py's kernels want several at once."""
DELAY = 5.0
"""Seconds until a progress bar appears."""


@dataclass(frozen=True)
class Modes:
    """What phono3py gives for some wave vectors, in its own units."""

    qpoints: np.ndarray
    weights: np.ndarray
    frequencies: np.ndarray
    group_velocities: np.ndarray
    gamma: np.ndarray
    heat_capacities: np.ndarray
    mode_kappa: np.ndarray

    @classmethod
    def of(cls, found: Any) -> Modes:
        """Read them off; widths of isotopes are added to those of collisions."""
        gamma = np.array(found.gamma[0])
        if found.gamma_isotope is not None:
            gamma = gamma + np.asarray(found.gamma_isotope[0])[None]
        return cls(
            np.asarray(found.qpoints),
            np.asarray(found.grid_weights),
            np.asarray(found.frequencies),
            np.asarray(found.group_velocities),
            gamma,
            np.asarray(found.mode_heat_capacities),
            np.asarray(found.mode_kappa[0]),
        )

    @classmethod
    def joined(cls, parts: list[Modes]) -> Modes:
        """Put parts together: those with temperatures have wave vectors second."""
        first = ("qpoints", "weights", "frequencies", "group_velocities")
        return cls(
            **{
                name: np.concatenate(
                    [getattr(part, name) for part in parts], axis=0 if name in first else 1
                )
                for name in cls.__dataclass_fields__
            }
        )


def by_parts(
    made: Phono3py,
    temperatures: np.ndarray,
    isotopes: bool,
    *,
    store: str | os.PathLike[str] | Store | None,
    progress: bool,
) -> Modes:
    """Compute all wave vectors that symmetry leaves, in the relaxation-time approximation."""
    from phonopy.phonon.grid import get_ir_grid_points
    from tqdm.auto import tqdm

    grid: Any = made.grid
    points = grid.grg2bzg[get_ir_grid_points(grid)[0]]
    with contextlib.ExitStack() as stack:
        db = store
        if store is not None and not isinstance(store, Store):
            db = stack.enter_context(Store(store))
        name = _identity(made, temperatures, isotopes) if db is not None else ""
        bar = stack.enter_context(
            tqdm(
                total=len(points), disable=not progress, delay=DELAY, unit="wave vector",
                desc="conductivity",
            )
        )  # fmt: skip
        parts = []
        for part in _parts(points):
            parts.append(_part(made, part, temperatures, isotopes, db, name))
            bar.update(len(part))
    return Modes.joined(parts)


def _parts(points: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(points), PART):
        yield points[start : start + PART]


def _part(
    made: Phono3py, points: np.ndarray, temperatures: np.ndarray, isotopes: bool, db: Any, name: str
) -> Modes:
    """Take a part from the store, or compute it and keep it."""
    key = f"modes:{name}:{points[0]}-{points[-1]}"
    if db is not None and key in db:
        return Modes(**{word: np.array(kept) for word, kept in db.info(key).items()})
    made.run_thermal_conductivity(
        temperatures=temperatures, is_isotope=isotopes, grid_points=points, log_level=0
    )
    found = Modes.of(made.thermal_conductivity)
    if db is not None:
        db.add(key, None, **vars(found))
    return found


def _identity(made: Phono3py, temperatures: np.ndarray, isotopes: bool) -> str:
    """Tell one calculation from another."""
    digest = hashlib.sha256()
    charges: Any = made.nac_params or {}
    arrays = [
        made.fc2, made.fc3, made.primitive.cell, made.primitive.scaled_positions,
        made.primitive.masses, made.mesh_numbers, temperatures, np.array([isotopes]),
        charges.get("born", np.zeros(1)), charges.get("dielectric", np.zeros(1)),
    ]  # fmt: skip
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:32]
