"""What a participant does besides running cells: predict, answer questions, exercise, see how far one is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

EXERCISE = "exercises/search/01-the-wrong-copper.ipynb"
SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden)"
PREDICTION = """
import matlearn as ml
ml.predictions.ask("lattice.4.1", ["lower", "the same", "higher"])
"""
RECALLED = 'ml.predictions.recall("lattice.4.1")'
QUIZ = """
from matlearn._asking import quiz
from matlearn.quizzes import Question
why = ("Heat is that of all ways to arrange atoms.", "Yes: they are counted by their energy.")
asked = [Question(f"Is it number {n}?", ("no", "yes"), 1, why) for n in (1, 2)]
quiz.card(quiz.Sitting("lattice.before", asked), "Before the chapter: 2 questions")
"""


def test_questions_are_answered_by_keyboard(lab: Any) -> None:
    name = lab.write("asked.ipynb", PREDICTION, RECALLED, QUIZ)
    lab.open(name)
    lab.run_all()
    prediction, questions = (lab.page.locator(".matlearn-card").nth(place) for place in (0, 1))
    lab.page.get_by_text("No prediction yet").wait_for()
    keyboard = lab.page.keyboard
    prediction.get_by_role("button", name="Keep").focus()
    keyboard.press("Enter")
    prediction.get_by_text("Choose one first.").wait_for()
    prediction.get_by_role("radio").first.focus()
    keyboard.press("Space")
    keyboard.press("ArrowDown")
    keyboard.press("Tab")
    keyboard.press("Enter")
    lab.page.get_by_text("You said: the same.").wait_for()

    first, second = (questions.locator("form").nth(place) for place in (0, 1))
    first.get_by_role("radio", name="no").focus()
    keyboard.press("Space")
    keyboard.press("Enter")  # a form is sent off from a radio button too
    first.get_by_text("Not yet. Heat is that of all ways").wait_for()
    second.get_by_role("radio", name="no").focus()
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    second.get_by_text("Right. Yes: they are counted").wait_for()
    questions.get_by_text("1 of 2 right at the first try.").wait_for()
    lab.save("asked")
    lab.assert_no_faults()
    assert lab.page.evaluate("() => document.querySelectorAll('.jp-Cell').length") == 3

    lab.open(name)  # as after a restart: what was said is found again
    lab.run_all()
    lab.page.get_by_text("You said: the same.").wait_for()
    assert prediction.get_by_role("radio", name="the same").is_checked()
    questions.get_by_text("1 of 2 right at the first try.").wait_for()


def test_the_index_says_at_once_where_to_click(lab: Any) -> None:
    lab.page.set_viewport_size({"width": 1400, "height": 900})
    lab.open("notebooks/index.ipynb")
    start = lab.page.get_by_role("heading", name="Start here").get_by_role("link")
    picture = lab.page.locator('.jp-RenderedMarkdown img[alt^="Map of the course"]')
    assert start.bounding_box()["y"] < 300
    lab.page.wait_for_function(
        "() => { const img = document.querySelector('.jp-RenderedMarkdown img[alt^=Map]');"
        " return img && img.complete && img.naturalWidth > 1000 }"
    )
    assert picture.bounding_box()["y"] < 500
    lab.save("index-top")
    routes = lab.page.locator("details")
    assert routes.count() == 3
    routes.first.locator("summary").click()
    routes.first.get_by_role("link", name="The published LiN2 search").wait_for()
    lab.page.locator(".jp-RenderedMarkdown table").first.scroll_into_view_if_needed()
    lab.save("index-chapters")
    routes.first.scroll_into_view_if_needed()
    lab.save("index-routes")
    routes.first.get_by_role("link", name="Random search").click()
    lab.page.wait_for_selector('.jp-NotebookPanel:not(.lm-mod-hidden) h1:has-text("Random search")')


def run_up_to(lab: Any, path: str, cell: str) -> None:
    """Run a notebook's cells from the first to that with the given id, by Shift+Enter."""
    cells = json.loads((Path(lab.folder) / path).read_text(encoding="utf-8"))["cells"]
    count = [one["id"] for one in cells].index(cell) + 1
    lab.page.locator(f"{SHOWN} h1").first.click()
    for _ in range(count):
        lab.page.keyboard.press("Shift+Enter")


def fill_in(lab: Any, place: Any, text: str, more: int = 0) -> None:
    """Replace what is in a code cell, run it and as many cells after it."""
    place.locator(".cm-content").click()
    lab.page.keyboard.press("Control+A")
    lab.page.keyboard.insert_text(text)
    for _ in range(1 + more):
        lab.page.keyboard.press("Shift+Enter")


def test_a_participant_answers_exercises_and_sees_the_progress(lab: Any) -> None:
    page, keyboard = lab.page, lab.page.keyboard
    page.goto(f"{lab.url}/?token={lab.token}")
    page.get_by_role("heading", name="Start here").get_by_role("link").click()
    page.wait_for_selector(f'{SHOWN} h1:has-text("Random search")')
    run_up_to(lab, "notebooks/search/01-random-search.ipynb", "predict-1")
    quiz = page.locator(f"{SHOWN} .matlearn-card", has_text="Before the chapter: 4 questions")
    quiz.get_by_role("radio").first.focus()
    keyboard.press("Space")
    keyboard.press("Enter")
    quiz.locator(".matlearn-card-reply strong").first.wait_for()
    lab.save("participant-quiz")
    card = page.locator(f"{SHOWN} .matlearn-card", has_text="Your prediction")
    card.get_by_role("radio", name="a few").focus()
    keyboard.press("Space")
    keyboard.press("Enter")
    card.get_by_text("Kept.").wait_for()
    lab.save("participant-prediction")
    lab.shut_down()

    lab.open("notebooks/index.ipynb")
    row = page.locator(".jp-RenderedMarkdown tr", has_text="Structure search")
    row.get_by_role("link", name="Exercises").click()
    page.locator(".jp-MarkdownViewer").get_by_role("link", name="The wrong copper").click()
    page.wait_for_selector(f'{SHOWN} h1:has-text("The wrong copper")')
    run_up_to(lab, EXERCISE, "03-16a9e9")
    answer = page.locator(f"{SHOWN} .jp-CodeCell", has_text="# Merge the copies")
    fill_in(lab, answer, 'winner = "Fm-3m"  # Merge the copies', more=2)
    page.locator(".matlearn-verdict", has_text="Not yet").wait_for()
    page.get_by_text("Sort by energy_per_atom").wait_for()
    lab.save("participant-not-yet")
    keyboard.press("a")  # a new cell below the check
    keyboard.press("Enter")
    keyboard.insert_text('ml.exercises.hint("search.1a")')
    keyboard.press("Shift+Enter")
    page.get_by_text("Hint 1 of 3").wait_for()
    lab.save("participant-hint")
    fill_in(lab, answer, 'winner = frame["space_group"][0]  # Merge the copies', more=2)
    page.locator(".matlearn-verdict", has_text="Right").wait_for()
    lab.save("participant-right")
    lab.shut_down()

    lab.open("notebooks/index.ipynb")
    lab.run_all()
    progress = page.locator(".matlearn-progress tr", has_text="search")
    progress.scroll_into_view_if_needed()
    assert "1 of" in progress.inner_text()
    lab.save("participant-progress")
    lab.assert_no_faults()
