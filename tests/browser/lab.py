"""What a reader does in JupyterLab, and what is then on the screen."""

from __future__ import annotations

import io
import json
import urllib.request
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from PIL import Image

FAULTS = ("javascript error", "Error displaying widget", "Error creating widget")

_STATE = """() => {
  const panel = window.jupyterapp && window.jupyterapp.shell.currentWidget;
  if (!panel || !panel.content || !panel.content.widgets) return null;
  const cells = panel.content.widgets.filter(cell => cell.model.type === 'code');
  return cells.map(cell => ({
    state: cell.model.executionState, count: cell.model.executionCount,
    empty: !cell.model.sharedModel.getSource().trim(),
    outputs: cell.model.outputs.toJSON(),
  }));
}"""


_READY = """() => {
  const panel = window.jupyterapp && window.jupyterapp.shell.currentWidget;
  const session = panel && panel.sessionContext && panel.sessionContext.session;
  const kernel = session && session.kernel;
  return kernel && kernel.status === 'idle' && kernel.connectionStatus === 'connected';
}"""


_LONELY = """widget => {
  const places = path => {
    const box = path.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const groups = [...widget.querySelectorAll('.scatterlayer .trace')].map(
    trace => [...trace.querySelectorAll('path.point')].map(places));
  const [ring] = groups.pop();
  const points = groups.flat();
  const far = ([x, y]) => Math.hypot(x - ring[0], y - ring[1]) > 40;
  const apart = ([x, y]) => Math.min(...points.map(
    ([u, v]) => Math.hypot(x - u, y - v)).filter(d => d > 0));
  return points.filter(far).sort((a, b) => apart(b) - apart(a))[0];
}"""

_PALE = """() => {
  const light = colour => {
    const [red, green, blue, alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
    const part = value => value <= 10.31 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    return [0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue), alpha];
  };
  const behind = element => {
    for (; element; element = element.parentElement) {
      const [value, alpha] = light(getComputedStyle(element).backgroundColor);
      if (alpha > 0.9) return value;
    }
    return 1;
  };
  const pale = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim(), element = texts.currentNode.parentElement;
    if (!text || !element.offsetParent || element.closest('svg, script, style')) continue;
    const [front] = light(getComputedStyle(element).color), back = behind(element);
    const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    if (contrast < 4.5) pale.push(`${contrast.toFixed(1)}: ${text.slice(0, 60)}`);
  }
  return pale;
}"""
"""Texts whose contrast with what is behind them is below 4.5 (WCAG 2, level AA)."""


class Lab:
    """A page of JupyterLab on a folder of notebooks."""

    def __init__(self, page: Any, url: str, token: str, folder: Path, pictures: Path) -> None:
        self.page, self.url, self.token = page, url, token
        self.folder, self.pictures = folder, pictures
        page.set_default_timeout(150_000)  # of a busy machine
        self.console: list[str] = []
        page.on("pageerror", lambda error: self.console.append(str(error)))

    def write(self, name: str, *cells: str) -> str:
        """Write a notebook of these code cells into the served folder."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        notebook.metadata["kernelspec"] = {
            "name": "python3", "display_name": "Python 3", "language": "python",
        }  # fmt: skip
        nbformat.write(notebook, self.folder / name)
        return name

    def open(self, path: str) -> None:
        """Open a notebook and wait until its cells and its kernel are there."""
        self.page.goto(f"{self.url}/doc/tree/{path}?token={self.token}&reset")
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
        self.page.wait_for_function(_READY, timeout=120_000)

    def run_all(self, timeout: float = 240) -> None:
        """Run all cells from the menu, wait until they have run, and fail where one failed."""
        self.page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        self.page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
        self.page.wait_for_function(
            f"() => {{ const cells = ({_STATE})();"
            " return cells && cells.every(cell => cell.empty || (cell.state === 'idle'"
            " && cell.count) || cell.outputs.some(out => out.output_type === 'error')) }",
            timeout=1000 * timeout,
        )
        errors = [
            f"{out['ename']}: {out['evalue']}"
            for cell in self.page.evaluate(_STATE)
            for out in cell["outputs"]
            if out["output_type"] == "error"
        ]
        assert not errors, errors

    def assert_no_faults(self) -> None:
        """No widget of the page shows an error box instead of itself."""
        text = self.page.locator("body").inner_text().lower()
        for fault in FAULTS:
            assert fault.lower() not in text, f"the page says {fault!r}"

    def assert_legible(self) -> None:
        """Every text of the page stands out from what is behind it, in whatever theme is on."""
        pale = self.page.evaluate(_PALE)
        assert not pale, pale

    def picture(self, locator: Any) -> np.ndarray:
        """Return what an element looks like, shape (height, width, 3)."""
        locator.scroll_into_view_if_needed()
        return np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("RGB"))

    def wait_for_picture(self, locator: Any, differs_from: np.ndarray | None = None) -> np.ndarray:
        """Wait until an element is not of one colour, or no longer looks as it did."""
        for _ in range(120):
            seen = self.picture(locator)
            if differs_from is None:
                done = self.n_colors(seen) > 50
            else:
                done = seen.shape != differs_from.shape or self.changed(seen, differs_from) > 0.005
            if done and self.n_colors(seen) > 50:
                return seen
            self.page.wait_for_timeout(250)
        raise AssertionError("the picture did not change within 30 s")

    @staticmethod
    def n_colors(image: np.ndarray) -> int:
        """Count the different colours of a picture."""
        return len(np.unique(image.reshape(-1, 3), axis=0))

    @staticmethod
    def changed(first: np.ndarray, second: np.ndarray) -> float:
        """Return the share of the pixels that differ between two pictures of the same size."""
        return float((np.abs(first.astype(int) - second).max(axis=2) > 30).mean())

    def click_point(self, widget: Any) -> None:
        """Click with the mouse on the point of a plotly figure that is farthest from all others.

        The chosen point, inside its ring, is none that a reader would click; it is left out.
        """
        widget.locator(".scatterlayer .points path.point").first.wait_for(state="attached")
        widget.locator(".js-plotly-plot").scroll_into_view_if_needed()
        x, y = widget.evaluate(_LONELY)
        self.page.mouse.move(x - 30, y - 30)
        self.page.mouse.move(x, y, steps=5)  # plotly knows what is clicked from what is hovered
        widget.locator(".hoverlayer .hovertext").first.wait_for()
        self.page.mouse.down()
        self.page.mouse.up()

    def save(self, name: str) -> None:
        """Keep a picture of the page (in the test's folder, or in MATLEARN_SCREENSHOTS)."""
        self.page.screenshot(path=self.pictures / f"{name}.png")

    def shut_down(self) -> None:
        """Shut down every kernel that the page started."""
        for session in json.loads(self._api("sessions")):
            self._api(f"sessions/{session['id']}", "DELETE")

    def _api(self, path: str, method: str = "GET") -> str:
        request = urllib.request.Request(f"{self.url}/api/{path}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()
