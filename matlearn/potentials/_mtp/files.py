"""Moment tensor potentials in mlip's file format, through motep."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.potentials._mtp.checks import checked_species
from matlearn.potentials._mtp.levels import LEVELS, template

if TYPE_CHECKING:
    from motep.potentials.mtp.data import MTPData

    from matlearn.potentials.moment_tensors import MTP

TAG = "species "
"""What the tag that names the species begins with."""


def to_motep(mtp: MTP) -> MTPData:
    """Give a potential as motep's data."""
    data_module = _motep("motep.potentials.mtp.data")
    model = mtp.model()
    contractions = mtp._contractions
    data = data_module.MTPData(
        version="1.1.0",
        potential_name="MTP1m",
        scaling=mtp._scaling,
        potential_tag=TAG + " ".join(mtp.species),
        radial_basis=data_module.BasisData(
            "RBChebyshev", mtp.min_distance, mtp.cutoff, mtp.radial_functions
        ),
        radial_funcs_count=mtp._shape[2],
        radial_coeffs=model.radial_coeffs.copy(),
        alpha_moments_count=int(contractions.alpha_moments_count),
        alpha_index_basic_count=len(contractions.alpha_index_basic),
        alpha_index_basic=np.array(contractions.alpha_index_basic, dtype=np.int32),
        alpha_index_times_count=len(contractions.alpha_index_times),
        alpha_index_times=np.array(contractions.alpha_index_times, dtype=np.int32),
        alpha_scalar_moments=mtp.n_scalars,
        alpha_moment_mapping=np.array(contractions.alpha_moment_mapping, dtype=np.int32),
        species_coeffs=model.species_coeffs.copy(),
        moment_coeffs=model.moment_coeffs.copy(),
    )
    data.species = list(mtp._numbers)
    return data


def write(mtp: MTP, path: Path) -> None:
    """Write a potential whole or not at all."""
    if path.suffix.lower() != ".mtp":
        raise ValueError(f"a moment tensor potential is saved as .mtp, got {path.name!r}")
    writer = _motep("motep.io.mlip.mtp").write_mtp
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(handle)
    try:
        writer(name, to_motep(mtp), legacy=True)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def read(path: Path, species: Sequence[str | int] | None) -> MTP:
    """Read a potential; see `MTP.load`."""
    from matlearn.potentials.moment_tensors import MTP

    if not path.is_file():
        raise FileNotFoundError(f"no potential at {path}")
    data = _parsed(path)
    named = str(data.potential_tag or "")
    inside = named[len(TAG) :].split() if named.startswith(TAG) else None
    if species is None:
        species = inside
    elif inside and checked_species(species) != checked_species(inside):
        raise ValueError(f"{path} is a potential of {' '.join(inside)}, got species {species!r}")
    if species is None:
        raise ValueError(
            f"{path} does not name its {data.species_count} species: give them in their order, "
            "as in MTP.load(path, ['Cu', 'Au'])"
        )
    numbers = checked_species(species)
    if len(numbers) != data.species_count:
        raise ValueError(
            f"{path} is a potential of {data.species_count} species, got {len(numbers)}: "
            f"{', '.join(map(str, species))}"
        )
    mtp = object.__new__(MTP)
    mtp._level = _level(data)
    mtp._numbers = numbers
    mtp._cutoff, mtp._min_distance = float(data.radial_basis.max), float(data.radial_basis.min)
    mtp._scaling = float(data.scaling)
    contractions = SimpleNamespace(
        alpha_index_basic=data.alpha_index_basic,
        alpha_index_times=data.alpha_index_times,
        alpha_moments_count=int(data.alpha_moments_count),
        alpha_moment_mapping=data.alpha_moment_mapping,
        radial_funcs_count=int(data.radial_funcs_count),
    )
    mtp._start(contractions, int(data.radial_basis.size))
    mtp.parameters = np.concatenate(
        [data.moment_coeffs, data.species_coeffs, data.radial_coeffs.ravel()]
    )
    return mtp


def _parsed(path: Path) -> Any:
    """Read a file with motep, and make sure that nothing is missing or out of place."""
    reader = _motep("motep.io.mlip.mtp").read_mtp
    try:
        _check_end(path.read_text())
        data = reader(path)
        fault = _fault(data)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration) as error:
        raise ValueError(f"{path} is not a potential in mlip's format: {error}") from error
    if fault:
        raise ValueError(f"{path} is not a trained potential in mlip's format: {fault}")
    return data


def _check_end(text: str) -> None:
    """Refuse a file whose last list is cut off: a part of a number is a number, too."""
    _, found, rest = text.rpartition("moment_coeffs")
    if found and "}" not in rest:
        raise ValueError("its moment_coeffs are not all there")


def _fault(data: Any) -> str | None:
    """Say what is wrong with a file, None where it is sound."""
    arrays = (data.moment_coeffs, data.species_coeffs, data.radial_coeffs)
    if any(values is None for values in arrays):
        return "it has not been trained"
    if data.radial_basis.type != "RBChebyshev":
        return f"its radial basis {data.radial_basis.type!r} is not RBChebyshev"
    if not all(np.isfinite(values).all() for values in arrays):
        return "a parameter is not a number"
    return None if _consistent(data) else "its counts contradict each other"


def _consistent(data: Any) -> bool:
    """Tell whether counts agree, and contractions point only at moments that there are."""
    moments, basic = int(data.alpha_moments_count), np.asarray(data.alpha_index_basic)
    times = np.asarray(data.alpha_index_times).reshape(-1, 4)
    mapping = np.asarray(data.alpha_moment_mapping)
    indices = np.concatenate([times[:, [0, 1, 3]].ravel(), mapping, [len(basic) - 1]])
    shape = (
        data.species_count,
        data.species_count,
        data.radial_funcs_count,
        data.radial_basis.size,
    )
    return bool(
        basic.shape[1:] == (4,)
        and basic.min() >= 0
        and basic[:, 0].max() < data.radial_funcs_count
        and indices.min() >= 0
        and indices.max() < moments
        and len(mapping) == len(data.moment_coeffs)
        and len(data.species_coeffs) == data.species_count
        and data.radial_coeffs.shape == shape
        and 0 <= data.radial_basis.min < data.radial_basis.max
    )


def _level(data: Any) -> int | None:
    """Find the level whose contractions a file has, None where it has others."""
    for level in LEVELS:
        ours = template(level) if len(data.alpha_moment_mapping) <= 300 else None
        if ours is None:
            return None
        if len(ours.alpha_moment_mapping) > len(data.alpha_moment_mapping):
            return None
        if (
            np.array_equal(ours.alpha_index_basic, data.alpha_index_basic)
            and np.array_equal(ours.alpha_index_times, data.alpha_index_times)
            and np.array_equal(ours.alpha_moment_mapping, data.alpha_moment_mapping)
        ):
            return level
    return None


def _motep(module: str) -> Any:
    """Import a module of motep, an optional library."""
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            "files of moment tensor potentials need motep: pip install motep"
        ) from error
