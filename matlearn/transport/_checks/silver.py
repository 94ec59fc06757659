"""What is said to answers of exercises 1 and 2: diffusion and current of silver."""

from __future__ import annotations

from typing import Any

from matlearn.exercises import Verdict, judge
from matlearn.transport._checks import argentite


def diffusion(answer: Any) -> Verdict:
    """Judge D of silver from the slope of its mean squared displacement."""
    return judge.number(
        answer,
        lambda: (argentite.by_two_lags() + argentite.pooled(500).value) / 2,
        unit="cm2/s",
        rtol=0.06,
        mistakes={
            "the slope is not divided by six": lambda right: 6 * right,
            "the slope is neither divided by six nor converted from A2/ps": lambda right: (
                6e4 * right
            ),
            "the slope is divided by 2, as for one direction, though the displacement is that of all "
            "three": lambda right: 3 * right,
            "the slope is divided by 4, as for a plane": lambda right: 1.5 * right,
            "squares are averaged over x, y and z instead of added (`.mean()` over all axes at once)": (
                lambda right: right / 3
            ),
            "all atoms are averaged over, sulfur too, which stays where it is": (
                lambda: argentite.by_two_lags(atoms="all")
            ),
            "the squares of all ions are added up: it is the mean over ions that counts": (
                lambda right: 108 * right
            ),
            "only the first frame is taken as a start. That is one sample instead of a thousand; use "
            "every start": lambda: argentite.by_two_lags(origins=False),
            "positions are put back into the cell. These were unwrapped: leave them so": (
                lambda: argentite.by_two_lags(wrapped=True)
            ),
        },
        look="average over every start and every silver ion, and take the slope between the two lags",
        right="this is Einstein's relation, and two lags come within a few per cent of the best fit.",
    )


def crossing(answer: Any) -> Verdict:
    """Judge the time through a layer."""
    layer, speed = 1e-3, 1.96e4  # cm; cm/s, the thermal speed along one direction
    return judge.number(
        answer,
        lambda: layer**2 / (2 * argentite.pooled(500).value),
        unit="s",
        rtol=0.1,
        mistakes={
            "6 D t is taken, the displacement in all three directions": lambda right: right / 3,
            "the factor of 2 in 2 D t is left out": lambda right: 2 * right,
            "the thickness is in metres and D in cm2/s": lambda right: 1e-4 * right,
            "the thickness is not squared: compare the units of both sides": lambda right: (
                right / layer
            ),
            "the ion flies straight on with its thermal velocity. It turns round thousands of times": (
                layer / speed
            ),
        },
        look="along one direction the mean squared displacement is 2 D t; thickness in cm, D in cm2/s",
        right="the mean squared displacement along one direction, 2 D t, has reached the square of the "
        "thickness.",
    )


def current(answer: Any) -> Verdict:
    """Judge a conductivity by Nernst and Einstein."""
    return judge.number(
        answer,
        lambda: argentite.current(108),
        unit="S/cm",
        rtol=0.04,
        mistakes={
            "all 162 atoms are carriers. Which of them move?": lambda: argentite.current(162),
            "formula units are counted, or sulfur. There are two silver ions in each Ag2S": (
                lambda: argentite.current(54)
            ),
            "sulfur is counted as a carrier with its charge of 2. Charged it is, but it goes nowhere": (
                lambda: argentite.current(108 + 4 * 54)
            ),
            "silver has the charge of sulfur, or sulfur is the carrier": (
                lambda: argentite.current(4 * 54)
            ),
            "silver is given a charge of 2. In Ag2S each silver has lost one electron": (
                lambda: argentite.current(4 * 108)
            ),
            "one cell has one carrier: n is the number in a volume": lambda: argentite.current(1),
            "kT is that of 300 K": lambda: argentite.current(108, kelvin=300),
            "500 is taken for degrees Celsius; the run has 500 K": (
                lambda: argentite.current(108, kelvin=773.15)
            ),
            "the elementary charge is not squared": lambda right: right / 1.602e-19,
            "the volume is in A3. One A3 is 1e-24 cm3": lambda right: 1e-24 * right,
        },
        look="n counts what moves, in each cm3; e in coulomb, kT in joule",
        right="108 silver ions of charge 1 in the volume of the cell, each on its own.",
    )


def activation(answer: Any) -> Verdict:
    """Judge an activation energy."""
    return judge.number(
        answer,
        lambda: argentite.slope(),
        unit="eV",
        rtol=0.06,
        mistakes={
            "the decadic logarithm is taken where the exponential asks for the natural one": (
                lambda: argentite.slope(base=10)
            ),
            "the conductivity, D/T, is fitted instead of D": lambda: argentite.slope(power=-1),
            "D times T is fitted": lambda: argentite.slope(power=1),
            "temperatures are converted to degrees Celsius. Boltzmann's factor knows kelvin only": (
                lambda: argentite.slope(celsius=True)
            ),
            "the slope against 1/T is taken as it is: that is the energy divided by kB, in kelvin": (
                lambda right: right / argentite.BOLTZMANN
            ),
            "ln D is fitted against T itself: it is a line against 1/kT": (
                lambda: argentite.slope(against="temperature")
            ),
        },
        look="the slope of ln D (natural logarithm) against 1/kT, all five temperatures, its sign turned",
        right="minus the slope of ln D against 1/kT. It is less than two kT: hardly a barrier.",
    )


def growth(answer: Any) -> Verdict:
    """Judge by how much a conductivity grows with temperature."""
    return judge.number(
        answer,
        lambda: argentite.growth(-1),
        rtol=0.04,
        mistakes={
            "D alone is compared. What else in Nernst and Einstein's equation depends on T?": (
                lambda: argentite.growth(0)
            ),
            "the temperature multiplies. It stands below the line": lambda: argentite.growth(1),
            "450 K is put over 650 K": lambda: 1 / argentite.growth(-1),
        },
        look="the conductivity goes as D/T; the number of ions in a volume stays the same",
        right="the mobility, D/kT, grows by much less than D.",
    )


def haven(answer: Any) -> Verdict:
    """Judge D from a current over D of single ions."""
    return judge.number(
        answer,
        lambda: 1 / argentite.haven(),
        rtol=0.12,
        mistakes={
            "single ions are put over all together: that is the Haven ratio itself": argentite.haven,
            "the two are taken for the same, as if ions did not see each other": 1.0,
        },
        look="H = D of single ions over D from the current; which one is the larger?",
        right="silver moves in files: the sum of all displacements gets farther than its parts.",
    )
