"""Slides of a chapter: Marp text, whose figures are made by the notebooks."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from book import executed
from book.figures import figures_of

MARP = "@marp-team/marp-cli@4.5.1"
OUTPUT = executed.ROOT / "build" / "slides"
THEME = Path(__file__).with_name("slides.css")

_COMMENT = re.compile(r"<!--\s*figure:\s*(.*?)\s*-->")
_OURS = re.compile(r"<!--\s*(?:figure|form):.*?-->\n?", re.DOTALL)
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")


class SlideError(ValueError):
    """Something on a slide that cannot be shown: which file, which slide, what to do."""


@dataclass(frozen=True)
class Wanted:
    """A picture on a slide, and the cell that makes it.

    Attributes
    ----------
    slide : int
        Number of the slide, from 1.
    name : str
        Its file in the folder ``figures``.
    notebook, cell : str
        The chapter's notebook and the id of the cell.
    number : int
        Which of the cell's pictures, from 1.
    """

    slide: int
    name: str
    notebook: str
    cell: str
    number: int


def count(text: str) -> int:
    """Return how many slides a Marp text has.

    Parameters
    ----------
    text : str
        The whole file.

    Returns
    -------
    int
    """
    return len(_slides(text))


def wanted(path: Path) -> list[Wanted]:
    """The figures that the slides of a chapter ask for, checked as far as is possible without running.

    Parameters
    ----------
    path : pathlib.Path
        A file ``notebooks/<chapter>/slides.md``.

    Returns
    -------
    list of Wanted

    Raises
    ------
    SlideError
        If the head is not that of our slides, a picture has no alternative text, no comment that
        says which cell makes it, or names a notebook or a cell that there is not.
    """
    text = path.read_text(encoding="utf-8")
    label = f"{path.parent.name}/{path.name}"
    head = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    for line in ("marp: true", "theme: matlearn"):
        if not head or line not in head[1].splitlines():
            raise SlideError(f"{label}: the head between the first two lines --- lacks {line!r}")
    found: dict[str, Wanted] = {}
    for slide, body in enumerate(_slides(text), start=1):
        for one in _on_slide(body, slide, f"{label}, slide {slide}"):
            _check_cell(path.parent, one, label)
            before = found.setdefault(one.name, one)
            if (before.notebook, before.cell, before.number) != (
                one.notebook,
                one.cell,
                one.number,
            ):
                raise SlideError(
                    f"{label}, slide {slide}: figures/{one.name} is already the figure of slide "
                    f"{before.slide}; give it another name"
                )
    return list(found.values())


def prepare(
    chapter: str,
    *,
    notebooks: Path = executed.NOTEBOOKS,
    output: Path = OUTPUT,
    cache: Path = executed.CACHE,
    say: Callable[[str], None] = print,
) -> Path:
    """Write a chapter's slides and all their figures into a folder, ready for Marp.

    Parameters
    ----------
    chapter : str
        Name of the chapter.
    notebooks, output, cache : pathlib.Path, optional
        Where the chapters are, where to write, and where executed notebooks are kept.
    say : callable, optional
        Takes a line for each notebook that has to be run.

    Returns
    -------
    pathlib.Path
        The Marp file, beside its folder ``figures``.

    Raises
    ------
    SlideError
        As :func:`wanted`, and if a cell shows no figure.
    """
    import nbformat

    source = notebooks / chapter / "slides.md"
    text = source.read_text(encoding="utf-8")
    asked = wanted(source)
    names = list(dict.fromkeys(one.notebook for one in asked))
    runs = executed.execute([source.parent / name for name in names], cache=cache, say=say)
    folder = output / chapter
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "figures").mkdir(parents=True)
    cells = {
        (path.name, cell.id): cell
        for path, run in runs.items()
        for cell in nbformat.read(run, as_version=4).cells
    }
    for one in asked:
        shown = figures_of(cells[one.notebook, one.cell])
        if len(shown) < one.number:
            raise SlideError(
                f"{chapter}/slides.md, slide {one.slide}: cell {one.cell} of {one.notebook} shows "
                f"{len(shown)} figures; name a cell that shows figure number {one.number}"
            )
        figure = shown[one.number - 1]
        if Path(one.name).suffix != figure.suffix:
            raise SlideError(
                f"{chapter}/slides.md, slide {one.slide}: the figure is a {figure.suffix} file, "
                f"name it so instead of {one.name}"
            )
        (folder / "figures" / one.name).write_bytes(figure.data)
    target = folder / "slides.md"
    target.write_text(_OURS.sub("", text), encoding="utf-8")  # Marp would take them for notes
    return target


def render(files: Sequence[Path]) -> list[Path]:
    """Turn Marp files into pages with Marp's own command.

    Parameters
    ----------
    files : sequence of pathlib.Path
        What :func:`prepare` returned.

    Returns
    -------
    list of pathlib.Path
        An HTML file beside each.

    Raises
    ------
    RuntimeError
        If there is no npx, or it cannot fetch or run Marp.
    """
    npx = shutil.which("npx")
    where = ", ".join(str(path) for path in files)
    if npx is None:
        raise RuntimeError(
            "npx is missing: install Node.js 18 or newer (https://nodejs.org), then run again. "
            f"Text and figures are ready ({where}): Marp for VS Code shows them, too"
        )
    pages = []
    for path in files:
        page = path.with_suffix(".html")
        words = [npx, "--yes", MARP, "--theme-set", str(THEME), "--output", str(page), str(path)]
        done = subprocess.run(
            words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode or not page.exists():
            raise RuntimeError(
                f"Marp did not run: {' '.join(words)}\n{done.stderr[-1500:]}\n"
                "npx fetches it from the npm registry the first time: is there a network? "
                f"Text and figures are ready ({where}): Marp for VS Code shows them, too"
            )
        pages.append(page)
    return pages


def _slides(text: str) -> list[str]:
    """The slides of a Marp text: what the rulers part, code blocks apart, without its head."""
    body = re.sub(r"\A---\n.*?\n---\n", "", text, count=1, flags=re.DOTALL)
    slides, inside = [""], False
    for line in body.splitlines():
        inside ^= line.startswith("```")
        if line.strip() == "---" and not inside:
            slides.append("")
        else:
            slides[-1] += line + "\n"
    return slides


def _on_slide(body: str, slide: int, label: str) -> list[Wanted]:
    found = []
    cell = ""
    for line in body.splitlines():
        if match := _COMMENT.search(line):
            cell = match[1]
        for text, target in _PICTURE.findall(line):
            if not text.strip():
                raise SlideError(f"{label}: {target} has no alternative text: ![what it says](...)")
            if re.search(r"\bbg\b", text):
                raise SlideError(f"{label}: a background ('bg') loses its alternative text")
            words = cell.split()
            if not target.startswith("figures/") or len(words) not in (2, 3):
                raise SlideError(
                    f"{label}: a picture is ![what it says](figures/NAME.png), and above it stands "
                    f"<!-- figure: NOTEBOOK.ipynb CELL-ID -->, got {target!r} after {cell!r}"
                )
            number = int(words[2]) if words[2:] and words[2].isdigit() else 1
            found.append(Wanted(slide, target.removeprefix("figures/"), words[0], words[1], number))
            cell = ""
    return found


def _check_cell(folder: Path, one: Wanted, label: str) -> None:
    import nbformat

    notebook = folder / one.notebook
    if not notebook.is_file():
        raise SlideError(f"{label}, slide {one.slide}: there is no notebook {one.notebook}")
    cells = {
        cell.id for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"
    }
    if one.cell not in cells:
        raise SlideError(
            f"{label}, slide {one.slide}: {one.notebook} has no code cell {one.cell!r} "
            '(its id stands in the .ipynb file as "id")'
        )
