"""The frame in which exercises check themselves."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from matlearn import exercises
from matlearn.exercises import Exercise, Verdict


@pytest.fixture(autouse=True)
def results(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of its own for the answers."""
    monkeypatch.setenv("MATLEARN_RESULTS", str(tmp_path))
    return tmp_path


@pytest.fixture
def one_exercise(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_even(answer: int) -> Verdict:
        return Verdict(answer % 2 == 0, f"{answer} leaves {answer % 2} when halved")

    module = types.ModuleType("matlearn.search.checks")
    module.CHECKS = {"1a": Exercise("Name an even number.", is_even, ("think of pairs", "two"))}  # type: ignore[attr-defined]
    module.__spec__ = types.SimpleNamespace()  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "matlearn.search.checks", module)


@pytest.mark.usefixtures("one_exercise")
def test_a_check_says_what_it_saw() -> None:
    assert exercises.check("search.1a", 4).passed
    verdict = exercises.check("search.1a", 3)
    assert not verdict.passed
    assert repr(verdict) == "Not yet: 3 leaves 1 when halved"


@pytest.mark.usefixtures("one_exercise")
def test_hints_come_step_by_step() -> None:
    assert exercises.hint("search.1a") == "think of pairs"
    assert exercises.hint("search.1a", 2) == "two"
    with pytest.raises(ValueError, match="step must be from 1 to 2"):
        exercises.hint("search.1a", 3)


@pytest.mark.usefixtures("one_exercise")
@pytest.mark.parametrize("identifier", ["search.2", "search", "cooking.1a", ""])
def test_an_unknown_exercise_lists_those_there_are(identifier: str) -> None:
    with pytest.raises(ValueError, match=r"there are: .*search\.1a"):
        exercises.check(identifier, 1)
