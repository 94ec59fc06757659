"""The state of a Monte Carlo simulation in a file: numbers and words, nothing that is code."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn._arrays import read_arrays, write_arrays
from matlearn.lattice._kernels.metropolis import Lattice

if TYPE_CHECKING:
    from matlearn.lattice._engine.tables import LatticeModel
    from matlearn.lattice.monte_carlo import MonteCarlo

FORMAT = "matlearn Monte Carlo state 1"
ARRAYS = ("occupations", "values", "fields", "counts", "energy", "tally")


def save(simulation: MonteCarlo, path: str | os.PathLike[str]) -> None:
    """Write the state of a simulation; see `MonteCarlo.save`."""
    about = {
        "format": FORMAT,
        "ensemble": simulation.ensemble,
        "temperature": simulation.temperature,
        "boltzmann_constant": simulation.boltzmann_constant,
        "chemical_potentials": simulation.chemical_potentials,
        "phis": simulation.phis,
        "kappa": simulation.kappa,
        "cached": simulation._state.cached,
        "expansion": digest(simulation.model),
    }
    atoms = simulation.atoms
    arrays = {name: getattr(simulation._state.lattice, name) for name in ARRAYS}
    arrays |= dict(zip(("members", "places", "blocks"), simulation._state.places, strict=True))
    arrays |= {"numbers": atoms.numbers, "positions": atoms.positions, "cell": atoms.cell.array}
    arrays |= {"random": simulation._state.random, "about": np.array(json.dumps(about))}
    write_arrays(path, arrays)


def arguments(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Give the arguments that a simulation was made with, without its expansion."""
    arrays, about = read_arrays(path, FORMAT)
    found = {
        "supercell": Atoms(
            arrays["numbers"], positions=arrays["positions"], cell=arrays["cell"], pbc=True
        ),
        "ensemble": about["ensemble"],
        "temperature": about["temperature"],
        "boltzmann_constant": about["boltzmann_constant"],
    }
    if about["ensemble"] == "semi-grand":
        found["chemical_potentials"] = about["chemical_potentials"]
    if about["ensemble"] == "vcsgc":
        found |= {"phis": about["phis"], "kappa": about["kappa"]}
    return found


def restore(simulation: MonteCarlo, path: str | os.PathLike[str]) -> None:
    """Put a simulation into a saved state; see `MonteCarlo.restore`."""
    arrays, about = read_arrays(path, FORMAT)
    expected = digest(simulation.model)
    for name, here in (("ensemble", simulation.ensemble), ("expansion", expected)):
        if about[name] != here:
            other = "expansion or supercell" if name == "expansion" else name
            raise ValueError(f"{path} holds the state of a simulation with another {other}")
    simulation.temperature = about["temperature"]
    simulation._boltzmann_constant = about["boltzmann_constant"]
    if about["ensemble"] == "semi-grand":
        simulation.chemical_potentials = about["chemical_potentials"]
    if about["ensemble"] == "vcsgc":
        simulation._set_constraints(about["phis"], about["kappa"])
    state = simulation._state
    state.cached = about["cached"]
    state.places = (arrays["members"], arrays["places"], arrays["blocks"])
    state.random = arrays["random"]
    state.lattice = Lattice(*(arrays[name] for name in ARRAYS))


def digest(model: LatticeModel) -> str:
    """Give a number to an expansion on a supercell: its energies, and what they are energies of."""
    found = hashlib.sha256(json.dumps(model.species).encode())
    found.update(np.float64(model.constant).tobytes())
    for array in (*model.tables[:-1], *model.tables.bits):
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:32]
