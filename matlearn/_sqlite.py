"""What a store needs of files: made whole, checked before use, written by one at a time."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

WAIT = 20.0
"""Seconds to wait for another process in the middle of a commit."""
WAIT_FOR_WRITER = 1.0
"""Seconds to wait for another writer: long enough for a record, not for a search."""
RESCUE = (
    "nothing was changed. Go back to a copy, or save what can be read with "
    "`sqlite3 FILE .recover | sqlite3 NEW_FILE`"
)

SCHEMA = """CREATE TABLE matlearn_records (
    key TEXT PRIMARY KEY,
    id INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    has_atoms INTEGER NOT NULL,
    atoms_info TEXT NOT NULL,
    info TEXT NOT NULL)"""


class StoreError(OSError):
    """A store that cannot be opened, read or written; the message says which file and why."""


def create(path: Path) -> None:
    """Make an empty store under a temporary name, then give it its own, so that it is whole."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        with database(temporary).managed_connection() as connection:
            connection.execute(SCHEMA)
        connection.close()
        temporary.chmod(0o644)
        if path.exists():  # empty, as Store has seen
            temporary.replace(path)
        else:
            try:
                os.link(temporary, path)
            except FileExistsError:
                pass  # somebody else was faster: theirs is good
            except OSError:  # a file system without links
                if not path.exists():
                    temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def database(path: Path) -> Any:
    """Give ASE's interface to the file."""
    import ase.db

    return ase.db.connect(str(path), type="db", use_lock_file=False)


def check_header(path: Path) -> None:
    """See that a file is SQLite's at all, before SQLite touches it."""
    with path.open("rb") as file:
        header = file.read(16)
    if header != b"SQLite format 3\x00":
        raise StoreError(f"{path} is no store: it does not start as an SQLite file; {RESCUE}")


def check_contents(path: Path, connection: sqlite3.Connection) -> None:
    """See that a file is a whole store, before anything is done with it."""
    connection.execute("BEGIN")  # a reader's: no commit of another process halfway through
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if not {"systems", "matlearn_records"} <= tables:
        raise StoreError(
            f"{path} is an SQLite file, but no store of matlearn (its tables are "
            f"{', '.join(sorted(tables)) or 'none'}); nothing was changed"
        )
    pages, size = (connection.execute(f"PRAGMA page_{p}").fetchone()[0] for p in ("count", "size"))
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if path.stat().st_size < pages * size:
        verdict = f"its end is missing: {path.stat().st_size} of {pages * size} bytes"
    connection.rollback()
    if verdict != "ok":
        raise StoreError(f"{path} is damaged ({verdict}); {RESCUE}")


def lock(path: Path) -> int:
    """Become the one writer of a store, or say who cannot; the system frees it on any death."""
    try:
        import fcntl
    except ImportError:  # no such locks on this platform: SQLite's own must do
        return -1
    file = path.with_name(f"{path.name}.lock")
    deadline = time.monotonic() + WAIT_FOR_WRITER
    while True:
        try:
            handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(f"cannot write to {path}: {error}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(handle).st_ino == file.stat().st_ino:
                return handle
        except FileNotFoundError:
            pass  # its last holder took the lock file away: try again with a new one
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                os.close(handle)
                raise StoreError(
                    f"{path} is being written by another process, or by another part of this "
                    "one; wait for it or stop it first"
                ) from error
            time.sleep(0.02)
        os.close(handle)


def unlock(path: Path, handle: int) -> None:
    """Let others write."""
    if handle >= 0:
        path.with_name(f"{path.name}.lock").unlink(missing_ok=True)
        os.close(handle)


def plain(atoms: Atoms) -> Atoms:
    """Copy a structure with its results, free of the calculator that made them."""
    from matlearn.calculators import with_results

    calc = atoms.calc
    if calc is None or calc.check_state(atoms):
        return with_results(atoms, {}) if calc is not None else atoms.copy()
    return with_results(atoms, calc.results, getattr(calc, "name", None) or "unknown")


def check_words(**given: Any) -> None:
    """Raise TypeError for what is no string: SQLite would take it, and give something else back."""
    for name, value in given.items():
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a string, got {value!r}")


def as_json(values: dict[str, Any], what: str) -> str:
    """Write a dictionary as JSON, with NumPy's numbers and arrays as numbers and lists."""

    def convert(value: Any) -> Any:
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, np.ndarray):
            return value.tolist()
        if isinstance(value, os.PathLike):
            return os.fspath(value)
        raise TypeError

    for name, value in values.items():
        if not isinstance(name, str):
            raise TypeError(f"{what} must have names that are strings, got {name!r}")
        try:
            json.dumps(value, default=convert)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"{name!r} in {what} must be something JSON can hold (numbers, strings, lists, "
                f"dictionaries, arrays), got {type(value).__name__}"
            ) from error
    return json.dumps(values, default=convert)
