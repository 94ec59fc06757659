"""The exercises as we give them out: which checks each has, and how its notebook can be told."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from matlearn._exercises.grading.reading import Cell, read_notebook

CALL = re.compile(r"""\bcheck\s*\(\s*["']([\w-]+\.[\w-]+)["']""")
"""A call of a check, and the identifier in it."""


@dataclass(frozen=True)
class CheckCell:
    """A check cell of ours: the identifier it checks, the cell's own, and its source."""

    identifier: str
    cell: str
    source: str


@dataclass(frozen=True)
class Original:
    """An exercise of ours.

    Attributes
    ----------
    identifier : str
        Chapter and number, such as ``"lattice.2"``.
    chapter : str
        Such as ``"lattice"``.
    stem : str
        Name of its file, such as ``"02-order"``.
    path : pathlib.Path
        The solution: the only source of the exercise.
    checks : tuple of CheckCell
        In the order of the notebook.
    ids : frozenset of str
        Identifiers of all its cells.
    cells : tuple of Cell
        Code cells of the solution.
    digest : str
        Of the file's content: another digest, another exercise.
    """

    identifier: str
    chapter: str
    stem: str
    path: Path
    checks: tuple[CheckCell, ...]
    ids: frozenset[str]
    cells: tuple[Cell, ...]
    digest: str

    @property
    def number(self) -> str:
        """The exercise's number within its chapter."""
        return self.identifier.partition(".")[2]

    @property
    def parts(self) -> tuple[str, ...]:
        """Identifiers of its checks, each once."""
        return tuple(dict.fromkeys(check.identifier for check in self.checks))


def calls(source: str) -> list[str]:
    """Identifiers of the checks that a cell calls.

    Examples
    --------
    >>> calls('ml.exercises.check("lattice.2a", order)')
    ['lattice.2a']
    """
    return CALL.findall(source)


def originals(folder: Path) -> list[Original]:
    """Read all exercises of a course.

    Parameters
    ----------
    folder
        The course's ``exercises`` folder: a folder a chapter, each with ``solutions/NN-name.ipynb``.

    Returns
    -------
    list of Original
        By chapter and number; exercises without a single check are left out.

    Raises
    ------
    FileNotFoundError
        If there is no exercise at all.

    Examples
    --------
    >>> originals(Path("/nowhere"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: no exercises with checks in /nowhere ...
    """
    found = [_original(path) for path in sorted(folder.glob("*/solutions/[0-9]*.ipynb"))]
    found = [original for original in found if original.checks]
    if not found:
        raise FileNotFoundError(
            f"no exercises with checks in {folder} (looked for CHAPTER/solutions/NN-name.ipynb)"
        )
    return found


def _original(path: Path) -> Original:
    notebook = read_notebook(path)
    chapter, number = path.parent.parent.name, path.stem.partition("-")[0].lstrip("0") or "0"
    checks = tuple(
        CheckCell(identifier, cell.id, cell.source)
        for cell in notebook.cells
        for identifier in calls(cell.source)[-1:]
    )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Original(
        f"{chapter}.{number}",
        chapter,
        path.stem,
        path,
        checks,
        notebook.ids,
        notebook.cells,
        digest,
    )
