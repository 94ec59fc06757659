"""The course itself in JupyterLab: the map, and the notebook that most people open first."""

from __future__ import annotations

import re

import pytest
from lab import Lab


def course(lab: Lab, path: str) -> str:
    if not (lab.folder / path).is_file():
        pytest.fail(f"the course has no {path}")
    return path


def test_matlearn_lab_opens_the_index(lab: Lab) -> None:
    lab.page.goto(f"{lab.url}/?token={lab.token}")
    lab.page.wait_for_selector('.jp-NotebookPanel h1:has-text("matlearn: machine learning")')
    assert "/lab/tree/notebooks/index.ipynb" in lab.page.url


def test_the_index_is_a_map_with_working_links(lab: Lab) -> None:
    lab.open(course(lab, "notebooks/index.ipynb"))
    text = lab.page.locator(".jp-NotebookPanel").inner_text()
    assert "matlearn: machine learning for materials" in text
    assert "Structure search" in text
    links = lab.page.locator(
        ".jp-RenderedMarkdown a[data-commandlinker-args], .jp-RenderedMarkdown a"
    )
    names = {
        match.group(1)
        for link in links.all()
        if (
            match := re.search(r"search/(0\d-[a-z0-9-]+)\.ipynb", link.evaluate("a => a.outerHTML"))
        )
    }
    there = {path.stem for path in (lab.folder / "notebooks/search").glob("0*.ipynb")}
    assert names == there
    assert len(there) >= 5
    lab.save("index")
    lab.page.locator(".jp-RenderedMarkdown td a", has_text="published LiN2").first.click()
    lab.page.wait_for_selector(
        '.jp-NotebookPanel:not(.lm-mod-hidden) h1:has-text("published LiN2")'
    )


def test_the_published_search_runs_and_a_click_changes_the_structure(
    published_mirror: str, lab: Lab
) -> None:
    lab.open(course(lab, "notebooks/search/02-lin2-published.ipynb"))
    lab.run_all()
    widget = lab.page.locator(".matlearn-explore").first
    widget.scroll_into_view_if_needed()
    canvas = widget.locator(".matlearn-picture canvas").first
    before = lab.wait_for_picture(canvas)
    points = widget.locator(".js-plotly-plot .points path.point")
    points.nth(100).wait_for()
    label = widget.locator(".matlearn-label")
    said = label.inner_text()
    assert said.startswith("LiN2")
    lab.save("published")

    lab.click_point(widget)
    lab.page.wait_for_function(
        "said => document.querySelector('.matlearn-explore .matlearn-label').innerText !== said",
        arg=said,
    )
    lab.wait_for_picture(canvas, differs_from=before)
    lab.save("published-clicked")
    lab.assert_no_faults()
