"""A picture that changes, with alternative text, and that tells Python when it is on a screen.

ipywidgets' own image has neither. The front end sends a beat every two seconds for as long as the
picture is on a page, so that what feeds it can rest when the page is closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

_SHOW = """
function render({ model, el }) {
  const image = document.createElement("img");
  image.style.display = "block";
  image.style.maxWidth = "100%";
  image.style.background = "white";
  image.draggable = false;
  let address = null;
  const draw = () => {
    const data = model.get("data");
    if (!data || !data.byteLength) return;
    const old = address;
    address = URL.createObjectURL(new Blob([data], { type: "image/png" }));
    image.src = address;
    if (old) URL.revokeObjectURL(old);
  };
  const describe = () => { image.alt = model.get("alt"); };
  const size = () => {
    image.style.width = model.get("width") + "px";
    image.style.imageRendering = model.get("pixelated") ? "pixelated" : "auto";
  };
  const beat = () => model.send({ kind: "beat" });
  draw(); describe(); size(); beat();
  model.on("change:data", draw);
  model.on("change:alt", describe);
  model.on("change:width", size);
  const timer = setInterval(beat, 2000);
  el.appendChild(image);
  return () => {
    clearInterval(timer);
    model.off("change:data", draw);
    model.off("change:alt", describe);
    model.off("change:width", size);
    if (address) URL.revokeObjectURL(address);
  };
}
export default { render };
"""


class Picture(anywidget.AnyWidget):
    """A PNG picture.

    Attributes
    ----------
    data : bytes
        The file.
    alt : str
        What the picture says to who cannot see it.
    width : int
        How wide it is shown (pixels).
    pixelated : bool
        Enlarge it with sharp edges.
    """

    _esm = _SHOW
    data = traitlets.Bytes(b"").tag(sync=True)
    alt = traitlets.Unicode("").tag(sync=True)
    width = traitlets.Int(420).tag(sync=True)
    pixelated = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self, *args: Any, on_beat: Callable[[], None] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._beat = on_beat
        self.on_msg(self._on_message)

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if self._beat is not None and isinstance(content, dict) and content.get("kind") == "beat":
            self._beat()
