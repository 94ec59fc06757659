"""matminer's structure featurizers under short names, and one structure at a time."""

from __future__ import annotations

import functools
import hashlib
import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pymatgen.core import Structure

_STRUCTURE = "matminer.featurizers.structure"


@dataclass(frozen=True)
class Featurizer:
    """How to make one of matminer's featurizers."""

    module: str
    name: str
    arguments: tuple[tuple[str, Any], ...] = ()
    preset: str | None = None
    milliseconds: float = 10.0
    """CPU time of a structure of seven sites, roughly."""

    def make(self) -> Any:
        """Import the class, which takes seconds the first time, and make one."""
        try:
            kind = getattr(importlib.import_module(f"{_STRUCTURE}.{self.module}"), self.name)
        except ModuleNotFoundError as error:
            if error.name and error.name.split(".")[0] == "matminer":
                raise ImportError(
                    "structure features need matminer: pip install matminer"
                ) from error
            raise
        return kind.from_preset(self.preset) if self.preset else kind(**dict(self.arguments))


_SYMMETRY = ["spacegroup_num", "crystal_system_int", "is_centrosymmetric", "n_symmetry_ops"]
FEATURIZERS = {
    "density": Featurizer("order", "DensityFeatures", milliseconds=1),
    "symmetry": Featurizer(
        "symmetry",
        "GlobalSymmetryFeatures",
        (("desired_features", _SYMMETRY),),  # all that are numbers
        milliseconds=15,
    ),
    "complexity": Featurizer("order", "StructuralComplexity", milliseconds=15),
    "sine-coulomb": Featurizer(
        "matrix", "SineCoulombMatrix", (("flatten", False),), milliseconds=0.5
    ),
    "site-statistics": Featurizer(
        "sites", "SiteStatsFingerprint", preset="CrystalNNFingerprint_ops", milliseconds=180
    ),
    "orbital-field": Featurizer("matrix", "OrbitalFieldMatrix", milliseconds=300),
    "heterogeneity": Featurizer("bonding", "StructuralHeterogeneity", milliseconds=200),
    "packing": Featurizer("order", "MaximumPackingEfficiency", milliseconds=400),
    "ordering": Featurizer("order", "ChemicalOrdering", milliseconds=300),
}
EIGENVALUES = "sine coulomb matrix eig"
REVISION = 1
"""Of what is done here with the featurizers; a new one makes what is in a cache void."""

Value = tuple[np.ndarray | None, str | None]
"""Numbers, or why there are none."""


@functools.cache
def featurizer(name: str) -> Any:
    """Make a featurizer once a process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return FEATURIZERS[name].make()


def labels(name: str) -> list[str]:
    """Name the columns; of the sine Coulomb matrix there are as many as the largest cell asks for."""
    return [] if name == "sine-coulomb" else list(featurizer(name).feature_labels())


def featurize(job: tuple[Structure, tuple[str, ...]]) -> list[Value]:
    """Compute some features of one structure; what fails says why."""
    structure, names = job
    return [_values(_call_of(name), structure) for name in names]


def _call_of(name: str) -> Callable[[Structure], Any]:
    made = featurizer(name)
    if name != "sine-coulomb":
        call: Callable[[Structure], Any] = made.featurize
        return call

    def eigenvalues(structure: Structure) -> np.ndarray:
        # matminer's own come in no order, so that they depend on how atoms are numbered
        values = np.linalg.eigvalsh(made.featurize(structure)[0])
        return values[np.argsort(-np.abs(values), kind="stable")]

    return eigenvalues


def _values(call: Callable[[Structure], Any], structure: Structure) -> Value:
    try:
        if not structure.is_ordered:
            return (
                None,
                "a site is shared by several elements: the featurizers need ordered crystals",
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            values = np.asarray(call(structure), dtype=float).ravel()
    except Exception as error:  # noqa: BLE001 (a featurizer may raise anything; it is kept)
        return None, f"{type(error).__name__}: {error}".rstrip(": ").replace("\n", " ")
    if not np.isfinite(values).all():
        return None, f"{(~np.isfinite(values)).sum()} of {len(values)} numbers are not finite"
    return values, None


def fingerprint(structure: Structure) -> str:
    """Give a name to a structure by what it is made of: cell, sites, species.

    Rounded to what survives being written to a file with 10 digits or more.
    """
    numbers = np.vstack([structure.lattice.matrix, structure.frac_coords % 1.0]).round(8) + 0.0
    species = ";".join(site.species_string for site in structure)
    return hashlib.sha256(numbers.tobytes() + species.encode()).hexdigest()
