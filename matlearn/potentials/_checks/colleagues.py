"""Checks of exercise 4, three potentials that are wrong."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from ase import Atoms, units

from matlearn.exercises import Verdict, judge
from matlearn.potentials._checks import handed_over
from matlearn.potentials._checks.data import learned, of_kind


def crystal() -> Atoms:
    """Give the strained crystal that stresses are looked at with, without results."""
    return of_kind("strained")[0].copy()


@functools.cache
def _pressures() -> dict[str, float]:
    """Pressure of the crystal by the derivative of the energy, and what is taken for it (GPa)."""
    atoms, calculator, step = crystal(), learned().mtp.calculator(), 1e-3

    def energy(strain: float, along: bool = True) -> float:
        moved = atoms.copy()
        moved.set_cell(atoms.cell * (1 + strain), scale_atoms=along)
        return float(calculator.get_potential_energy(moved))

    slope = (energy(step) - energy(-step)) / (2 * step)
    volume = atoms.get_volume()
    right = -slope / (3 * volume) / units.GPa
    theirs = handed_over.other_stress(calculator.get_stress(atoms), atoms)
    return {
        "right": right,
        "raw": float(-np.mean(theirs[:3]) / units.GPa),
        "raw, sign": float(np.mean(theirs[:3]) / units.GPa),
        "volume": float(np.mean(theirs[:3]) / volume / units.GPa),
        "one strain": 3 * right,
        "per atom": right * len(atoms),
        "one side": 2 * right,
        "sum": -slope / units.GPa,
        "left behind": -(energy(step, False) - energy(-step, False))
        / (6 * step * volume)
        / units.GPa,
    }


def pressure(answer: Any) -> Verdict:
    """Check the pressure by finite differences of the energy."""
    known = _pressures()
    return judge.number(
        answer,
        known["right"],
        unit="GPa",
        rtol=0.005,
        mistakes={
            "the derivative by the strain of each length is taken for that by the volume": (
                known["one strain"],
                "When all lengths grow by s, the volume grows by 3 s",
            ),
            "the difference of two energies is divided by one step": (
                known["one side"],
                "From -h to +h it is two steps",
            ),
            "the atoms stay where they are while the cell grows": (
                known["left behind"],
                "Distances must grow along: `set_cell(..., scale_atoms=True)`",
            ),
            "the volume is left out": (known["sum"], "A pressure is an energy by a volume"),
            "the volume of one atom is taken": (
                known["per atom"],
                "The energy is that of sixteen atoms: take the volume of the cell",
            ),
            "the colleague's own stress is taken": (
                known["raw"],
                "Take energies, whose derivative is what a stress has to be",
            ),
            "the colleague's own stress is taken (with the other sign)": (
                known["raw, sign"],
                "Take energies, whose derivative is what a stress has to be",
            ),
        },
        look="energies of the cell scaled by (1 + h) and (1 - h), atoms moved along "
        "(`set_cell(..., scale_atoms=True)`); their difference over the difference of volumes, with a "
        "minus sign, over `units.GPa`",
        right="positive: it was compressed, and pushes outwards. The colleague's stress has another "
        "opinion.",
    )


def _tries() -> list[tuple[np.ndarray, float]]:
    tries = []
    for number in (0, 2, 4):
        atoms = of_kind("strained")[number].copy()
        right = learned().mtp.calculator().get_stress(atoms)
        tries.append((handed_over.other_stress(right, atoms), atoms.get_volume()))
    return tries


def _repaired(stress: Any, volume: float) -> np.ndarray:
    return -np.asarray(stress)[[0, 1, 2, 4, 5, 3]] / volume


def repair(answer: Any) -> Verdict:
    """Check a function that makes ASE's stress of the colleague's."""
    back = np.array(handed_over.ORDER)
    return judge.function(
        answer,
        _repaired,
        _tries(),
        what="your function",
        names=("the first strained cell", "another strained cell", "a third strained cell"),
        unit="eV/A3",
        rtol=1e-4,
        mistakes={
            "only the sign is turned round": lambda s, v: -np.asarray(s),
            "only the volume is divided by": lambda s, v: np.asarray(s) / v,
            "sign and volume are right, and the order stays xx yy zz xy yz zx": (
                lambda s, v: -np.asarray(s) / v
            ),
            "volume and order are right, and the sign is the virial's": (
                lambda s, v: np.asarray(s)[[0, 1, 2, 4, 5, 3]] / v
            ),
            "sign and order are right, and it is still an energy for the cell": (
                lambda s, v: -np.asarray(s)[[0, 1, 2, 4, 5, 3]]
            ),
            "the components are put in order the wrong way round": (
                lambda s, v: -np.asarray(s)[back] / v
            ),
            "the result is in GPa, where ASE has eV/A3": (lambda s, v: _repaired(s, v) / units.GPa),
        },
        look="ASE's stress has the order xx yy zz yz xz xy, is positive under tension, and is an energy "
        "by a volume",
        right="sign, volume and order: three conventions, and any two of them right are still wrong.",
    )


@functools.cache
def _forces() -> dict[str, float]:
    return {"right": float(units.Bohr), "inverse": float(1 / units.Bohr)}


def ratio(answer: Any) -> Verdict:
    """Check by which factor the forces differ from the derivative of the energy."""
    known = _forces()
    if isinstance(answer, int | float | np.floating) and abs(abs(float(answer)) - 1) < 0.01:
        return Verdict(
            False,
            "a factor of 1 is what comes out when forces are compared with themselves, or with those of "
            "the same structure elsewhere: move an atom by a small step, and take the difference of "
            "*energies*.",
        )
    return judge.number(
        answer,
        known["right"],
        rtol=0.01,
        mistakes={
            "the ratio is turned over": (
                known["inverse"],
                "Divide the given force by the derivative",
            ),
            "the sign of the derivative is left out": (
                -known["right"],
                "A force is *minus* the derivative of the energy",
            ),
            "the difference of two energies is divided by one step": (
                known["right"] / 2,
                "From -h to +h it is two steps",
            ),
        },
        look="move one atom along one axis by +h and by -h (h = 0.01 A), take minus the difference of "
        "the energies over 2 h, and divide the given force component by it",
        right="0.529 is the Bohr radius in angstrom: somebody gave eV/Bohr where ASE has eV/A.",
    )


@functools.cache
def _shift() -> dict[str, float]:
    from matlearn.potentials import MTP

    first, second = handed_over.sources()
    mtp = MTP(8, ["Li"])
    mtp.fit(first, starts=2, max_iterations=30, progress=False)
    calculator = mtp.calculator()
    each = [a.get_potential_energy() - calculator.get_potential_energy(a.copy()) for a in second]
    both = MTP(8, ["Li"])
    both.fit(first + second, starts=2, max_iterations=30, progress=False)
    own = both.calculator()
    mixed = [a.get_potential_energy() - own.get_potential_energy(a.copy()) for a in second]
    energies = [
        np.mean([a.get_potential_energy() / len(a) for a in part]) for part in (first, second)
    ]
    return {
        "right": handed_over.ZERO,
        "seen": float(np.mean(each) / 16),
        "cell": 16 * handed_over.ZERO,
        "means": float(energies[1] - energies[0]),
        "both": float(np.mean(mixed) / 16),
    }


def shift(answer: Any) -> Verdict:
    """Check by how much the zeros of energy of two sources differ."""
    known = _shift()
    return judge.number(
        answer,
        known["right"],
        unit="eV/atom",
        rtol=0.012,
        mistakes={
            "the difference is that of cells": (known["cell"], "Divide by the sixteen atoms"),
            "the mean energies of the two sources are compared": (
                known["means"],
                "They hold different structures, hotter and colder ones: let a potential that knows "
                "the first source predict those of the second",
            ),
            "the potential was fitted to both": (
                known["both"],
                "It has met both zeros, and lies between: fit to the first source alone",
            ),
            "the first is taken less the second": (
                -known["right"],
                "How much *higher* does the second count?",
            ),
        },
        look="fit a potential to the first source, predict the energies of the second, and take the mean "
        "of (given - predicted) for each atom",
        right="the same for all twelve within a meV/atom: no physics does that. The two count their "
        "energies from different atoms.",
    )


def harm(answer: Any) -> Verdict:
    """Check what a wrong zero in half of the data does to forces."""
    return judge.choice(
        answer,
        "d",
        {
            "a": "in one data set a zero does no harm. In two of them it is a difference between "
            "structures that are nearly the same: fit to both, and look",
            "b": "the error of energies is about half of the shift. And the forces? Fit to both, and look",
            "c": "look at the size: fit to both sources, and compare the reports",
            "d": "nearly the same structures with energies 0.29 eV/atom apart: the fit bends until "
            "distances that hardly differ make that difference, and a steep energy is a large force",
        },
    )
