"""The map of the course says what the notebooks say, and the index shows the map."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from matlearn import course_map
from matlearn._course_map import picture, source

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
COURSE = course_map.load()
NOTEBOOKS = list(COURSE.notebooks.values())
RENEW = "run: python -c 'import matlearn as ml; ml.course_map.write()'"


def opening(notebook: source.Notebook) -> str:
    cells = json.loads((FOLDER / notebook.path).read_text(encoding="utf-8"))["cells"]
    return "".join(cells[0]["source"])


def test_every_notebook_is_on_the_map_and_no_other() -> None:
    there = {
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.glob("*/*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
    }
    assert {notebook.path for notebook in NOTEBOOKS} == there, "add it to notebooks/map.toml"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.identifier)
def test_the_map_says_what_the_first_cell_says(notebook: source.Notebook) -> None:
    head = opening(notebook)
    assert notebook.number == int(notebook.file[:2])
    found = re.search(r"(\d+) min to read and do", head)
    assert found
    assert notebook.minutes == int(found[1])
    linked = {
        f"{chapter or notebook.chapter}.{int(number)}"
        for chapter, number in re.findall(
            r"\]\((?:\.\./([a-z]+)/)?(\d\d)-[^)]+\.ipynb\)", head.split("**Before you start**")[1]
        )
    }
    assert set(notebook.needs) | set(notebook.helps) == linked


def test_index_and_picture_are_those_of_the_map(tmp_path: Path) -> None:
    for name in ("index.ipynb", "map.svg"):
        shutil.copy(FOLDER / name, tmp_path)
    course_map.write(tmp_path)
    for name in ("index.ipynb", "map.svg"):
        assert (tmp_path / name).read_text() == (FOLDER / name).read_text(), RENEW


@pytest.mark.parametrize("route", COURSE.routes, ids=lambda route: route.title)
def test_a_route_opens_nothing_before_what_it_needs(route: source.Route) -> None:
    opened: list[str] = []
    for notebook in route.notebooks:
        assert notebook.identifier not in opened
        assert set(notebook.needs) <= set(opened), notebook
        opened.append(notebook.identifier)


def test_routes_are_as_long_as_they_are_called() -> None:
    three_hours, two_days, six_weeks = COURSE.routes
    assert three_hours.minutes == 180
    assert [day.minutes for day in two_days.days] == [480, 480]
    assert len(six_weeks.days) == 6
    assert {n.identifier for n in six_weeks.notebooks} == set(COURSE.notebooks)


def test_minutes_that_do_not_add_up_are_named(tmp_path: Path) -> None:
    text = (FOLDER / "map.toml").read_text()
    path = tmp_path / "map.toml"
    path.write_text(text.replace("minutes = 180", "minutes = 200"))
    with pytest.raises(ValueError, match="three hours, its day: its parts are 180 min, not 200"):
        source.read(path)
    path.write_text(text.replace('open = ["search.4", "search.5"]', 'open = ["search.9"]'))
    with pytest.raises(ValueError, match=r"there is no notebook 'search\.9'; there are search\.1"):
        source.read(path)


def test_an_arrow_is_left_out_where_others_say_the_same() -> None:
    drawn = picture.arrows(COURSE)
    assert drawn["lattice.3", "lattice.4"]
    assert ("lattice.1", "lattice.4") not in drawn
    assert drawn["lattice.7", "transport.6"] is False
    for name, notebook in COURSE.notebooks.items():
        for other in notebook.needs:  # what is needed is still led to
            reached, front = set(), {name}
            while front:
                front = {one for one, to in drawn if to in front} - reached
                reached |= front
            assert other in reached


def test_the_picture_is_svg_with_its_words_and_every_box() -> None:
    made = course_map.picture()
    root = ElementTree.fromstring(made.svg)
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == made.text
    texts = " ".join(text.text or "" for text in root.iter(f"{space}text"))
    for notebook in NOTEBOOKS:
        assert notebook.title.split()[0] in texts
        assert notebook.title in made.text
    assert texts.count("start here") == 1
    assert made.text in course_map.picture()._repr_html_().replace("&#x27;", "'")


def test_words_stay_in_their_boxes() -> None:
    root = ElementTree.fromstring(course_map.picture().svg)
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        if text.get("font-size") in ("13", "14"):
            assert len(text.text or "") <= 19


@pytest.mark.parametrize(
    ("minutes", "words"), [(5, "5 min"), (60, "1 h"), (125, "2 h 05 min"), (2445, "40 h 45 min")]
)
def test_durations_read_as_people_say_them(minutes: int, words: str) -> None:
    assert source.duration(minutes) == words
