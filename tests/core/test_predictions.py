"""Predictions: asked, kept, shown again; and where the notebooks ask for them."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from matlearn import predictions

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_RESULTS", str(tmp_path))


def calls(path: Path) -> list[tuple[str, list]]:
    """The calls of ml.predictions in a notebook, in order: name and arguments."""
    return [
        (ast.unparse(node.func), [ast.literal_eval(argument) for argument in node.args])
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code" and "ml.predictions." in "".join(cell["source"])
        for node in ast.walk(ast.parse("".join(cell["source"])))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("ml.predictions.")
    ]


def test_a_prediction_is_kept_and_shown_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert predictions.ask("lattice.4.1", ["lower", "the same", "higher"]) is None
    printed = capsys.readouterr().out
    assert "lower / the same / higher" in printed
    assert 'ml.predictions.ask("lattice.4.1", [...], said="lower")' in printed
    assert str(predictions.recall("lattice.4.1")).startswith("No prediction yet")
    predictions.ask("lattice.4.1", ["lower", "the same", "higher"], said="lower")
    assert capsys.readouterr().out.endswith("You said: lower.\n")
    assert predictions.recall("lattice.4.1") == "You said: lower."


def test_a_prediction_in_own_words_is_kept_too() -> None:
    predictions.ask("search.3.2", said="  about a minute. ")
    assert predictions.recall("search.3.2") == "You said: about a minute."


def test_the_form_keeps_a_prediction_and_the_line_below_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "0")
    card = predictions.ask("lattice.4.1", ["lower", "the same", "higher"])
    line, other = predictions.recall("lattice.4.1"), predictions.recall("lattice.4.2")
    assert card is not None
    card._on_message(card, {"kind": "answer", "item": 0, "value": 2}, [])
    assert line.text == "You said: higher."  # type: ignore[union-attr]
    assert other.text.startswith("No prediction yet")  # type: ignore[union-attr]
    again = predictions.ask("lattice.4.1", ["lower", "the same", "higher"])
    assert again is not None
    assert again.said == [2]
    kept = json.loads((tmp_path / "answers.json").read_text())["predictions"]
    assert kept["lattice.4.1"]["said"] == "higher"
    changed = predictions.ask("lattice.4.1", ["less", "more"])  # options of a newer version
    assert changed is not None
    assert changed.said == [None]


def test_the_form_takes_words_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "0")
    card = predictions.ask("search.3.2")
    assert card is not None
    card._on_message(card, {"kind": "answer", "item": 0, "value": 1}, [])  # no number was asked
    assert card.said == [None]
    card._on_message(card, {"kind": "answer", "item": 0, "value": "a minute"}, [])
    assert predictions.recall("search.3.2").text == "You said: a minute."  # type: ignore[union-attr]


@pytest.mark.parametrize("identifier", ["lattice.4", "cooking.1.1", "lattice.0.1", "", 3])
def test_an_identifier_that_is_none_is_refused(identifier: str) -> None:
    for call in (predictions.ask, predictions.recall):
        with pytest.raises(ValueError, match=r"identifier must be chapter\.notebook\.number"):
            call(identifier)


@pytest.mark.parametrize("options", [["lower"], ["lower", "lower"], ["lower", " "], "lower"])
def test_options_must_be_a_choice(options: list[str]) -> None:
    with pytest.raises(ValueError, match="options must be two or more different texts"):
        predictions.ask("lattice.4.1", options)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_a_notebook_asks_is_shown_again_further_down(path: Path) -> None:
    place = f"{path.parent.name}.{int(path.stem[:2])}."
    asked: list[str] = []
    recalled: list[str] = []
    for name, arguments in calls(path):
        identifier = arguments[0]
        assert identifier.startswith(place)
        if name == "ml.predictions.ask":
            assert identifier not in asked
            asked.append(identifier)
            if len(arguments) > 1:
                assert predictions._checked(arguments[1])
        else:
            assert identifier in asked, f"{identifier} is recalled before it is asked"
            assert identifier not in recalled
            recalled.append(identifier)
    assert sorted(asked) == sorted(recalled)
