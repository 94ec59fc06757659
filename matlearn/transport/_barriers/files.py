"""A band in a file: written whole after a step, read to go on."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from matlearn._arrays import read_arrays, write_arrays

FORM = "matlearn migration path"
VERSION = 1


def write(path: str | os.PathLike[str], images: Sequence[Atoms], about: dict[str, Any]) -> None:
    """Write images with energies and forces, and what is said of them (JSON-able)."""
    header = {"format": FORM, "version": VERSION, **about}
    first = images[0]
    write_arrays(
        path,
        {
            "about": json.dumps(header),
            "numbers": first.numbers,
            "cell": first.cell.array,
            "pbc": first.pbc,
            "positions": np.array([image.positions for image in images]),
            "energies": np.array([image.get_potential_energy() for image in images]),
            "forces": np.array([image.get_forces(apply_constraint=False) for image in images]),
        },
    )


def read(path: str | os.PathLike[str]) -> tuple[list[Atoms], dict[str, Any]]:
    """Read what `write` wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is something else, or damaged.
    """
    arrays, about = read_arrays(path, FORM)
    if about.get("version") != VERSION:
        raise ValueError(
            f"{path} is of version {about.get('version')} of {FORM!r}, this is {VERSION}"
        )
    try:
        images = []
        for positions, energy, forces in zip(
            arrays["positions"], arrays["energies"], arrays["forces"], strict=True
        ):
            image = Atoms(arrays["numbers"], positions, cell=arrays["cell"], pbc=arrays["pbc"])
            image.calc = SinglePointCalculator(image, energy=float(energy), forces=forces)
            images.append(image)
    except (KeyError, ValueError) as error:
        raise ValueError(f"{path} is a damaged {FORM!r}: {error}") from error
    return images, about


def found(path: Path | None, settings: dict[str, Any]) -> tuple[list[Atoms], dict[str, Any]] | None:
    """Read a band of the same hop and settings; None where there is none yet.

    Raises
    ------
    ValueError
        If the file holds another one.
    """
    if path is None or not path.exists():
        return None
    images, about = read(path)
    known = about.get("settings", {})
    other = [key for key, value in settings.items() if known.get(key) != value]
    if other:
        key = other[0]
        raise ValueError(
            f"store={str(path)!r} holds another band: its {key} is {known.get(key)!r}, not "
            f"{settings[key]!r}; give another file"
        )
    return images, about
