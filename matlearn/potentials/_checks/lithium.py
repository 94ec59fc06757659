"""Checks of exercise 2, what sixteen calculations know."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from matlearn.exercises import Verdict, judge
from matlearn.potentials._checks.data import learned, of_kind, unseen

_LIMIT = 2.1
_PLACE = 4
"""Of the seven perfect crystals the one whose volume is nearest to that of the run."""


@functools.cache
def _energy_errors() -> dict[str, float]:
    from matlearn.fitting import error_report

    run = learned()
    report = error_report(run.mtp.calculator(), of_kind("md-300K"))
    per_atom, whole = report.errors["energy_per_atom"], report.errors["energy"]
    train = error_report(run.mtp.calculator(), run.images).errors["energy_per_atom"]
    everything = error_report(run.mtp.calculator(), unseen()).errors["energy_per_atom"]
    return {
        "right": 1000 * per_atom.rms,
        "whole": 1000 * whole.rms,
        "mean": 1000 * per_atom.average,
        "worst": 1000 * per_atom.maximal,
        "train": 1000 * train.rms,
        "everything": 1000 * everything.rms,
    }


def energy_error(answer: Any) -> Verdict:
    """Check the error of energies at 300 K."""
    known = _energy_errors()
    return judge.number(
        answer,
        known["right"],
        unit="meV/atom",
        mistakes={
            "the energies of whole cells are compared": (
                known["whole"],
                "Divide by the sixteen atoms: `energy_per_atom`",
            ),
            "the mean absolute error is taken": (known["mean"], "`rms` is asked for"),
            "the largest error is taken": (known["worst"], "`rms` is asked for"),
            "all kinds of structures are tested": (
                known["everything"],
                "Those of kind `md-300K` are asked for; the others come below",
            ),
            "the training set is tested": (
                known["train"],
                "`run.images` is what it was fitted to; take the structures of `lithium-pbe`",
            ),
        },
        look="`potentials.error_report(run.mtp.calculator(), images)` with the six images of kind "
        "`md-300K`",
        right="a few meV/atom on structures that it has never seen: a good potential, it seems.",
    )


def crystals() -> list[Any]:
    """Choose the seven perfect crystals of 16 atoms."""
    return of_kind("bcc")


def curve(calculator: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """Give volumes (A3/atom) and energies (eV/atom) of the perfect crystals."""
    energies = []
    for atoms in crystals():
        if calculator is None:
            energies.append(atoms.get_potential_energy() / len(atoms))
            continue
        energies.append(calculator.get_potential_energy(atoms.copy()) / len(atoms))
    return np.array([a.get_volume() / len(a) for a in crystals()]), np.array(energies)


def modulus(volumes: np.ndarray, energies: np.ndarray) -> float:
    """Give the bulk modulus in eV/A3, by the equation of Birch and Murnaghan."""
    from ase.eos import EquationOfState

    return float(EquationOfState(volumes, energies, eos="birchmurnaghan").fit(warn=False)[2])


@functools.cache
def _moduli() -> dict[str, float]:
    from ase import units

    volumes, reference = curve()
    _, ours = curve(learned().mtp.calculator())
    parabola = np.polyfit(volumes, reference, 2)
    return {
        "pbe": modulus(volumes, reference) / units.GPa,
        "learned": modulus(volumes, ours) / units.GPa,
        "raw": modulus(volumes, reference),
        "parabola": float(-parabola[1] / (2 * parabola[0]) * 2 * parabola[0] / units.GPa),
        "per cell": modulus(volumes, 16 * reference) / units.GPa,
        "volume of the cell": modulus(16 * volumes, reference) / units.GPa,
        "parabola learned": float(-np.polyfit(volumes, ours, 2)[1] / units.GPa),
    }


_CELL = (
    "energy and volume must be of the same thing, both for an atom or both for the cell of sixteen"
)
_BENT = "The curve is not a parabola over 30 % of volume: use `EquationOfState(..., eos='birchmurnaghan')`"


def reference_modulus(answer: Any) -> Verdict:
    """Check the bulk modulus of PBE."""
    known = _moduli()
    return judge.number(
        answer,
        known["pbe"],
        unit="GPa",
        rtol=0.015,
        mistakes={
            "energies of cells meet volumes of atoms": (known["per cell"], _CELL),
            "energies of atoms meet volumes of cells": (known["volume of the cell"], _CELL),
            "a parabola is fitted": (known["parabola"], _BENT),
            "the potential's energies are fitted": (known["learned"], "PBE's own are meant"),
        },
        look="`EquationOfState(volumes, energies, eos='birchmurnaghan').fit()` returns volume, energy "
        "and bulk modulus, the last in eV/A3; `ase.units.GPa` turns it into GPa",
        right="lithium is soft: steel has more than ten times as much.",
    )


def learned_modulus(answer: Any) -> Verdict:
    """Check the bulk modulus of the potential that learned."""
    known = _moduli()
    return judge.number(
        answer,
        known["learned"],
        unit="GPa",
        rtol=0.015,
        mistakes={
            "PBE's energies are fitted": (
                known["pbe"],
                "Copies of the crystals need the potential's calculator: `copy = atoms.copy(); "
                "copy.calc = run.mtp.calculator()`",
            ),
            "a parabola is fitted": (known["parabola learned"], _BENT),
        },
        look="the same volumes and the same equation, with the energies of `run.mtp.calculator()`",
        right=f"half as large again as PBE's ({known['learned'] / known['pbe']:.2f} times), from a "
        "potential whose energies were good to some meV/atom.",
    )


@functools.cache
def _grades() -> dict[str, np.ndarray]:
    from matlearn.potentials import ActiveSet

    run = learned()
    active = ActiveSet(run.mtp, run.images)
    own = ActiveSet(run.mtp, crystals())
    return {
        "right": active.grades(crystals(), "neighbourhood"),
        "configuration": active.grades(crystals()),
        "own": own.grades(crystals(), "neighbourhood"),
    }


def noticed(answer: Any) -> Verdict:
    """Check which of the crystals the grade has noticed."""
    known = _grades()
    right = [int(k) for k in np.flatnonzero(known["right"] > _LIMIT)]
    given = answer.tolist() if hasattr(answer, "tolist") else answer
    if isinstance(given, int | np.integer) and given == len(right):
        return Verdict(False, "so many they are: now name them, by their numbers from 0 to 6.")
    if isinstance(given, list | tuple) and len(given) == 7:
        values = judge.array(given, known["right"], shape_words="seven grades", rtol=0.05)
        if values.passed:
            return Verdict(
                False, f"these are the grades; name the crystals above {_LIMIT}, from 0 to 6."
            )
    if isinstance(given, list | tuple) and sorted(map(str, given)) == [str(k) for k in range(7)]:
        return Verdict(
            False,
            "all seven is what comes out in the mode 'configuration': a row a structure, and 16 rows "
            "cannot settle 26 parameters, so that anything new has a huge grade. Take "
            "'neighbourhood', a row an atom.",
        )
    if isinstance(given, list | tuple) and len(given) == 0:
        return Verdict(
            False,
            "none is what comes out when the active set is made of the crystals themselves: what is in "
            "the training set has a grade of at most 1. Make it of `run.images`.",
        )
    return judge.members(
        answer,
        right,
        what="crystals",
        missed="look at every grade above 2.1",
        extra="a grade below 2.1 is no reason to stop; a large error is another matter",
        right="the three that are compressed most. Of the others the grade says nothing, and one of "
        "them is wrong by 3 meV/atom: a grade is not an error.",
    )


@functools.cache
def without_stress() -> dict[str, float]:
    """Fit the same structures with and without stresses; errors, and the pressure of a crystal."""
    from ase import units

    from matlearn.fitting import error_report

    run, found = learned(), {}
    same = [a for a in of_kind("md-300K") if abs(a.get_volume() / len(a) - 21.208) < 0.01]
    for name, weight in (("with", 0.001), ("without", 0.0)):
        mtp = run.mtp.copy()
        mtp.fit(run.images, weights=(1.0, 0.01, weight), restart=False, progress=False)
        atoms = crystals()[_PLACE].copy()
        atoms.calc = mtp.calculator()
        found[name] = -float(atoms.get_stress()[:3].mean() / units.GPa)
        found[f"{name}, xx"] = float(atoms.get_stress()[0] / units.GPa)
        found[f"forces {name}"] = error_report(mtp.calculator(), same).metrics["f_rmse"]
    fresh = run.mtp.copy()
    fresh.fit(run.images, weights=(1.0, 0.01, 0.0), progress=False)
    atoms = crystals()[_PLACE].copy()
    atoms.calc = fresh.calculator()
    found["fresh"] = -float(atoms.get_stress()[:3].mean() / units.GPa)
    found["pbe"] = -float(crystals()[_PLACE].get_stress()[:3].mean() / units.GPa)
    return found


def pressure(answer: Any) -> Verdict:
    """Check the pressure of a crystal by a potential that was fitted without stresses."""
    known = without_stress()
    return judge.number(
        answer,
        known["without"],
        unit="GPa",
        rtol=0.06,
        mistakes={
            "the stress is given": (
                -known["without"],
                "A positive pressure pushes outwards; ASE's stress is negative then: minus the mean of "
                "xx, yy, zz",
            ),
            "the three components are added": (3 * known["without"], "Take their mean"),
            "stresses had their weight": (
                known["with"],
                "Fit a copy with `weights=(1, 0.01, 0)` and `restart=False`, and ask that one",
            ),
            "the fit begins anew from random starts": (
                known["fresh"],
                "`restart=False` goes on from the present parameters. (And see how little is fixed: "
                "another start, another pressure)",
            ),
            "PBE is asked": (known["pbe"], "The new potential's pressure is meant"),
        },
        look="`copy = run.mtp.copy()`, `copy.fit(run.images, weights=(1, 0.01, 0), restart=False)`, and "
        "minus the mean of the first three components of the stress, over `ase.units.GPa`",
        right=f"PBE has {known['pbe']:.1f} GPa. And the forces at the volume of the run are not worse: "
        f"{1000 * known['forces without']:.0f} meV/A, {1000 * known['forces with']:.0f} with stresses.",
    )


def why(answer: Any) -> Verdict:
    """Check why forces did not notice a pressure that is not there."""
    return judge.choice(
        answer,
        "b",
        {
            "a": "both potentials have nearly the same forces. An error in them would have shown",
            "b": "and all sixteen structures have one volume: no energy and no force among them says "
            "what the next volume would cost. A stress does, and comes for free",
            "c": "the level is the same in both fits; with stresses it could do it",
            "d": "the energies at that volume are right in both. What of other volumes?",
        },
    )
