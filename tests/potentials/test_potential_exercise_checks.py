"""Checks of the exercises on potentials: what is right, what known mistakes are told, what is strange."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ase import units

from matlearn.exercises import Verdict
from matlearn.potentials import puzzles
from matlearn.potentials._checks import argon, colleagues, data, handed_over, lithium, selection
from matlearn.potentials.checks import CHECKS

NUMBERS = ("1a", "1b", "1c", "1d", "2a", "2b", "2c", "2e", "3b", "3d", "4a", "4c", "4d")
LETTERS = {"1e": "a", "2f": "b", "3e": "c", "4e": "d"}


def judged(name: str, answer: Any) -> Verdict:
    return CHECKS[name].check(answer)


def expect(name: str, answer: Any, words: str) -> None:
    verdict = judged(name, answer)
    assert not verdict.passed, verdict
    assert words in verdict.message


def test_every_question_has_three_hints_minutes_and_a_title() -> None:
    for exercise in CHECKS.values():
        assert len(exercise.hints) == 3
        assert exercise.minutes > 0
        assert exercise.title
        assert exercise.wants


@pytest.mark.parametrize(("name", "letter"), LETTERS.items())
def test_each_choice_has_its_own_explanation(name: str, letter: str) -> None:
    assert judged(name, letter).passed
    for other in set("abcd") - {letter}:
        verdict = judged(name, other)
        assert not verdict.passed
        assert len(verdict.message) > 40
    expect(name, "maybe", "is wanted")


def test_a_bond_belongs_to_two_atoms() -> None:
    fcc = argon._energies()["fcc"]
    assert judged("1a", fcc / 6).passed
    expect("1a", fcc / 12, "keeps its twelve bonds")
    expect("1a", fcc, "energy of an atom")
    expect("1a", -fcc / 6, "wrong sign")
    expect("1a", fcc / 6000, "eV")
    expect("1a", argon._energies()["dimer"], "dimer")


def test_distances_of_two_and_of_many_atoms_are_told_apart() -> None:
    known = argon.fitted()
    assert judged("1b", known["minimum"]).passed
    expect("1b", known["sigma"], "sigma is given")
    expect("1b", known["of crystals"], "crystals are fitted")
    assert judged("1c", known["shell"]).passed
    expect("1c", known["a"], "lattice parameter")
    expect("1c", known["a"] / 2, "half of the lattice parameter")
    expect("1c", known["minimum"], "dimer's distance")
    expect("1c", known["a"] * 3**0.5 / 2, "bcc")


def test_the_share_from_afar_needs_the_distance_in_the_crystal() -> None:
    known = argon.fitted()
    share = 1 - known["near"] / known["energy"]
    assert judged("1d", share).passed
    expect("1d", 1 - share, "nearest neighbours is given")
    expect("1d", 1 - 6 * known["epsilon"] / -known["energy"], "as deep as the dimer's")
    expect("1d", 100 * share, "per cent")


def test_errors_of_energies_are_those_of_an_atom() -> None:
    known = lithium._energy_errors()
    assert judged("2a", known["right"]).passed
    expect("2a", known["whole"], "whole cells")
    expect("2a", known["mean"], "mean absolute")
    expect("2a", known["train"], "training set")
    expect("2a", known["right"] / 1000, "eV/atom")


def test_a_bulk_modulus_needs_one_cell_and_gpa() -> None:
    known = lithium._moduli()
    assert judged("2b", known["pbe"]).passed
    expect("2b", known["raw"], "eV/A3")
    expect("2b", 10 * known["pbe"], "kbar")
    expect("2b", known["per cell"], "volumes of atoms")
    expect("2b", known["volume of the cell"], "volumes of cells")
    expect("2b", known["parabola"], "parabola")
    expect("2b", known["learned"], "PBE's own")
    assert judged("2c", known["learned"]).passed
    expect("2c", known["pbe"], "PBE's energies are fitted")


def test_grades_are_those_of_atoms_against_the_training_set() -> None:
    known = lithium._grades()
    right = np.flatnonzero(known["right"] > 2.1)
    assert judged("2d", right).passed
    assert judged("2d", right.tolist()).passed
    expect("2d", list(range(7)), "'configuration'")
    expect("2d", np.array([], dtype=int), "at most 1")
    expect("2d", known["right"], "name the crystals")
    expect("2d", [0, 1], "1 is missing")
    expect("2d", len(right), "now name them")
    assert known["own"].max() < 1.001
    assert known["configuration"].min() > 2.1


def test_a_pressure_has_the_other_sign_of_a_stress() -> None:
    known = lithium.without_stress()
    assert judged("2e", known["without"]).passed
    expect("2e", -known["without"], "stress is given")
    expect("2e", known["with"], "stresses had their weight")
    expect("2e", 3 * known["without"], "added")
    expect("2e", known["without"] * units.GPa, "eV/A3")
    assert known["forces without"] < known["forces with"]


def test_selection_is_no_list_of_the_highest_grades() -> None:
    known = selection._choices()
    assert judged("3a", known["right"]).passed
    assert judged("3a", np.array(known["right"])).passed
    expect("3a", known["above"], "Many of them are alike")
    expect("3a", known["highest"], "judged by itself")
    expect("3a", known["configuration"], "'configuration'")
    expect("3a", [selection.pool()[k] for k in known["right"]], "give their numbers")
    expect("3a", known["right"][1:], "1 is missing")


def test_what_a_selection_brings() -> None:
    right = selection._after(tuple(selection._choices()["right"]))
    assert judged("3b", right["components"]).passed
    expect("3b", right["lengths"], "lengths")
    expect("3b", selection._error(data.learned().mtp)["components"], "nothing has been learned")
    expect("3b", 1000 * right["components"], "meV/A")


def test_a_cutoff_that_has_stayed_is_noticed() -> None:
    known = selection._wider()
    assert judged("3d", known["right"]).passed
    expect("3d", known["same"], "stayed at 5 A")
    expect("3d", known["right, lengths"], "lengths")


def test_random_draws_are_judged_by_mean_and_worst_case(monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = [{"components": 0.02 + 0.001 * k, "grade": 10.0 * k} for k in range(10)]
    monkeypatch.setattr(selection, "_random", lambda: made_up)
    assert judged("3c", (0.0245, 90.0)).passed
    expect("3c", (0.020, 90.0), "best draw")
    expect("3c", (0.029, 90.0), "worst draw")
    expect("3c", (0.0245, 45.0), "mean of the highest")
    expect("3c", 0.0245, "give both")
    expect("3c", (..., ...), "no answer yet")


def test_pressures_by_wrong_differences_are_named() -> None:
    known = colleagues._pressures()
    atoms = colleagues.crystal()
    stress = data.learned().mtp.calculator().get_stress(atoms)
    assert judged("4a", -stress[:3].mean() / units.GPa).passed
    expect("4a", known["one strain"], "strain of each length")
    expect("4a", known["one side"], "one step")
    expect("4a", known["raw"], "own stress")
    expect("4a", known["sum"], "volume is left out")
    expect("4a", -known["right"], "wrong sign")


def test_a_stress_is_repaired_in_three_ways_at_once() -> None:
    def right(stress: Any, volume: float) -> Any:
        return -np.asarray(stress)[[0, 1, 2, 4, 5, 3]] / volume

    assert judged("4b", right).passed
    expect("4b", lambda s, v: -s, "only the sign")
    expect("4b", lambda s, v: s / v, "only the volume")
    expect("4b", lambda s, v: -s / v, "the order stays")
    expect("4b", lambda s, v: -right(s, v), "sign is the virial's")
    expect("4b", lambda s, v: right(s, v) * v, "still an energy")
    expect("4b", lambda s, v: -s[list(handed_over.ORDER)] / v, "wrong way round")
    expect("4b", lambda s, v: right(s, v) / units.GPa, "GPa")
    expect("4b", lambda s, v: None, "no answer yet")
    expect("4b", lambda s: s, "TypeError")
    expect("4b", 3.0, "a function is wanted")


def test_a_stress_that_was_repaired_is_the_derivative_of_the_energy() -> None:
    atoms = colleagues.crystal()
    atoms.calc = puzzles.stress_riddle()
    given, right = atoms.get_stress(), data.learned().mtp.calculator().get_stress(atoms)
    assert np.allclose(colleagues._repaired(given, atoms.get_volume()), right)
    assert np.allclose(atoms.get_forces(), data.learned().mtp.calculator().get_forces(atoms))


def test_forces_in_another_unit_are_recognised() -> None:
    assert judged("4c", units.Bohr).passed
    expect("4c", 1 / units.Bohr, "turned over")
    expect("4c", -units.Bohr, "left out")
    expect("4c", 1.0, "compared with themselves")
    expect("4c", units.Bohr / 2, "one step")


def test_a_shift_is_seen_at_equal_structures_only() -> None:
    known = colleagues._shift()
    assert abs(known["seen"] - handed_over.ZERO) < 0.001
    assert judged("4d", known["seen"]).passed
    expect("4d", known["cell"], "cells")
    expect("4d", known["means"], "mean energies")
    expect("4d", known["both"], "fitted to both")
    expect("4d", -known["right"], "first is taken less the second")


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("answer", [None, "0.2 eV", np.nan, [0.1, 0.2], {"a": 1}, print])
def test_strange_answers_are_told_what_is_wanted(name: str, answer: Any) -> None:
    expect(name, answer, "a number")


def test_what_was_left_out_of_a_call_is_named() -> None:
    expect("2a", lithium._energy_errors()["everything"], "all kinds")
    expect("2e", lithium.without_stress()["fresh"], "random starts")
    expect("4a", colleagues._pressures()["left behind"], "stay where they are")
