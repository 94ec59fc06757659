"""Slides: what is on them is checked without running; figures come out of executed notebooks."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import nbformat
import pytest

from book import executed, slides

DECKS = sorted(executed.NOTEBOOKS.glob("*/slides.md"))
HEAD = "---\nmarp: true\ntheme: matlearn\n---\n"
PICTURE = "<!-- figure: 01-a.ipynb draws -->\n![a line rises](figures/line.png)\n"
PIXEL = b"\x89PNG made by a cell"


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    """A chapter of one notebook, which has been executed; its folder of notebooks."""
    folder = tmp_path / "notebooks" / "toy"
    folder.mkdir(parents=True)
    notebook = nbformat.v4.new_notebook()
    for name in ("draws", "counts"):
        notebook.cells.append(nbformat.v4.new_code_cell("1", id=name))
    nbformat.write(notebook, folder / "01-a.ipynb")
    shown = base64.b64encode(PIXEL).decode()
    image = f'<img alt="A line &lt; 3" style="width: 9px" src="data:image/png;base64,{shown}">'
    notebook.cells[0].outputs = [
        nbformat.v4.new_output("display_data", {"text/html": image, "image/png": "eA=="})
    ]
    target = executed.kept(folder / "01-a.ipynb", tmp_path / "cache")
    target.parent.mkdir(parents=True)
    nbformat.write(notebook, target)
    return folder


def prepare(chapter: Path, text: str) -> Path:
    (chapter / "slides.md").write_text(text, encoding="utf-8")
    root = chapter.parents[1]
    return slides.prepare(
        "toy", notebooks=chapter.parent, output=root / "slides", cache=root / "cache"
    )


def test_a_figure_of_a_cell_lands_beside_the_slides(chapter: Path) -> None:
    page = prepare(chapter, HEAD + "# One\n\n---\n\n" + PICTURE + "<!-- said aloud -->\n")
    assert (page.parent / "figures" / "line.png").read_bytes() == PIXEL
    text = page.read_text()
    assert "![a line rises](figures/line.png)" in text
    assert "figure:" not in text
    assert "<!-- said aloud -->" in text  # Marp's notes for the speaker stay


def test_a_ruler_in_a_block_of_code_parts_no_slides() -> None:
    assert slides.count(HEAD + "# One\n\n```\n---\n```\n\n---\n\n# Two\n") == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# One\n", "the head .* lacks 'marp: true'"),
        (HEAD + "---\n" + PICTURE.replace("draws", "paints"), "slide 2: 01-a.ipynb has no code cell 'paints'"),
        (HEAD + PICTURE.replace("01-a", "02-b"), "slide 1: there is no notebook 02-b.ipynb"),
        (HEAD + PICTURE.replace("draws", "counts"), "slide 1: cell counts of 01-a.ipynb shows 0 figures"),
        (HEAD + PICTURE.replace("draws", "draws 2"), "shows 1 figures; name a cell that shows figure number 2"),
        (HEAD + PICTURE.replace("a line rises", ""), "line.png has no alternative text"),
        (HEAD + PICTURE.replace("a line", "bg a line"), "loses its alternative text"),
        (HEAD + PICTURE.replace(".png", ".svg"), "the figure is a .png file"),
        (HEAD + PICTURE.splitlines()[1], "above it stands <!-- figure"),
        (HEAD + PICTURE + "---\n" + PICTURE.replace("draws", "counts"), "already the figure of slide 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_names_the_slide(chapter: Path, text: str, message: str) -> None:
    with pytest.raises(slides.SlideError, match=message):
        prepare(chapter, text)


def test_without_npx_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match=r"install Node\.js"):
        slides.render([Path("slides.md")])


def test_a_marp_that_cannot_be_fetched_is_an_error_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npx = tmp_path / "npx"
    npx.write_text("#!/bin/sh\necho 'getaddrinfo ENOTFOUND' >&2\nexit 1\n")
    npx.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(npx))
    with pytest.raises(RuntimeError, match=r"ENOTFOUND[\s\S]*is there a network"):
        slides.render([tmp_path / "slides.md"])


@pytest.mark.parametrize("path", DECKS, ids=[path.parent.name for path in DECKS])
def test_the_slides_of_a_chapter_show_what_its_notebooks_make(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert slides.wanted(path), "a lecture without a figure"
    assert 10 <= slides.count(text) <= 20


def test_nothing_on_a_slide_is_too_small_for_the_last_row() -> None:
    import re

    sizes = [int(size) for size in re.findall(r"font-size:\s*(\d+)px", slides.THEME.read_text())]
    assert min(sizes) >= 28
