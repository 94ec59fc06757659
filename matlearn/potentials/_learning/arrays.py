"""Arrays in a file: numbers and words, nothing that is code."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np


def write_arrays(path: Path, arrays: dict[str, Any]) -> None:
    """Write arrays (.npz) whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        try:
            np.savez(part, **arrays)
            part.close()
            Path(part.name).replace(path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise


def read_arrays(path: Path, form: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read arrays and what is said about them; nothing is unpickled.

    Raises
    ------
    ValueError
        If the file is of another format, or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(str(arrays.pop("about")))
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is damaged ({error}): remove it to begin anew") from error
    if not isinstance(about, dict) or about.get("format") != form:
        raise ValueError(f"{path} is not what this version of matlearn writes ({form})")
    return arrays, about
