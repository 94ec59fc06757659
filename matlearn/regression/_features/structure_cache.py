"""Features of structures on disk: an SQLite file of plain numbers, written as they come."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from matlearn._sqlite import StoreError
from matlearn.regression._features.structure_featurizers import REVISION, Value

if TYPE_CHECKING:
    from types import TracebackType

_TABLE = "matlearn_structure_features"
_SCHEMA = f"""CREATE TABLE IF NOT EXISTS {_TABLE} (
    structure TEXT NOT NULL,
    featurizer TEXT NOT NULL,
    versions TEXT NOT NULL,
    numbers BLOB,
    reason TEXT,
    PRIMARY KEY (structure, featurizer, versions))"""
_COMMIT_EVERY = 2.0
"""Seconds of work that a killed process loses at most."""
_WAIT = 20.0
"""Seconds to wait for another process that writes."""


class FeatureCache:
    """What was computed before, by structure, featurizer and versions."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if self.path.is_dir() or not self.path.parent.is_dir():
            what = "is a folder" if self.path.is_dir() else f"there is no folder {self.path.parent}"
            raise StoreError(f"cannot make the cache {self.path}: {what}; name a file")
        self.versions = (
            f"matminer {version('matminer')}, pymatgen {version('pymatgen')}, {REVISION}"
        )
        with self._explained():
            self._connection = sqlite3.connect(self.path, timeout=_WAIT)
            tables = {row[0] for row in self._connection.execute("SELECT name FROM sqlite_master")}
            if tables and not any(name == _TABLE for name in tables):
                self._connection.close()
                raise StoreError(
                    f"{self.path} is an SQLite file, but no cache of features; nothing was changed"
                )
            self._connection.execute(_SCHEMA)
            self._connection.commit()
        self._committed = time.monotonic()

    def get(self, structures: set[str], names: tuple[str, ...]) -> dict[tuple[str, str], Value]:
        """Look up what is known of structures (by fingerprint)."""
        found: dict[tuple[str, str], Value] = {}
        keys = sorted(structures)
        marks = ", ".join("?" * len(names))
        with self._explained():
            for begin in range(0, len(keys), 500):
                part = keys[begin : begin + 500]
                rows = self._connection.execute(
                    f"SELECT structure, featurizer, numbers, reason FROM {_TABLE} WHERE versions = ? "
                    f"AND featurizer IN ({marks}) AND structure IN ({', '.join('?' * len(part))})",
                    (self.versions, *names, *part),
                )
                for structure, name, numbers, reason in rows:
                    values = None if numbers is None else np.frombuffer(numbers, dtype="<f8")
                    found[structure, name] = values, reason
        return found

    def add(self, structure: str, name: str, value: Value) -> None:
        """Keep a result; committed within seconds, or by `close`."""
        numbers, reason = value
        blob = None if numbers is None else numbers.astype("<f8").tobytes()
        with self._explained():
            self._connection.execute(
                f"INSERT OR REPLACE INTO {_TABLE} VALUES (?, ?, ?, ?, ?)",
                (structure, name, self.versions, blob, reason),
            )
            if time.monotonic() - self._committed > _COMMIT_EVERY:
                self._connection.commit()
                self._committed = time.monotonic()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(
                f"cannot use the cache {self.path}: {error}; it can be deleted, for all in it can be "
                "computed again"
            ) from error

    def __enter__(self) -> FeatureCache:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            with self._explained():
                self._connection.commit()
        finally:
            self._connection.close()
