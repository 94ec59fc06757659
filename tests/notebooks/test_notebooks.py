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
MEMORY_BUDGET = 1.5e9  # bytes resident, the kernel's process tree
PLUMBING = re.compile(r"\b(subprocess|warnings\.filter|sys\.path|os\.environ|except\b|plt\.rc)")


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """Every notebook's measured run, by name."""
    folder, executed = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("executed")
    for part in ("notebooks", "exercises"):
        shutil.copytree(
            ROOT / part, folder / part, ignore=shutil.ignore_patterns(".ipynb_checkpoints")
        )
    before = _listing(folder)
    environment = os.environ | {
        "MATLEARN_RESULTS": str(tmp_path_factory.mktemp("results")),
        "MATLEARN_SCALE": "small",
        "IPYTHONDIR": str(tmp_path_factory.mktemp("ipython")),
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }

    def run(name: str) -> dict:
        command = [
            sys.executable,
            "-m",
            "matlearn",
            "run",
            "--json",
            "--output",
            str((executed / name).parent),
            str(folder / "notebooks" / name),
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

    with ThreadPoolExecutor(2) as pool:
        reports = dict(zip(NAMES, pool.map(run, NAMES), strict=True))
    reports["left behind"] = {"files": sorted(_listing(folder) - before)}
    return reports


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


def test_the_course_as_a_whole_is_within_its_budget(runs: dict[str, dict]) -> None:
    seconds = [run["cpu_seconds"] for name, run in runs.items() if name in NAMES]
    print({name: round(run["cpu_seconds"], 1) for name, run in runs.items() if name in NAMES})
    assert statistics.median(seconds) <= MEDIAN_CPU_BUDGET
    assert sum(seconds) <= COURSE_CPU_BUDGET


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
