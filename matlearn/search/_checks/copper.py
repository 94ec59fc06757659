"""Exercise 1: copper by effective-medium theory."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from matlearn.exercises import Verdict, judge

STARTS = 20
CHANCE = 0.01
TIMES = 1000.0
TEMPERATURE = 300.0


@functools.cache
def energies() -> dict[str, float]:
    """EMT energies of perfect fcc and hcp copper, relaxed and as they begin (eV/atom)."""
    from ase.build import bulk
    from ase.calculators.emt import EMT
    from ase.filters import FrechetCellFilter
    from ase.optimize import BFGS

    found = {}
    crystals = {"fcc": bulk("Cu", "fcc", a=3.61), "hcp": bulk("Cu", "hcp", a=2.56, c=4.18)}
    for name, crystal in crystals.items():
        crystal.calc = EMT()
        found[f"{name} as it begins"] = crystal.get_potential_energy() / len(crystal)
        relaxed: Any = FrechetCellFilter(crystal)
        BFGS(relaxed, logfile=None).run(fmax=1e-4, steps=200)
        found[name] = crystal.get_potential_energy() / len(crystal)
    return found


def exact_difference() -> float:
    """Energy of hcp less that of fcc (meV/atom)."""
    return 1000 * (energies()["hcp"] - energies()["fcc"])


def winner(answer: Any) -> Verdict:
    """Check 1a."""
    hexagonal = "hexagonal close packing, by a little: not the copper of nature."
    cubic = (
        "that is nature's copper, and the crystal found most often; but which has the lowest "
        "*energy*? Sort by `energy_per_atom`"
    )
    given = answer
    if isinstance(answer, str):
        plain = answer.replace("₃", "3").replace("_", "").replace(" ", "").casefold()
        words = {"p63/mmc": "P63/mmc", "hcp": "P63/mmc", "194": "P63/mmc", "fm-3m": "Fm-3m",
                 "fcc": "Fm-3m", "225": "Fm-3m"}  # fmt: skip
        given = words.get(plain, answer)
    return judge.choice(given, "P63/mmc", {"P63/mmc": hexagonal, "Fm-3m": cubic})


def copies_and_starts(answer: Any) -> Verdict:
    """Check 1b."""
    try:
        copies, starts = (float(np.asarray(each).item()) for each in answer)
    except (TypeError, ValueError):
        return Verdict(
            False, "two numbers are wanted, (copies, starts): how often it was found, and how often "
            "one has to start."
        )  # fmt: skip
    if not (math.isfinite(copies) and math.isfinite(starts)):
        return Verdict(False, "two finite numbers are wanted, (copies, starts).")
    if copies == 1:
        return Verdict(
            False,
            "found once? Copies of one crystal differ in the last digits of their energy and in their "
            "cells. `unique_structures` compares them as crystals and counts: look at `copies`.",
        )
    if copies == STARTS:
        return Verdict(
            False, "all of them? There are several crystals in the list: count the lowest only."
        )
    if copies > STARTS / 2:
        return Verdict(
            False,
            f"{copies:.0f} is how often the crystal found *most often* came up; it is not the lowest. "
            "Sort by energy before you take the first row.",
        )
    if not 2 <= copies <= 9 or copies != round(copies):
        return Verdict(
            False, "the number of copies is the column `copies` of the lowest row of `crystals`."
        )
    return judge.number(
        starts,
        lambda: float(math.ceil(_needed(copies))),
        atol=1.01,
        rtol=0.0,
        mistakes={
            "the chance to *find* it is taken for the chance to miss it": (
                math.log(1 - CHANCE) / math.log(1 - copies / STARTS),
                "(1 - p)^n is the chance to miss; it has to be 0.01",
            ),
            "the share p is used where 1 - p belongs": (
                math.log(CHANCE) / math.log(copies / STARTS),
                "a start misses it with the probability 1 - p",
            ),
            "hits are expected rather than chances multiplied": (
                STARTS / copies,
                "1 / p starts find it once *on average*: then it is still missed by every third",
            ),
            "the winner is missed by half a per cent or less": (
                math.log(0.005) / math.log(1 - copies / STARTS),
                "one per cent is asked for",
            ),
            "p is the share among different crystals": (
                math.log(CHANCE) / math.log(2 / 3),
                "p is the share of *starts* that ended there",
            ),
        },
        look="solve (1 - p)^n = 0.01 for n, with p = copies / 20, and round up",
        right=(
            f"found {copies:.0f} times of {STARTS}; these {STARTS} starts had a chance of "
            f"{100 * (1 - copies / STARTS) ** STARTS:.0f} % to miss it."
        ),
    )  # fmt: skip


def _needed(copies: float) -> float:
    return math.log(CHANCE) / math.log(1 - copies / STARTS)


def difference(answer: Any) -> Verdict:
    """Check 1c."""
    e = energies()
    return judge.number(
        answer,
        exact_difference,
        unit="meV/atom",
        rtol=0.03,
        mistakes={
            "the energies of the cells are compared, of two atoms and of one": (
                1000 * (2 * e["hcp"] - e["fcc"]),
                "divide each by its number of atoms",
            ),
            "the crystals are not relaxed": (
                1000 * (e["hcp as it begins"] - e["fcc as it begins"]),
                "both lattice constants and c/a are only near EMT's: relax them",
            ),
            "hcp is not relaxed": (
                1000 * (e["hcp as it begins"] - e["fcc"]),
                "c/a = 1.633 is only near EMT's own",
            ),
            "fcc is not relaxed": (
                1000 * (e["hcp"] - e["fcc as it begins"]),
                "its lattice constant is only near EMT's own",
            ),
            "it is counted for the two atoms of the hexagonal cell": (
                lambda d: 2 * d,
                "per atom is asked for",
            ),
        },
        look="relax both with a small `fmax`, and subtract energies per atom: hcp less fcc",
        right="the same as in the search: the search is innocent, EMT has the order wrong.",
    )


def grain(answer: Any) -> Verdict:
    """Check 1d."""
    from ase.units import kB

    def exact() -> float:
        return 1000 * kB * TEMPERATURE * math.log(TIMES) / -exact_difference()

    return judge.number(
        answer,
        exact,
        rtol=0.05,
        mistakes={
            "the logarithm to base ten is taken": (
                lambda n: n / math.log(10),
                "exp needs the natural logarithm",
            ),
            "the logarithm is left out": (
                lambda n: n * TIMES / math.log(TIMES),
                "solve exp(N x difference / kT) = 1000 for N",
            ),
            "a single atom is thought to decide": (1.0, "can one atom be hcp?"),
            "N times the difference is set equal to kT": (
                lambda n: n / math.log(TIMES),
                "then the factor is e, not 1000",
            ),
            "300 is taken for degrees Celsius": (
                lambda n: n * (TEMPERATURE + 273.15) / TEMPERATURE,
                "300 K is asked for",
            ),
            "the difference in meV is taken for eV": (lambda n: n / 1000, "1000 meV are 1 eV"),
        },
        look="exp(N x difference / kT) = 1000, energies in one unit, N positive",
        right="a speck of metal: differences per atom add up, and a crystal decides as a whole.",
    )
