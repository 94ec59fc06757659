"""Hand a result over to the figures of the chapter, which are imported on use."""

from __future__ import annotations

import importlib
from typing import Any


def draw(name: str, result: Any, ax: Any) -> Any:
    """Call a function of `matlearn.phonons.plots`."""
    return getattr(importlib.import_module("matlearn.phonons.plots"), name)(result, ax=ax)
