"""An exercise as it is done in JupyterLab: no answer, a wrong one, a hint, the right one, progress."""

from __future__ import annotations

from typing import Any

EXERCISE = "exercises/lattice/01-an-alloy-that-cannot-please.ipynb"


class Pupil:
    """Somebody who clicks into cells, types and runs them."""

    def __init__(self, lab: Any) -> None:
        self.page = lab.page

    def cell(self, text: str) -> Any:
        return self.page.locator(".jp-CodeCell", has_text=text).first

    def run(self, cell: Any, typed: str | None = None) -> None:
        cell.locator(".cm-content").click()
        if typed is not None:
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(typed)
        before = cell.locator(".jp-InputPrompt").inner_text()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            "([cell, before]) => { const now = cell.querySelector('.jp-InputPrompt').innerText;"
            " return now !== before && !now.includes('*') && now.trim() !== '[ ]:' }",
            arg=[cell.element_handle(), before],
        )


def test_an_exercise_wrong_then_with_a_hint_then_right(lab: Any) -> None:
    lab.open(EXERCISE)
    pupil = Pupil(lab)
    asked, check = pupil.cell("lowest = ..."), pupil.cell('check("lattice.1a"')
    hints = lab.page.locator(".jp-MarkdownCell", has_text="Hint 1").first
    answer = asked.element_handle()
    assert answer is not None
    pupil.run(pupil.cell("import matlearn as ml"))
    pupil.run(asked)
    pupil.run(check)
    verdict = check.locator(".matlearn-verdict")
    verdict.get_by_text("no answer yet").wait_for()
    lab.save("exercise-unsolved")

    asked = lab.page.locator(".jp-CodeCell", has_text="lowest =").first
    pupil.run(asked, "lowest = -576.0")
    pupil.run(check)
    verdict.get_by_text("Not yet").wait_for()
    assert "no answer yet" not in verdict.inner_text()
    assert verdict.locator("code", has_text="ml.exercises.hint").count() == 1
    lab.save("exercise-wrong")

    first = hints.locator("details").first
    assert first.get_attribute("open") is None
    first.locator("summary").click()
    assert len(first.inner_text().splitlines()) > 1
    pupil.run(asked, 'lowest = -1.0\nml.exercises.hint("lattice.1a")')
    asked.get_by_text("Hint 1 of 3").wait_for()
    lab.save("exercise-hint")

    pupil.run(check)
    verdict.get_by_text("Right").wait_for()
    lab.save("exercise-right")
    pupil.run(asked, "lowest = -1.0\nml.exercises.progress()")
    row = asked.locator(".matlearn-progress tr", has_text="lattice")
    row.get_by_text("1 of").wait_for()
    lab.save("exercise-progress")
    lab.assert_no_faults()
