"""What came of each notebook, kept beside the table so that a second run goes on where one stopped."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from matlearn import __version__

STATUSES = ("ok", "error", "time", "memory", "killed", "unreadable", "not ours", "missing")


@dataclass(frozen=True)
class Record:
    """A notebook's run.

    Attributes
    ----------
    status : str
        One of :data:`STATUSES`.
    passed, failed : dict
        Identifier of a part to what its check said.
    problem : str
        The first thing that went wrong, in words.
    hints : dict
        Identifier to hints that the notebook's cells asked for.
    warnings : list of str
        What was strange about the file.
    cpu_seconds : float
        CPU time of the notebook's processes (s).
    peak_bytes : int
        Their largest resident memory, all together.
    """

    status: str
    passed: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    hints: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0
    peak_bytes: int = 0

    @property
    def points(self) -> int:
        """Parts that passed."""
        return len(self.passed)


class Records:
    """Records in a JSON file, found again by what they depend on; written whole after each.

    Parameters
    ----------
    path
        The file; what cannot be read there is begun anew.
    again
        Begin anew in any case.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> records = Records(Path(folder.name) / "grades.json")
    >>> records.keep("key", Record("ok", passed={"lattice.1a": "yes"}))
    >>> Records(Path(folder.name) / "grades.json").find("key").points
    1
    >>> folder.cleanup()
    """

    def __init__(self, path: Path, *, again: bool = False) -> None:
        self._path = path
        self._records: dict[str, Record] = {} if again else _read(path)

    def find(self, key: str) -> Record | None:
        """The record of that key, if there is one."""
        return self._records.get(key)

    def keep(self, key: str, record: Record) -> None:
        """Remember a record, on disk too."""
        self._records[key] = record
        content = {name: asdict(each) for name, each in self._records.items()}
        write_whole(self._path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def key_of(content: str, original: str, limits: dict[str, Any]) -> str:
    """What a record depends on, as one word: file, exercise, limits and matlearn's version.

    Parameters
    ----------
    content, original
        Digests of the notebook's file and of the exercise.
    limits
        What it might use.
    """
    words = json.dumps([content, original, sorted(limits.items()), __version__])
    return hashlib.sha256(words.encode()).hexdigest()[:40]


def write_whole(path: Path, text: str) -> None:
    """Write a text file whole, under another name first."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _read(path: Path) -> dict[str, Record]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        names = {each.name for each in fields(Record)}
        return {
            key: Record(**{name: value for name, value in entry.items() if name in names})
            for key, entry in content.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
