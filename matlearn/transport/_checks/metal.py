"""What is said to answers of exercise 3: vacancies and self-diffusion of copper."""

from __future__ import annotations

from math import exp
from typing import Any

from matlearn.exercises import Verdict, judge
from matlearn.transport._checks import copper


def formation(answer: Any) -> Verdict:
    """Judge the energy of a vacancy."""
    return judge.number(
        answer,
        lambda: copper.vacancy()["formation"],
        unit="eV",
        rtol=0.0,
        atol=0.005,
        mistakes={
            "the atoms around the vacancy are not relaxed: they give way a little": (
                lambda: copper.vacancy()["unrelaxed"]
            ),
            "31 atoms are compared with 32. The one that was taken out sits elsewhere on the crystal, "
            "with the energy of an atom of the bulk": lambda: copper.vacancy()["difference"],
            "the atom is taken into the vacuum. It is put back onto the crystal, which gives most of "
            "that energy back": lambda: copper.vacancy()["to vacuum"],
        },
        look="E(31 atoms, relaxed) - 31 E(32 atoms)/32, the cell fixed at a = 3.59 A",
        right="31 atoms with a hole against 31 atoms of the bulk.",
    )


def self_diffusion(answer: Any) -> Verdict:
    """Judge the activation energy of self-diffusion."""
    found = copper.vacancy
    return judge.number(
        answer,
        lambda: found()["formation"] + found()["barrier"],
        unit="eV",
        rtol=0.0,
        atol=0.02,
        mistakes={
            "the vacancies are there already: this is the barrier of a hop alone. Heat has to make "
            "them, too": lambda: found()["barrier"],
            "vacancies are made, but need not move: this is the formation energy alone": (
                lambda: found()["formation"]
            ),
            "half of the formation energy is taken, as for the pairs of vacancies in a salt. In a metal "
            "a vacancy comes by itself": lambda: found()["formation"] / 2 + found()["barrier"],
            "the two energies are subtracted from each other": (
                lambda: found()["formation"] - found()["barrier"]
            ),
        },
        look="the number of vacancies and the rate of a hop each have a Boltzmann factor; multiply them",
        right="the exponents add up: a vacancy has to be there, and it has to move.",
    )


def copper_diffusion(answer: Any) -> Verdict:
    """Judge D of copper."""
    found = copper.vacancy
    return judge.number(
        answer,
        lambda: copper.diffusion(1300),
        unit="cm2/s",
        rtol=0.15,
        mistakes={
            "the fraction of vacant sites is left out: not every neighbour is missing": (
                lambda right: right / copper.vacant(1300)
            ),
            "the barrier is left out, so that a vacancy hops at each attempt": (
                lambda right: right / _boltzmann(found()["barrier"], 1300)
            ),
            "one neighbour is counted. In fcc there are twelve": lambda right: right / 12,
            "the correlation factor is left out: a hop is often taken back": (
                lambda right: right / copper.CORRELATION
            ),
            "the hop is as long as the lattice constant. Neighbours in fcc are nearer": (
                lambda right: 2 * right
            ),
            "the hop enters with its length instead of the square": (
                lambda right: right / (copper.LATTICE * 1e-8 / 2**0.5)
            ),
            "it is divided by 2, as in one dimension, and not by 6": lambda right: 3 * right,
            "the attempt frequency is taken as 1e13 Hz instead of that of Vineyard": (
                lambda: copper.diffusion(1300, attempt=1e13)
            ),
            "it is done for 1000 K. Here 1300 K is asked for": lambda: copper.diffusion(1000),
        },
        look="f * 12 * vacant fraction * rate of one hop * length squared / 6, length in cm",
        right="number of neighbours, vacant fraction, rate, length squared over six, and the hops back.",
    )


def carriers(answer: Any) -> Verdict:
    """Judge what one vacancy too many does to D."""
    return judge.number(
        answer,
        lambda: 1 / 108 / copper.vacant(1000),
        rtol=0.12,
        mistakes={
            "the true D is put over that of the simulation": lambda right: 1 / right,
            "the simulation's vacancies are taken for one on each site": lambda right: 108 * right,
            "the number of vacancies that heat makes is computed for 1300 K": (
                lambda: 1 / 108 / copper.vacant(1300)
            ),
            "the barrier of the hop is taken for the energy to make a vacancy": (
                lambda: 1 / 108 / _boltzmann(copper.vacancy()["barrier"], 1000)
            ),
            "both energies are in the exponent. The hops are as fast in his cell as in copper; what "
            "differs?": lambda: (
                1 / 108 / copper.vacant(1000) / _boltzmann(copper.vacancy()["barrier"], 1000)
            ),
        },
        look="hops are the same in both; compare the fraction of sites that is vacant",
        right="his cell holds one vacancy on 108 sites, at every temperature, and copper does not.",
    )


def _boltzmann(energy: float, kelvin: float) -> float:
    return exp(-energy / (copper.BOLTZMANN * kelvin))
