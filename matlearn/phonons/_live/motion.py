"""Where the atoms of a crystal go in one of its modes. Private: arrays, no pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._figures.words import special_point

if TYPE_CHECKING:
    from ase import Atoms

    from matlearn.phonons.force_constants import BandStructure

MOST_ATOMS = 70
"""Atoms of a picture, where nothing is asked for."""
FARTHEST = 0.45
"""How far the atom that moves most is moved (A)."""


@dataclass(frozen=True, eq=False)
class Motion:
    """One mode: each atom goes around an ellipse, ``positions + Re(amplitudes exp(-i phase))``."""

    row: int
    """Number of the wave vector in the band structure."""
    branch: int
    """Number of the branch, the lowest first, from 0."""
    frequency: float
    """THz; negative where it is imaginary."""
    amplitudes: np.ndarray
    """Displacements (A) of the atoms that are drawn, (atoms, 3), complex."""
    shares: dict[str, float]
    """Share of each element in the kinetic energy."""
    longitudinal: float | None
    """Share of the motion that is along the wave vector; None where it has no direction."""

    def displacements(self, phase: float) -> np.ndarray:
        """Give the displacements (A) at a phase (radian), (atoms, 3)."""
        return np.real(self.amplitudes * np.exp(-1j * phase))


def motion(bands: BandStructure, atoms: Atoms, row: int, branch: int) -> Motion:
    """Give a mode as a motion of the atoms that are drawn.

    Parameters
    ----------
    bands
        With the mode.
    atoms
        What is drawn: any piece of the crystal.
    row, branch
        Number of the wave vector and of the branch.
    """
    vector = bands.eigenvectors[row, branch]
    primitive = bands.primitive
    kind = sites(primitive, atoms)
    waves = bands.qpoints[row] @ np.linalg.inv(primitive.cell.array).T
    phases = np.exp(2j * np.pi * (atoms.positions @ waves))
    moved = vector[kind] * phases[:, None] / np.sqrt(primitive.get_masses()[kind])[:, None]
    turned = moved * np.exp(-1j * _largest_phase(moved))
    scale = FARTHEST / max(float(np.linalg.norm(np.real(turned), axis=1).max()), 1e-12)
    energy = (np.abs(vector) ** 2).sum(axis=1)
    symbols = np.array(primitive.get_chemical_symbols())
    return Motion(
        row=row,
        branch=branch,
        frequency=float(bands.frequencies[row, branch]),
        amplitudes=turned * scale,
        shares={
            str(name): float(energy[symbols == name].sum() / energy.sum())
            for name in dict.fromkeys(symbols.tolist())
        },
        longitudinal=_along(bands, row, vector),
    )


def _largest_phase(moved: np.ndarray) -> float:
    """Return the phase at which the atom that moves most is farthest away."""
    most = moved[int(np.argmax(np.linalg.norm(moved, axis=1)))]
    return float(np.angle((most**2).sum()) / 2)


def sites(primitive: Atoms, atoms: Atoms) -> np.ndarray:
    """Tell which atom of the primitive cell each atom of a crystal is an image of.

    Raises
    ------
    ValueError
        If one is none.
    """
    inverse = np.linalg.inv(primitive.cell.array)
    between = (atoms.positions[:, None] - primitive.positions[None]) @ inverse
    far = np.linalg.norm((between - np.round(between)) @ primitive.cell.array, axis=2)
    far[atoms.numbers[:, None] != primitive.numbers[None]] = np.inf
    found = far.argmin(axis=1)
    if (far[np.arange(len(atoms)), found] > 0.05).any():
        raise ValueError("atoms must be a piece of the crystal that the bands are of")
    return found


def direction(bands: BandStructure, row: int) -> np.ndarray | None:
    """Return the direction of a wave vector; at Gamma that of its line. None: there is none."""
    reciprocal = np.linalg.inv(bands.primitive.cell.array).T
    wave: Any = bands.qpoints[row] @ reciprocal
    if np.linalg.norm(wave) < 1e-8:
        line = next(one for one in bands.lines if one.start <= row < one.stop)
        wave = (bands.qpoints[line.stop - 1] - bands.qpoints[line.start]) @ reciprocal
    length = float(np.linalg.norm(wave))
    return None if length < 1e-8 else wave / length


def _along(bands: BandStructure, row: int, vector: np.ndarray) -> float | None:
    wave = direction(bands, row)
    if wave is None:
        return None
    return float((np.abs(vector @ wave) ** 2).sum() / (np.abs(vector) ** 2).sum())


def place_name(bands: BandStructure, row: int) -> str:
    """Say where on the path a wave vector is: a special point, or between two."""
    way = float(bands.distances[row])
    for place, name in bands.labels:
        if abs(place - way) < 1e-8:  # K|U is the end of one line and the start of the next
            return special_point(name.split("|")[-1 if row in bands.starts else 0])
    before = [name for place, name in bands.labels if place < way][-1]
    after = next(name for place, name in bands.labels if place > way)
    return f"{special_point(before.split('|')[-1])} to {special_point(after.split('|')[0])}"


def in_words(bands: BandStructure, mode: Motion) -> str:
    """Describe a mode: where, how fast, which way, and who moves."""
    parts = [
        f"{place_name(bands, mode.row)}, branch {mode.branch + 1} of {bands.frequencies.shape[1]}"
    ]
    if mode.frequency < -0.02:
        parts.append(f"imaginary, {-mode.frequency:.2f}i THz")
    else:
        parts.append(f"{mode.frequency:.2f} THz")
    if mode.longitudinal is not None and mode.longitudinal > 0.95:
        parts.append("longitudinal")
    elif mode.longitudinal is not None and mode.longitudinal < 0.05:
        parts.append("transversal")
    if len(mode.shares) > 1:
        parts.append(", ".join(f"{name} {100 * part:.0f} %" for name, part in mode.shares.items()))
    return ": ".join([parts[0], ", ".join(parts[1:])])


def row_of(bands: BandStructure, point: str | int | None) -> int:
    """Return the wave vector of a special point, or the number that is given.

    Raises
    ------
    TypeError, ValueError
        If the path has no such point.
    """
    count = len(bands.qpoints)
    if point is None:
        return bands.lines[0].stop - 1
    if isinstance(point, int | np.integer) and not isinstance(point, bool):
        if not 0 <= point < count:
            raise ValueError(f"point must be from 0 to {count - 1} or a name, got {point}")
        return int(point)
    if not isinstance(point, str):
        raise TypeError(f"point must be the name of a special point or a number, got {point!r}")
    for line in bands.lines:
        for row in (line.start, line.stop - 1):
            if place_name(bands, row) in (point, special_point(point)):
                return int(row)
    names = [part for _, name in bands.labels for part in name.split("|")]
    there = ", ".join(dict.fromkeys(names))
    raise ValueError(f"point must be one of {there}, got {point!r}")


def repeats_of(cell: Atoms, supercell: Any) -> tuple[int, int, int]:
    """Return how often the cell is drawn along each vector.

    Raises
    ------
    ValueError
        If `supercell` is not three positive integers.
    """
    from matlearn._widgets.drawing import check_supercell

    if supercell is not None:
        return check_supercell(supercell)
    number = next((n for n in (4, 3, 2) if n**3 * len(cell) <= MOST_ATOMS), 1)
    return number, number, number
