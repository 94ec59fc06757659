"""Exercise 1: the antiferromagnet on the triangular lattice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from matlearn.exercises import Verdict, judge

SITES = 576
LARGEST_BETA = 4.0


def pleased_energy() -> float:
    """The energy a site (J) if at least one bond of each triangle is between like spins."""
    bonds, pleased = 3, 2 / 3
    return bonds * ((1 - pleased) - pleased)


def residual_entropy() -> float:
    """The exact entropy a site at 0 K, in kB (Wannier, Phys. Rev. 79, 357 (1950), corrected 1973)."""
    from scipy.integrate import quad

    return float(quad(lambda omega: 2 / math.pi * np.log(2 * np.cos(omega)), 0, math.pi / 3)[0])


def lowest(answer: Any) -> Verdict:
    """Check 1a."""
    return judge.number(
        answer,
        pleased_energy,
        unit="J/site",
        rtol=0.01,
        mistakes={
            "all three bonds of a site are between unlike atoms": (
                -3.0,
                "draw one triangle and try to please its three bonds",
            ),
            "the energy is that of the square lattice": (-2.0, "which model was cooled?"),
            "the energy of all 576 sites is given": (lambda e: SITES * e, "divide by the sites"),
            "it is given for a bond, not for a site": (
                lambda e: e / 3,
                "three bonds belong to each site",
            ),
            "like neighbours attract": (3.0, "which sign has the coupling?"),
        },
        look="was the lattice cooled to 0.25 J/kB, and is it the last energy of the scan?",
        right="one bond of three stays unhappy, whatever the temperature: frustration.",
    )


def residual(answer: Any) -> Verdict:
    """Check 1b."""
    log2 = math.log(2)
    return judge.number(
        answer,
        residual_entropy,
        unit="kB",
        rtol=0.05,
        mistakes={
            "the entropy at infinite temperature, ln 2, is left out": (
                lambda s: s - log2,
                "an integral gives a difference: from which state does it start?",
            ),
            "ln 2 is taken with the wrong sign": (
                lambda s: s - 2 * log2,
                "beta F is -ln 2 at beta = 0, and S is beta (U - F)",
            ),
            "the energy is forgotten, so that it is -beta F and not S": (
                lambda s: s - LARGEST_BETA * pleased_energy(),
                "S / kB = beta (U - F)",
            ),
            "it is beta F": (lambda s: LARGEST_BETA * pleased_energy() - s, "S / kB = beta (U - F)"),
            "the integral is taken with the wrong sign": (
                lambda s: 2 * log2 + 2 * LARGEST_BETA * pleased_energy() - s,
                "d(beta F) = U d(beta), and U is negative",
            ),
            "it is counted in bits": (lambda s: s / log2, "take the natural logarithm, ln 2 = 0.693"),
            "all entropy is gone, as the third law says": (
                0.0,
                "do not presuppose it; this model has not read the law",
            ),
            "it is the entropy of complete disorder": (log2, "that is at beta = 0"),
            "the entropy of all 576 sites is given": (lambda s: SITES * s, "divide by the sites"),
        },
        look="integrate over beta, not over the temperature, and let the integral begin at beta = 0",
        right="nearly half of ln 2 is left when there is no heat left to take away.",
    )  # fmt: skip


def digits(answer: Any) -> Verdict:
    """Check 1c."""

    def exact() -> float:
        return SITES * residual_entropy() / math.log(10)

    return judge.number(
        answer,
        exact,
        rtol=0.05,
        mistakes={
            "the natural logarithm is given": (
                lambda d: d * math.log(10),
                "the number of digits is the logarithm to base ten: divide by ln 10",
            ),
            "the logarithm to base two is given": (
                lambda d: d * math.log(10) / math.log(2),
                "divide by ln 10 = 2.303, not by ln 2",
            ),
            "all 2^576 arrangements are counted": (
                SITES * math.log10(2),
                "how many of them have the lowest energy? The residual entropy tells",
            ),
            "one site is counted": (lambda d: d / SITES, "entropies of sites add up: 576 of them"),
            "there are two ground states": (math.log10(2), "that is the chessboard's number"),
        },
        look="S = kB ln W for all the sites together",
        right="as many as there are atoms in the observable universe, and all have the same energy.",
    )
