"""Chapters, notebooks, minutes, prerequisites and routes, as ``notebooks/map.toml`` says them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Notebook:
    """A notebook on the map.

    Attributes
    ----------
    chapter, file, title : str
        Such as ``"lattice"``, ``"04-monte-carlo"`` and ``"Monte Carlo"``.
    number : int
        Its place in the chapter, from 1.
    minutes : int
        To read and do.
    needs, helps : tuple of str
        Identifiers of notebooks to know before, and of such that are good to know.
    """

    chapter: str
    file: str
    title: str
    number: int
    minutes: int
    needs: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()

    @property
    def identifier(self) -> str:
        """Chapter and number, such as ``"lattice.4"``."""
        return f"{self.chapter}.{self.number}"

    @property
    def path(self) -> str:
        """Path from the folder of notebooks."""
        return f"{self.chapter}/{self.file}.ipynb"

    @property
    def link(self) -> str:
        """A Markdown link to it, for a page in the folder of notebooks."""
        return f"[{self.number} · {self.title}]({self.path})"


@dataclass(frozen=True)
class Chapter:
    """A chapter on the map, its notebooks in reading order."""

    name: str
    title: str
    question: str
    notebooks: tuple[Notebook, ...]

    @property
    def minutes(self) -> int:
        """Of all its notebooks."""
        return sum(notebook.minutes for notebook in self.notebooks)


@dataclass(frozen=True)
class Part:
    """A stretch of a route: notebooks to open, or something else to do."""

    minutes: int
    notebooks: tuple[Notebook, ...] = ()
    what: str = ""


@dataclass(frozen=True)
class Day:
    """A day or a week of a route; `start` is the time on the clock, in minutes, or None."""

    title: str
    parts: tuple[Part, ...]
    start: int | None = None

    @property
    def minutes(self) -> int:
        """Of all its parts."""
        return sum(part.minutes for part in self.parts)


@dataclass(frozen=True)
class Route:
    """A way through the course."""

    title: str
    text: str
    days: tuple[Day, ...]

    @property
    def minutes(self) -> int:
        """Of all its days, breaks included."""
        return sum(day.minutes for day in self.days)

    @property
    def notebooks(self) -> tuple[Notebook, ...]:
        """What is opened, in order."""
        return tuple(
            notebook for day in self.days for part in day.parts for notebook in part.notebooks
        )


@dataclass(frozen=True)
class CourseMap:
    """The whole map."""

    start: Notebook
    chapters: tuple[Chapter, ...]
    routes: tuple[Route, ...]

    @property
    def notebooks(self) -> dict[str, Notebook]:
        """All notebooks by identifier."""
        return {n.identifier: n for chapter in self.chapters for n in chapter.notebooks}


def read(path: Path) -> CourseMap:
    """Read the map.

    Raises
    ------
    ValueError
        If a notebook is named that is not there, or minutes do not add up; the message says where.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    chapters = tuple(_chapter(entry) for entry in table["chapters"])
    known = {n.identifier: n for chapter in chapters for n in chapter.notebooks}
    for notebook in known.values():
        for other in (*notebook.needs, *notebook.helps):
            _find(other, known, f"{path.name}: {notebook.identifier}")
    return CourseMap(
        _find(table["start"], known, f"{path.name}: start"),
        chapters,
        tuple(_route(entry, known, path.name) for entry in table["routes"]),
    )


def _chapter(entry: dict[str, Any]) -> Chapter:
    name = entry["name"]
    notebooks = tuple(
        Notebook(
            name, one["file"], one["title"], number, one["minutes"],
            tuple(one.get("needs", ())), tuple(one.get("helps", ())),
        )
        for number, one in enumerate(entry["notebooks"], 1)
    )  # fmt: skip
    return Chapter(name, entry["title"], entry["question"], notebooks)


def _route(entry: dict[str, Any], known: dict[str, Notebook], file: str) -> Route:
    days = []
    for table in entry["days"]:
        where = f"{file}: {entry['title']}, {table['title'] or 'its day'}"
        parts = tuple(_part(part, known, where) for part in table["parts"])
        hours, _, minutes = table.get("start", "").partition(":")
        start = 60 * int(hours) + int(minutes) if hours else None
        day = Day(table["title"], parts, start)
        if day.minutes != table["minutes"]:
            raise ValueError(f"{where}: its parts are {day.minutes} min, not {table['minutes']}")
        days.append(day)
    return Route(entry["title"], entry["text"], tuple(days))


def _part(entry: dict[str, Any], known: dict[str, Notebook], where: str) -> Part:
    if "what" in entry:
        return Part(entry["minutes"], what=entry["what"])
    notebooks = tuple(_find(identifier, known, where) for identifier in entry["open"])
    return Part(sum(notebook.minutes for notebook in notebooks), notebooks)


def _find(identifier: str, known: dict[str, Notebook], where: str) -> Notebook:
    if identifier not in known:
        raise ValueError(
            f"{where}: there is no notebook {identifier!r}; there are {', '.join(known)}"
        )
    return known[identifier]


def duration(minutes: int) -> str:
    """Minutes as people say them.

    Examples
    --------
    >>> duration(40), duration(60), duration(305)
    ('40 min', '1 h', '5 h 05 min')
    """
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d} min" if rest else f"{hours} h"
