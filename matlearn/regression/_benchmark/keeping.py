"""Results on disk: JSON for what people read, parquet for the predictions; and half-done runs."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.regression._benchmark.running import FoldResult

if TYPE_CHECKING:
    import pandas as pd


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(text)
    part.replace(path)


def write_parquet(path: Path, frame: pd.DataFrame) -> str:
    """Write a table whole or not at all, and give its SHA-256."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    frame.to_parquet(part, index=False, compression="zstd")
    digest = hashlib.sha256(part.read_bytes()).hexdigest()
    part.replace(path)
    return digest


def read_parquet(path: Path, digest: str) -> pd.DataFrame:
    """Read a table that `write_parquet` wrote.

    Raises
    ------
    ValueError
        If it is not the file that was written.
    FileNotFoundError
        If it is missing.
    """
    import pandas as pd

    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: the predictions lie beside the JSON file")
    if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        raise ValueError(f"{path} is not the file that was saved with its JSON file")
    return pd.read_parquet(path)


def fingerprint(*parts: Any) -> str:
    """Give a digest of what a run is made of, so that another run is not mistaken for it."""
    import pandas as pd

    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, pd.DataFrame):
            digest.update(repr(list(part.columns)).encode())
            digest.update(np.ascontiguousarray(part.to_numpy(dtype=float)).tobytes())
        elif isinstance(part, np.ndarray):
            digest.update(repr((part.dtype.str, part.shape)).encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()


class FinishedFolds:
    """The finished folds of a run, one JSON file each, in a folder."""

    def __init__(self, folder: str | os.PathLike[str] | None, run: str) -> None:
        self._folder = None if folder is None else Path(folder)
        self._run = run
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)

    def add(self, result: FoldResult) -> None:
        """Keep a fold."""
        if self._folder is None:
            return
        record = {
            "run": self._run,
            **vars(result),
            "prediction": result.prediction.tolist(),
            "score": None if result.score is None else result.score.tolist(),
        }
        write_text(self._path(result.number), json.dumps(record))

    def get(self, number: int) -> FoldResult | None:
        """Give a fold of this very run, None if it is not finished.

        Raises
        ------
        ValueError
            If the file is of another run, or damaged.
        """
        if self._folder is None or not self._path(number).is_file():
            return None
        try:
            record = json.loads(self._path(number).read_text())
            run = record.pop("run")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{self._path(number)} is no finished fold, or damaged: delete it, and this fold "
                "is computed again"
            ) from error
        if run != self._run:
            raise ValueError(
                f"{self._path(number)} belongs to another run (other data, features, model or "
                f"folds): take a folder of its own for each run"
            )
        record["prediction"] = np.asarray(record["prediction"])
        record["score"] = None if record["score"] is None else np.asarray(record["score"])
        return FoldResult(**record)

    def _path(self, number: int) -> Path:
        assert self._folder is not None
        return self._folder / f"fold-{number}.json"
