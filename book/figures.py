"""Pictures and their alternative texts, taken out of the outputs of an executed notebook."""

from __future__ import annotations

import base64
import html
import re
from dataclasses import dataclass
from typing import Any

_IMAGE = re.compile(r"<img\b[^>]*>", re.DOTALL)
_DATA = re.compile(r'src="data:image/(png|svg\+xml);base64,([^"]+)"')
_ALT = re.compile(r'alt="([^"]*)"')


@dataclass(frozen=True)
class Figure:
    """A picture that a cell shows.

    Attributes
    ----------
    data : bytes
        The file.
    suffix : str
        ``".png"`` or ``".svg"``.
    text : str
        What it says to who cannot see it; empty where nobody wrote it.
    """

    data: bytes
    suffix: str
    text: str


def figures_of(cell: Any) -> list[Figure]:
    """The pictures that an executed cell shows, in their order.

    Parameters
    ----------
    cell : nbformat.NotebookNode
        A code cell with its outputs.

    Returns
    -------
    list of Figure
    """
    found: list[Figure] = []
    for output in cell.get("outputs", ()):
        found += _of_bundle(output.get("data", {}))
    return found


def without_text(cell: Any) -> int:
    """How many pictures of an executed cell nobody described.

    Parameters
    ----------
    cell : nbformat.NotebookNode
        A code cell with its outputs.

    Returns
    -------
    int
    """
    bare = sum(not figure.text.strip() for figure in figures_of(cell))
    for output in cell.get("outputs", ()):
        shown = _joined(output.get("data", {}).get("text/html", ""))
        bare += sum(
            not _DATA.search(image) and not _text_of(image).strip()
            for image in _IMAGE.findall(shown)
        )
    return bare


def _of_bundle(bundle: dict[str, Any]) -> list[Figure]:
    shown = []
    for image in _IMAGE.findall(_joined(bundle.get("text/html", ""))):
        if match := _DATA.search(image):
            suffix = ".png" if match[1] == "png" else ".svg"
            shown.append(Figure(base64.b64decode(match[2]), suffix, _text_of(image)))
    if shown:
        return shown
    if "image/svg+xml" in bundle:
        drawing = _joined(bundle["image/svg+xml"])
        title = re.search(r"<(?:title|desc)[^>]*>(.*?)</", drawing, re.DOTALL)
        return [Figure(drawing.encode(), ".svg", html.unescape(title[1]) if title else "")]
    if "image/png" in bundle:
        return [Figure(base64.b64decode(_joined(bundle["image/png"])), ".png", "")]
    return []


def _text_of(image: str) -> str:
    match = _ALT.search(image)
    return html.unescape(match[1]) if match else ""


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)
