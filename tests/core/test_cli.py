"""The command line, as a person in a terminal meets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from matlearn.cli import main


def notebook(path: Path, *cells: str) -> Path:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(book, path)
    return path


def test_python_dash_m_matlearn_works() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "matlearn", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("matlearn 0.")


def test_an_unknown_word_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["tour", "--colour"])
    assert stop.value.code == 2
    assert "--colour" in capsys.readouterr().err


def test_a_problem_is_one_line_and_exit_status_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "fetch", "lin2-airs"]) == 1
    problem = capsys.readouterr().err
    assert problem.startswith("matlearn: ")
    assert "lin2-airss" in problem  # the near name
    assert "Traceback" not in problem


def test_data_list_names_every_data_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "list"]) == 0
    said = capsys.readouterr().out
    assert "lin2-airss" in said
    assert " 0.0 MB" not in said
    assert "35 kB  steels" in said


def test_data_cite_prints_the_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "cite", "lin2-airss"]) == 0
    assert "airss-m3gnet-test" in capsys.readouterr().out


def test_lab_lays_the_course_out_without_opening_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", str(tmp_path / "course"), "--no-open"]) == 0
    assert (tmp_path / "course/notebooks/index.ipynb").is_file()
    assert "0 kept" in capsys.readouterr().out


def test_lab_lays_solutions_out_for_a_teacher(tmp_path: Path) -> None:
    for words, expected in (([], False), (["--solutions"], True)):
        folder = tmp_path / f"course-{expected}"
        assert main(["lab", str(folder), "--no-open", *words]) == 0
        assert bool(list(folder.glob("exercises/*/solutions/*.ipynb"))) is expected
        assert list(folder.glob("exercises/*/[0-9]*.ipynb"))


def test_run_goes_on_after_a_failing_cell_where_asked(tmp_path: Path) -> None:
    path = notebook(tmp_path / "bad.ipynb", "1 / 0", "6 * 7")
    out = tmp_path / "out"
    assert main(["run", str(path), "--keep-going", "--output", str(out)]) == 0
    cells = nbformat.read(out / "bad.ipynb", as_version=4).cells
    assert cells[0].outputs[0]["ename"] == "ZeroDivisionError"
    assert cells[1].outputs[0]["data"]["text/plain"] == "42"


def test_run_executes_a_notebook_and_keeps_it_where_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = notebook(tmp_path / "sum.ipynb", "x = 20", "x + 22")
    assert main(["run", str(path), "--output", str(tmp_path / "out")]) == 0
    executed = nbformat.read(tmp_path / "out/sum.ipynb", as_version=4)
    assert executed.cells[1].outputs[0]["data"]["text/plain"] == "42"
    assert not nbformat.read(path, as_version=4).cells[1].outputs
    assert "sum.ipynb: ok" in capsys.readouterr().out


def test_run_reports_a_failing_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "bad.ipynb", "1", "1 / 0")
    assert main(["run", str(path), "--json"]) == 1
    captured = capsys.readouterr()
    assert "ZeroDivisionError" in captured.err


def test_run_measures_cpu_time_and_memory_of_the_kernel_and_its_children(tmp_path: Path) -> None:
    from matlearn.execution import run_notebook

    busy = "import subprocess, sys\ncode = 'x = bytearray(120_000_000)\\nfor i in range(8_000_000): pass'\n"
    path = notebook(
        tmp_path / "busy.ipynb",
        busy + "subprocess.run([sys.executable, '-c', code], check=True).returncode",
    )
    quiet = run_notebook(notebook(tmp_path / "quiet.ipynb", "1"))
    loud = run_notebook(path)
    assert loud.error is None
    assert loud.cpu_seconds > quiet.cpu_seconds
    assert loud.peak_bytes > quiet.peak_bytes + 1e8


def test_what_cannot_be_fetched_does_not_keep_the_rest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MATLEARN_OFFLINE", "1")
    monkeypatch.setenv("MATLEARN_CACHE", str(tmp_path))
    monkeypatch.delenv("MATLEARN_MIRROR", raising=False)
    assert main(["data", "fetch", "argon-dft", "lin2-pbe"]) == 1
    said = capsys.readouterr()
    assert "lin2-pbe: " in said.out
    assert "argon-dft: not fetched" in said.err
    assert "1 of 2 not fetched: argon-dft" in said.err
