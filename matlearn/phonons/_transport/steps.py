"""One row of a convergence table: what is changed, and what comes out."""

from __future__ import annotations

import hashlib
import importlib
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from ase import Atoms

from matlearn._calculators.naming import digest_of
from matlearn._calculators.naming import shown as written
from matlearn._structures import as_atoms
from matlearn.calculators import describe
from matlearn.phonons._constants.results import ForceConstants
from matlearn.phonons._forces.evaluating import calculator_of
from matlearn.phonons._forces.results import ForceSet
from matlearn.phonons.conductivity import thermal_conductivity
from matlearn.phonons.force_constants import force_constants

TRAIN = "matlearn.phonons.learned:train_potential"
FAILURES = (TypeError, ValueError, RuntimeError, ImportError, ArithmeticError, MemoryError)


@dataclass
class Plan:
    """What stays the same from row to row."""

    source: Any
    cell: Any
    supercell: Any
    mesh: Any
    temperature: float
    nac: bool
    distance: float
    method: str | None
    potential: str | None
    born: Any
    dielectric: Any
    n_test: int
    training: dict[str, Any]
    how: dict[str, Any]
    kept: dict[str, Any] = field(default_factory=dict)
    fits: dict[int, Any] = field(default_factory=dict)

    def charged(self, constants: ForceConstants) -> ForceConstants:
        """Add Born charges: those given, or of the forces that a potential learned from."""
        if constants.born is not None:
            return constants
        if self.born is not None:
            return constants.with_nac(self.born, self.dielectric)
        born = getattr(self.source, "born", None)
        if born is None:
            return constants
        return replace(constants, born=born, dielectric=self.source.dielectric)

    def of_potential(self, potential: Any, cell: Any, supercell: Any, distance: float) -> Any:
        """Find the constants of a potential."""
        found = force_constants(
            potential,
            cell=cell,
            supercell=supercell,
            distance=distance,
            method=self.method,
            **self.how,
        )
        return self.charged(found)

    def conduct(self, constants: ForceConstants, mesh: Any) -> dict[str, Any]:
        """Give the columns that every table has."""
        found = thermal_conductivity(
            constants,
            mesh=mesh,
            temperatures=(self.temperature,),
            nac=self.nac,
            progress=False,
        )
        return {
            "kappa": found.at(self.temperature),
            "highest": float(found.frequencies.max()),
            "lowest": float(found.frequencies.min()),
            "mesh": "x".join(map(str, found.mesh)),
            "atoms": len(constants.supercell),
        }


def by_training(plan: Plan, value: int) -> dict[str, Any]:
    """Use the first so many supercells, for a fit or to train a potential."""
    dataset: ForceSet = plan.source
    if plan.potential is None:
        return plan.conduct(force_constants(dataset[:value], method=plan.method), plan.mesh)
    module, _, name = TRAIN.partition(":")
    train: Callable[..., Any] = getattr(importlib.import_module(module), name)
    value = int(value)
    settings = {"progress": False, **plan.training}
    fit = train(dataset, kind=plan.potential, n_train=value, n_test=plan.n_test, **settings)
    plan.fits[value] = fit
    moved = dataset.displacements
    constants = plan.of_potential(fit, moved.unitcell, moved.supercell_matrix, plan.distance)
    report = fit.validation or fit.train
    return {"force_rmse": 1000 * report.metrics["f_rmse"], **plan.conduct(constants, plan.mesh)}


def by_mesh(plan: Plan, value: Any) -> dict[str, Any]:
    """Use another mesh with the same constants."""
    return plan.conduct(_constants(plan), value)


def by_distance(plan: Plan, value: float) -> dict[str, Any]:
    """Displace atoms by another distance."""
    found = plan.of_potential(plan.source, plan.cell, plan.supercell, value)
    return plan.conduct(found, plan.mesh)


def by_supercell(plan: Plan, value: Any) -> dict[str, Any]:
    """Take another supercell."""
    found = plan.of_potential(plan.source, plan.cell, value, plan.distance)
    return plan.conduct(found, plan.mesh)


STEPS: dict[str, Callable[[Plan, Any], dict[str, Any]]] = {
    "training": by_training,
    "mesh": by_mesh,
    "distance": by_distance,
    "supercell": by_supercell,
}
"""What can be varied."""


def _constants(plan: Plan) -> ForceConstants:
    """Find the constants once."""
    if isinstance(plan.source, ForceConstants):
        return plan.source
    if "constants" not in plan.kept:
        if isinstance(plan.source, ForceSet):
            plan.kept["constants"] = force_constants(plan.source, method=plan.method)
        else:
            plan.kept["constants"] = plan.of_potential(
                plan.source, plan.cell, plan.supercell, plan.distance
            )
    found: ForceConstants = plan.kept["constants"]
    return found


def run(plan: Plan, over: str, value: Any) -> dict[str, Any]:
    """Make a row; what fails is a row with its reason."""
    begun = time.process_time()
    row: dict[str, Any] = {"value": shown(value)}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            row |= STEPS[over](plan, value)
        except FAILURES as error:
            row["failure"] = f"{type(error).__name__}: {error}"
    said = [str(one.message) for one in caught if one.category is UserWarning]
    row["messages"] = "; ".join(dict.fromkeys(said))
    row["cpu_seconds"] = time.process_time() - begun
    return row


def shown(value: Any) -> Any:
    """Write a value as a table and JSON can hold it."""
    array = np.asarray(value)
    if array.ndim == 0:
        return array.item()
    return "x".join(str(one) for one in (np.diag(array) if array.ndim == 2 else array).tolist())


def key_of(plan: Plan, over: str, value: Any) -> str:
    """Name a row after all that it depends on."""
    settings = {
        "source": identity(plan.source),
        "cell": None if plan.cell is None else identity(as_atoms(plan.cell, "cell")),
        "over": over,
        "value": np.asarray(value).tolist(),
        "rest": [plan.temperature, plan.nac, plan.distance, plan.method],
        "mesh": np.asarray(plan.mesh).tolist(),
        "potential": None if plan.potential is None else describe(plan.potential),
        "supercell": None if plan.supercell is None else np.asarray(plan.supercell).tolist(),
        "training": written([plan.n_test, sorted(plan.training.items())]),
        "charges": written([plan.born, plan.dielectric]),
    }
    text = json.dumps(settings, sort_keys=True)
    return f"conductivity:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def identity(what: Any) -> str:
    """Tell one source from another."""
    if isinstance(what, ForceSet):
        moved = what.displacements
        arrays = [moved.displacements, what.forces, what.energies, *_crystal(what)]
    elif isinstance(what, ForceConstants):
        arrays = [what.fc2, what.fc3, what.phonon_supercell_matrix, *_crystal(what)]
    elif isinstance(what, Atoms):
        arrays = _cell(what)
    else:
        return describe(calculator_of(what)[0])
    own = getattr(what, "harmonic", None)
    return digest_of(*[np.zeros(0) if one is None else one for one in arrays],
                     "" if own is None else identity(own))  # fmt: skip


def _cell(atoms: Atoms) -> list[Any]:
    moments = atoms.get_initial_magnetic_moments()
    return [atoms.numbers, atoms.positions, atoms.cell.array, atoms.get_masses(), moments]


def _crystal(what: ForceSet | ForceConstants) -> list[Any]:
    """Give the cells and the charges of a crystal."""
    moved = what.displacements if isinstance(what, ForceSet) else what
    cells = [moved.supercell_matrix, moved.primitive_matrix]
    return [*_cell(moved.unitcell), *cells, what.born, what.dielectric]
