"""A real JupyterLab and a real Chromium: what no Python-side test can see.

``matlearn lab FOLDER`` lays the course out in a temporary folder and serves it, with folders of its
own for settings, runtime files and caches, so that a run changes neither the repository nor the
user's home.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Lab
from serving import wait_until_up

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox", "--disable-dev-shm-usage", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
SETTINGS = {
    "notification": {"fetchNews": "false", "checkForUpdates": False},
    "themes": {"theme": os.environ.get("MATLEARN_BROWSER_THEME", "JupyterLab Light")},
}


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Chromium; its absence skips, but fails under CI."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("MATLEARN_CHROMIUM") or next(filter(None, map(shutil.which, names)), "")
    missing = ""
    if not found:
        missing = "no Chromium found: install it or set MATLEARN_CHROMIUM to its path"
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing = "the browser tests need playwright: pip install playwright"
    if missing and os.environ.get("CI"):
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """A running JupyterLab: its address, its token and the folder it serves."""
    home = tmp_path_factory.mktemp("jupyter")
    course = home / "course"
    extension = home / "settings" / "@jupyterlab" / "apputils-extension"
    extension.mkdir(parents=True)
    for name, values in SETTINGS.items():
        (extension / f"{name}.jupyterlab-settings").write_text(json.dumps(values))
    token = secrets.token_hex(16)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "xdg-config"),
        "XDG_DATA_HOME": str(home / "xdg-data"),
        "XDG_STATE_HOME": str(home / "xdg-state"),
        "MATLEARN_RESULTS": str(home / "results"),
        "JUPYTER_TOKEN": token,
    }
    environment |= {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS", "NUMBA")}
    command = [
        sys.executable, "-m", "matlearn", "lab", str(course), "--no-browser", "--ip=127.0.0.1",
        f"--port={port}", "--ServerApp.port_retries=0", "--allow-root",
        "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    log = home / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=home, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            wait_until_up(f"http://127.0.0.1:{port}/api?token={token}", process, log)
            yield f"http://127.0.0.1:{port}", token, course
        finally:
            process.terminate()  # asks the server to end its kernels and then itself
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def lab(
    request: pytest.FixtureRequest,
    browser: object,
    server: tuple[str, str, Path],
    tmp_path: Path,
) -> Iterator[Lab]:
    """A page on JupyterLab; when the test ends its kernels are shut down."""
    answers = server[2].parent / "results" / "answers.json"
    answers.unlink(missing_ok=True)  # each test is a participant of its own
    page = browser.new_page(viewport={"width": 1500, "height": 1000})  # type: ignore[attr-defined]
    pictures = Path(os.environ.get("MATLEARN_SCREENSHOTS", tmp_path))
    lab = Lab(page, *server, pictures)
    yield lab
    lab.save(f"{request.node.name}-end")
    lab.shut_down()
    page.close()
