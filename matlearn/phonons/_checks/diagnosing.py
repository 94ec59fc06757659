"""What is said to answers of exercise 4: what is wrong with force constants."""

from __future__ import annotations

from typing import Any

from matlearn.exercises import Verdict, judge
from matlearn.phonons._checks import aluminium
from matlearn.phonons._checks.colleagues import SIGNS, TRUE, colleague


def diagnosis(answer: Any) -> Verdict:
    """Judge a cause for each of six claims; say what would be seen if a wrong one were so."""
    return judge.causes(
        answer,
        TRUE,
        SIGNS,
        solved="all six: two that look alike differ in what they do to a sum, to the stress, or to one "
        "push of one atom.",
    )


def unit(answer: Any) -> Verdict:
    """Judge by how much the constants of F are too large."""
    return judge.number(
        answer,
        lambda: colleague("F").constants.fc2[0, 0, 0, 0] / aluminium.column()[0, 0],
        rtol=0.01,
        mistakes={
            "frequencies are compared. They go with the root of the constants": (
                lambda right: right**0.5
            ),
            "it is the other way round: how many times too *large* are they?": lambda right: (
                1 / right
            ),
            "the constants are compared with the claimed highest frequency or with an atom's tie to one "
            "neighbour": lambda: colleague("F").constants.fc2[0, 0, 0, 0] / _nearest(),
            "Ry and Bohr are converted, but not the milli": lambda right: right / 1000,
            "Bohr is not squared": lambda right: right / 0.529177,
        },
        look="F's constant of atom 0 with itself over that of your own push",
        right="it took mRy/Bohr² for eV/Å²: every constant, and so the one of an atom with itself.",
    )


def _nearest() -> float:
    import numpy as np

    return float(np.linalg.norm(aluminium.column()[1:], axis=1).max())


def change(answer: Any) -> Verdict:
    """Judge what a broken sum rule does to the conductivity, in per cent."""
    return judge.number(
        answer,
        lambda: 100 * (_kappa("C") / _kappa("B") - 1),
        unit="%",
        rtol=0.05,
        mistakes={
            "B's conductivity is compared with C's. What is changed is C's": (
                lambda: 100 * (_kappa("B") / _kappa("C") - 1)
            ),
            "the ratio is given, not the change": lambda: 100 * _kappa("C") / _kappa("B"),
            "the difference in W/mK is given": lambda: _kappa("C") - _kappa("B"),
            "the change of the constants is given, not that of the conductivity": 0.54,
            "B's value on its own mesh, 9, is compared with C's on mesh 7": (
                lambda: 100 * (_kappa("C") / _kappa("B", 9) - 1)
            ),
        },
        look="100 * (kappa of C / kappa of B - 1), both at mesh 7 and 300 K",
        right="more than ten times what is wrong with the constants: it is missing where large numbers "
        "cancel, in sound.",
    )


def _kappa(letter: str, mesh: int = 7) -> float:
    import warnings

    from matlearn.phonons.conductivity import thermal_conductivity

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return float(
            thermal_conductivity(colleague(letter).constants, mesh=mesh, progress=False).at(300)
        )
