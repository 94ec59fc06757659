"""The frame in which exercises check themselves."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from matlearn import exercises
from matlearn.exercises import Exercise, Verdict, judge


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
    hints, wants = ("think of pairs", "two"), "an even whole number"
    module.CHECKS = {"1a": Exercise("Name one.", is_even, hints, wants=wants)}  # type: ignore[attr-defined]
    module.__spec__ = types.SimpleNamespace()  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "matlearn.search.checks", module)


@pytest.mark.usefixtures("one_exercise")
def test_a_check_says_what_it_saw() -> None:
    assert exercises.check("search.1a", 4).passed
    verdict = exercises.check("search.1a", 3)
    assert not verdict.passed
    assert repr(verdict) == "Not yet: 3 leaves 1 when halved"


@pytest.mark.usefixtures("one_exercise")
@pytest.mark.parametrize(
    ("answer", "given"),
    [
        (None, "nothing (`None`)"),
        ("four", "the text 'four'"),
        ([4], "a list of 1"),
        ({"x": 4}, "a dict of 1"),
        (object(), "an object"),
        (len, "a function, `len`"),
    ],
)
def test_a_strange_answer_is_a_verdict_and_no_traceback(answer: object, given: str) -> None:
    verdict = exercises.check("search.1a", answer)
    assert not verdict.passed
    assert f"you gave {given}" in verdict.message
    assert "Wanted: an even whole number" in verdict.message


@pytest.mark.usefixtures("one_exercise")
def test_no_answer_yet_never_reaches_the_check() -> None:
    verdict = exercises.check("search.1a", ...)
    assert repr(verdict).startswith("Not yet: no answer yet")
    assert "an even whole number" in verdict.message


def test_a_fault_of_the_check_itself_is_not_blamed_on_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = Exercise("?", lambda x: judge.number(x, lambda: 1 / 0))
    monkeypatch.setattr(exercises, "find", lambda _: broken)
    with pytest.raises(RuntimeError, match="own reference could not be computed"):
        exercises.check("search.1a", 2)


@pytest.mark.usefixtures("one_exercise")
def test_a_verdict_shows_itself_with_words_and_a_sign_and_escapes_the_rest() -> None:
    shown = exercises.check("search.1a", 3)._repr_html_()
    assert "\N{HEAVY BALLOT X} Not yet" in shown
    assert "search.1a" in shown
    assert "<code>ml.exercises.hint(" in shown
    right = exercises.check("search.1a", 4)._repr_html_()
    assert "\N{HEAVY CHECK MARK} Right" in right
    assert "hint" not in right
    assert "color:var(--jp-content-font-color1, inherit)" in right  # follows the theme
    nasty = Verdict(False, "<b>1 & 2</b> `<i>`\nnext")._repr_html_()
    assert "&lt;b&gt;1 &amp; 2&lt;/b&gt; <code>&lt;i&gt;</code><br>next" in nasty


def test_stress_and_formulas_are_shown_as_such_and_code_is_left_alone() -> None:
    shown = Verdict(False, "*one* of **two**, $a * b * c$, `x*y*z`, 2 * 3 * 4, a*b*c")._repr_html_()
    assert (
        "<em>one</em> of <strong>two</strong>, $a * b * c$, <code>x*y*z</code>, 2 * 3 * 4, a*b*c"
        in shown
    )


@pytest.mark.usefixtures("one_exercise")
def test_a_hint_shows_itself_with_its_number() -> None:
    hint = exercises.hint("search.1a")
    assert repr(hint) == "Hint 1 of 2: think of pairs"
    assert "Ask again for the next one" in hint._repr_html_()
    assert "Ask again" not in exercises.hint("search.1a")._repr_html_()


@pytest.mark.usefixtures("one_exercise")
def test_progress_shows_itself_as_a_table_with_words() -> None:
    exercises.check("search.1a", 4)
    progress = exercises.progress()
    row = progress.to_frame().loc["search"]
    assert tuple(row[["done", "tried", "total"]]) == (1, 1, 1)
    shown = progress._repr_html_()
    assert ">search</td>" in shown
    assert ">1 of 1</td>" in shown
    assert 'aria-label="1 of 1 solved"' in shown
    assert "search 1/1" in repr(progress)


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
