"""Exercise 4: hops that are averaged as if each lasted equally long."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matlearn.exercises import Verdict, judge

EDGE = 4
IONS = 8
PAIR = 0.1
KRA = 0.3
TEMPERATURE = 500.0
FREQUENCY = 1e13
CHANGED = ("e", "f")


@dataclass(frozen=True)
class Gas:
    """All arrangements of the lattice gas: energies (eV), rates of leaving (1/s), shares."""

    energies: NDArray[np.float64]
    leaving: NDArray[np.float64]
    time: NDArray[np.float64]
    """Share of the time, Boltzmann's."""
    hops: NDArray[np.float64]
    """Share of the hops that begin there."""
    after: NDArray[np.float64]
    """Mean energy after the next hop (eV)."""

    @property
    def boards(self) -> NDArray[np.bool_]:
        """Which arrangements are chessboards."""
        return np.asarray(self.energies < 1e-9)


@functools.cache
def gas() -> Gas:
    """The gas of the exercise, exactly."""
    from ase.units import kB

    thermal = kB * TEMPERATURE
    sites = EDGE * EDGE
    places = np.array(list(itertools.combinations(range(sites), IONS)))
    ions = np.zeros((len(places), sites), dtype=int)
    np.put_along_axis(ions, places, 1, axis=1)
    grids: NDArray[Any] = ions.reshape(-1, EDGE, EDGE)
    ways = [(axis, step) for axis in (1, 2) for step in (1, -1)]
    around = sum(np.roll(grids, step, axis) for axis, step in ways)
    energies = PAIR / 2 * (grids * around).sum(axis=(1, 2))
    leaving = np.zeros(len(grids))
    after = np.zeros(len(grids))
    for axis, step in ways:
        there, around_there = np.roll(grids, step, axis), np.roll(around, step, axis)
        change = PAIR * (around_there - 1 - around)
        barrier = np.maximum(np.maximum(KRA + change / 2, change), 0)
        rate = FREQUENCY * np.exp(-barrier / thermal)
        possible = np.where((grids == 1) & (there == 0), rate, 0)
        leaving += possible.sum(axis=(1, 2))
        after += (possible * (energies[:, None, None] + change)).sum(axis=(1, 2))
    time = np.exp(-energies / thermal)
    time /= time.sum()
    hops = time * leaving
    return Gas(energies, leaving, time, hops / hops.sum(), after / leaving)


def by_time() -> float:
    """Mean energy of equilibrium (meV a site)."""
    return float(1000 * gas().time @ gas().energies / EDGE**2)


def by_hops() -> float:
    """Mean energy over hops (meV a site)."""
    return float(1000 * gas().hops @ gas().energies / EDGE**2)


def _doubled() -> float:
    """The mean energy if every pair is counted twice."""
    from ase.units import kB

    energies = 2 * gas().energies
    weights = np.exp(-energies / (kB * TEMPERATURE))
    return float(1000 * weights @ energies / weights.sum() / EDGE**2)


def exact(answer: Any) -> Verdict:
    """Check 4a."""
    return judge.number(
        answer,
        by_time,
        unit="meV/site",
        rtol=0.01,
        mistakes={
            "every pair of neighbours is counted twice": (
                lambda _: _doubled(),
                "two directions are enough: `np.roll` by 1 along each axis",
            ),
            "all arrangements are equally likely": (
                lambda _: float(1000 * gas().energies.mean() / EDGE**2),
                "weight each with exp(-E / kT)",
            ),
            "it is the energy of all 16 sites": (
                lambda e: EDGE**2 * e,
                "divide by the sites",
            ),
            "it is counted for an ion": (lambda e: 2 * e, "there are 16 sites and 8 ions"),
            "hops are averaged": (
                lambda _: by_hops(),
                "that is the colleague's number; here a sum over all arrangements is asked for",
            ),
        },
        look="the sum of E exp(-E / kT) over the sum of exp(-E / kT), over 16 sites",
        right="against this the run has to be held.",
    )


def average(answer: Any) -> Verdict:
    """Check 4b."""
    return judge.number(
        answer,
        by_time,
        unit="meV/site",
        rtol=0.06,
        mistakes={
            "hops are averaged as if each arrangement lasted equally long": (
                lambda _: by_hops(),
                "weight each with how long it lasts",
            ),
            "each arrangement is weighted with the wait *before* it": (
                lambda _: float(1000 * gas().time @ gas().after / EDGE**2),
                "the time between two records is how long the *first* of them lasted: shift by one",
            ),
            "the weights are right, but divided by the number of hops": (
                lambda e: e * 1e-12,
                "divide by the sum of the weights",
            ),
            "it is the energy of all 16 sites": (lambda e: EDGE**2 * e, "divide by the sites"),
        },
        look="the sum of energy times `residence` over the sum of `residence`",
        right="the same run, and the exact value within its error.",
    )


def lasting(answer: Any) -> Verdict:
    """Check 4c."""
    from ase.units import kB

    thermal = kB * TEMPERATURE

    def stay() -> float:
        return float(1e12 / gas().leaving[gas().boards][0])

    def wrong(barrier: float, ways: float) -> float:
        return float(1e12 / (ways * FREQUENCY * np.exp(-barrier / thermal)))

    ways, full = 4 * IONS, 3 * PAIR
    return judge.number(
        answer,
        stay,
        unit="ps",
        rtol=0.03,
        mistakes={
            "the barrier does not know where the hop leads": (
                wrong(KRA, ways),
                "the hop makes three new pairs: E_f - E_i = 0.3 eV, and half of it is added",
            ),
            "the whole energy is added to the barrier, not half of it": (
                wrong(KRA + full, ways),
                "E_b = E_KRA + (E_f - E_i) / 2",
            ),
            "the hop makes four new pairs": (
                wrong(KRA + 2 * PAIR, ways),
                "one of the four neighbours of the new site is the one that was left",
            ),
            "one possible hop is counted": (
                wrong(KRA + full / 2, 1),
                "eight ions may hop, each to four sites: the rates add up",
            ),
            "each ion has one way to go": (
                wrong(KRA + full / 2, IONS),
                "all four sites around each ion are empty",
            ),
            "one ion is counted": (wrong(KRA + full / 2, 4), "any of the eight ions may be the first"),
            "every pair of sites is counted twice": (
                wrong(KRA + full / 2, 2 * ways),
                "eight ions with four empty neighbours each",
            ),
            "it is in seconds": (lambda t: 1e-12 * t, "1 ps is 1e-12 s"),
        },
        look="1 over the sum of the rates of all possible hops, with the barrier of each",
        right="long, beside the few picoseconds that the way back takes.",
    )  # fmt: skip


def shares(answer: Any) -> Verdict:
    """Check 4d."""

    def both() -> list[float]:
        found = gas()
        return [float(found.time[found.boards].sum()), float(found.hops[found.boards].sum())]

    return judge.array(
        answer,
        both,
        shape_words="two shares, [of the time, of the hops]",
        rtol=0.03,
        mistakes={
            "one of the two chessboards is counted": (
                lambda both: [each / 2 for each in both],
                "the ions may sit on the white or on the black squares",
            ),
            "what is not a chessboard is counted": (
                lambda both: [1 - each for each in both],
                "the chessboards have the energy zero",
            ),
        },
        look="rows with energy zero: their part of the sum of `residence`, and of the number of rows",
        right="two pictures of one run; only the first is that of equilibrium.",
    )


def changed(answer: Any) -> Verdict:
    """Check 4e."""
    named = {
        "a": "A is an average of equilibrium: Boltzmann's weights know energies, and no barriers.",
        "b": "B changes with *differences* of barriers; here all rates fall by one factor.",
        "c": "C is a property of equilibrium, which knows no barriers.",
        "d": "D is a ratio of rates, and all rates fall by one factor.",
    }
    many = answer if isinstance(answer, list | tuple | set | frozenset) else [answer]
    letters = [str(each).strip().casefold() for each in many]
    if len(letters) == 1 and len(letters[0]) > 1 and set(letters[0]) <= set("abcdef ,"):
        letters = [letter for letter in letters[0] if letter.isalpha()]
    for letter in letters:
        if letter in named:
            return Verdict(False, f"{named[letter]} What is left that does change?")
    return judge.members(
        letters,
        CHANGED,
        what="changes",
        missed="what else is measured with a clock?",
        right="only what is measured with a clock.",
    )
