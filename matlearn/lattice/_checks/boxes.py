"""Exercise 2: an order that has no room in its box."""

from __future__ import annotations

import functools
from typing import Any

from matlearn.exercises import Verdict, judge

EDGE = 5
LARGE = 21
ROOMS = range(2, 10)
CUTOFFS = [8.0, 5.5, 3.9]


@functools.cache
def energies() -> dict[str, float]:
    """Mixing energies (meV/atom) by the expansion of the exercise, and EMT's of D0_22."""
    from matlearn import datasets
    from matlearn.lattice import fit_cluster_expansion, handed_over, hull_weights

    data = datasets.load("cu-pd-emt")
    fit = fit_cluster_expansion(data, CUTOFFS, weights=hull_weights, constrain_pure=True, seed=42)
    words = {
        "L1_2": "A",
        "D0_22": "AB",
        "box": "AB" * (EDGE // 2) + "B",
        "large": "AB" * (LARGE // 2) + "B",
    }
    found = {
        name: 1000 * float(fit.predict(handed_over.stacked_cubes(word)))
        for name, word in words.items()
    }
    on_hull = data[(data["concentration"] == 0.25) & (data["hull_distance"] == 0)]
    lowest = data["structure"][data["mixing_energy"].idxmin()]
    return found | {
        "EMT": 1000 * float(on_hull["mixing_energy"].iloc[0]),
        "lowest of all": 1000 * float(fit.predict(lowest)),
    }


def exact_gap() -> float:
    """How far the crystal of five layers lies above D0_22 (meV/atom)."""
    return energies()["box"] - energies()["D0_22"]


def gap(answer: Any) -> Verdict:
    """Check 2a."""
    return judge.number(
        answer,
        exact_gap,
        unit="meV/atom",
        rtol=0.02,
        mistakes={
            "EMT's energy of the known order is taken from the table, the crystal's from the fit": (
                lambda _: energies()["box"] - energies()["EMT"],
                "the fit is not exact: take both energies by `fit.predict`",
            ),
            "the crystal is compared with L1_2": (
                lambda _: energies()["box"] - energies()["L1_2"],
                "that is not the lowest Cu3Pd that is known: what is row 22?",
            ),
            "the crystal is compared with the lowest ordering of *any* composition": (
                lambda _: energies()["box"] - energies()["lowest of all"],
                "that is CuPd; compare crystals of one composition, or with the hull",
            ),
            "L1_2 is compared with D0_22": (
                lambda _: energies()["L1_2"] - energies()["D0_22"],
                "where does the colleague's crystal lie between them?",
            ),
            "the whole box of 500 atoms is counted": (
                lambda g: 4 * EDGE**3 * g,
                "`fit.predict` gives an energy for each atom already: do not multiply",
            ),
            "it is counted for a formula unit Cu3Pd": (
                lambda g: 4 * g,
                "energies here are for each atom",
            ),
            "the pure metals are the reference": (
                lambda _: energies()["box"],
                "the question is how far it lies above the lowest *known order*",
            ),
        },
        look="compare `fit.predict(crystal)` with `fit.predict` of the orders that are known",
        right=(
            "above an order that is known: so it is no ground state, however well it repeats itself."
        ),
    )  # fmt: skip


def rooms(answer: Any) -> Verdict:
    """Check 2b."""
    expected = [n for n in ROOMS if n % 2 == 0]
    given = sorted(answer) if isinstance(answer, list | tuple | set | range) else answer
    named = {
        (4, 8): (
            "multiples of four are those of the four *layers of atoms* after which D0_22 repeats; a "
            "cubic cell is two layers high."
        ),
        tuple(ROOMS): (
            "L1_2 has room in all of them, D0_22 has not: after how many cubic cells does it repeat?"
        ),
        tuple(n for n in ROOMS if n % 2): (
            "these are the boxes in which a ring of layers *cannot* take turns: the others, then?"
        ),
        (8,): (
            "the cell of D0_22 has eight atoms, but the box needs no eight cells on an edge: along "
            "which direction does it repeat, after how many cubic cells?"
        ),
        (2,): (
            "that one has room; but the order may repeat in a larger box as often as it likes."
        ),
    }  # fmt: skip
    try:
        key = tuple(given)
    except TypeError:
        key = ()
    if key in named:
        return Verdict(False, named[key])
    return judge.members(
        answer,
        expected,
        what="boxes with room",
        missed="the period must divide the edge, and nothing else is asked",
        extra="walk round the box layer by layer: A, B, A, B; does it close?",
        right="even edges: D0_22 repeats after two cubic cells along its axis, and after one across.",
    )


def wall(answer: Any) -> Verdict:
    """Check 2c."""
    from ase.units import J, m

    from matlearn.lattice.handed_over import LATTICE_CONSTANT as a

    to_millijoule = 1000 * m**2 / J

    def exact() -> float:
        return exact_gap() / 1000 * 4 * EDGE / a**2 * to_millijoule

    def by_stacking() -> float:
        return (energies()["L1_2"] - energies()["D0_22"]) / 1000 * 4 / a**2 * to_millijoule

    return judge.number(
        answer,
        exact,
        unit="mJ/m2",
        rtol=0.03,
        mistakes={
            "two walls are counted": (
                lambda w: w / 2,
                "in ABABB only one pair of neighbours is alike, the ring included: count once more",
            ),
            "the energy of one atom is taken for that of the wall": (
                lambda w: w / (4 * EDGE**3),
                "the gap is for each atom; the wall's energy is that of all 500",
            ),
            "the area of one cubic cell is taken, with the energy of the whole box": (
                lambda w: w * EDGE**2,
                "the wall goes through the whole box: its area is that of 5 x 5 cubes",
            ),
            "L1_2 is taken for a crystal of walls that count singly": (
                by_stacking,
                "walls in every layer feel each other; take the crystal with one wall",
            ),
            "it is in eV/Å2": (
                lambda w: w / to_millijoule,
                "1 eV/Å2 is 16.02 J/m2",
            ),
            "it is in meV/Å2": (lambda w: 1000 * w / to_millijoule, "1 meV/Å2 is 16.02 mJ/m2"),
            "it is in J/m2": (lambda w: w / 1000, "mJ/m2 is asked for"),
            "the gap in meV is taken for eV": (lambda w: 1000 * w, "1000 meV are 1 eV"),
        },
        look="energy of the wall = gap x number of atoms; divide by the area that it crosses",
        right="a few mJ/m2: little for a wall, and enough to spoil a ground state.",
    )


def large(answer: Any) -> Verdict:
    """Check 2d."""

    def exact() -> float:
        return energies()["large"] - energies()["D0_22"]

    return judge.number(
        answer,
        exact,
        unit="meV/atom",
        rtol=0.02,
        mistakes={
            "the gap falls as the number of atoms grows": (
                lambda _: exact_gap() * (EDGE / LARGE) ** 3,
                "the wall grows too, as the square of the edge",
            ),
            "the gap falls as the area of the wall grows": (
                lambda _: exact_gap() * (EDGE / LARGE) ** 2,
                "energy of the wall over number of atoms: n squared over n cubed",
            ),
            "a large box is free of the fault": (
                0.0,
                "21 layers cannot take turns in a ring either",
            ),
            "the gap stays as it was": (
                lambda _: exact_gap(),
                "one wall among more atoms: what is the share of each?",
            ),
        },
        look="how do the area of the wall and the number of atoms grow with the edge?",
        right="it falls only as 1/n: 37 044 atoms with a fault, where 256 have none.",
    )
