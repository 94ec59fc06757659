"""What Binder builds from ``binder/`` is a whole installation, and a kernel fits into 2 GB.

Building it takes minutes, so it is built when a file that makes it has changed since it was last
tried: ``binder/tried.txt`` holds the digest of that time. ``MATLEARN_TRY_BINDER=1`` builds it anyway,
and writes the digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from matlearn.tour import PARTS as PARTS_OF_TOUR

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "apt.txt", "install_optional.sh", "jupyter_server_config.json", "optional.txt",
    "overrides.json", "pinned.txt", "postBuild", "requirements.txt", "runtime.txt", "start",
    "workspace.json",
)  # fmt: skip
TRIED = ROOT / "binder" / "tried.txt"
MEMORY = 2e9  # bytes resident
ELSEWHERE = {"MATLEARN_MIRROR", "PYTHONPATH", "VIRTUAL_ENV", "OMP_NUM_THREADS"}


def digest() -> str:
    """Digest of all that makes the environment."""
    found = hashlib.sha256()
    for name in PARTS:
        found.update(name.encode() + (ROOT / "binder" / name).read_bytes())
    found.update((ROOT / "pyproject.toml").read_bytes())
    return found.hexdigest()


def test_nothing_but_plain_versions_is_pinned() -> None:
    for name in ("pinned.txt", "optional.txt", "teaching.txt", "test.txt"):
        for line in (ROOT / "binder" / name).read_text().splitlines():
            if line and not line.startswith("#"):
                package, _, version = line.partition("==")
                assert package and version and not set("+/@ ") & set(line), f"{name}: {line}"


def test_the_index_is_in_the_layout() -> None:
    layout = json.loads((ROOT / "binder/workspace.json").read_text())["data"]
    (widget,) = layout["layout-restorer:data"]["main"]["dock"]["widgets"]
    assert (ROOT / layout[widget]["data"]["path"]).is_file()


@pytest.mark.parametrize(
    ("share", "threads"), [("", "2"), ("4.0", "4"), ("1.5", "2"), ("0.3", "1")]
)
def test_threads_follow_the_share_of_the_container(share: str, threads: str) -> None:
    environment = {**os.environ, "CPU_LIMIT": share}
    command = ["bash", str(ROOT / "binder/start"), "bash", "-c", "echo $OMP_NUM_THREADS"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == threads


@pytest.mark.skipif(
    TRIED.is_file()
    and TRIED.read_text().strip() == digest()
    and not os.environ.get("MATLEARN_TRY_BINDER"),
    reason="tried with these files before (MATLEARN_TRY_BINDER=1 tries again)",
)
def test_the_environment_builds_and_the_tour_fits_into_memory(tmp_path: Path) -> None:
    course, environment = tmp_path / "course", tmp_path / "environment"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in tracked.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (course / name).parent.mkdir(parents=True, exist_ok=True)
            (course / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    home = tmp_path / "home"
    variables = {k: v for k, v in os.environ.items() if k not in ELSEWHERE} | {
        "PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "CPU_LIMIT": "2",
    }
    home.mkdir()
    wanted = course / "binder/requirements.txt"  # the index of CPU wheels may be out of reach here
    plain = [line for line in wanted.read_text().splitlines() if not line.startswith("--")]
    wanted.write_text("\n".join(plain) + "\n")
    for step in (
        ["pip", "install", "--quiet", "-r", "binder/requirements.txt"],
        ["bash", "binder/postBuild"],
    ):
        done = subprocess.run(
            step, cwd=course, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    served = subprocess.run(
        ["jupyter", "lab", "--show-config-json"], cwd=course, env=variables, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert "OneKernelManager" in served.stdout
    assert "layout-restorer:data" in "".join(
        path.read_text() for path in home.rglob("*.jupyterlab-workspace")
    )
    rows, peak = _tour(course, variables)
    assert {row.partition(":")[0] for row in rows if ":" in row.split()[0]} == set(PARTS_OF_TOUR)
    assert peak < MEMORY, f"{peak / 1e9:.2f} GB"
    if os.environ.get("MATLEARN_TRY_BINDER"):
        TRIED.write_text(digest() + "\n")


def _tour(folder: Path, variables: dict[str, str]) -> tuple[list[str], int]:
    """Run the tour as Binder starts things; give its lines and the memory of its processes."""
    command = ["bash", "binder/start", "matlearn", "tour", "--figures", "figures"]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watched, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        now = 0
        for one in [watched, *watched.children(recursive=True)]:
            try:
                now += one.memory_info().rss
            except psutil.Error:
                continue
        peak = max(peak, now)
        time.sleep(0.2)
    out, said = process.communicate()
    assert process.returncode == 0, said[-3000:]
    return [line for line in out.splitlines() if line.strip()], peak
