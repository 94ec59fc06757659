"""How the options of a calculator are written down, so that searches can be told apart."""

from __future__ import annotations

import hashlib
import os
from os import PathLike
from typing import Any

import numpy as np


def shown(value: Any) -> str:
    """Write an option the same way in each process.

    Numbers, words and their lists are written out; arrays and networks are told apart by a digest
    of their values; of any other object without words of its own only the kind is named.

    Examples
    --------
    >>> shown({"width": 0.1, "spin": None})
    "{'width': 0.1, 'spin': None}"
    """
    if value is None or isinstance(value, bool | int | float | complex | str):
        return repr(value)
    if isinstance(value, PathLike):
        return repr(os.fspath(value))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{shown(k)}: {shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    kind = type(value).__qualname__
    if hasattr(value, "state_dict"):  # a network: its weights
        arrays = [array.detach().cpu().numpy() for array in value.state_dict().values()]
    elif hasattr(value, "dtype"):
        arrays = [np.asarray(value)]
    else:
        text = repr(value)
        return kind if " at 0x" in text else text
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return f"{kind}:{digest.hexdigest()[:16]}"
