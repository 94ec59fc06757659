"""What is said to answers of exercise 2: fields and sound in salt."""

from __future__ import annotations

from typing import Any

import numpy as np

from matlearn.exercises import Verdict, judge
from matlearn.phonons._checks import salt


def longitudinal(answer: Any) -> Verdict:
    """Judge the LO frequency at Gamma."""
    return judge.number(
        answer,
        lambda: salt.optical()[-1],
        unit="THz",
        rtol=0.005,
        mistakes={
            "the field is left out: at Gamma itself, without a direction, no wave is longitudinal. Give "
            "`direction=[1, 0, 0]`, keep the Born charges, and take the highest of the six": (
                lambda: salt.optical(field=False)[-1]
            ),
            "the difference to the transversal modes is given": (
                lambda: salt.optical()[-1] - salt.optical()[0]
            ),
            "it is an angular frequency, in rad/ps": lambda right: 2 * np.pi * right,
        },
        look="the highest of the six frequencies at [0, 0, 0] with `direction=[1, 0, 0]`",
        right="far above its transversal twins: it has to work against the field that it makes.",
    )


def plasma(answer: Any) -> Verdict:
    """Judge the field's own frequency, by hand."""
    return judge.number(
        answer,
        salt.plasma,
        unit="THz",
        rtol=0.006,
        mistakes={
            "it is left as an angular frequency, in rad/ps. Divide by 2 pi": (
                lambda right: 2 * np.pi * right
            ),
            "the volume is that of the cubic cell, which holds four pairs of ions": (
                lambda: salt.plasma(cells=4)
            ),
            "the volume is that of the supercell, which holds 32 pairs of ions": (
                lambda: salt.plasma(cells=32)
            ),
            "the masses are added up. Two ions that move against each other have the reduced mass": (
                lambda: salt.plasma(mass="sum")
            ),
            "the mean mass is taken, not the reduced one": lambda: salt.plasma(mass="mean"),
            "sodium's mass is taken, not the reduced one": lambda: salt.plasma(mass="sodium"),
            "chlorine's mass is taken, not the reduced one": lambda: salt.plasma(mass="chlorine"),
            "the electrons' screening is left out: the field is weaker by their dielectric constant": (
                lambda: salt.plasma(epsilon=False)
            ),
            "the charge is not squared, or the elementary one is taken for it": _charge_slip,
            "4 pi is forgotten: e2 = 14.40 eV A has it in it": lambda right: (
                right / np.sqrt(4 * np.pi)
            ),
            "the root is not taken": lambda right: right**2,
            "LO and TO themselves are subtracted, not their squares": (
                lambda: salt.optical()[-1] - salt.optical()[0]
            ),
        },
        look="everything in SI: charge in C, volume in m3, reduced mass in kg; then root, 2 pi, and 1e12",
        right="the difference of the squares of LO and TO, from three numbers of the crystal.",
    )


def _charge_slip(right: float) -> float:
    return right / salt.plasma() * salt.plasma(charges=0)


def sound(answer: Any) -> Verdict:
    """Judge the velocity of longitudinal sound."""
    return judge.number(
        answer,
        salt.sound,
        unit="km/s",
        rtol=0.015,
        mistakes={
            "2 pi is in one of the two and not in the other: f goes with 1/wave length, the angular "
            "frequency with 2 pi/wave length": lambda right: 2 * np.pi * right,
            "2 pi is in one of the two and not in the other, the other way round: f goes with 1/wave "
            "length, the angular frequency with 2 pi/wave length": lambda right: (
                right / (2 * np.pi)
            ),
            "it is that of a transversal wave: the lowest two of the six are": lambda: salt.sound(
                0
            ),
            "reciprocal coordinates are taken for 1/A: multiply by the reciprocal vectors": _fractional,
            "reciprocal coordinates are added up as if they were 1/A": lambda: (
                _fractional() * np.sqrt(2) / 2
            ),
            "it is in THz A, that is 0.1 km/s": lambda right: 10 * right,
        },
        look="the third frequency over the length of `wave @ salt.primitive.cell.reciprocal()`; "
        "1 THz A is 100 m/s",
        right="frequency times wave length, in the limit of long waves.",
    )


def _fractional() -> float:
    wave = np.array([0.0, 0.02, 0.02])
    return float(salt.constants().frequencies(wave)[2] / np.linalg.norm(wave) * 0.1)


def static(answer: Any) -> Verdict:
    """Judge the static dielectric constant."""
    return judge.number(
        answer,
        lambda: _epsilon() * _ratio() ** 2,
        rtol=0.01,
        mistakes={
            "the frequencies are not squared": lambda: _epsilon() * _ratio(),
            "TO stands above and LO below": lambda: _epsilon() / _ratio() ** 2,
            "only the ratio of the two constants is given": lambda: _ratio() ** 2,
            "only the ions' part is given: the electrons' belongs to it": (
                lambda: _epsilon() * (_ratio() ** 2 - 1)
            ),
            "the correction is left out, so that LO = TO and ions seem not to move": _epsilon,
        },
        look="the electrons' constant times the square of LO over TO",
        right="most of the polarisation of salt is a motion of nuclei.",
    )


def _epsilon() -> float:
    dielectric = salt.constants().dielectric
    assert dielectric is not None  # the data set has it
    return float(dielectric[0, 0])


def _ratio() -> float:
    modes = salt.optical()
    return float(modes[-1] / modes[0])
