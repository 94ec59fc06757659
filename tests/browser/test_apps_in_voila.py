"""The boards of all chapters as pages without code: what ``make apps`` serves for a lecture."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import FAULTS, Lab
from serving import wait_until_up

ROOT = Path(__file__).resolve().parents[2]
BOARDS = {
    "search": (".matlearn-explore", "select", "ArrowDown"),
    "lattice": (".matlearn-board", ".matlearn-temperature .noUi-handle", "PageUp"),
    "potentials": (".matlearn-lennard-jones", ".matlearn-sigma .noUi-handle", "PageUp"),
    "regression": (".matlearn-paths", ".matlearn-alpha .noUi-handle", "PageUp"),
    "transport": (".matlearn-fit-window", ".matlearn-window .noUi-handle", "PageUp"),
    "phonons": (".matlearn-modes", ".matlearn-branch .noUi-handle", "PageDown"),
}
"""The first board of each page, what is focused in it, and the key that is pressed."""
IMPATIENT = ("[anywidget] Failed to initialize model.",)
"""What anywidget says after two seconds, however busy the machine; the figure comes all the same."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running Voila."""
    home = tmp_path_factory.mktemp("voila")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "MATLEARN_RESULTS": str(home / "results"),
        "OMP_NUM_THREADS": "1",
    }
    command = [
        sys.executable, "-m", "voila", str(ROOT / "apps"), "--no-browser", f"--port={port}",
        "--Voila.ip=127.0.0.1", "--show_tracebacks=True",
        "--VoilaConfiguration.allow_theme_override=YES",
    ]  # fmt: skip
    log = home / "voila.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=home, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            wait_until_up(f"http://127.0.0.1:{port}/", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def test_every_chapter_has_its_page() -> None:
    assert {path.stem for path in (ROOT / "apps").glob("*.ipynb")} == set(BOARDS)


@pytest.mark.parametrize("name", BOARDS)
def test_a_page_shows_its_boards_and_no_code(
    name: str, browser: Any, address: str, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    pictures = Path(os.environ.get("MATLEARN_SCREENSHOTS", tmp_path))
    screen = Lab(page, address, "", ROOT / "apps", pictures)
    board, focused, key = BOARDS[name]
    try:
        page.goto(f"{address}/voila/render/{name}.ipynb?theme=dark", timeout=300_000)
        shown = page.locator(board).first
        shown.wait_for(timeout=300_000)
        screen.wait_for_picture(shown)
        assert page.locator(".jp-CodeMirrorEditor, .jp-Cell-inputArea pre").count() == 0
        before = shown.inner_text()
        shown.locator(focused).first.focus()
        for _ in range(2):
            page.keyboard.press(key)
        page.wait_for_function(
            "([board, before]) => document.querySelector(board).innerText !== before",
            arg=[board, before],
        )
        screen.save(f"app-{name}")
        screen.assert_legible()  # in the dark, which is the harder one
        text = page.locator("body").inner_text().lower()
        assert not [fault for fault in (*FAULTS, "Traceback") if fault.lower() in text]
        assert not [said for said in screen.console if said not in IMPATIENT]
    finally:
        page.close()
