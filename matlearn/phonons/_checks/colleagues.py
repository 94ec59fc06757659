"""Six colleagues who hand over force constants and a claim: material of the diagnosis in exercise 4."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from matlearn.phonons._checks import aluminium

if TYPE_CHECKING:
    from matlearn.phonons.force_constants import ForceConstants

LETTERS = ("A", "B", "C", "D", "E", "F")
SIGNS = {
    "nothing": "the constants of an atom would add up to zero, the cell would be free of stress, and "
    "the claim would come out of the constants, on a finer mesh too: at least one of these is not so",
    "rad/ps taken for THz": "the constants would be all right and only the claim would not: "
    "`constants.frequencies` would give 2 pi times less than what is claimed",
    "too coarse a mesh": "the same constants would give another conductivity on finer meshes, and two "
    "finer ones would agree with each other. Is the claim one that a mesh has a part in?",
    "broken sum rule": "the constants of atom 0 with all atoms (`constants.fc2.sum(axis=1)`) would not "
    "add up to zero, and the trouble would sit at Gamma: moving the whole crystal would cost force",
    "cell not relaxed": "the stress of `constants.unitcell`, with EMT as its calculator, would be far "
    "from zero, and its lattice constant not that of EMT",
    "wrong unit of the forces": "all constants would be off by one factor, and frequencies by its root: "
    "push an atom yourself and compare with `constants.fc2[0, 0]`",
}
"""Causes that a diagnosis may name, and what would be seen if each were so."""
TRUE = {
    "A": "rad/ps taken for THz",
    "B": "nothing",
    "C": "broken sum rule",
    "D": "too coarse a mesh",
    "E": "cell not relaxed",
    "F": "wrong unit of the forces",
}
DRIFT = 0.02  # eV/A2, what is missing in the sum of C
TOO_LONG = 4.4  # A, the cell of E


@dataclass(frozen=True)
class Colleague:
    """Force constants that were handed over, and what is claimed of them."""

    letter: str
    """A to F."""
    constants: ForceConstants
    """Of aluminium, as they were handed over."""
    claim: str
    """In the colleague's words."""

    def __repr__(self) -> str:
        return f"Colleague {self.letter}: {self.claim}"


@functools.cache
def colleague(letter: str) -> Colleague:
    """Give what one of the six colleagues hands over.

    Parameters
    ----------
    letter
        ``"A"`` to ``"F"``.

    Returns
    -------
    Colleague
        ``.constants`` and ``.claim``.

    Raises
    ------
    ValueError
        If there is no such colleague.

    Examples
    --------
    >>> colleague("E").constants.unitcell.get_chemical_formula()
    'Al4'
    """
    if letter not in LETTERS:
        raise ValueError(f"letter must be one of {', '.join(LETTERS)}; got {letter!r}")
    constants = _constants(letter)
    return Colleague(letter, constants, _claim(letter, constants))


def unit_factor() -> float:
    """How many mRy/Bohr2 one eV/A2 is: what F took for eV/A2."""
    from ase import units

    return float(1000 * (1 / units.Ry) * units.Bohr**2)


def _constants(letter: str) -> ForceConstants:
    if letter == "E":
        return aluminium.constants(order=2, lattice=TOO_LONG)
    sound = aluminium.constants(order=(2, 3))
    if letter == "C":
        broken = sound.fc2.copy()
        broken[0, 0] -= DRIFT * np.eye(3)
        return replace(sound, fc2=broken)
    if letter == "F":
        assert sound.fc3 is not None  # both orders were asked for
        return replace(sound, fc2=sound.fc2 * unit_factor(), fc3=sound.fc3 * unit_factor())
    return sound


def _claim(letter: str, constants: ForceConstants) -> str:
    if letter in "BD":
        from matlearn.phonons.conductivity import thermal_conductivity

        mesh = 9 if letter == "B" else 5
        kappa = thermal_conductivity(constants, mesh=mesh, progress=False).at(300)
        return f"aluminium's lattice conducts {kappa:.1f} W/mK at 300 K (mesh {mesh}x{mesh}x{mesh})"
    if letter in "CE":
        lowest = min(aluminium.waves(constants).min(), constants.frequencies([0, 0, 0]).min())
        return f"aluminium is unstable: it has imaginary modes, down to {abs(lowest):.1f}i THz"
    highest = aluminium.waves(constants).max() * (2 * np.pi if letter == "A" else 1.0)
    return f"the highest frequency of aluminium is {highest:.0f} THz"
