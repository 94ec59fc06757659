"""Quizzes: what their files must hold, and what becomes of an answer; tests/browser looks at the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matlearn import quizzes
from matlearn._asking import reading

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
QUESTION = """
[[{when}]]
question = "Question {number} {when}?"
choices = ["one", "two", "three"]
right = {right}
why = ["Because of one.", "Because of two.", "Because of three."]
"""


def text(**changes: str) -> str:
    """A sound quiz.toml; `changes` are put in place of what they name."""
    tables = "".join(
        QUESTION.format(when=when, number=number, right=number % 3)
        for when, count in reading.WANTED.items()
        for number in range(count)
    )
    for old, new in changes.values():
        assert old in tables
        tables = tables.replace(old, new, 1)
    return tables


@pytest.fixture
def lattice_quiz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chapter with a quiz, answers in a folder of their own."""
    (tmp_path / "quiz.toml").write_text(text())

    def quiz_file(chapter: str) -> Path:
        return tmp_path / ("quiz.toml" if chapter == "lattice" else f"{chapter}.toml")

    monkeypatch.setattr(quizzes, "quiz_file", quiz_file)
    monkeypatch.setenv("MATLEARN_RESULTS", str(tmp_path / "results"))


def saved(tmp_path: Path) -> dict:
    return json.loads((tmp_path / "results" / "answers.json").read_text())["quiz"]


@pytest.mark.parametrize("chapter", quizzes.available())
def test_the_quiz_of_a_chapter_is_sound(chapter: str) -> None:
    assert len(quizzes.questions(chapter, "before")) == 4
    assert len(quizzes.questions(chapter, "after")) == 5


@pytest.mark.parametrize("chapter", quizzes.available())
def test_a_chapter_begins_and_ends_with_its_quiz(chapter: str) -> None:
    asked = []
    for path in sorted((NOTEBOOKS / chapter).glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        asked.append([text for text in code if "ml.quizzes" in text])
    assert asked[0] == [f'ml.quizzes.ask("{chapter}", "before")']
    assert asked[-1] == [f'ml.quizzes.ask("{chapter}", "after")']
    assert not any(asked[1:-1])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"one", "two", "three"]', '"one", "two"]'), "3 explanations .* for 2 choices"),
        (("right = 0", "right = 3"), "right must be a number from 0 to 2, got 3"),
        (("right = 0", "right = true"), "right must be a number"),
        (('"Because of one."', '"  "'), "an empty text in why"),
        (('"two",', '" One",'), "a choice is there twice"),
        (("right = 0\n", ""), "missing: right"),
        (("right = 0", "right = 0\nhint = 1"), "too much: hint"),
        (("[[before]]", "[[during]]"), r"\[during\] is not known"),
        (("[[before]]", "[[after]]"), "must be there 4 times, once a question; found: 3"),
        (("Question 1 before?", "Question 0 before?"), "asked twice"),
        (("Question 1 before?", "How large is $k_B T$?"), "write formulas in Unicode"),
        (('question = "Question 0 before?"', "question = 3"), "question must be a text"),
        (("[[before]]", "[[before]"), "is not TOML"),
    ],
)
def test_a_fault_of_a_quiz_file_is_named(
    change: tuple[str, str], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "quiz.toml"
    path.write_text(text(change=change))
    with pytest.raises(ValueError, match=said):
        reading.read_quiz(path)


def test_the_right_choice_must_not_always_be_in_the_same_place(tmp_path: Path) -> None:
    path = tmp_path / "quiz.toml"
    path.write_text(text().replace("right = 0", "right = 2").replace("right = 1", "right = 2"))
    with pytest.raises(ValueError, match="the right choice is always number 2"):
        reading.read_quiz(path)


@pytest.mark.usefixtures("lattice_quiz")
def test_without_a_page_the_questions_are_printed_and_how_to_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert quizzes.ask("lattice", "before") is None
    printed = capsys.readouterr().out
    assert "1. Question 0 before?\n   [0] one\n" in printed
    assert 'ml.quizzes.ask("lattice", "before", answers=[...])' in printed
    assert "Because" not in printed


@pytest.mark.usefixtures("lattice_quiz")
def test_each_choice_is_explained_and_the_first_answer_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quizzes.ask("lattice", "before", answers=[1, 1, 2, -1])
    printed = capsys.readouterr().out
    assert "You said [1]. ✗ Not yet. Because of two." in printed
    assert "You said [1]. ✓ Right. Because of two." in printed
    assert "right at the first try" not in printed
    quizzes.ask("lattice", "before", answers=[0, -1, -1, 0])
    assert "3 of 4 right at the first try." in capsys.readouterr().out
    entry = saved(tmp_path)["lattice.before"]
    assert entry["first"]["Question 0 before?"] == 1
    assert entry["last"]["Question 0 before?"] == 0
    quizzes.ask("lattice", "after", answers=[0, 1, 2, 0, 1])
    assert "5 of 5 right at the first try. Before the chapter: 3 of 4." in capsys.readouterr().out


@pytest.mark.usefixtures("lattice_quiz")
def test_the_form_takes_answers_and_finds_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "0")
    card = quizzes.ask("lattice", "before")
    assert card is not None
    assert card.items[0]["choices"] == ["one", "two", "three"]
    assert "Because" not in json.dumps(card.items)
    card._on_message(card, {"kind": "answer", "item": 0, "value": 2}, [])
    assert card.replies[0] == {
        "kind": "not-yet",
        "sign": "✗ Not yet.",
        "text": "Because of three.",
    }
    for strange in (
        {"item": 9, "value": 0},
        {"item": 0, "value": 7},
        {"item": 0, "value": "two"},
        {},
    ):
        card._on_message(card, {"kind": "answer", **strange}, [])
    assert card.said == [2, None, None, None]
    for item, value in enumerate([0, 1, 2, 0]):
        card.answer(item, value)
    assert card.closing == "3 of 4 right at the first try."
    again = quizzes.ask("lattice", "before")
    assert again is not None
    assert again.said == [0, 1, 2, 0]
    assert again.replies[0]["kind"] == "right"
    assert again.closing == card.closing


@pytest.mark.usefixtures("lattice_quiz")
def test_answers_to_a_question_that_is_no_longer_asked_are_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quizzes.ask("lattice", "before", answers=[0, 1, 2, 0])
    path = tmp_path / "quiz.toml"
    path.write_text(path.read_text().replace("Question 0 before?", "A new question?"))
    capsys.readouterr()
    quizzes.ask("lattice", "before")
    printed = capsys.readouterr().out
    assert "1. A new question?\n   [0] one\n   [1] two\n   [2] three\n\n2." in printed


@pytest.mark.usefixtures("lattice_quiz")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("search", "before"), "chapter must be one with a quiz, got 'search'; there are: lattice"),
        (("lattice", "meanwhile"), "when must be 'before' or 'after', got 'meanwhile'"),
        (("lattice", "before", [0, 1]), "answers must hold 4 numbers, one a question, got 2"),
        (("lattice", "before", [0, 1, 5, 0]), "question 3 takes a number from 0 to 2"),
        (("lattice", "before", [0, "two", 1, 0]), "question 2 takes a number"),
    ],
)
def test_what_cannot_be_asked_is_said(arguments: tuple, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        quizzes.ask(*arguments)
