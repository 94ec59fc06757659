"""Exercise 3: the Li-N hull, an explosive, and a shift of the nitrogen molecule."""

from __future__ import annotations

import functools
from typing import Any

from matlearn.exercises import Verdict, judge

MEASURED = -164.56
"""Enthalpy of formation of Li3N at 298 K, kJ/mol (J. Chem. Thermodyn., 1978; see notebook 5)."""


@functools.cache
def energies() -> dict[str, float]:
    """PBE energies (eV/atom)."""
    from matlearn import datasets

    table = datasets.load("li-n-pbe").set_index("label")["energy_per_atom"]
    return {str(label): float(energy) for label, energy in table.items()}


def exact_blast() -> float:
    """LiN3 -> Li3N/3 + 4/3 N2 (eV for each LiN3)."""
    e = energies()
    return 4 / 3 * e["Li3N"] + 8 / 3 * e["N2-alpha"] - 4 * e["LiN3"]


def exact_above() -> float:
    """LiN3 above LiN2 and nitrogen (meV/atom)."""
    e = energies()
    return 1000 * (e["LiN3"] - (3 * e["LiN2"] + e["N2-alpha"]) / 4)


def exact_shift() -> float:
    """3 LiN2 -> Li3N + 5/2 N2, for each of the five nitrogen atoms (eV)."""
    e = energies()
    return -(9 * e["LiN2"] - 4 * e["Li3N"] - 5 * e["N2-alpha"]) / 5


def formation(shift: float = 0.0) -> float:
    """Formation energy of Li3N (eV/atom) when N2 is raised by `shift` (eV for each atom)."""
    e = energies()
    return e["Li3N"] - (3 * e["Li-bcc"] + e["N2-alpha"] + shift) / 4


def measured() -> float:
    """The measured value (eV/atom)."""
    from ase.units import kJ, mol

    return float(MEASURED * kJ / mol / 4)


def blast(answer: Any) -> Verdict:
    """Check 3a."""
    e = energies()
    return judge.number(
        answer,
        exact_blast,
        unit="eV",
        atol=0.002,
        mistakes={
            "it falls apart into lithium and nitrogen": (
                e["Li-bcc"] + 3 * e["N2-alpha"] - 4 * e["LiN3"],
                "Li3N takes the lithium: it is far lower than the metal",
            ),
            "it falls apart into LiN2 and nitrogen": (
                3 * e["LiN2"] + e["N2-alpha"] - 4 * e["LiN3"],
                "that gains even more, but Li3N and nitrogen are asked for",
            ),
            "it is counted for an atom": (lambda b: b / 4, "LiN3 has four atoms"),
            "it is counted for three LiN3": (lambda b: 3 * b, "divide by the number of LiN3 in the reaction"),
            "one LiN3 makes a whole Li3N": (
                4 * e["Li3N"] + 2 * e["N2-alpha"] - 4 * e["LiN3"],
                "one LiN3 has one lithium atom, and Li3N takes three",
            ),
            "the nitrogen of the nitride is counted twice": (
                4 / 3 * e["Li3N"] + 3 * e["N2-alpha"] - 4 * e["LiN3"],
                "a third of a nitrogen atom goes into the nitride: 8/3 are left",
            ),
            "energies per atom are added as if they were those of formulas": (
                e["Li3N"] / 3 + 4 / 3 * e["N2-alpha"] - e["LiN3"],
                "multiply each by the number of its atoms: Li3N has four, N2 two",
            ),
            "the energy of N2 is taken for the molecule": (
                4 / 3 * e["Li3N"] + 4 / 3 * e["N2-alpha"] - 4 * e["LiN3"],
                "the table holds energies per atom: 4/3 N2 are 8/3 atoms",
            ),
        },
        look="LiN3 -> 1/3 Li3N + 4/3 N2: products less LiN3, each energy times its number of atoms",
        right="it gives energy, though its formation energy is negative.",
    )  # fmt: skip


def above(answer: Any) -> Verdict:
    """Check 3b."""
    e = energies()
    without = -1000 * exact_blast() / 4
    return judge.number(
        answer,
        exact_above,
        unit="meV/atom",
        rtol=0.02,
        mistakes={
            "Li3N and nitrogen are taken for the competitors": (
                without,
                "LiN2 lies below the line between them: which phases are its neighbours on the hull?",
            ),
            "it is counted for a formula unit": (lambda a: 4 * a, "LiN3 has four atoms"),
            "the formation energy is given": (
                1000 * (e["LiN3"] - (e["Li-bcc"] + 3 * e["N2-alpha"]) / 4),
                "that is the distance to the *elements*; the hull lies lower",
            ),
            "phases are mixed by formulas, half and half": (
                1000 * (e["LiN3"] - (e["LiN2"] + e["N2-alpha"]) / 2),
                "LiN3 = LiN2 + N: three atoms of four are in LiN2",
            ),
            "LiN2 alone is subtracted": (
                1000 * (e["LiN3"] - e["LiN2"]),
                "compositions differ: add the nitrogen that is left",
            ),
        },
        look="LiN3 = LiN2 + 1/2 N2, three atoms and one, all energies per atom",
        right="far more than against nitride and nitrogen alone.",
    )


def shift(answer: Any) -> Verdict:
    """Check 3c."""
    e = energies()
    line = (4 * e["Li3N"] + 5 * e["N2-alpha"]) / 9
    elements = -(3 * e["LiN2"] - e["Li-bcc"] - 2 * e["N2-alpha"])
    return judge.number(
        answer,
        exact_shift,
        unit="eV",
        rtol=0.03,
        mistakes={
            "the elements are taken for the competitors": (
                elements / 2,
                "long before that, Li3N and nitrogen are lower than LiN2",
            ),
            "it is counted for a molecule N2": (lambda s: 2 * s, "per nitrogen *atom* is asked for"),
            "it is the depth of LiN2 below the line, in eV/atom": (
                line - e["LiN2"],
                "only the nitrogen of the *products* moves: five atoms of nine",
            ),
            "it is the energy of the whole reaction": (
                lambda s: 5 * s,
                "five nitrogen atoms share it: 3 LiN2 -> Li3N + 5/2 N2",
            ),
            "it is the energy for each LiN2": (
                lambda s: 5 * s / 3,
                "divide by the nitrogen atoms that leave as N2",
            ),
            "the six nitrogen atoms of 3 LiN2 share it": (
                lambda s: 5 * s / 6,
                "one of the six stays in Li3N, whose energy does not move",
            ),
            "the formation energy is taken for the shift": (
                elements / 3,
                "which reaction does LiN2 undergo, and how many nitrogen atoms become N2 in it?",
            ),
        },
        look=(
            "3 LiN2 -> Li3N + 5/2 N2: its energy, over the number of nitrogen atoms that become N2; "
            "lowering counts positive"
        ),
        right="less than a tenth of an eV: an error that PBE can well make.",
    )  # fmt: skip


def miss(answer: Any) -> Verdict:
    """Check 3d."""

    def exact() -> float:
        return 1000 * (formation(-exact_shift()) - measured())

    return judge.number(
        answer,
        exact,
        unit="meV/atom",
        rtol=0.03,
        mistakes={
            "N2 is not shifted": (
                1000 * (formation() - measured()),
                "that is the error of PBE as it is",
            ),
            "N2 is raised instead of lowered": (
                1000 * (formation(exact_shift()) - measured()),
                "a lower N2 makes the compound *less* bound against it",
            ),
            "measured less computed is given": (lambda m: -m, "computed less measured is asked for"),
            "the whole shift is added, not a quarter of it": (
                1000 * (formation() + exact_shift() - measured()),
                "one atom in four of Li3N is nitrogen",
            ),
            "the measured value is taken for an atom": (
                1000 * (formation(-exact_shift()) - 4 * measured()),
                "-164.56 kJ/mol is for one Li3N, four atoms",
            ),
            "the formation energy itself is given": (
                1000 * formation(-exact_shift()),
                "subtract the measured one",
            ),
        },
        look="Li3N less 3/4 of lithium and 1/4 of the *shifted* nitrogen, less the measured value",
        right="worse than without the shift: the two compounds pull in opposite directions.",
    )  # fmt: skip


def ratio(answer: Any) -> Verdict:
    """Check 3e."""
    e = energies()
    dimer = e["LiN2"] - (e["Li-bcc"] + 2 * e["N2-alpha"]) / 3
    lever = (1 - 2 / 3) / (1 - 1 / 4)

    def exact() -> float:
        wrong = 3 * dimer - 4 * formation() * lever
        return wrong / (3 * (dimer - formation() * lever))

    return judge.number(
        answer,
        exact,
        rtol=0.1,
        mistakes={
            "the right depth is divided by the wrong one": (lambda r: 1 / r, "wrong over right"),
            "the wrong depth is for a formula unit, the right one for an atom": (
                lambda r: 3 * r,
                "bring the right one to a formula unit of LiN2, three atoms",
            ),
            "the sign of one depth is lost": (lambda r: -r, "both lie below their line"),
        },
        look=(
            "the line from Li3N (share 1/4) to N2 (share 1, energy zero) at the share 2/3: four ninths "
            "of the energy of Li3N"
        ),
        right="nearly all of the stability has gone, by nothing but a unit.",
    )  # fmt: skip
