"""The map as a picture: a row of boxes a chapter, arrows from what is needed. Plain SVG, no library."""

from __future__ import annotations

import html
import textwrap

from matlearn.plotting import PALETTE

from .source import CourseMap, Notebook, duration

_BOX = (146, 66)
_PITCH = (168, 112)  # from box to box, from row to row
_LEFT, _TOP = 148, 44
_ARROW = 'marker-end="url(#tip)" fill="none" stroke="#444444" stroke-width="1.8"'
_SOFT = f'{_ARROW} stroke-dasharray="5 4"'


def arrows(course: CourseMap) -> dict[tuple[str, str], bool]:
    """From which notebook to which an arrow leads, and whether it is a need (else it only helps).

    An arrow is left out where another way says the same: 1 to 3, if there are 1 to 2 and 2 to 3.
    """
    notebooks = course.notebooks
    before = {name: {*n.needs, *n.helps} for name, n in notebooks.items()}

    def leads(one: str, other: str) -> bool:
        return one in before[other] or any(leads(one, middle) for middle in before[other])

    return {
        (one, name): one in notebook.needs
        for name, notebook in notebooks.items()
        for one in (*notebook.needs, *notebook.helps)
        if not any(leads(one, other) for other in before[name] if other != one)
    }


def alternative_text(course: CourseMap) -> str:
    """What the picture says, in words."""
    words = [
        f"Map of the course: {len(course.chapters)} rows of boxes, one row a chapter, one box a "
        f"notebook; arrows lead from what is needed. Start: {course.start.title}, "
        f"{course.start.chapter} {course.start.number}."
    ]
    into: dict[str, list[str]] = {}
    for (one, other), needed in arrows(course).items():
        into.setdefault(other, []).append(one if needed else f"{one} (helps)")
    for chapter in course.chapters:
        boxes = []
        for notebook in chapter.notebooks:
            after = " and ".join(
                name.replace(".", " ") for name in into.get(notebook.identifier, ())
            )
            boxes.append(f"{notebook.number} {notebook.title}{f' after {after}' if after else ''}")
        words.append(f"{chapter.title}, {duration(chapter.minutes)}: {'; '.join(boxes)}.")
    return " ".join(words)


def svg(course: CourseMap) -> str:
    """Draw the map."""
    width = _LEFT + _PITCH[0] * max(len(chapter.notebooks) for chapter in course.chapters)
    height = _TOP + _PITCH[1] * len(course.chapters) - 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'width="{width}" height="{height}" font-family="Helvetica, Arial, sans-serif">',
        f"<title>{html.escape(alternative_text(course))}</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#444444"/></marker></defs>',
        f'<rect width="{width}" height="{height}" rx="8" fill="white"/>',
    ]
    rows = {chapter.name: row for row, chapter in enumerate(course.chapters)}
    for (one, other), needed in arrows(course).items():
        path = _path(course.notebooks[one], course.notebooks[other], rows)
        parts.append(f'<path d="{path}" {_ARROW if needed else _SOFT}/>')
    for row, chapter in enumerate(course.chapters):
        y = _TOP + row * _PITCH[1]
        lines = [*textwrap.wrap(chapter.title, 13), duration(chapter.minutes)]
        for index, line in enumerate(lines):
            last = index == len(lines) - 1
            style = 'font-size="14" fill="#444444"' if last else 'font-size="17" font-weight="bold"'
            parts.append(
                f'<text x="14" y="{y + 24 + 20 * index}" {style}>{html.escape(line)}</text>'
            )
        parts += [_box(n, rows, PALETTE[row], n == course.start) for n in chapter.notebooks]
    return "\n".join([*parts, "</svg>", ""])


def _corner(notebook: Notebook, rows: dict[str, int]) -> tuple[int, int]:
    return _LEFT + (notebook.number - 1) * _PITCH[0], _TOP + rows[notebook.chapter] * _PITCH[1]


def _box(notebook: Notebook, rows: dict[str, int], color: str, is_start: bool) -> str:
    x, y = _corner(notebook, rows)
    wide, high = _BOX
    edge = (
        'stroke="#000000" stroke-width="3"' if is_start else 'stroke="#777777" stroke-width="1.2"'
    )
    parts = [
        f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" rx="4" fill="white" {edge}/>',
        f'<rect x="{x}" y="{y}" width="7" height="{high}" fill="{color}"/>',
    ]
    lines = textwrap.wrap(f"{notebook.number} · {notebook.title}", 19)
    for index, line in enumerate(lines):
        parts.append(
            f'<text x="{x + 14}" y="{y + 19 + 17 * index}" font-size="14">{html.escape(line)}</text>'
        )
    parts.append(
        f'<text x="{x + 14}" y="{y + high - 8}" font-size="13" fill="#444444">{notebook.minutes} min</text>'
    )
    if is_start:
        parts.append(
            f'<text x="{x}" y="{y - 9}" font-size="15" font-weight="bold">start here</text>'
        )
    return "\n".join(parts)


def _path(one: Notebook, other: Notebook, rows: dict[str, int]) -> str:
    (x, y), (to_x, to_y) = _corner(one, rows), _corner(other, rows)
    wide, high = _BOX
    if one.chapter == other.chapter and other.number == one.number + 1:
        return f"M{x + wide} {y + high // 2} L{to_x - 2} {to_y + high // 2}"
    start, end = x + wide - 42, to_x + 34
    if one.chapter == other.chapter:  # an arc over the boxes between
        top = y - 12 - 8 * (other.number - one.number)
        return f"M{start} {y} C{start + 24} {top}, {end - 24} {top}, {end} {to_y - 2}"
    if y > to_y:  # to a row above: straight lines, under the boxes of that row
        start, end, begin, stop = x + wide - 18, to_x + 70, y, to_y + high + 2
        level = stop + 9
    else:
        start, end, begin, stop = x + 40, to_x + wide - 40, y + high, to_y - 2
        level = begin + 9
    return f"M{start} {begin} L{start} {level} L{end} {level} L{end} {stop}"
