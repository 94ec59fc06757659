"""What is said to answers of exercise 1: the spring of an atom."""

from __future__ import annotations

from typing import Any

import numpy as np

from matlearn.exercises import Verdict, judge
from matlearn.phonons._checks import aluminium


def spring(answer: Any) -> Verdict:
    """Judge the force constant of an atom with itself."""
    return judge.number(
        answer,
        lambda: aluminium.column()[0, 0],
        unit="eV/A2",
        rtol=0.01,
        mistakes={
            "the force is not divided by the push: that is a force, in eV/A": lambda right: (
                0.01 * right
            ),
            "the sign of the force is kept. It points back, and the constant is minus its slope (the "
            "constants of all *other* atoms add up to the same number: that is the sum rule)": (
                lambda right: -right
            ),
            "it is neither divided by the push nor its sign turned": lambda right: -0.01 * right,
            "it is divided by half of the push or by its square": lambda right: 100 * right,
            "the tie to one neighbour is taken instead of the spring of the atom with itself": (
                lambda: np.linalg.norm(aluminium.column()[1:], axis=1).max()
            ),
            "it is in mRy/Bohr2. One Ry/Bohr2 is 48.59 eV/A2": lambda right: right * 20.5818,
            "it is in N/m, where eV/A2 is asked for": lambda right: right * 16.0218,
            "it is in Ry/Bohr2. One Ry/Bohr2 is 48.59 eV/A2": lambda right: right / 48.587,
        },
        look="push atom 0 alone by 0.01 A, and take minus the force on *it*, along x, over 0.01 A",
        right="minus the force over the push: the atom is held by all its neighbours together.",
    )


def einstein(answer: Any) -> Verdict:
    """Judge the frequency of a single atom in its cage."""
    return judge.number(
        answer,
        lambda: aluminium.frequency(aluminium.column()[0, 0]),
        unit="THz",
        rtol=0.01,
        mistakes={
            "the root of k/m is taken for a frequency. It is an angular one, in radians: 2 pi of them "
            "make one oscillation": lambda right: 2 * np.pi * right,
            "it is divided by 2 pi twice": lambda right: right / (2 * np.pi),
            "the root is forgotten": lambda right: (2 * np.pi * right) ** 2,
            "the root is forgotten, and 2 pi is taken off": lambda right: 2 * np.pi * right**2,
            "the mass is that of two atoms, or the reduced one. The others are nailed down": (
                lambda right: right / np.sqrt(2)
            ),
            "the mass of four atoms of the cell is taken": lambda right: right / 2,
            "A2 are taken for m2 with a factor of 1e-10, and it is squared": lambda right: (
                1e-5 * right
            ),
            "the atomic number, 13, is taken for the mass": (
                lambda right: right * np.sqrt(aluminium.MASS / 13)
            ),
        },
        look="f = sqrt(k/m) / 2 pi, k in N/m (1 eV/A2 is 16.02 N/m), m in kg, then 1 THz = 1e12 Hz",
        right="an atom on its spring, 2 pi radians in an oscillation.",
    )


def root_mean_square(answer: Any) -> Verdict:
    """Judge the root mean square of all frequencies."""
    return judge.number(
        answer,
        lambda: aluminium.frequency(aluminium.column()[0, 0]),
        unit="THz",
        rtol=0.004,
        mistakes={
            "the plain mean is taken. Square first, then average, then take the root": (
                lambda: _waves().mean()
            ),
            "the root is not taken: that is a mean square": lambda right: right**2,
            "the highest frequency is taken": lambda: _waves().max(),
            "the three branches are added up instead of averaged": lambda right: np.sqrt(3) * right,
            "all squares are added up instead of averaged": (
                lambda: float(np.sqrt((_waves() ** 2).sum()))
            ),
            "the median is taken": lambda: float(np.median(_waves())),
            "it is 2 pi times too large: these are frequencies already": lambda right: (
                2 * np.pi * right
            ),
        },
        look="`np.sqrt((waves**2).mean())`, over all wave vectors and branches",
        right="Einstein's frequency to the last digit: the trace of the dynamical matrix, averaged over "
        "all waves, knows of nothing but the spring of an atom with itself.",
    )


def _waves() -> np.ndarray:
    return aluminium.waves(aluminium.constants())
