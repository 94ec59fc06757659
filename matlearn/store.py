"""Results that outlive the process: structures and what was computed for them, by key.

A store is one SQLite file that ASE's database tools read as well (``ase db FILE``). Every record
is committed when it is added: killing the process at any moment loses nothing that was added.
Only the parent process writes; workers return their results to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ase import Atoms

from matlearn import _sqlite
from matlearn._sqlite import StoreError
from matlearn._structures import as_atoms

if TYPE_CHECKING:
    from types import TracebackType


@dataclass(frozen=True)
class Record:
    """One record of a store."""

    key: str
    """Its name, unique in the store."""
    status: str
    """``"done"``, ``"failed"``, or what the writer chose."""
    reason: str | None
    """Why it failed, None where it did not."""
    atoms: Atoms | None = field(repr=False)
    """The structure, with energy (eV), forces (eV/A) and stress (eV/A3) where computed."""
    info: dict[str, Any]
    """Anything else that was kept with it."""


class Store:
    """Structures and results in an SQLite file, each under a key of its own.

    Parameters
    ----------
    path
        The file; made when it is not there.

    Raises
    ------
    StoreError
        If the file is damaged, is something else, or cannot be reached. It is left as it is.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> with tempfile.TemporaryDirectory() as folder, Store(f"{folder}/search.db") as store:
    ...     store.add("copper", bulk("Cu"), steps=12)
    ...     store.add("unlucky", None, status="failed", reason="exploded")
    ...     print(store, "copper" in store, store.keys(status="failed"))
    Store('search.db', 2 records: 1 done, 1 failed) True ['unlucky']
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if not self.path.parent.is_dir():
            raise StoreError(f"cannot make the store {self.path}: no folder {self.path.parent}")
        if self.path.is_dir():
            raise StoreError(
                f"cannot make the store {self.path}: it is a folder; name a file in it"
            )
        if not self.path.exists() or self.path.stat().st_size == 0:
            _sqlite.create(self.path)
        _sqlite.check_header(self.path)
        self._database = _sqlite.database(self.path)
        with self._explained("open"):
            self._connection = sqlite3.connect(
                self.path,
                timeout=_sqlite.WAIT,
                check_same_thread=False,
                isolation_level="IMMEDIATE",
            )
            try:
                _sqlite.check_contents(self.path, self._connection)
            except (sqlite3.Error, StoreError):
                self._connection.close()
                raise
        # ase.db writes through this connection, and leaves the commit to `add`
        self._database.change_count = 0
        self._database.connection = self._connection

    def add(
        self,
        key: str,
        atoms: Atoms | None,
        *,
        status: str = "done",
        reason: str | None = None,
        **info: Any,
    ) -> None:
        """Add a record and commit it: once this returns, it survives the process.

        Parameters
        ----------
        key
            Its name; a key can be used once.
        atoms
            The structure, with its ``info`` and the results of its calculator (energy, free
            energy, forces, stress, magnetic moments). None where there is none.
        status
            ``"done"``, ``"failed"``, or a word of your own.
        reason
            Why it failed.
        **info
            Anything JSON can hold; NumPy numbers and arrays become numbers and lists.

        Raises
        ------
        KeyError
            If the key is taken.
        TypeError
            If something in `info` or ``atoms.info`` cannot be held by JSON, `atoms` is no
            structure, or `key`, `status` or `reason` is no string.
        StoreError
            If the file cannot be written (a full disk, no permission, another writer).
        """
        _sqlite.check_words(key=key, status=status, reason="" if reason is None else reason)
        atoms = None if atoms is None else as_atoms(atoms, "atoms")
        row = (
            key,
            status,
            reason,
            atoms is not None,
            _sqlite.as_json(atoms.info if atoms is not None else {}, f"atoms.info of {key!r}"),
            _sqlite.as_json(info, f"info of {key!r}"),
        )
        if key in self:
            raise KeyError(f"{key!r} is in {self.path} already")
        image = _sqlite.plain(atoms) if atoms is not None else Atoms()
        with self._explained("write to"), self.writing():
            try:
                self._database.change_count = 0  # ase.db commits by itself at every 5000th
                number = self._database.write(image, data={"key": key, "status": status})
                self._connection.execute(
                    "INSERT INTO matlearn_records VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (key, number, *row[1:]),
                )
                self._connection.commit()
            except sqlite3.IntegrityError as error:
                self._connection.rollback()
                raise KeyError(f"{key!r} is in {self.path} already") from error
            except BaseException:
                self._connection.rollback()
                raise

    def get(self, key: str) -> Atoms:
        """Give the structure of a record, with its ``info`` and results.

        Raises
        ------
        KeyError
            If there is no such record.
        ValueError
            If the record holds no structure.
        """
        record = self.record(key)
        if record.atoms is None:
            raise ValueError(f"{key!r} holds no structure: {record.status}, {record.reason}")
        return record.atoms

    def record(self, key: str) -> Record:
        """Give the whole record of a key.

        Raises
        ------
        KeyError
            If there is no such record.
        """
        with self._explained("read"):
            rows = self._connection.execute(
                "SELECT * FROM matlearn_records WHERE key = ?", (key,)
            ).fetchall()
            if not rows:
                raise KeyError(f"no {key!r} in {self.path}, which holds {len(self)} records")
            return self._record(rows[0])

    def records(self, status: str | None = None) -> Iterator[Record]:
        """Go through the records in the order in which they were added."""
        for key in self.keys(status):
            yield self.record(key)

    def keys(self, status: str | None = None) -> list[str]:
        """List the keys, of one status or of all, in the order in which they were added."""
        query = "SELECT key FROM matlearn_records WHERE status = ? OR ? IS NULL ORDER BY id"
        with self._explained("read"):
            return [row[0] for row in self._connection.execute(query, (status, status))]

    def info(self, key: str) -> dict[str, Any]:
        """Give what was kept with a record, without reading its structure.

        Raises
        ------
        KeyError
            If there is no such record.
        """
        with self._explained("read"):
            row = self._connection.execute(
                "SELECT info FROM matlearn_records WHERE key = ?", (key,)
            ).fetchone()
        if row is None:
            raise KeyError(f"no {key!r} in {self.path}")
        return json.loads(row[0])

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Keep other writers out for a while; they get a clear error, readers go on.

        Raises
        ------
        StoreError
            If another process, or another `Store` on the same file, is writing.
        """
        if self._lock_depth == 0:
            self._lock = _sqlite.lock(self.path)
        self._lock_depth += 1
        try:
            yield
        finally:
            self._lock_depth -= 1
            if self._lock_depth == 0:
                _sqlite.unlock(self.path, self._lock)

    _lock_depth = 0
    _lock = -1

    def close(self) -> None:
        """Close the file; a closed store cannot be used again."""
        self._connection.close()

    def __contains__(self, key: object) -> bool:
        with self._explained("read"):
            found = self._connection.execute(
                "SELECT 1 FROM matlearn_records WHERE key = ?", (key,)
            ).fetchone()
        return found is not None

    def __len__(self) -> int:
        with self._explained("read"):
            return self._connection.execute("SELECT COUNT(*) FROM matlearn_records").fetchone()[0]

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        with self._explained("read"):
            counts = self._connection.execute(
                "SELECT status, COUNT(*) FROM matlearn_records GROUP BY status ORDER BY status"
            ).fetchall()
        each = ", ".join(f"{number} {status}" for status, number in counts)
        total = sum(number for _, number in counts)
        return f"Store({self.path.name!r}, {total} records{': ' if each else ''}{each})"

    def _record(self, row: tuple[Any, ...]) -> Record:
        key, number, status, reason, has_atoms, atoms_info, info = row
        atoms = None
        if has_atoms:
            atoms = self._database.get(id=number).toatoms()
            atoms.info = json.loads(atoms_info)
        return Record(key, status, reason, atoms, json.loads(info))

    @contextlib.contextmanager
    def _explained(self, action: str) -> Iterator[None]:
        """Turn what SQLite says into an error that names the file and what to do."""
        try:
            yield
        except sqlite3.ProgrammingError as error:
            raise StoreError(f"cannot {action} {self.path}: the store is closed") from error
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise StoreError(
                    f"cannot {action} {self.path}: another process has kept it locked for "
                    f"{_sqlite.WAIT:g} s"
                ) from error
            raise StoreError(f"cannot {action} {self.path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path} is damaged ({error}); {_sqlite.RESCUE}") from error
