"""Phono3py's YAML, plain or compressed: written whole, read without touching the folder."""

from __future__ import annotations

import gzip
import json
import lzma
import os
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn._disk import disk_full, is_full
from matlearn.phonons._phono3py.pairs import mark_included

if TYPE_CHECKING:
    from phono3py import Phono3py
    from phono3py.interface.phono3py_yaml import Phono3pyYaml

SECTION = "matlearn"
"""What we know beyond phono3py stands in a section of its own, which phono3py passes over."""
PACKED = {".xz": lzma, ".gz": gzip}


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a file whole or not at all, compressed where its name says so.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"no folder {target.parent} to write {target.name} to")
    packer = PACKED.get(target.suffix.lower())
    data = text.encode()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(packer.compress(data) if packer else data)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except OSError as error:
        if not is_full(error):
            raise
        raise disk_full(error, target, "was not written; free some space and repeat") from error
    finally:
        Path(name).unlink(missing_ok=True)


def check_suffix(path: str | os.PathLike[str]) -> None:
    """See that a path is one of a YAML file.

    Raises
    ------
    ValueError
        If it is not.
    """
    name = Path(path).name.lower()
    if not name.removesuffix(".xz").removesuffix(".gz").endswith((".yaml", ".yml")):
        raise ValueError(f"path must end in .yaml, .yaml.xz or .yaml.gz, got {Path(path).name!r}")


def write_yaml(path: str | os.PathLike[str], made: Phono3py, about: dict[str, Any]) -> None:
    """Write what a Phono3py object holds, and what is said about it."""
    check_suffix(path)
    text = str(made.to_phono3py_yaml(settings={"force_sets": True, "displacements": True}))
    write_text(path, f"{text.rstrip()}\n\n{SECTION}: {json.dumps(about)}\n")


def read_yaml(path: str | os.PathLike[str]) -> tuple[Phono3pyYaml, dict[str, Any]]:
    """Read one of phono3py's YAML files in eV and A, and what we said about it.

    Other than ``phono3py.load`` this looks for no BORN, FORCES_FC3 or fc3.hdf5 beside it.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is none of phono3py's, or damaged.
    """
    import yaml
    from phono3py.interface.phono3py_yaml import Phono3pyYaml, load_phono3py_yaml
    from phonopy.interface.phonopy_yaml import load_yaml

    check_suffix(path)
    if not Path(path).is_file():
        raise FileNotFoundError(f"no file {path}")
    try:
        raw = load_yaml(path)
    except (yaml.YAMLError, OSError, EOFError, lzma.LZMAError, zlib.error, UnicodeDecodeError) as e:
        raise ValueError(f"{path} cannot be read as YAML: {e}") from e
    if not isinstance(raw, dict) or not {"unit_cell", "supercell_matrix"} <= set(raw):
        raise ValueError(
            f"{path} is no YAML file of phono3py: it has no unit_cell or no supercell_matrix"
        )
    try:
        read = Phono3pyYaml()
        read._data = load_phono3py_yaml(raw)
    except (KeyError, TypeError, ValueError, RuntimeError, AssertionError) as error:
        raise ValueError(f"{path} is a damaged YAML file of phono3py: {error!r}") from error
    _to_our_units(read)
    if read.dataset is not None and "first_atoms" in read.dataset:
        mark_included(read.dataset)
    about = raw.get(SECTION)
    return read, about if isinstance(about, dict) else {}


def _to_our_units(read: Phono3pyYaml) -> None:
    """Turn the units of another code (named in the file) into eV and A."""
    if read.calculator is None:
        return
    from phono3py.cui.create_force_constants import _convert_unit_in_dataset
    from phonopy.interface.calculator import get_calculator_physical_units

    units = get_calculator_physical_units(read.calculator)
    read.unitcell.cell = np.asarray(read.unitcell.cell) * units.distance_to_A
    for dataset in (read.dataset, read.phonon_dataset):
        if dataset is not None:
            _convert_unit_in_dataset(
                dataset,
                distance_to_A=units.distance_to_A,
                force_to_eVperA=units.force_to_eVperA,
            )
