"""Grading: whatever is handed in becomes a row with the right words, and nothing gets out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from matlearn._exercises.grading.environment import find_confinement
from matlearn._exercises.grading.reading import UnreadableError, read_notebook
from matlearn._exercises.grading.submissions import submissions
from matlearn.course import course_root

SECRET = "token-of-the-teacher"
START = "import matlearn as ml\nml.notebook.setup()"
SQUARE = "def square(x):\n    return x * x"
CHAPTER = """
from matlearn.exercises import Exercise, judge, Verdict

CHECKS = {
    "1a": Exercise("two", lambda answer: judge.number(answer, 2.0, unit="eV", right="two it is")),
    "1b": Exercise("square", lambda f: Verdict(f(3) == 9, f"f(3) is {f(3)}"), hints=("a", "b", "c")),
}
"""
SITE = """
import os
import matlearn
from matlearn._exercises import finding

matlearn.__path__.append(os.path.dirname(__file__))
finding.CHAPTERS = (*finding.CHAPTERS, "kitchen")
"""

FORGERY = f"""import json, os, pathlib, socket
forged = {{"exercises": {{n: {{"passed": True, "hints": 1}} for n in ("kitchen.1a", "kitchen.1b")}}}}
pathlib.Path(os.environ["MATLEARN_RESULTS"], "answers.json").write_text(json.dumps(forged))
seen = "{SECRET}" in str(os.environ)
try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)
except OSError as error:
    seen = seen or error.errno
try:
    (pathlib.Path(FOLDER) / "outside").touch()
except OSError as error:
    seen = (seen, error.errno)
square = lambda x: seen"""


def exercise(two: str = "two = 2.0", square: str = SQUARE, **more: str) -> nbformat.NotebookNode:
    """A small exercise with two parts; `more` changes cells by name, "" deletes one."""
    cells = {
        "start": START,
        "two": two,
        "check-a": 'ml.exercises.check("kitchen.1a", two)',
        "square": square,
        "check-b": 'ml.exercises.check("kitchen.1b", square)',
    } | {name.replace("_", "-"): source for name, source in more.items()}
    notebook = new_notebook(cells=[new_markdown_cell("# Kitchen · 1 · Warm-up", id="title")])
    notebook.cells += [
        new_code_cell(source, id=f"kitchen-{name}") for name, source in cells.items() if source
    ]
    return notebook


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with one exercise, of a chapter that only the grader's processes see."""
    course = tmp_path_factory.mktemp("course")
    solutions = course / "exercises" / "kitchen" / "solutions"
    solutions.mkdir(parents=True)
    nbformat.write(exercise(), solutions / "01-warm-up.ipynb")
    chapter = course / "site" / "kitchen"
    chapter.mkdir(parents=True)
    (chapter / "__init__.py").touch()
    (chapter / "checks.py").write_text(CHAPTER)
    (course / "site" / "sitecustomize.py").write_text(SITE)
    return course


def grade(course: Path, folder: Path, table: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [
        *(sys.executable, "-m", "matlearn", "exercises", "grade", str(folder), "-o", str(table)),
        *("--course", str(course), "--no-progress", *words),
    ]
    environment = os.environ | {"PYTHONPATH": str(course / "site"), "TEACHERS_TOKEN": SECRET}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten submissions: three whole ones, seven broken in different ways."""
    folder = tmp_path_factory.mktemp("handed in")
    name = "01-warm-up.ipynb"
    notebooks = {
        "Ada Lovelace": exercise(),
        "Jörg Müßig": exercise(two="two = 2000", square="def squ(x:\n    return"),
        "Loop": exercise(two="two = 2.0\nwhile True: pass"),
        "Killed": exercise(square="import os\nos._exit(3)"),
        "Memory": exercise(two="two = 2.0\nhoard = bytearray(3 * 10**9)"),
        "Deleted": exercise(check_a="", check_b=""),
        "Renamed": exercise(
            two="zwei = 2.0",
            check_a='ml.exercises.check("kitchen.99", zwei)',
            check_b="ml.exercises.hint('kitchen.1b')\nml.exercises.check('kitchen.1b', square)",
        ),
        "Forger": exercise(
            two="two = 3.0",
            square=FORGERY.replace("FOLDER", repr(str(folder))),
            check_a="ml.exercises.check = lambda *_: ml.exercises.Verdict(True, 'forged')",
        ),
    }
    for person, notebook in notebooks.items():
        (folder / person).mkdir()
        nbformat.write(notebook, folder / person / name)
    whole = json.dumps(exercise())
    (folder / f"Cut_{name}").write_text(whole[: len(whole) // 2])
    (folder / "Empty_1234_assignsubmission_file_").mkdir()
    (folder / "Empty_1234_assignsubmission_file_" / name).touch()
    return folder


@pytest.fixture(scope="session")
def graded(
    course: Path, handed_in: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[pd.DataFrame, Path, str]:
    table = tmp_path_factory.mktemp("grades") / "grades.csv"
    before = {path: path.read_bytes() for path in handed_in.rglob("*.ipynb")}
    done = grade(course, handed_in, table, "--workers", "2", "--cell-seconds", "2", "--memory", "1")
    assert done.returncode == 0, done.stderr
    assert {path: path.read_bytes() for path in handed_in.rglob("*.ipynb")} == before
    return pd.read_csv(table, keep_default_na=False).set_index("person"), table, done.stdout


def test_ten_submissions_give_ten_rows(graded: tuple[pd.DataFrame, Path, str]) -> None:
    rows = graded[0]
    assert len(rows) == 10
    assert dict(rows.status) == {
        "Ada Lovelace": "ok",
        "Jörg Müßig": "error",
        "Loop": "time",
        "Killed": "killed",
        "Memory": "memory",
        "Deleted": "ok",
        "Renamed": "error",
        "Forger": "ok",
        "Cut": "unreadable",
        "Empty": "unreadable",
    }
    assert dict(rows.points) == {
        "Ada Lovelace": 2,
        "Jörg Müßig": 0,
        "Loop": 2,  # what was defined before the endless loop still counts
        "Killed": 1,
        "Memory": 0,
        "Deleted": 2,  # our own check cells find the answers
        "Renamed": 1,
        "Forger": 0,
        "Cut": 0,
        "Empty": 0,
    }
    assert set(rows.of) == {2}
    assert set(rows.chapter) == {"kitchen"}


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ("Jörg Müßig", "code cell 4: SyntaxError"),
        ("Loop", "code cell 2 ran longer than 2 s (an endless loop?)"),
        ("Killed", "code cell 4: the kernel ended by itself (exit code 3)"),
        ("Memory", "code cell 2: used more than 1.0 GB of memory"),
        ("Cut", "cut off or damaged"),
        ("Empty", "the file is empty"),
    ],
)
def test_the_first_problem_is_said_in_words(
    person: str, words: str, graded: tuple[pd.DataFrame, Path, str]
) -> None:
    assert words in graded[0].problem[person]


def test_the_report_says_what_teachers_need(graded: tuple[pd.DataFrame, Path, str]) -> None:
    report = graded[1].with_suffix(".md").read_text()
    assert "Our own solution of kitchen.1 passes here" in report
    assert "the name \\`two\\` is gone" in report  # Renamed
    assert "meV" in report  # Jörg Müßig gave the right number in another unit
    assert "kitchen.1b: passed (1 hint)" in report
    assert SECRET not in report


def test_nothing_gets_out(graded: tuple[pd.DataFrame, Path, str], handed_in: Path) -> None:
    confinement = find_confinement()
    assert str(confinement) in graded[2]
    report = graded[1].with_suffix(".md").read_text()
    said = report.partition("## Forger")[2].partition("kitchen.1b: not passed: ")[2]
    if confinement.network == "namespace" and confinement.files:
        assert said.startswith("f(3) is (101, 13)")  # unreachable; permission denied
        assert not (handed_in / "outside").exists()
    assert not said.startswith("f(3) is True")


def test_a_second_run_takes_up_what_is_there(
    course: Path, handed_in: Path, graded: tuple[pd.DataFrame, Path, str]
) -> None:
    rows, table, _ = graded
    words = ("--cell-seconds", "2", "--memory", "1")
    done = grade(course, handed_in, table, *words)
    assert "10 notebooks, 0 to run" in done.stdout
    assert pd.read_csv(table, keep_default_na=False).set_index("person").equals(rows)


def test_ctrl_c_keeps_what_is_done(course: Path, tmp_path: Path) -> None:
    folder, table = tmp_path / "in", tmp_path / "grades.csv"
    folder.mkdir()
    nbformat.write(exercise(), folder / "A_01-warm-up.ipynb")
    nbformat.write(exercise(two="import time\ntime.sleep(600)"), folder / "B_01-warm-up.ipynb")
    words = [sys.executable, "-m", "matlearn", "exercises", "grade", str(folder), "-o", str(table)]
    environment = os.environ | {"PYTHONPATH": str(course / "site")}
    words += ["--course", str(course), "--no-trial"]
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True) as running:
        until = time.monotonic() + 120
        while not table.exists() and time.monotonic() < until:
            time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "what was finished is kept" in said
    rows = pd.read_csv(table)
    assert list(rows.person) == ["A"]
    assert list(rows.points) == [2]
    assert "1 notebooks are not graded yet" in table.with_suffix(".md").read_text()


def test_a_real_exercise_is_graded(tmp_path: Path) -> None:
    folder, table = tmp_path / "in", tmp_path / "grades.csv"
    folder.mkdir()
    chapter = course_root() / "exercises" / "regression"
    for person, path in (
        ("Solved", next(chapter.glob("solutions/01-*.ipynb"))),
        ("Unsolved", next(chapter.glob("01-*.ipynb"))),
        ("Other", next((course_root() / "notebooks" / "regression").glob("01-*.ipynb"))),
    ):
        (folder / f"{person}_{path.name}").write_bytes(path.read_bytes())
    command = [sys.executable, "-m", "matlearn", "exercises", "grade"]
    command += [str(folder), "-o", str(table), "--no-trial", "--no-progress"]
    subprocess.run(command, check=True)
    rows = pd.read_csv(table).set_index("person")
    assert rows.points["Solved"] == rows.of["Solved"] > 0
    assert rows.points["Unsolved"] == 0
    assert list(rows.status[["Solved", "Other"]]) == ["ok", "not ours"]


@pytest.mark.parametrize(
    ("name", "person", "stem"),
    [
        ("Ada_01-warm-up.ipynb", "Ada", "01-warm-up"),
        ("Ada Lovelace_99_assignsubmission_file_01-warm-up.ipynb", "Ada Lovelace", "01-warm-up"),
        ("Ada_Maria_99_assignsubmission_file_/my work.ipynb", "Ada_Maria", ""),
        ("submitted/ada/kitchen/01-warm-up.ipynb", "ada", "01-warm-up"),
        ("Mu\u0308ller/01-warm-up (2).ipynb", "M\u00fcller", "01-warm-up"),
        ("01-Warm-Up_ada-Copy1.ipynb", "ada", "01-warm-up"),
        ("01-warm-up.ipynb", "(no name)", "01-warm-up"),
    ],
)
def test_whose_a_file_is(name: str, person: str, stem: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "x.ipynb").touch()
    (found,), warnings = submissions(tmp_path, ["01-warm-up"])
    assert (found.person, found.stem, warnings) == (person, stem, [])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff\xe0", "not text"),
        (b'{"cells": [', "damaged"),
        (b'{"a": 1}', "no list of cells"),
        (b"[]", "no list of cells"),
        (b"[" * 100_000, "cannot be read"),
        (b'{"cells": [{"cell_type": "code", "source": "' + b"x" * 2_100_000 + b'"}]}', "of code"),
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=words):
        read_notebook(path)


def test_old_strange_and_huge_notebooks_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["a = 1\n", "b"]}]}]}
    path.write_text(json.dumps(old | {"nbformat": 3}))
    assert [cell.source for cell in read_notebook(path).cells] == ["a = 1\nb"]
    outputs = [{"output_type": "stream", "name": "stdout", "text": "x" * 10_000_000}]
    cell = {"cell_type": "code", "source": "a", "outputs": outputs, "metadata": None, "id": 7}
    path.write_text("\ufeff" + json.dumps({"nbformat": 99, "cells": [cell, None]}), "utf-8")
    notebook = read_notebook(path)
    assert [cell.source for cell in notebook.cells] == ["a"]
    assert len(notebook.warnings) == 2
