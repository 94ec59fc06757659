"""Exercise 2: a stress of the wrong sign."""

from __future__ import annotations

from typing import Any

from matlearn.exercises import Verdict, judge

SQUEEZED = 3.45
RELAXED = 3.59
FINDING = ("D", "F")


def true_pressure(a: float = SQUEEZED) -> float:
    """EMT's pressure in fcc copper (GPa)."""
    from ase.build import bulk
    from ase.calculators.emt import EMT
    from ase.units import GPa

    crystal = bulk("Cu", "fcc", a=a)
    crystal.calc = EMT()
    return float(-crystal.get_stress()[:3].mean() / GPa)


def true_modulus() -> float:
    """EMT's bulk modulus of copper near its minimum (GPa)."""
    low, high = RELAXED - 0.005, RELAXED + 0.005
    slope = (true_pressure(high) - true_pressure(low)) / (high**3 - low**3)
    return -(RELAXED**3) * slope


def pressure(answer: Any) -> Verdict:
    """Check 2a."""
    from ase.units import GPa

    by_length = 3 * SQUEEZED**2 / 4  # dV/da, one atom a cell
    return judge.number(
        answer,
        true_pressure,
        unit="GPa",
        rtol=0.02,
        mistakes={
            "the sign is that of dE/dV": (
                lambda p: -p,
                "P = -dE/dV: does squeezed copper push outwards or pull inwards?",
            ),
            "it is in eV/Å3": (lambda p: p * GPa, "divide by `ase.units.GPa`"),
            "it is in eV/Å3, with the sign of dE/dV": (
                lambda p: -p * GPa,
                "P = -dE/dV, and divide by `ase.units.GPa`",
            ),
            "the energy is derived by the length and not by the volume": (
                lambda p: p * by_length,
                "dV = (3/4) a² da",
            ),
            "the energy of one atom is derived by the volume of the cubic cell of four": (
                lambda p: p / 4,
                "one atom takes a³/4",
            ),
            "volume and energy are those of different lattice constants": (
                true_pressure(RELAXED),
                "that is at 3.59 Å; 3.45 Å is asked for",
            ),
        },
        look=(
            "a small step to both sides of 3.45 Å, the difference of energies over that of volumes, "
            "with a minus sign, and GPa"
        ),
        right="squeezed copper pushes outwards.",
    )  # fmt: skip


def fault(answer: Any) -> Verdict:
    """Check 2b."""
    why = {
        "sign": "the size agrees with that from energies, the sign does not.",
        "unit": (
            "GPa for eV/Å3 would be wrong by a factor of 160: compare the *sizes* of the two pressures"
        ),
        "factor": "then the sizes would differ: minus the mean of xx, yy, zz, in GPa, against yours",
        "order": (
            "in a cubic crystal under pressure xx, yy and zz are equal and the rest is zero, as it is "
            "here: an exchange would not show, nor do harm"
        ),
        "nothing": (
            "does the pressure from the stress agree with that from the energies? Mind that pressure is "
            "*minus* the mean of xx, yy, zz"
        ),
    }
    return judge.choice(answer, "sign", why)


def modulus(answer: Any) -> Verdict:
    """Check 2c."""
    from ase.units import GPa

    volume = RELAXED**3 / 4
    return judge.number(
        answer,
        lambda: -true_modulus(),
        unit="GPa",
        rtol=0.05,
        mistakes={
            "EMT's own stresses are taken": (
                lambda k: -k,
                "that is what the crystal really has; the question is what the colleague's stresses say "
                "(and K = -V dP/dV has a minus sign)",
            ),
            "the volume is left out": (lambda k: k / volume, "K = -V dP/dV"),
            "the volume is left out, and so is the minus sign": (
                lambda k: -k / volume,
                "K = -V dP/dV",
            ),
            "the pressure is derived by the length": (
                lambda k: k * 3 / RELAXED,
                "dV/V is three times da/a",
            ),
            "the change of length is taken for that of volume": (
                lambda k: 3 * k,
                "dV/V is three times da/a",
            ),
            "it is in eV/Å3": (lambda k: k * GPa, "divide by `ase.units.GPa`"),
        },
        look="pressures at 3.58 and 3.60 Å, over the difference of the volumes, times -V",
        right="negative: by these stresses copper is unstable at every volume near its minimum.",
    )


def tests(answer: Any) -> Verdict:
    """Check 2d."""
    named = {
        "a": "A begins where all stresses vanish: a zero has no sign.",
        "b": "B asks for energies only, and they are right.",
        "c": "C tests forces on atoms: they are right, and are no stress.",
        "e": "E, at constant volume, never asks for a stress.",
        "g": "G displaces atoms in a fixed cell: forces again.",
    }
    many = answer if isinstance(answer, list | tuple | set | frozenset) else [answer]
    letters = [str(each).strip().casefold() for each in many]
    if len(letters) == 1 and len(letters[0]) > 1 and set(letters[0]) <= set("abcdefg ,"):
        letters = [letter for letter in letters[0] if letter.isalpha()]
    for letter in letters:
        if letter in named:
            return Verdict(
                False, f"{named[letter]} Which tests use a stress where it is *not* zero?"
            )
    return judge.members(
        letters,
        [letter.casefold() for letter in FINDING],
        what="tests",
        missed="which others use a stress where it is not zero?",
        right="only these use a stress where it is not zero.",
    )
