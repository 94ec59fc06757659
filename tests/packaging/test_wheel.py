"""The wheel alone is a whole installation: course, data and tour, without the repository and the network."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {"MATLEARN_MIRROR", "PYTHONPATH", "VIRTUAL_ENV"}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the files git tracks, so that ignored junk in the working tree cannot slip in."""
    source = tmp_path_factory.mktemp("source")
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    for name in tracked.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    out = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(out),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment that holds the wheel and what it requires, at the pinned versions."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "-c", str(ROOT / "binder/pinned.txt"), str(wheel)], check=True)
    return folder / "bin"


def run(command: list[str], folder: Path, **variables: str) -> str:
    environment = {
        name: value for name, value in os.environ.items() if name not in ELSEWHERE
    } | variables
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        text=True,
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_carries_the_course_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for part in ("notebooks/index.ipynb", "data/search/README.md", "exercises/README.md"):
        assert f"matlearn/_course/{part}" in names
    assert any(
        "/_course/exercises/lattice/solutions/" in name for name in names
    )  # grading needs them
    assert "matlearn/py.typed" in names
    assert "matlearn/_datasets/registry.toml" in names
    assert "matlearn/regression/_benchmark/leaderboard.csv" in names
    assert "matlearn/search/__init__.pyi" in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"matlearn"}


def test_an_installed_wheel_runs_the_tour_off_line(installed: Path, tmp_path: Path) -> None:
    offline = {
        "MATLEARN_OFFLINE": "1",
        "MATLEARN_CACHE": str(tmp_path / "cache"),
        "CUDA_VISIBLE_DEVICES": "",
    }
    where = run(
        [str(installed / "python"), "-c", "import matlearn; print(matlearn.__file__)"], tmp_path
    )
    assert str(ROOT / "matlearn") not in where
    lines = run(
        [str(installed / "matlearn"), "tour", "--figures", "figures"], tmp_path, **offline
    ).splitlines()
    assert sum(line.startswith("search: ") for line in lines) >= 3
    assert list((tmp_path / "figures").glob("search-*.png"))


def test_an_installed_wheel_lays_the_course_out(installed: Path, tmp_path: Path) -> None:
    run([str(installed / "matlearn"), "lab", "mine", "--no-open"], tmp_path)
    assert (tmp_path / "mine/notebooks/search/02-lin2-published.ipynb").is_file()
    assert (tmp_path / "mine/data/search/README.md").is_file()
    assert list((tmp_path / "mine/exercises/lattice").glob("[0-9]*.ipynb"))
    assert not list((tmp_path / "mine").rglob("solutions"))
    run([str(installed / "matlearn"), "lab", "teacher", "--solutions", "--no-open"], tmp_path)
    assert list((tmp_path / "teacher/exercises/lattice/solutions").glob("[0-9]*.ipynb"))


def test_the_doctor_finds_an_installed_wheel_sound(installed: Path, tmp_path: Path) -> None:
    report = run([str(installed / "matlearn"), "doctor"], tmp_path)
    assert "nglview 3.1.4 with front end 3.1.4" in report


def test_pins_are_plain_versions() -> None:
    for name in ("pinned.txt", "test.txt", "optional.txt"):
        for line in (ROOT / "binder" / name).read_text().splitlines():
            if line and not line.startswith("#"):
                package, _, version = line.partition("==")
                assert package
                assert version.replace(".", "").replace("post", "").isalnum(), line
