"""Progress bars whose length is found out on the way."""

from __future__ import annotations

from typing import Any


def lengthen(bar: Any, steps: int) -> None:
    """Let a tqdm bar expect more steps, also where it is drawn in a notebook."""
    done, began = bar.n, getattr(bar, "start_t", None)
    bar.reset((bar.total or 0) + steps)
    if began is not None:
        bar.start_t = began
    bar.update(done)
