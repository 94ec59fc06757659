"""Arrays in a file: numbers and words, nothing that is code."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from matlearn._disk import disk_full, is_full


def write_arrays(
    path: str | os.PathLike[str], arrays: dict[str, Any], *, compressed: bool = False
) -> None:
    """Write arrays (.npz) whole or not at all.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    OSError
        If the file cannot be written, for instance on a full disk.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"no folder {target.parent} to write {target.name} to")
    try:
        _write(target, arrays, compressed)
    except OSError as error:
        if not is_full(error):
            raise
        kept = "was not written, what was there before is as it was; free some space and repeat"
        raise disk_full(error, target, kept) from error


def _write(target: Path, arrays: dict[str, Any], compressed: bool) -> None:
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as part:
        try:
            (np.savez_compressed if compressed else np.savez)(part, **arrays)
            part.close()
            Path(part.name).replace(target)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise


def read_arrays(path: str | os.PathLike[str], form: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read arrays and what is said about them; nothing is unpickled.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is of another format, or damaged.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"no file {path}")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(str(arrays.pop("about")))
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is no {form!r}, or a damaged one: {error}") from error
    if not isinstance(about, dict) or about.get("format") != form:
        raise ValueError(f"{path} is no {form!r}")
    return arrays, about
