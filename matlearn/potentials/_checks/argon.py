"""Checks of exercise 1, bonds of argon."""

from __future__ import annotations

import functools
from typing import Any

from matlearn.exercises import Verdict, judge


@functools.cache
def _images() -> list[Any]:
    from matlearn import datasets

    return list(datasets.load("argon-gpaw", progress=False))


@functools.cache
def _energies() -> dict[str, float]:
    """Lowest energies of the crystals, meV/atom, and of the dimer, meV."""
    found: dict[str, float] = {}
    for atoms in _images():
        kind = atoms.info.get("crystal", atoms.info["kind"])
        energy = 1000 * atoms.get_potential_energy() / (1 if kind == "dimer" else len(atoms))
        found[kind] = min(energy, found.get(kind, 0.0))
    return found


def bond(answer: Any) -> Verdict:
    """Check the energy of fcc argon for each nearest-neighbour bond."""
    known = _energies()
    right = known["fcc"] / 6
    return judge.number(
        answer,
        right,
        unit="meV",
        rtol=0.01,
        mistakes={
            "each atom keeps its twelve bonds for itself": (
                known["fcc"] / 12,
                "A bond joins two atoms: six bonds belong to each atom",
            ),
            "the energy of an atom is given": (known["fcc"], "Divide by the bonds of an atom"),
            "the dimer's well is given": (known["dimer"], "The bond in the fcc crystal is meant"),
            "bcc is taken for fcc": (known["bcc"] / 4, "Look at `info['crystal']`"),
            "the last volume is taken, not the best": (
                1000 * _last("fcc") / 6,
                "Take the lowest of the five energies",
            ),
        },
        look="the lowest energy of the five fcc crystals, in meV for each atom, divided by its bonds",
        right=f"and the dimer's one bond has {known['dimer']:.1f} meV. A bond in the crystal looks "
        "stronger than one by itself.",
    )


def _last(crystal: str) -> float:
    images = [atoms for atoms in _images() if atoms.info.get("crystal") == crystal]
    return float(images[-1].get_potential_energy() / len(images[-1]))


@functools.cache
def fitted() -> dict[str, float]:
    """Fit the dimers, and ask the fit for the fcc crystal."""
    from ase.build import bulk
    from scipy.optimize import minimize_scalar

    from matlearn.potentials import LennardJones, fit_lennard_jones

    dimers = [atoms for atoms in _images() if atoms.info["kind"] == "dimer"]
    crystals = [atoms for atoms in _images() if "crystal" in atoms.info]
    fit = fit_lennard_jones(dimers)
    pair = LennardJones(fit.sigma, fit.epsilon, 12.0)
    best = minimize_scalar(
        lambda a: pair.energy(bulk("Ar", "fcc", a=a)), bounds=(4.5, 6.5), method="bounded"
    )
    other = minimize_scalar(
        lambda a: pair.energy(bulk("Ar", "bcc", a=a)), bounds=(3.5, 5.5), method="bounded"
    )
    shell = best.x / 2**0.5
    ratio = (fit.sigma / shell) ** 6
    near = 6 * 4 * fit.epsilon * (ratio**2 - ratio)
    return {
        "sigma": fit.sigma,
        "epsilon": fit.epsilon,
        "minimum": 2 ** (1 / 6) * fit.sigma,
        "of crystals": 2 ** (1 / 6) * fit_lennard_jones(crystals).sigma,
        "a": float(best.x),
        "shell": float(shell),
        "bcc": float(other.x * 3**0.5 / 2),
        "energy": float(best.fun),
        "near": float(near),
    }


def minimum(answer: Any) -> Verdict:
    """Check the distance of two argon atoms, by the fit to dimers."""
    known = fitted()
    return judge.number(
        answer,
        known["minimum"],
        unit="A",
        rtol=0.002,
        mistakes={
            "sigma is given": (
                known["sigma"],
                "There the energy is zero; its minimum is at 2^(1/6) of it",
            ),
            "the crystals are fitted, too": (known["of crystals"], "Fit the dimers alone"),
            "sigma is divided by 2^(1/6)": (
                known["sigma"] / 2 ** (1 / 6),
                "Further in is the wall; the minimum lies outside of sigma",
            ),
            "the sixth power is taken for the sixth root": (64 * known["sigma"], "2^(1/6) = 1.12"),
            "the lowest of the computed dimers is taken": (
                3.75 * 1.0015,
                "That is a grid of 0.1 A. Fit the curve",
            ),
        },
        look="`fit_lennard_jones` on the 21 dimers, and where the derivative of 4 epsilon "
        "((sigma/r)^12 - (sigma/r)^6) vanishes",
        right="that is how far apart two atoms by themselves would sit.",
    )


def shell(answer: Any) -> Verdict:
    """Check the distance of nearest neighbours in the crystal of the same pairs."""
    known = fitted()
    return judge.number(
        answer,
        known["shell"],
        unit="A",
        rtol=0.003,
        mistakes={
            "the lattice parameter is given": (
                known["a"],
                "In fcc nearest neighbours are a/sqrt(2) apart",
            ),
            "half of the lattice parameter is taken": (
                known["a"] / 2,
                "In fcc nearest neighbours are half of a face's diagonal apart, a/sqrt(2)",
            ),
            "neighbours are taken as those of bcc": (
                known["a"] * 3**0.5 / 2,
                "In fcc they are a/sqrt(2) apart",
            ),
            "another crystal is taken": (known["bcc"], "fcc is asked for"),
            "the dimer's distance is given": (
                known["minimum"],
                "In a crystal an atom feels more than its nearest neighbours: minimise its energy",
            ),
        },
        look='minimise `fit.potential.energy(bulk("Ar", a=a))` over a, and turn a into the distance '
        "of nearest neighbours",
        right=f"{100 * (1 - known['shell'] / known['minimum']):.1f} % shorter than the dimer, by the very "
        "same pairs.",
    )


def beyond(answer: Any) -> Verdict:
    """Check the share of the crystal's energy that is not that of nearest neighbours."""
    known = fitted()
    right = 1 - known["near"] / known["energy"]
    return judge.number(
        answer,
        right,
        rtol=0.02,
        mistakes={
            "the share of the nearest neighbours is given": (1 - right, "The rest is asked for"),
            "bonds are taken to be as deep as the dimer's": (
                1 - 6 * known["epsilon"] / -known["energy"],
                "In the crystal nearest neighbours are closer than the best distance, and gain less: "
                "put the crystal's distance into V",
            ),
            "each atom has all its twelve bonds": (
                1 - 2 * known["near"] / known["energy"],
                "Each bond is shared by two: six for an atom",
            ),
            "the ratio to the nearest neighbours is given": (
                known["energy"] / known["near"] - 1,
                "Divide by the whole energy",
            ),
        },
        look="1 - 6 V(r) / E with r the distance of nearest neighbours in the crystal, and E its "
        "energy for each atom",
        right="nearly a third comes from beyond the nearest neighbours: many weak pulls.",
    )


def why(answer: Any) -> Verdict:
    """Check why a crystal is tighter than a dimer."""
    return judge.choice(
        answer,
        "a",
        {
            "a": "they all pull inwards; the nearest neighbours give way until their repulsion balances "
            "that",
            "b": "the potential is the same function of the distance for every pair: nothing is stronger",
            "c": "that is how it is in a metal. Here the energy is a plain sum over pairs",
            "d": "a longer cut-off makes the crystal tighter still, not wider: try it",
        },
    )
