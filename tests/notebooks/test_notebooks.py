"""Every notebook follows the conventions, runs within its budget and leaves nothing behind.

Each runs in a process of its own (``matlearn run``) on a copy of the folder, two at once, one thread each.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from book.figures import without_text

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(
    path for path in (ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
)
NAMES = [path.relative_to(ROOT / "notebooks").as_posix() for path in NOTEBOOKS]

CPU_BUDGET = 180.0  # s, each notebook
MEDIAN_CPU_BUDGET = 25.0  # s
COURSE_CPU_BUDGET = 1200.0  # s
AGAIN = 20
"""How many notebooks are measured again at the most."""
MEMORY_BUDGET = 1.5e9  # bytes resident, the kernel's process tree
PLUMBING = re.compile(r"\b(subprocess|warnings\.filter|sys\.path|os\.environ|except\b|plt\.rc)")


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the notebooks, and of the exercises they link to."""
    folder = tmp_path_factory.mktemp("course")
    for part in ("notebooks", "exercises"):
        shutil.copytree(
            ROOT / part, folder / part, ignore=shutil.ignore_patterns(".ipynb_checkpoints")
        )
    return folder


@pytest.fixture(scope="session")
def runs(course: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """Every notebook's measured run, by name."""
    executed, results = tmp_path_factory.mktemp("executed"), tmp_path_factory.mktemp("results")
    before = _listing(course)

    def run(name: str) -> dict:
        return _measured(course, name, executed, results)

    with ThreadPoolExecutor(2) as pool:
        reports = dict(zip(NAMES, pool.map(run, NAMES), strict=True))
    reports["left behind"] = {"files": sorted(_listing(course) - before)}
    return reports


def _measured(course: Path, name: str, executed: Path, results: Path) -> dict:
    """Run a notebook in a process of its own, one thread; give what it took."""
    environment = os.environ | {
        "MATLEARN_RESULTS": str(results),
        "MATLEARN_SCALE": "small",
        "IPYTHONDIR": str(results / "ipython"),
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }
    command = [
        sys.executable,
        "-m",
        "matlearn",
        "run",
        "--json",
        "--output",
        str((executed / name).parent),
        str(course / "notebooks" / name),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        report = {
            "error": f"the runner failed: {done.stderr[-2000:]}",
            "cpu_seconds": 0.0,
            "peak_bytes": 0,
        }
    report["executed"] = executed / name
    print(f"{name}: {report['cpu_seconds']:.1f} CPU s, {report['peak_bytes'] / 1e9:.2f} GB")
    return report


def _least(
    seconds: dict[str, float], measure: Callable[[str], dict], budget: float
) -> dict[str, float]:
    """Measure the dearest again, alone and with nothing stored, while all are above the budget.

    Whoever shares the machine, the second notebook too, makes a CPU second do less: what is measured
    is only ever too much, and the least is nearest to the truth.
    """
    found = dict(seconds)
    for name in sorted(found, key=lambda one: -found[one])[:AGAIN]:
        if sum(found.values()) <= budget:
            break
        again = measure(name)
        if again["error"] is None:
            found[name] = min(found[name], again["cpu_seconds"])
    return found


def _listing(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_within_its_budget(name: str, runs: dict[str, dict]) -> None:
    run = runs[name]
    assert run["error"] is None, run["error"]
    assert run["cpu_seconds"] <= CPU_BUDGET
    assert run["peak_bytes"] <= MEMORY_BUDGET


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_that_a_notebook_shows_has_alternative_text(
    name: str, runs: dict[str, dict]
) -> None:
    for cell in _code(runs[name]["executed"]):
        assert without_text(cell) == 0, f"a figure of cell {cell.id}: see ml.plotting.describe"


def test_the_course_as_a_whole_is_within_its_budget(
    runs: dict[str, dict], course: Path, tmp_path: Path
) -> None:
    def alone(name: str) -> dict:
        results = tmp_path / name.replace("/", "-")
        results.mkdir()
        return _measured(course, name, tmp_path, results)

    seconds = {name: run["cpu_seconds"] for name, run in runs.items() if name in NAMES}
    print({name: round(spent, 1) for name, spent in seconds.items()})
    seconds = _least(seconds, alone, COURSE_CPU_BUDGET)
    assert statistics.median(seconds.values()) <= MEDIAN_CPU_BUDGET
    assert sum(seconds.values()) <= COURSE_CPU_BUDGET


def test_the_dearest_are_measured_again_and_never_count_for_more() -> None:
    asked = []

    def measure(name: str) -> dict:
        asked.append(name)
        return {"error": "stopped" if name == "c" else None, "cpu_seconds": {"b": 9.0}.get(name, 1)}

    seconds = {"a": 2.0, "b": 8.0, "c": 5.0, "d": 3.0}
    assert _least(seconds, measure, 20.0) == seconds
    assert asked == []
    assert _least(seconds, measure, 16.5) == {"a": 2.0, "b": 8.0, "c": 5.0, "d": 1.0}
    assert asked == ["b", "c", "d"]


def test_running_leaves_nothing_behind(runs: dict[str, dict]) -> None:
    assert runs["left behind"]["files"] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    for cell in _code(path):
        assert not cell.outputs
        assert cell.execution_count is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_cells_are_short_and_free_of_plumbing(path: Path) -> None:
    sources = [cell.source for cell in _code(path)]
    lengths = [len(source.splitlines()) for source in sources]
    assert max(lengths) <= 15
    assert statistics.median(lengths) <= 4
    for source in sources:
        assert not PLUMBING.search(source), source
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno is not None
                assert node.end_lineno - node.lineno < 5, f"{node.name} belongs in the library"


@pytest.mark.parametrize(
    "path",
    [p for p in NOTEBOOKS if p.stem != "index"],
    ids=[n for n in NAMES if n != "index.ipynb"],
)
def test_a_notebook_opens_and_closes_as_the_others_do(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    head = cells[0].source
    for word in (
        "# ",
        "**Question**",
        "**You will be able to**",
        "**Before you start**",
        "min",
        "GB",
    ):
        assert word in head, f"the first cell lacks {word!r}"
    first_code = next(cell.source for cell in cells if cell.cell_type == "code")
    assert "import matlearn as ml" in first_code
    assert "ml.notebook.setup()" in first_code
    tail = "\n".join(cell.source for cell in cells[-4:])
    for word in ("## What you learned", "## Exercise", "## On your own material", "## References"):
        assert word in tail, f"the last cells lack {word!r}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_links_lead_somewhere(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\(([^)#\s]+)", cell.source):
                if not target.startswith(("http://", "https://", "attachment:")):
                    assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_pictures_have_alternative_text(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert "![](" not in cell.source


def _code(path: Path) -> list:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
