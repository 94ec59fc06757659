"""Graphs in a file, so that they are made once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from matlearn._arrays import read_arrays, write_arrays
from matlearn.regression._graphs.checks import check_neighbourhood
from matlearn.regression._graphs.graph import (
    CrystalGraph,
    build_graphs,
    checked_atoms,
    checked_sequence,
)

FORM = "matlearn crystal graphs 1"
_OF_ATOMS = ("numbers", "positions")
_OF_EDGES = ("centres", "neighbours", "distances", "images")


def cached_graphs(
    structures: Sequence[Any],
    cutoff: float,
    max_neighbours: int,
    cache: str | os.PathLike[str] | None,
    progress: bool,
) -> list[CrystalGraph]:
    """Read graphs from a file if they are in it, and make and write them if not.

    Raises
    ------
    TypeError, ValueError
        As `build_graphs`; and if the file is there and is no such file.
    """
    if cache is None:
        return build_graphs(structures, cutoff, max_neighbours, progress=progress)
    path = Path(cache)
    if path.suffix != ".npz":
        raise ValueError(f"cache must be a file that ends in .npz, got {path.name!r}")
    check_neighbourhood(cutoff, max_neighbours)
    items = checked_sequence(structures)
    digest = _digest(items, cutoff, max_neighbours)
    if path.exists():
        arrays, about = read_arrays(path, FORM)
        if about.get("digest") == digest:
            return _unpacked(arrays, cutoff, max_neighbours)
    made = build_graphs(items, cutoff, max_neighbours, progress=progress)
    said = json.dumps({"format": FORM, "digest": digest})
    write_arrays(path, {**_packed(made), "about": np.array(said)})
    return made


def _digest(items: list[Any], cutoff: float, max_neighbours: int) -> str:
    """Give a number that no other structures or settings have."""
    digest = hashlib.sha256(f"{float(cutoff)!r} {int(max_neighbours)}".encode())
    for number, item in enumerate(items):
        atoms = checked_atoms(item, f"structures[{number}]")
        for part in (atoms.numbers, atoms.pbc, atoms.cell.array, atoms.positions):
            digest.update(np.ascontiguousarray(part).tobytes())
        digest.update(b"|")
    return digest.hexdigest()


def _packed(graphs: list[CrystalGraph]) -> dict[str, np.ndarray]:
    arrays = {
        name: np.concatenate([getattr(graph, name) for graph in graphs])
        for name in (*_OF_ATOMS, *_OF_EDGES)
    }
    arrays["cells"] = np.array([graph.cell for graph in graphs])
    arrays["atoms"] = np.array([len(graph.numbers) for graph in graphs])
    arrays["edges"] = np.array([len(graph.distances) for graph in graphs])
    return arrays


def _unpacked(
    arrays: dict[str, np.ndarray], cutoff: float, max_neighbours: int
) -> list[CrystalGraph]:
    of_atoms = np.cumsum(arrays["atoms"])[:-1]
    of_edges = np.cumsum(arrays["edges"])[:-1]
    parts = {name: np.split(arrays[name], of_atoms) for name in _OF_ATOMS}
    parts |= {name: np.split(arrays[name], of_edges) for name in _OF_EDGES}
    return [
        CrystalGraph(
            **{name: part[number] for name, part in parts.items()},
            cell=cell,
            cutoff=float(cutoff),
            max_neighbours=int(max_neighbours),
        )
        for number, cell in enumerate(arrays["cells"])
    ]
