"""The map as Markdown: chapters with their notebooks, and routes with what to open when."""

from __future__ import annotations

from .picture import alternative_text
from .source import CourseMap, Day, Part, Route, duration

PICTURE = "map.svg"
_FIXED = "\N{NO-BREAK SPACE}"


def picture(course: CourseMap) -> str:
    """The picture, as an image of a page beside it."""
    text = alternative_text(course).replace("[", "(").replace("]", ")")
    return f"![{text}]({PICTURE})"


def chapters(course: CourseMap) -> str:
    """A row a chapter: its question, links to its notebooks, minutes, exercises."""
    lines = ["| chapter | notebooks (minutes) | together |", "|:--|:--|--:|"]
    for chapter in course.chapters:
        links = " · ".join(
            f"{n.link.replace(' · ', _FIXED)}{_FIXED}{n.minutes}" for n in chapter.notebooks
        )
        exercises = f"[Exercises](../exercises/{chapter.name}/README.md)"
        lines.append(
            f"| **{chapter.title}**<br>{chapter.question}<br>{exercises} | {links} "
            f"| {duration(chapter.minutes).replace(' ', _FIXED)} |"
        )
    return "\n".join(lines)


def route(one: Route) -> str:
    """A route: what to open when; it unfolds."""
    clock = any(day.start is not None for day in one.days)
    table = _clock(one) if clock else _weeks(one)
    title = f"<summary><b>{one.title}</b>: {one.text}</summary>"
    return f"<details>{title}\n\n{table}\n\n</details>"


def _clock(one: Route) -> str:
    lines = ["| when | what | minutes |", "|--:|:--|--:|"]
    for day in one.days:
        if day.title:
            lines.append(f"| **{day.title}** | | |")
        time = day.start or 0
        for text, minutes in _entries(day):
            lines.append(f"| {_time(time)} | {text} | {minutes} |")
            time += minutes
        lines.append(f"| {_time(time)} | end | **{day.minutes}** |")
    return "\n".join(lines)


def _weeks(one: Route) -> str:
    lines = ["| when | what | together |", "|:--|:--|--:|"]
    for day in one.days:
        texts = "; ".join(_words(part) for part in day.parts)
        lines.append(f"| {day.title} | {texts} | {duration(day.minutes).replace(' ', _FIXED)} |")
    lines.append(f"| | all of it | **{duration(one.minutes)}** |")
    return "\n".join(lines)


def _entries(day: Day) -> list[tuple[str, int]]:
    """One entry a notebook or other doing, with its minutes."""
    return [
        entry
        for part in day.parts
        for entry in (
            [(_named(n.chapter, n.link), n.minutes) for n in part.notebooks]
            or [(part.what, part.minutes)]
        )
    ]


def _named(chapter: str, link: str) -> str:
    return f"{chapter} {link}"


def _words(part: Part) -> str:
    """Notebooks in one line: the chapter is said once, where it changes."""
    if not part.notebooks:
        return part.what
    words, chapter = [], ""
    for notebook in part.notebooks:
        name = f"{notebook.chapter} " if notebook.chapter != chapter else ""
        words.append(f"{name}[{notebook.number}]({notebook.path})")
        chapter = notebook.chapter
    return ", ".join(words)


def _time(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"
