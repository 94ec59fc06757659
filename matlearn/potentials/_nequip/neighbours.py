"""Neighbours of atoms, periodic or not."""

from __future__ import annotations

from typing import Any

from ase import Atoms


def neighbours_of(quantities: str, atoms: Atoms, cutoff: float) -> Any:
    """Call matscipy's ``neighbour_list``, which wants three cell vectors even for a molecule."""
    from ase.geometry import complete_cell
    from matscipy.neighbours import neighbour_list

    return neighbour_list(
        quantities,
        cutoff=cutoff,
        positions=atoms.positions,
        cell=complete_cell(atoms.cell.array),
        pbc=atoms.pbc,
    )
