"""ATAT's files written: ``lat.in``, ``clusters.out`` and ``eci.out``, each whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matlearn.lattice._atat.reading import VACANCY, AtatCluster, AtatLattice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write_lattice(path: Path, lattice: AtatLattice) -> None:
    """Write ``lat.in`` with its axes as three vectors, whole or not at all."""
    inverse = np.linalg.inv(lattice.axes)
    rows = [_row(axis) for axis in lattice.axes]
    rows += [_row(vector) for vector in lattice.primitive.cell[:] @ inverse]
    for position, symbols in zip(
        lattice.primitive.positions @ inverse, lattice.chemical_symbols, strict=True
    ):
        names = ",".join(VACANCY if symbol == "X" else symbol for symbol in symbols)
        rows.append(f"{_row(position)} {names}")
    _write(path, rows)


def write_clusters(path: Path, clusters: Sequence[AtatCluster]) -> None:
    """Write ``clusters.out`` with nine decimals, whole or not at all."""
    rows = []
    for cluster in clusters:
        rows += [f"{cluster.multiplicity:g}", f"{cluster.diameter:.9f}", str(cluster.order)]
        for point, n_species, function in zip(
            cluster.points, cluster.n_species, cluster.functions, strict=True
        ):
            rows.append(f"{_row(point)} {n_species - 2} {function}")
        rows.append("")
    _write(path, rows)


def write_ecis(path: Path, ecis: np.ndarray) -> None:
    """Write ``eci.out``, one a line, whole or not at all."""
    _write(path, [f"{eci:.16g}" for eci in ecis])


def _row(vector: np.ndarray) -> str:
    return " ".join(f"{value + 0.0:.9f}" for value in np.round(vector, 9))


def _write(path: Path, rows: list[str]) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text("\n".join(rows) + "\n", encoding="utf-8")
    part.replace(path)
