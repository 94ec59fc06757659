"""The map of the course: what there is, how long it takes, what is needed before, ways through it.

All of it is in ``notebooks/map.toml``; the index, its picture and its tables are made from it.
"""

from __future__ import annotations

import html
import json
import os
from dataclasses import dataclass
from pathlib import Path

from matlearn._course_map.source import Chapter as Chapter
from matlearn._course_map.source import CourseMap as CourseMap
from matlearn._course_map.source import Day as Day
from matlearn._course_map.source import Notebook as Notebook
from matlearn._course_map.source import Part as Part
from matlearn._course_map.source import Route as Route


@dataclass(frozen=True)
class Picture:
    """The map drawn; a notebook shows it.

    Attributes
    ----------
    svg : str
        The drawing, a whole SVG file.
    text : str
        What it says, in words.
    """

    svg: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        from base64 import b64encode

        data = b64encode(self.svg.encode()).decode()
        return (
            f'<img alt="{html.escape(self.text)}" style="max-width: 100%" '
            f'src="data:image/svg+xml;base64,{data}">'
        )


def load() -> CourseMap:
    """The map of this installation's course.

    Raises
    ------
    ValueError
        If its file names a notebook that is not in it, or minutes do not add up.

    Examples
    --------
    >>> course = load()
    >>> course.start.path
    'search/01-random-search.ipynb'
    >>> [route.title for route in course.routes][-1]
    'Six weeks alone'
    """
    from matlearn._course_map.source import read
    from matlearn.course import course_root

    return read(course_root() / "notebooks" / "map.toml")


def picture() -> Picture:
    """Draw the map: a row of boxes a chapter, arrows from what is needed.

    Examples
    --------
    >>> picture().text.split(":")[0]
    'Map of the course'
    """
    from matlearn._course_map.picture import alternative_text, svg

    course = load()
    return Picture(svg(course), alternative_text(course))


def write(folder: str | os.PathLike[str] | None = None) -> Path:
    """Write ``map.svg`` and the cells of ``index.ipynb`` that show the map.

    Run after ``map.toml`` was changed; a test fails until then.

    Parameters
    ----------
    folder
        Of the index; by default the notebooks of this course.

    Returns
    -------
    pathlib.Path
        The index.
    """
    from matlearn._course_map import tables
    from matlearn.course import course_root

    course = load()
    place = Path(folder) if folder is not None else course_root() / "notebooks"
    (place / tables.PICTURE).write_text(picture().svg, encoding="utf-8")
    index = place / "index.ipynb"
    notebook = json.loads(index.read_text(encoding="utf-8"))
    made = {
        "start": f"## \N{BLACK RIGHT-POINTING TRIANGLE} Start here: {course.start.link}",
        "map": tables.picture(course),
        "chapters": tables.chapters(course),
        "routes": "\n\n".join(tables.route(route) for route in course.routes),
    }
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        for name, body in made.items():
            text = _replaced(text, name, body)
        cell["source"] = text.splitlines(keepends=True)
    whole = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    index.write_text(whole, encoding="utf-8")
    return index


def _replaced(text: str, name: str, body: str) -> str:
    """Put `body` between the marks of that name."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    if begin not in text:
        return text
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    return f"{before}{begin}\n\n{body}\n\n{end}{after}"
