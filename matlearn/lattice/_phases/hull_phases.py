"""The ordered phases that a phase diagram starts from."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from ase import Atoms

from matlearn.lattice._fits.libraries import icet
from matlearn.lattice._order.patterns import BinaryLattice

_ON_HULL = 1e-7  # eV a site


@dataclass(frozen=True)
class HullPhases:
    """Phases at 0 K that suit a supercell, by rising concentration."""

    names: tuple[str, ...]
    structures: tuple[Atoms, ...]
    concentrations: tuple[float, ...]
    energies: tuple[float, ...]
    """eV an active site, from the pure elements."""
    limits: tuple[float, ...]
    """Chemical potentials at which one gives way to the next (eV)."""
    left_out: tuple[str, ...]
    """Names and reasons, in words."""

    def to_frame(self) -> pd.DataFrame:
        """Return one row a phase: where it is stable at 0 K."""
        return pd.DataFrame({
            "phase": self.names,
            "concentration": self.concentrations,
            "formation_energy": self.energies,
            "mu_low": [-np.inf, *self.limits],
            "mu_high": [*self.limits, np.inf],
        })  # fmt: skip


def hull_phases(
    expansion: Any,
    lattice: BinaryLattice,
    supercell: Atoms,
    given: Mapping[str, Atoms] | Iterable[Atoms] | None,
    max_atoms: int,
) -> HullPhases:
    """Find the stable phases among those given, or among all small structures.

    Warns
    -----
    UserWarning
        If a structure on the hull does not fit into the supercell: it is left out.
    """
    if given is None:
        icet()  # says what to install where it is missing
        from icet.tools import enumerate_structures

        sites = len(lattice.primitive)
        sizes = range(1, max(1, max_atoms // sites) + 1)
        space = expansion.get_cluster_space_copy()
        structures = list(enumerate_structures(lattice.primitive, sizes, space.chemical_symbols))
        pairs = [(formula(lattice, s), s) for s in structures]
    else:
        pairs = _given(lattice, given)
    pairs += [(symbol, _pure(lattice, symbol)) for symbol in lattice.symbols]
    table = _energies(expansion, lattice, pairs)
    fits = [lattice.laid_over(entry[3], supercell) is not None for entry in table]
    twins = {
        (round(x, 6), round(energy, 6))
        for (x, energy, *_), fit in zip(table, fits, strict=True)
        if fit
    }
    missing = [
        table[k]
        for k in _hull(table)
        if not fits[k] and (round(table[k][0], 6), round(table[k][1], 6)) not in twins
    ]
    left_out = [
        f"{name} ({len(structure)} atoms a cell, stable at 0 K) does not fit into the supercell: "
        "its order cannot appear"
        for _, _, name, structure in missing
    ]
    if missing:
        named = ", ".join(
            f"{name} with {len(structure)} atoms" for _, _, name, structure in missing
        )
        warnings.warn(
            f"ground states that do not fit into the supercell are left out ({named}): choose a "
            "supercell that is a multiple of their cells, or give the phases that you trust",
            stacklevel=3,
        )
    table = [entry for entry, fit in zip(table, fits, strict=True) if fit]
    chosen = _hull(table)
    on_hull = {table[k][2] for k in chosen}
    if given is not None:
        without_room = {name for _, _, name, _ in missing}
        left_out += [
            f"{name} is not stable at 0 K against the others"
            for name, _ in pairs
            if name not in on_hull | without_room | set(lattice.symbols)
        ]
    x = np.array([table[k][0] for k in chosen])
    energy = np.array([table[k][1] for k in chosen])
    limits = np.diff(energy) / np.diff(x)
    mixed = energy - (1 - x) * energy[0] - x * energy[-1]
    return HullPhases(
        tuple(_unique([table[k][2] for k in chosen])),
        tuple(table[k][3] for k in chosen),
        tuple(float(v) for v in x),
        tuple(float(v) for v in mixed),
        tuple(float(v) for v in limits),
        tuple(left_out),
    )


def _given(
    lattice: BinaryLattice, phases: Mapping[str, Atoms] | Iterable[Atoms]
) -> list[tuple[str, Atoms]]:
    """Name the structures that were given, and see whether they are of this lattice.

    Raises
    ------
    TypeError, ValueError
        If one is no structure, or does not lie on the lattice.
    """
    named = isinstance(phases, Mapping)
    listed: Any = phases.items() if isinstance(phases, Mapping) else enumerate(phases)
    pairs = []
    for key, structure in listed:
        if isinstance(phases, Atoms | str) or not isinstance(structure, Atoms):
            kind = type(phases if isinstance(phases, Atoms | str) else structure).__name__
            raise TypeError(
                "phases must be a list of ASE Atoms, or a dict of them by name (an ordered phase "
                f"is a structure, not a composition); got {kind}"
            )
        try:
            pairs.append((str(key) if named else formula(lattice, structure), structure))
            lattice.place(structure)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"phases[{key!r}] is no structure of the expansion's lattice (cell and positions "
                f"must be unrelaxed): {error}"
            ) from None
    return pairs


def _energies(
    expansion: Any, lattice: BinaryLattice, pairs: list[tuple[str, Atoms]]
) -> list[tuple[float, float, str, Atoms]]:
    table = []
    for name, structure in pairs:
        placement = lattice.place(structure)
        active = int(lattice.active(placement).sum())
        energy = float(expansion.predict(structure)) * len(structure) / active
        table.append((lattice.concentration(structure), energy, name, structure))
    return sorted(table, key=lambda entry: (entry[0], entry[1], len(entry[3])))


def _hull(table: list[tuple[float, float, str, Atoms]]) -> list[int]:
    """Give the corners of the lower hull, by rising concentration."""
    corners: list[int] = []
    for k, (x, energy, _, _) in enumerate(table):
        if corners and abs(table[corners[-1]][0] - x) < 1e-9:
            continue  # sorted: the first is the lowest
        while len(corners) > 1:
            (x0, e0, *_), (x1, e1, *_) = table[corners[-2]], table[corners[-1]]
            line = e0 + (energy - e0) * (x1 - x0) / (x - x0)
            if e1 < line - _ON_HULL:
                break
            corners.pop()
        corners.append(k)
    return corners


def formula(lattice: BinaryLattice, structure: Atoms) -> str:
    """Name a structure by its active species, as ``Cu3Au``."""
    placement = lattice.place(structure)
    held = structure.numbers[lattice.active(placement)]
    counts = [int((held != lattice.second).sum()), int((held == lattice.second).sum())]
    divisor = math.gcd(*counts)
    parts = [
        f"{symbol}{count // divisor if count > divisor else ''}"
        for symbol, count in zip(lattice.symbols, counts, strict=True)
        if count
    ]
    return "".join(parts)


def _pure(lattice: BinaryLattice, symbol: str) -> Atoms:
    number = int(Atoms(symbol).numbers[0])
    pure = lattice.primitive.copy()
    pure.numbers = [number if len(allowed) > 1 else allowed[0] for allowed in lattice.species]
    return pure


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result
