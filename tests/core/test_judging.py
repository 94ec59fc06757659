"""What the judging sees of an answer, and that it never gives the right one away."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import scipy.constants as si

from matlearn._exercises import units
from matlearn._exercises.reading import ReferenceFailedError
from matlearn.exercises import Verdict, judge

RIGHT = -0.23417
HARTREE = si.physical_constants["Hartree energy in eV"][0]
BOHR = si.physical_constants["Bohr radius"][0] * 1e10

CONFUSIONS = [
    # asked for, given, by what a number in the first is multiplied to be in the second
    ("eV", "meV", 1e3),
    ("eV", "kJ/mol", si.e * si.N_A / 1e3),
    ("eV", "kcal/mol", si.e * si.N_A / si.calorie / 1e3),
    ("eV", "Ha", 1 / HARTREE),
    ("eV", "Ry", 2 / HARTREE),
    ("eV", "J", si.e),
    ("meV/atom", "eV/atom", 1e-3),
    ("meV/atom", "kJ/mol", si.e * si.N_A / 1e6),
    ("A", "nm", 0.1),
    ("A", "pm", 100.0),
    ("A", "Bohr", 1 / BOHR),
    ("Å", "nm", 0.1),
    ("ps", "fs", 1e3),
    ("ps", "s", 1e-12),
    ("fs", "ps", 1e-3),
    ("cm2/s", "m2/s", 1e-4),
    ("cm²/s", "A2/ps", 1e4),
    ("A2/ps", "cm2/s", 1e-4),
    ("S/cm", "S/m", 100.0),
    ("S/cm", "mS/cm", 1e3),
    ("GPa", "eV/A3", 1e9 / (si.e * 1e30)),
    ("GPa", "kbar", 10.0),
    ("THz", "cm-1", 1e12 / (si.c * 100)),
    ("THz", "meV", 1e12 * si.h / si.e * 1e3),
    ("THz", "rad/ps", 2 * math.pi),
    ("meV", "THz", 1e-3 * si.e / si.h / 1e12),
    ("eV/A", "meV/A", 1e3),
    ("eV/Å", "Ha/Bohr", BOHR / HARTREE),
    ("W/mK", "W/cmK", 0.01),
    ("W/(m K)", "mW/mK", 1e3),
    ("g/cm3", "kg/m3", 1e3),
    ("J/m2", "eV/A2", 1 / (si.e * 1e20)),
]


def hides(message: str, right: float) -> bool:
    """Whether no number of the message is the right one, in the tolerance of the checks."""
    numbers = [float(word) for word in re.findall(r"-?\d+\.?\d*(?:e[-+]?\d+)?", message)]
    return not any(math.isclose(abs(number), abs(right), rel_tol=0.02) for number in numbers)


@pytest.mark.parametrize(("asked", "given", "factor"), CONFUSIONS)
@pytest.mark.parametrize("right", [RIGHT, 4.7123e-5, 812.3])
def test_the_right_number_in_another_unit_is_recognised(
    asked: str, given: str, factor: float, right: float
) -> None:
    assert judge.number(right, right, unit=asked).passed
    verdict = judge.number(right * factor, right, unit=asked)
    assert not verdict.passed
    assert given in verdict.message or given == "rad/ps", verdict
    assert f"where {asked} is asked for" in verdict.message
    assert hides(verdict.message, right)


UNIT = "power of ten|is in|conversion"


@pytest.mark.parametrize("unit", ["eV/atom", "THz", "cm2/s", "K", "", "A", "spins"])
@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (2, "twice"), (1 / 2, "twice"), (3, "three times"), (1 / 3, "three times"), (6, "six times"),
        (1 / 6, "six times"), (math.pi, "pi"), (1e5, UNIT),
        (1e-7, UNIT),
    ],
)  # fmt: skip
def test_common_factors_are_recognised(factor: float, words: str, unit: str) -> None:
    verdict = judge.number(RIGHT * factor, RIGHT, unit=unit)
    assert not verdict.passed
    assert re.search(words, verdict.message), verdict
    assert hides(verdict.message, RIGHT)


def test_per_cent_and_fraction_are_told_apart() -> None:
    assert "per cent" in judge.number(23.4, 0.234).message
    assert "is a fraction" in judge.number(0.234, 23.4, unit="%").message


@pytest.mark.parametrize(("unit", "shift"), [("K", -273.15), ("C", 273.15)])
def test_the_other_scale_of_temperature_is_recognised(unit: str, shift: float) -> None:
    verdict = judge.number(431.5 + shift, 431.5, unit=unit)
    assert "Celsius" in verdict.message
    assert "273.15" in verdict.message


def test_a_wrong_sign_is_recognised_alone_and_with_a_unit() -> None:
    assert "right size but the wrong sign" in judge.number(-RIGHT, RIGHT, unit="eV").message
    both = judge.number(-1000 * RIGHT, RIGHT, unit="eV").message
    assert "wrong sign" in both
    assert "in meV" in both
    assert judge.number(-RIGHT, RIGHT, sign=False).passed


def test_a_named_mistake_comes_first_and_says_where_to_look() -> None:
    mistakes = {
        "the displacements are still wrapped": (0.4, "look at `unwrap`"),
        "pairs are counted twice": lambda right: 2 * right,
        "nothing is subtracted": lambda: 0.77,
        "a number": 0.9,
    }
    for value, words in [
        (0.401, "comes out when the displacements are still wrapped. Look at `unwrap`."),
        (2 * RIGHT, "comes out when pairs are counted twice."),
        (0.77, "comes out when nothing is subtracted."),
        (0.9, "comes out when a number."),
    ]:
        verdict = judge.number(value, RIGHT, mistakes=mistakes, unit="A2")
        assert not verdict.passed
        assert words in verdict.message
    assert judge.number(RIGHT, RIGHT, mistakes={"it is right": RIGHT}).passed


def test_of_two_mistakes_the_nearer_is_named() -> None:
    mistakes = {"the first": 1.00, "the second": 1.03}
    assert "the second" in judge.number(1.027, 5.0, rtol=0.1, mistakes=mistakes).message


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (RIGHT * 1.05, "close: .* only a little too large"),
        (RIGHT * 0.95, "close: .* only a little too small"),
        (RIGHT * 1.7, "is too large"),
        (RIGHT * 0.6, "is too small"),
        (RIGHT * 37, "far too large"),
        (0.0, "far too small"),
    ],
)
def test_a_number_that_is_off_says_how_and_where_to_look(value: float, words: str) -> None:
    verdict = judge.number(value, RIGHT, unit="eV", look="look at the hull")
    assert not verdict.passed
    assert re.search(words, verdict.message), verdict
    assert "look at the hull" in verdict.message
    assert hides(verdict.message, RIGHT)


def test_a_reference_of_zero_is_judged_by_the_absolute_tolerance() -> None:
    assert judge.number(1e-4, 0.0, atol=1e-3).passed
    assert "too large" in judge.number(0.5, 0.0, atol=1e-3).message


class Quantity:
    """As other libraries have them."""

    units, magnitude = "eV", 2.0

    def to(self, _unit: str) -> Quantity:
        return self


@dataclass
class Result:
    value: float = 2.0
    error: float = 0.1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "nothing .*`return`"),
        ("2 eV", "without quotes"),
        (True, "`True`"),
        (math.nan, "nan"),
        (math.inf, "infinite"),
        ([1, 2], "list of 2"),
        ([], "list of 0"),
        (np.zeros((3, 2)), r"shape \(3, 2\)"),
        ({"a": 1}, "dict of 1"),
        (2 + 1j, "complex"),
        (math.sin, "function, `sin`"),
        (Quantity(), r'`.to\("eV"\).magnitude`'),
        (Result(), "`.value`, `.error`"),
        (object(), "an object"),
        ([[1, 2], [3]], "list of 2"),
        (Verdict, "function"),
    ],
)
def test_what_is_no_number_is_named(answer: Any, words: str) -> None:
    verdict = judge.number(answer, 2.0, unit="eV")
    assert not verdict.passed
    assert verdict.message.startswith("a number (in eV) is wanted, but")
    assert re.search(words, verdict.message), verdict


@pytest.mark.parametrize(
    "answer", [2, 2.0, np.float32(2), np.array(2.0), np.array([[2.0]]), [2.0], 2 + 0j, np.int64(2)]
)
def test_every_way_to_give_one_number_counts(answer: Any) -> None:
    assert judge.number(answer, 2.0).passed


def test_a_tensor_is_a_number_too() -> None:
    torch = pytest.importorskip("torch")
    assert judge.number(torch.tensor(2.0, requires_grad=True), 2.0).passed


def test_a_reference_is_computed_once() -> None:
    calls = []

    def reference() -> float:
        calls.append(1)
        return 2.0

    assert judge.number(2.0, reference).passed
    assert judge.number(2.0, reference).passed
    assert len(calls) == 1


def test_a_reference_that_fails_is_not_the_learners_fault() -> None:
    with pytest.raises(ReferenceFailedError, match="could not be computed: ZeroDivisionError"):
        judge.number(2.0, lambda: 1 / 0)


VALUES = np.array([1.0, -2.0, 4.0, 7.0])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (VALUES[::-1], "back to front"),
        (np.sort(VALUES), "in another order"),
        (-VALUES, "right size but the wrong sign"),
        (np.abs(VALUES), "1 of 4 have the wrong sign"),
        (1000 * VALUES, "same factor.*in meV"),
        (VALUES + 3, "shifted by one and the same amount"),
        ([1, -2, 4, 70], r"3 of 4 numbers agree; the first that does not is \[3\]"),
        (VALUES[:3], "1 too few"),
        ([*VALUES, 1], "1 too many"),
        (VALUES[:, None], "arranged differently"),
        ([1, 2, math.nan, 4], r"1 of your 4 numbers are nan or infinite, the first at index \[2\]"),
        (None, "nothing"),
        ("abc", "without quotes"),
        ([[1, 2], [3]], "list of 2"),
        ({1, 2}, "no order"),
        (sum, "call it"),
        (VALUES / 2 - 0.3, "0 of 4 numbers agree"),
        ([0, 0, 0, 0], "0 of 4 numbers agree"),
    ],
)
def test_what_is_wrong_with_an_array_is_said(answer: Any, words: str) -> None:
    verdict = judge.array(answer, VALUES, unit="eV", shape_words="one energy for each crystal")
    assert not verdict.passed
    assert re.search(words, verdict.message), verdict


def test_axes_of_a_table_are_told_apart() -> None:
    table = np.arange(6.0).reshape(2, 3)
    assert "exchanged" in judge.array(table.T, table).message
    assert "an axis is missing" in judge.array(table.mean(axis=1), table).message
    assert "an axis too many" in judge.array(table, table.mean(axis=1)).message
    wrong = {"the transpose is squared": lambda right: right**2}
    assert "is squared" in judge.array(table**2, table, mistakes=wrong).message
    assert judge.array(table + 1e-4, table).passed  # near zero the largest entry sets the scale


def test_a_choice_says_why() -> None:
    why = {"a": "since a", 2: "since 2", "no Answer": "look again", True: "yes"}
    assert judge.choice(" A ", "a", why) == Verdict(True, "since a.")
    assert judge.choice(np.int64(2), "a", why) == Verdict(False, "not 2: since 2.")
    assert judge.choice("b", "a", why).message.startswith(
        "one of 2, True, 'a', 'no Answer' is wanted"
    )
    for strange in (None, [1], {}, object()):
        assert "is wanted" in judge.choice(strange, "a", why).message
    assert judge.choice(["1", 2], ["1", 2], {}).passed


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([3], "1 of the runs is right; 1 is missing: compare"),
        ([3, 8, 5], "2 of the runs are right; 1 that you name does not belong there: hot"),
        ([1, 2], "none of the runs is right; 2 that you name do not belong there"),
        (3, "1 of the runs is right"),
        (None, "a list of runs is wanted"),
    ],
)
def test_members_say_how_many_are_right(answer: Any, words: str) -> None:
    verdict = judge.members(answer, {3, 8}, what="runs", missed="compare them", extra="hot?")
    assert not verdict.passed
    assert words in verdict.message
    assert "8" not in verdict.message
    assert judge.members(np.array([8, 3]), [3, 8]).passed


def test_all_of_stops_at_the_first_that_does_not_hold() -> None:
    def never() -> Verdict:
        raise AssertionError

    good, bad = Verdict(True, "good."), Verdict(False, "bad.")
    assert judge.all_of(good, good, right="both").message == "both"
    assert judge.all_of(bad, never).message == "bad."
    assert judge.all_of(good, good, bad, never).message == "2 of 4 parts hold. Then: bad."


def test_sums_must_obey_their_law() -> None:
    forces = np.array([[0.1, 0, 0], [-0.1, 0, 0]])
    assert judge.sum_rule(forces, what="the forces", axis=0).passed
    forces[0, 1] = 0.5
    verdict = judge.sum_rule(
        forces, what="the forces", axis=0, unit="eV/A", look="is the net taken off?"
    )
    assert "[0, 0.5, 0] eV/A, and must add up to [0, 0, 0]" in verdict.message
    assert "is the net taken off?" in verdict.message
    assert judge.sum_rule([0.2, 0.8], 1).passed
    assert "nan" in judge.sum_rule([0.2, math.nan], 1).message
    assert "axis" in judge.sum_rule([0.2, 0.8], 1, axis=1).message


def test_invariances_are_tried() -> None:
    turn = {"the crystal is turned": lambda x: x[::-1], "it is moved": lambda x: x + 1.0}
    points = [np.array([0.0, 1.0, 3.0])]
    assert judge.invariant(np.ptp, turn, points, what="the size").passed
    assert "when it is moved" in judge.invariant(np.max, turn, points).message
    assert "the crystal is turned" in judge.invariant(lambda x: x[0], turn, points).message
    assert "no answer yet" in judge.invariant(lambda x: None, turn, points).message
    assert "a function is wanted" in judge.invariant(3.0, turn, points).message
    assert "raises ZeroDivisionError" in judge.invariant(lambda x: 1 / 0, turn, points).message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x, y: None, "no answer yet"),
        (lambda x, y: ..., "no answer yet"),
        (lambda x: x, "raises TypeError"),
        (lambda x, y: 2 * (x + y), "adds them twice"),
        (lambda x, y: 1000 * (x + y), "case 1 of 2: .*in meV"),
        (lambda x, y: x + abs(y), "case 2 of 2"),
        (3.0, "a function is wanted"),
        (lambda x, y: "x", "case 1 of 2: .*without quotes"),
    ],
)
def test_a_function_is_judged_by_what_it_returns(answer: Callable, words: str) -> None:
    at = [(1.0, 2.0), (3.0, -1.0)]
    mistakes = {"it adds them twice": lambda x, y: 2 * (x + y)}
    verdict = judge.function(answer, lambda x, y: x + y, at, unit="eV", mistakes=mistakes)
    assert not verdict.passed
    assert re.search(words, verdict.message), verdict
    assert judge.function(lambda x, y: y + x, lambda x, y: x + y, at).passed


def test_functions_may_return_arrays_and_cases_have_names() -> None:
    verdict = judge.function(
        lambda x: x[::-1], lambda x: x, [np.array([1.0]), np.array([1.0, 2.0])], names=["one", "two atoms"]
    )  # fmt: skip
    assert verdict.message.startswith("two atoms: the numbers are right, but back to front")


@pytest.mark.parametrize("unit", sorted({unit for table in units.tables() for unit in table}))
def test_no_unit_is_another_of_the_same_size(unit: str) -> None:
    others = units.alternatives(unit)
    assert others
    assert unit not in others
    assert all(abs(math.log(factor)) > 1e-3 for factor in others.values())
