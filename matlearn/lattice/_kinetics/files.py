"""The state of a kinetic simulation in a file."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import numpy as np

from matlearn._arrays import read_arrays, write_arrays
from matlearn.lattice._kinetics.engine import Engine

FORMAT = "matlearn kinetic Monte Carlo state 1"
KEPT = (
    "species", "atom_at", "slot_of", "vacancies", "values", "fields", "displacements",
    "collective", "squares", "hops", "clock", "random",
)  # fmt: skip
"""What is written; rates follow from it."""


def save(path: str | os.PathLike[str], engine: Engine, **about: Any) -> None:
    """Write a state, whole or not at all, and what is said about it."""
    arrays: dict[str, Any] = {name: getattr(engine.state, name) for name in KEPT}
    told = {"format": FORMAT, "model": digest(engine), **about}
    write_arrays(
        path, {**arrays, "species_of": engine.species, "about": np.array(json.dumps(told))}
    )


def restore(path: str | os.PathLike[str], engine: Engine) -> dict[str, Any]:
    """Read a state into a simulation of the same model; give what is said about it."""
    arrays, about = read_arrays(path, FORMAT)
    if about["model"] != digest(engine):
        raise ValueError(
            f"{path} holds the state of another simulation: other sites, energies, barriers or "
            "attempt frequencies, or more or fewer vacancies"
        )
    engine.species[:] = arrays["species_of"]
    for name in KEPT:
        getattr(engine.state, name)[:] = arrays[name]
    return about


def digest(engine: Engine) -> str:
    """Give a number to a model: sites, jumps, energies, barriers, how much of each species."""
    setup = engine.setup
    amounts = np.bincount(engine.state.species, minlength=len(setup.symbols))
    found = hashlib.sha256(json.dumps([setup.symbols, setup.constant]).encode())
    for array in (*setup.tables, *setup.jumps, amounts):
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:32]
