"""Exercises of the transport chapter: right answers pass, each known slip is named, nonsense is told."""

from __future__ import annotations

import numpy as np
import pytest

from matlearn.exercises import judge
from matlearn.transport._checks import argentite, colleagues, copper, diagnosing
from matlearn.transport.checks import CHECKS, colleague


def said(name: str, answer: object) -> str:
    verdict = CHECKS[name].check(answer)
    assert not verdict.passed, verdict
    return verdict.message


@pytest.fixture(scope="module")
def right() -> dict[str, object]:
    """The right answers, computed along other ways than the checks' where there are some."""
    d, layer = argentite.by_two_lags(), 1e-3
    energies = copper.vacancy()
    return {
        "1a": d,
        "1b": layer**2 / (2 * d),
        "2a": argentite.current(108),
        "2b": argentite.slope(),
        "2c": argentite.growth(-1),
        "2d": 1 / argentite.haven(),
        "3a": energies["formation"],
        "3b": energies["formation"] + energies["barrier"],
        "3c": copper.diffusion(1300),
        "3d": 1 / (108 * copper.vacant(1000)),
        "4a": dict(colleagues.TRUE),
        "4b": 1.52e-5,
        "4c": 350,
        "4d": "D",
    }


@pytest.mark.parametrize("name", CHECKS)
def test_a_right_answer_passes(name: str, right: dict[str, object]) -> None:
    verdict = CHECKS[name].check(right[name])
    assert verdict.passed, verdict
    assert len(CHECKS[name].hints) == 3
    assert CHECKS[name].wants


SLIPS = {
    "1a": {
        "not divided by six": lambda x: 6 * x,
        "neither": lambda x: 6e4 * x,
        "by 2": lambda x: 3 * x,
        "averaged over x, y and z": lambda x: x / 3,
        "sulfur too": lambda x: argentite.by_two_lags(atoms="all"),
        "mean over ions": lambda x: argentite.by_two_lags(per_ion=False),
        "put back into the cell": lambda x: argentite.by_two_lags(wrapped=True),
        "A2/ps": lambda x: 1e4 * x,
        "m2/s": lambda x: 1e-4 * x,
        "wrong sign": lambda x: -x,
    },
    "1b": {
        "6 D t": lambda x: x / 3,
        "factor of 2": lambda x: 2 * x,
        "in metres": lambda x: 1e-4 * x,
        "not squared": lambda x: 1e3 * x,
        "thermal velocity": lambda x: 5e-8,
    },
    "2a": {
        "all 162 atoms": lambda x: 1.5 * x,
        "formula units": lambda x: x / 2,
        "charge of 2. Charged": lambda x: 3 * x,
        "silver has the charge of sulfur": lambda x: 2 * x,
        "given a charge of 2": lambda x: 4 * x,
        "300 K": lambda x: x * 5 / 3,
        "not squared": lambda x: x / 1.602e-19,
        "S/m": lambda x: 100 * x,
    },
    "2b": {
        "decadic": lambda x: x / np.log(10),
        "D/T": lambda x: argentite.slope(power=-1),
        "Celsius": lambda x: argentite.slope(celsius=True),
        "against T itself": lambda x: argentite.slope(against="temperature"),
        "kJ/mol": lambda x: 96.485 * x,
        "wrong sign": lambda x: -x,
        "divided by kB": lambda x: x / 8.617e-5,
    },
    "2c": {
        "D alone": lambda x: argentite.growth(0),
        "multiplies": lambda x: argentite.growth(1),
        "450 K is put over": lambda x: 1 / x,
    },
    "2d": {"Haven ratio itself": lambda x: 1 / x, "did not see each other": lambda x: 1.0},
    "3a": {
        "not relaxed": lambda x: copper.vacancy()["unrelaxed"],
        "compared with 32": lambda x: copper.vacancy()["difference"],
        "vacuum": lambda x: copper.vacancy()["to vacuum"],
        "wrong sign": lambda x: -x,
    },
    "3b": {
        "hop alone": lambda x: copper.vacancy()["barrier"],
        "formation energy alone": lambda x: copper.vacancy()["formation"],
        "half of the formation": lambda x: x - copper.vacancy()["formation"] / 2,
        "subtracted": lambda x: x - 2 * copper.vacancy()["barrier"],
    },
    "3c": {
        "vacant sites is left out": lambda x: x / copper.vacant(1300),
        "one neighbour": lambda x: x / 12,
        "correlation factor": lambda x: x / 0.7815,
        "lattice constant": lambda x: 2 * x,
        "instead of the square": lambda x: x / 2.54e-8,
        "by 2, as in one dimension": lambda x: 3 * x,
        "1e13 Hz": lambda x: copper.diffusion(1300, attempt=1e13),
        "1000 K": lambda x: copper.diffusion(1000),
        "m2/s": lambda x: 1e-4 * x,
    },
    "3d": {
        "over that of the simulation": lambda x: 1 / x,
        "one on each site": lambda x: 108 * x,
        "for 1300 K": lambda x: 1 / 108 / copper.vacant(1300),
        "taken for the energy to make": lambda x: (
            np.exp(copper.vacancy()["barrier"] / 0.086173) / 108
        ),
    },
    "4b": {
        "still wrapped": lambda x: colleagues.straight_line(colleague("A").run, "Ag")[0],
        "no displacement gets beyond": lambda x: diagnosing._estimate(colleague("A").run.positions),
        "whole displacements": lambda x: diagnosing._estimate(diagnosing._from_the_start()),
        "left out": lambda x: diagnosing._estimate(diagnosing._without_jumps()),
    },
}


@pytest.mark.parametrize(
    ("name", "words"), [(name, words) for name in SLIPS for words in SLIPS[name]]
)
def test_a_slip_is_called_by_its_name(name: str, words: str, right: dict[str, object]) -> None:
    message = said(name, SLIPS[name][words](right[name]))
    assert words in message
    assert f"{right[name]:.3g}" not in message.partition(" ")[2]  # beyond what was given


@pytest.mark.parametrize("letter", colleagues.LETTERS)
def test_each_wrong_diagnosis_says_what_else_would_be_seen(letter: str) -> None:
    for cause, seen in colleagues.SIGNS.items():
        if cause == colleagues.TRUE[letter]:
            continue
        message = said("4a", {**colleagues.TRUE, letter: cause})
        assert f"Look at {letter}" in message
        assert seen in message
        assert colleagues.TRUE[letter] not in message.replace(cause, "").replace(seen, "")


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize(
    "answer", [None, "much", float("nan"), [], {"x": 1}, np.ones((3, 3)), print]
)
def test_nonsense_is_told_what_is_wanted(name: str, answer: object) -> None:
    message = said(name, answer)
    assert "wanted" in message or "no cause is given" in message or "nan" in message


def test_an_incomplete_or_unknown_diagnosis_is_told() -> None:
    assert "no cause is given for B, C" in said("4a", {"A": "nothing"})
    assert "none of the causes" in said("4a", {**colleagues.TRUE, "A": "cosmic rays"})


def test_the_part_of_a_run_before_it_melts_may_be_a_little_shorter_not_longer() -> None:
    check = CHECKS["4c"].check
    assert check(300).passed and check(360.0).passed
    assert "Is that still one crystal" in said("4c", 500)
    assert "thrown away" in said("4c", 50)
    assert "within it" in said("4c", 5000)


def test_references_agree_with_formulas_that_were_not_used_to_compute_them() -> None:
    sigma = 108 / 3138 * argentite.pooled(500).value * 1e24 * 1.602e-19 / (8.617e-5 * 500)
    assert argentite.current(108) == pytest.approx(sigma, rel=2e-3)
    assert judge.number(
        argentite.growth(0), np.exp(0.077 / 8.617e-5 * (1 / 450 - 1 / 650)), rtol=0.05
    )


def test_colleagues_are_asked_for_by_letter() -> None:
    with pytest.raises(ValueError, match="A, B, C, D, E"):
        colleague("F")
    assert "2.1e-05 cm2/s" in repr(colleague("D"))
