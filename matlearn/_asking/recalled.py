"""The line below a figure that says what was predicted; it follows when the prediction changes."""

from __future__ import annotations

import weakref
from typing import Any

import anywidget
import traitlets

_SHOW = """
function render({ model, el }) {
  const line = document.createElement("p");
  line.setAttribute("role", "status");
  line.style.cssText = "margin: 4px 0; padding-left: 14px; border-left: 4px solid #56b4e9;"
    + "color: var(--jp-content-font-color1, inherit); font-size: var(--jp-content-font-size1, 14px);"
    + "font-family: var(--jp-content-font-family, inherit);";
  const show = () => { line.textContent = model.get("text"); };
  show();
  model.on("change:text", show);
  el.append(line);
  return () => model.off("change:text", show);
}
export default { render };
"""

_shown: weakref.WeakSet[Recalled] = weakref.WeakSet()


class Recalled(anywidget.AnyWidget):
    """A line of text that belongs to a prediction.

    Attributes
    ----------
    identifier : str
        Which prediction.
    text : str
        What is read.
    """

    _esm = _SHOW
    text = traitlets.Unicode("").tag(sync=True)

    def __init__(self, identifier: str, text: str) -> None:
        super().__init__(text=text)
        self.identifier = identifier
        _shown.add(self)

    def __repr__(self) -> str:
        return self.text

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: Any) -> bool:
        return self is other


def renew(identifier: str, text: str) -> None:
    """Write a new text into every line of a prediction that is on a page."""
    for line in list(_shown):
        if line.identifier == identifier:
            line.text = text
