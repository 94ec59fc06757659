"""Exercises of the phonon chapter: right answers pass, each known slip is named, nonsense is told."""

from __future__ import annotations

import numpy as np
import pytest

from matlearn.phonons._checks import aluminium, colleagues, diagnosing, heat, ions, salt
from matlearn.phonons.checks import CHECKS, colleague

TAU = 2 * np.pi


def said(name: str, answer: object) -> str:
    verdict = CHECKS[name].check(answer)
    assert not verdict.passed, verdict
    return verdict.message


@pytest.fixture(scope="module")
def right() -> dict[str, object]:
    """The right answers, along other ways than the checks' where there are some."""
    modes = salt.optical()
    return {
        "1a": aluminium.constants().fc2[0, 0, 0, 0],
        "1b": np.sqrt(aluminium.column()[0, 0] / 26.98 * 9648.5) / TAU,
        "1c": np.sqrt((aluminium.waves(aluminium.constants(), 5) ** 2).mean()),
        "2a": modes[-1],
        "2b": np.sqrt(modes[-1] ** 2 - modes[0] ** 2),
        "2c": salt.sound(),
        "2d": 2.4438 * (modes[-1] / modes[0]) ** 2,
        "3a": salt.heat().at(300),
        "3b": heat._share(),
        "3c": salt.half(),
        "3d": salt.powder(10, 100) / salt.powder(10, 300),
        "4a": dict(colleagues.TRUE),
        "4b": colleagues.unit_factor(),
        "4c": 100 * (diagnosing._kappa("C") / diagnosing._kappa("B") - 1),
    }


@pytest.mark.parametrize("name", CHECKS)
def test_a_right_answer_passes(name: str, right: dict[str, object]) -> None:
    verdict = CHECKS[name].check(right[name])
    assert verdict.passed, verdict
    assert len(CHECKS[name].hints) == 3
    assert CHECKS[name].wants


SLIPS = {
    "1a": {
        "not divided by the push": lambda x: 0.01 * x,
        "It points back": lambda x: -x,
        "neither divided": lambda x: -0.01 * x,
        "mRy/Bohr2": lambda x: 20.5818 * x,
        "in Ry/Bohr2": lambda x: x / 48.587,
        "tie to one neighbour": lambda x: np.linalg.norm(aluminium.column()[1:], axis=1).max(),
        "N/m": lambda x: 16.0218 * x,
    },
    "1b": {
        "angular one": lambda x: TAU * x,
        "2 pi twice": lambda x: x / TAU,
        "root is forgotten.": lambda x: (TAU * x) ** 2,
        "2 pi is taken off": lambda x: TAU * x**2,
        "nailed down": lambda x: x / np.sqrt(2),
        "four atoms": lambda x: x / 2,
        "atomic number": lambda x: x * np.sqrt(26.98 / 13),
        "cm-1": lambda x: 33.3564 * x,
    },
    "1c": {
        "plain mean": lambda x: aluminium.waves(aluminium.constants()).mean(),
        "root is not taken": lambda x: x**2,
        "highest": lambda x: aluminium.waves(aluminium.constants()).max(),
        "added up instead": lambda x: np.sqrt(3) * x,
    },
    "2a": {
        "Give `direction": lambda x: salt.optical()[0],
        "difference": lambda x: x - salt.optical()[0],
        "rad/ps": lambda x: TAU * x,
        "meV": lambda x: 4.13567 * x,
    },
    "2b": {
        "rad/ps": lambda x: TAU * x,
        "four pairs": lambda x: x / 2,
        "32 pairs": lambda x: x / np.sqrt(32),
        "added up": lambda x: salt.plasma(mass="sum"),
        "mean mass": lambda x: salt.plasma(mass="mean"),
        "sodium's": lambda x: salt.plasma(mass="sodium"),
        "chlorine's": lambda x: salt.plasma(mass="chlorine"),
        "screening": lambda x: x * np.sqrt(2.4438),
        "elementary one": lambda x: x / 1.1071,
        "4 pi": lambda x: x / np.sqrt(4 * np.pi),
        "not their squares": lambda x: salt.optical()[-1] - salt.optical()[0],
    },
    "2c": {
        "2 pi is in one": lambda x: TAU * x,
        "other way round": lambda x: x / TAU,
        "transversal": lambda x: salt.sound(0),
        "taken for 1/A": lambda x: ions._fractional(),
        "0.1 km/s": lambda x: 10 * x,
        "m/s": lambda x: 1000 * x,
    },
    "2d": {
        "not squared": lambda x: np.sqrt(2.4438 * x),
        "TO stands above": lambda x: 2.4438**2 / x,
        "only the ratio": lambda x: x / 2.4438,
        "ions' part": lambda x: x - 2.4438,
        "left out": lambda x: 2.4438,
    },
    "3a": {
        "100 K": lambda x: salt.heat().at(100),
        "added up": lambda x: 3 * x,
        "Born charges": lambda x: salt.heat(field=False).at(300),
        "7x7x7": lambda x: salt.heat(mesh=7).at(300),
    },
    "3b": {
        "acoustic": lambda x: 100 - x,
        "counted": lambda x: 50.0,
        "100 K": lambda x: heat._share(100),
        "begins at 0": lambda x: heat._share(first=4),
        "fraction": lambda x: x / 100,
    },
    "3c": {
        "median path": lambda x: salt.median_path(),
        "100 K": lambda x: salt.half(100),
        "A, where nm": lambda x: 10 * x,
    },
    "3d": {
        "of the crystal": lambda x: salt.heat().at(100) / salt.heat().at(300),
        "300 K stands above": lambda x: 1 / x,
        "at both temperatures": lambda x: heat._old_paths(),
        "100 nm": lambda x: salt.powder(100, 100) / salt.powder(100, 300),
    },
    "4b": {
        "root of the constants": lambda x: np.sqrt(x),
        "other way round": lambda x: 1 / x,
        "milli": lambda x: x / 1000,
        "one neighbour": lambda x: x * aluminium.column()[0, 0] / diagnosing._nearest(),
    },
    "4c": {
        "What is changed is C's": lambda x: 100 * (1 / (1 + x / 100) - 1),
        "ratio": lambda x: 100 + x,
        "difference in W/mK": lambda x: diagnosing._kappa("C") - diagnosing._kappa("B"),
        "mesh, 9": lambda x: 100 * (diagnosing._kappa("C") / diagnosing._kappa("B", 9) - 1),
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


def test_the_mean_square_of_all_frequencies_is_that_of_an_atom_alone() -> None:
    alone = aluminium.frequency(aluminium.column()[0, 0])
    for points in (3, 4):
        waves = aluminium.waves(aluminium.constants(), points)
        assert np.sqrt((waves**2).mean()) == pytest.approx(alone, rel=1e-5)


def test_the_field_by_hand_is_what_phonopy_adds() -> None:
    modes = salt.optical()
    assert salt.plasma() == pytest.approx(np.sqrt(modes[-1] ** 2 - modes[0] ** 2), rel=1e-3)


def test_colleagues_are_asked_for_by_letter_and_say_what_they_claim() -> None:
    with pytest.raises(ValueError, match="A, B, C, D, E, F"):
        colleague("G")
    assert "0.4i THz" in repr(colleague("C"))
    assert colleague("E").constants.messages == ()
