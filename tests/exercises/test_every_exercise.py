"""Every solution passes its checks, every exercise as it is given out passes none of them.

Each notebook runs in a process of its own (``matlearn run``) on a copy of the course, with answers
of its own, two at once, one thread each. Only what a selection of tests needs is run.
"""

from __future__ import annotations

import ast
import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import nbformat
import numpy as np
import pytest

from matlearn import exercises
from matlearn._exercises import building, finding, prompts

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = building.solutions(folder=ROOT / "exercises")
NAMES = [f"{path.parent.parent.name}/{path.name}" for path in SOLUTIONS]
CHAPTERS = sorted({name.partition("/")[0] for name in NAMES})

CPU_BUDGET = 20.0  # s, each
MEMORY_BUDGET = 1.2e9  # bytes resident, the kernel's process tree
LONGEST_CELL = 15  # lines
PLUMBING = re.compile(r"\b(subprocess|warnings\.filter|sys\.path|os\.environ|except\b|plt\.rc)")

each_solution = pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


class Run:
    """What a run cost, what its cells showed, and the answers that it left."""

    def __init__(self, report: dict, executed: Path, answers: Path) -> None:
        self.report = report
        self.notebook = nbformat.read(executed, as_version=4) if executed.is_file() else None
        entries = json.loads(answers.read_text())["exercises"] if answers.is_file() else {}
        self.passed = {name for name, entry in entries.items() if entry["passed"]}
        self.messages = {name: entry["message"] for name, entry in entries.items()}


@pytest.fixture(scope="session")
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Path], Run]]:
    """Gives the run of a notebook; all that the chosen tests need are begun at once, two at a time."""
    folder = tmp_path_factory.mktemp("course")
    for part in ("notebooks", "exercises"):
        ignored = shutil.ignore_patterns(".ipynb_checkpoints")
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)

    def perform(path: Path) -> Run:
        own = tmp_path_factory.mktemp(f"{path.parent.name}-{path.stem}")
        environment = os.environ | {
            "MATLEARN_RESULTS": str(own / "results"),
            "MATLEARN_SCALE": "small",
            "MATLEARN_OFFLINE": "1",
            "IPYTHONDIR": str(own / "ipython"),
            **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
        }
        environment.pop("MATLEARN_MIRROR", None)  # own data alone must do
        words = ["--json", "--output", str(own)]
        if path.parent.name != "solutions":
            words.append("--keep-going")
        there = folder / path.relative_to(ROOT)
        command = [sys.executable, "-m", "matlearn", "run", *words, str(there)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        try:
            report = json.loads(done.stdout.splitlines()[-1])
        except (IndexError, ValueError):
            failed = f"the runner failed: {done.stderr[-2000:]}"
            report = {"error": failed, "cpu_seconds": 0.0, "peak_bytes": 0}
        print(f"{there}: {report['cpu_seconds']:.1f} CPU s, {report['peak_bytes'] / 1e9:.2f} GB")
        return Run(report, own / path.name, own / "results/answers.json")

    chosen: dict[Path, None] = {}
    for item in request.session.items:
        path = getattr(item, "callspec", None) and item.callspec.params.get("path")  # type: ignore[attr-defined]
        if path and item.function is test_a_solution_passes_every_check:  # type: ignore[attr-defined]
            chosen[path] = None
        if path and item.function is test_an_unsolved_exercise_passes_no_check:  # type: ignore[attr-defined]
            chosen[unsolved(path)] = None
    with ThreadPoolExecutor(2) as pool:
        running: dict[Path, Future[Run]] = {path: pool.submit(perform, path) for path in chosen}
        yield lambda path: running[path].result()


def unsolved(solution: Path) -> Path:
    """The exercise that a solution makes."""
    return solution.parent.parent / solution.name


def cells(path: Path) -> list:
    return nbformat.read(path, as_version=4).cells


def checks(path: Path) -> list[str]:
    return [
        name for cell in cells(path) if "check" in building.tags(cell) for name in prompts.checks(cell.source)
    ]  # fmt: skip


@each_solution
def test_a_solution_passes_every_check(path: Path, run: Callable[[Path], Run]) -> None:
    result = run(path)
    assert result.report["error"] is None, result.report["error"]
    failed = {name: result.messages.get(name) for name in checks(path) if name not in result.passed}
    assert not failed
    assert result.report["cpu_seconds"] <= CPU_BUDGET
    assert result.report["peak_bytes"] <= MEMORY_BUDGET


@each_solution
def test_an_unsolved_exercise_passes_no_check(path: Path, run: Callable[[Path], Run]) -> None:
    result = run(unsolved(path))
    assert result.report["error"] is None, result.report["error"]
    assert not result.passed
    assert result.notebook is not None
    shown = {
        cell.id: "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)
        for cell in result.notebook.cells
        if "check" in building.tags(cell)
    }
    assert len(shown) == len(checks(path))
    without = {
        name: text for name, text in shown.items() if not text.startswith("Not yet: no answer yet")
    }
    assert not without, "a check of an unsolved exercise must say that there is no answer yet"


@each_solution
def test_an_exercise_is_what_its_solution_makes(path: Path) -> None:
    made = building.exercise_text(path)
    there = unsolved(path).read_text(encoding="utf-8") if unsolved(path).is_file() else ""
    assert there == made, "build it again: matlearn exercises build"


@each_solution
def test_a_solution_opens_and_closes_as_the_others_do(path: Path) -> None:
    first, second, *rest = cells(path)
    number = int(path.name.partition("-")[0])
    assert re.match(rf"# \w[\w ]* · {number} · \S", first.source), (
        "its title is '# Chapter · N · Title'"
    )
    assert "**You will" in first.source, "its objectives are missing"
    assert "**Before you start**" in first.source
    assert re.search(r"\b\d+ min", first.source), "it does not say how many minutes it takes"
    assert "import matlearn as ml" in second.source
    assert "ml.notebook.setup()" in second.source
    assert rest[-1].cell_type == "markdown", "the last cell says what to try next"
    texts = [cell.source for cell in rest if cell.cell_type == "markdown"]
    assert any("question" in text.lower() for text in texts), (
        "the question that surprises is missing"
    )
    assert any("explanation" in building.tags(cell) for cell in rest)


@each_solution
def test_cells_are_short_free_of_plumbing_and_without_outputs(path: Path) -> None:
    for cell in cells(path):
        if cell.cell_type != "code":
            continue
        assert not cell.outputs, cell.id
        assert cell.execution_count is None, cell.id
        assert len(cell.source.splitlines()) <= LONGEST_CELL, cell.source
        assert not PLUMBING.search(cell.source), cell.source
        if "solution" in building.tags(cell):
            assert cell.source.startswith("#"), f"{cell.id} begins without a prompt"


@each_solution
def test_a_solution_is_checked_by_checks_of_its_own(path: Path) -> None:
    number = int(path.name.partition("-")[0])
    chapter = path.parent.parent.name
    named = checks(path)
    assert named
    assert len(set(named)) == len(named)
    for identifier in named:
        assert re.fullmatch(rf"{chapter}\.{number}[a-z]", identifier), identifier
    for cell in cells(path):
        if "check" in building.tags(cell):
            last = ast.parse(cell.source).body[-1]
            assert prompts.checks(ast.unparse(last)), "the check is the last line of its cell"


@each_solution
def test_links_lead_somewhere(path: Path) -> None:
    assert not building.broken_links(path)
    assert not building.broken_links(unsolved(path))


@each_chapter
def test_every_check_is_asked_for_and_has_three_hints(chapter: str) -> None:
    there_are = {f"{chapter}.{name}" for name in finding.of_chapter(chapter)}
    paths = [path for path in SOLUTIONS if path.parent.parent.name == chapter]
    assert {name for path in paths for name in checks(path)} == there_are
    for name in sorted(there_are):
        exercise = exercises.find(name)
        assert len(exercise.hints) == 3, name
        assert all(len(hint) > 10 for hint in exercise.hints), name
        assert len(set(exercise.hints)) == 3, name
        assert exercise.minutes > 0, name


@pytest.mark.parametrize(
    "nonsense",
    [None, "abc", math.nan, [], {}, object(), np.zeros((7, 7, 7)), lambda *_: None, True],
    ids=["None", "text", "nan", "empty", "dict", "object", "array", "function", "True"],
)
@each_chapter
def test_nonsense_passes_no_check_and_breaks_none(
    chapter: str, nonsense: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MATLEARN_RESULTS", str(tmp_path))
    for name in finding.of_chapter(chapter):
        verdict = exercises.check(f"{chapter}.{name}", nonsense)
        assert not verdict.passed, name
        assert len(verdict.message) > 15, name


@each_chapter
def test_a_chapter_has_three_exercises_and_a_diagnosis(chapter: str) -> None:
    if set(CHAPTERS) != set(exercises.CHAPTERS):
        pytest.skip("not every chapter has exercises yet")
    paths = [path for path in SOLUTIONS if path.parent.parent.name == chapter]
    assert len(paths) >= 3
    titles = [cells(path)[0].source.splitlines()[0].lower() for path in paths]
    assert any("diagnosis" in title for title in titles)


def test_nothing_generated_is_left_without_a_solution() -> None:
    assert not building.build(folder=ROOT / "exercises", check=True).orphans
