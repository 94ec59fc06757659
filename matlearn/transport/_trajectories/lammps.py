"""Text dumps of LAMMPS: atoms in any order, boxes of any shape, coordinates of five kinds.

https://docs.lammps.org/dump.html and https://docs.lammps.org/Howto_triclinic.html say what the
columns and the box mean.
"""

from __future__ import annotations

import gzip
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from ase.data import atomic_numbers

PICOSECONDS = {"metal": 1.0, "real": 0.001}
"""The unit of time in ps, of LAMMPS units whose lengths are angstrom."""
KINDS = (
    ("xu yu zu", False, True),
    ("xsu ysu zsu", True, True),
    ("x y z", False, False),
    ("xs ys zs", True, False),
)
"""Columns of coordinates, whether they are scaled, and whether they are unwrapped."""


def is_dump(path: Path) -> bool:
    """Say whether a file is a text dump."""
    with _opened(path) as file:
        try:
            return file.read(5) == "ITEM:"
        except (UnicodeDecodeError, OSError, EOFError):
            return False


def read(
    path: Path, species: Sequence[str] | Mapping[int, str] | None, timestep: float | None
) -> tuple[dict[str, Any], bool, float | None]:
    """Read a dump.

    Returns
    -------
    dict
        ``numbers``, ``positions``, ``cells``, ``pbc``; the origin of the box is taken off.
    bool
        Whether positions are unwrapped already.
    float or None
        Time between frames in ps, where it is known.
    """
    frames: list[dict[str, Any]] = []
    with _opened(path) as file:
        for frame in _frames(file, path, species):
            if frames:
                _check_same(frames[0], frame, path)
                if frame["step"] == frames[-1]["step"]:
                    continue  # a restarted run writes its first frame twice
            frames.append(frame)
    if not frames:
        raise ValueError(f"{path} holds no whole frame")
    cells = np.array([frame["cell"] for frame in frames])
    if (cells == cells[0]).all():
        cells = np.broadcast_to(cells[0], cells.shape)
    found = {
        "numbers": frames[0]["numbers"],
        "positions": np.array([frame["positions"] for frame in frames]),
        "cells": cells,
        "pbc": frames[0]["pbc"],
    }
    return found, bool(frames[0]["unwrapped"]), _between(frames, timestep)


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt")
    return path.open()


def _frames(file: IO[str], path: Path, species: Any) -> Iterator[dict[str, Any]]:
    """Give each whole frame; warn where the last one is not."""
    items: dict[str, list[str]] = {}
    for line in file:
        if not line.startswith("ITEM:"):
            if line.strip():
                raise ValueError(f"{path} is no LAMMPS dump: {line.strip()[:60]!r} is out of place")
            continue
        name = line[5:].strip()
        if name.startswith("ATOMS"):
            count = int(items["NUMBER OF ATOMS"][1])
            rows = [file.readline() for _ in range(count)]
            columns = name.split()[1:]
            if len(rows[-1].split()) < len(columns) or not rows[-1].endswith("\n"):
                warnings.warn(f"the last frame of {path} is cut off and left out", stacklevel=2)
                return
            yield _frame(items, columns, "".join(rows), species, path)
            items = {}
        else:
            lines = 3 if name.startswith("BOX BOUNDS") else 1
            key = "BOX" if name.startswith("BOX BOUNDS") else name
            items[key] = [name, *(file.readline() for _ in range(lines))]


def _frame(
    items: dict[str, list[str]], columns: list[str], text: str, species: Any, path: Path
) -> dict[str, Any]:
    words = np.array(text.split()).reshape(-1, len(columns))
    at = {name: number for number, name in enumerate(columns)}
    if "id" not in at:
        raise ValueError(
            f"{path} has no column 'id', and LAMMPS writes atoms in an order that changes: dump id"
        )
    order = np.argsort(words[:, at["id"]].astype(int), kind="stable")
    words = words[order]
    cell, origin, pbc = _box(items["BOX"])
    kind = next((kind for kind in KINDS if all(name in at for name in kind[0].split())), None)
    if kind is None:
        raise ValueError(
            f"{path} has no coordinates x y z, xu yu zu, xs ys zs or xsu ysu zsu; it has the "
            f"columns {' '.join(columns)}"
        )
    names, scaled, unwrapped = kind
    positions = words[:, [at[name] for name in names.split()]].astype(float)
    positions = positions @ cell if scaled else positions - origin
    if not unwrapped and all(name in at for name in ("ix", "iy", "iz")):
        images = words[:, [at[name] for name in ("ix", "iy", "iz")]].astype(float)
        positions, unwrapped = positions + images @ cell, True
    return {
        "ids": words[:, at["id"]],
        "numbers": _numbers(words, at, species, path),
        "positions": positions,
        "cell": cell,
        "pbc": pbc,
        "unwrapped": unwrapped,
        "step": int(items["TIMESTEP"][1]),
        "time": float(items["TIME"][1]) if "TIME" in items else None,
        "units": items["UNITS"][1].strip() if "UNITS" in items else None,
    }


def _box(lines: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give lattice vectors, origin, and which axes are periodic."""
    flags = lines[0].split()[2:]
    values = np.array([line.split() for line in lines[1:]], dtype=float)
    pbc = np.array([flag == "pp" for flag in flags[-3:]])
    if flags[:1] == ["abc"]:
        return values[:, :3], values[:, 3], pbc
    low, high = values[:, 0].copy(), values[:, 1].copy()
    cell = np.zeros((3, 3))
    if values.shape[1] == 3:  # tilted: the bounds are those of the box around it
        xy, xz, yz = values[:, 2]
        low[0] -= min(0.0, xy, xz, xy + xz)
        high[0] -= max(0.0, xy, xz, xy + xz)
        low[1] -= min(0.0, yz)
        high[1] -= max(0.0, yz)
        cell[1, 0], cell[2, 0], cell[2, 1] = xy, xz, yz
    cell[np.diag_indices(3)] = high - low
    return cell, low, pbc


def _numbers(words: np.ndarray, at: dict[str, int], species: Any, path: Path) -> np.ndarray:
    """Give atomic numbers from elements, or from types and what they stand for."""
    if "element" in at and (species is None or "type" not in at):
        symbols = list(words[:, at["element"]])
    elif "type" not in at:
        raise ValueError(f"{path} has neither a column 'type' nor 'element'")
    elif species is None:
        kinds = sorted(set(words[:, at["type"]].astype(int).tolist()))
        raise ValueError(
            f"species is needed: {path} has types {kinds} and no elements; give their symbols, for "
            'instance species=["Ag", "I"]'
        )
    else:
        if isinstance(species, Mapping):
            known = {int(key): str(value) for key, value in species.items()}
        else:
            known = {number: str(symbol) for number, symbol in enumerate(species, 1)}
        types = words[:, at["type"]].astype(int).tolist()
        missing = sorted(set(types) - set(known))
        if missing:
            raise ValueError(f"species must name each type; {path} has type {missing[0]} as well")
        symbols = [known[number] for number in types]
    unknown = sorted(set(symbols) - set(atomic_numbers))
    if unknown:
        raise ValueError(f"species must be chemical symbols; got {unknown[0]!r}")
    return np.array([atomic_numbers[symbol] for symbol in symbols])


def _check_same(first: dict[str, Any], frame: dict[str, Any], path: Path) -> None:
    if len(first["ids"]) != len(frame["ids"]):
        raise ValueError(
            f"the number of atoms must not change: {path} has {len(first['ids'])} atoms at step "
            f"{first['step']} and {len(frame['ids'])} at step {frame['step']}"
        )
    if (first["ids"] != frame["ids"]).any() or (first["numbers"] != frame["numbers"]).any():
        raise ValueError(f"{path} holds other atoms at step {frame['step']} than at the start")


def _between(frames: list[dict[str, Any]], timestep: float | None) -> float | None:
    """Give the time between frames in ps, from steps or from times."""
    units = frames[0]["units"]
    if units is not None and units not in PICOSECONDS:
        raise ValueError(
            f"the dump is in units {units!r}; known are {' and '.join(PICOSECONDS)}, in angstrom"
        )
    if len(frames) < 2:
        return None
    steps = np.diff([frame["step"] for frame in frames])
    if (steps != steps[0]).any():
        raise ValueError(
            f"frames must be equally far apart; the dump has {steps.min()} to {steps.max()} steps "
            "between them"
        )
    if timestep is not None:
        return float(steps[0]) * timestep
    if units is not None and frames[0]["time"] is not None:
        between = (frames[-1]["time"] - frames[0]["time"]) / (len(frames) - 1)
        return float(between * PICOSECONDS[units])
    return None
