"""Read a notebook that somebody handed in: its code cells, whatever state the file is in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST_FILE = 500_000_000
"""Bytes of a file that is still opened; outputs count."""
LARGEST_CODE = 2_000_000
"""Characters of code, all cells together, that are still run."""


class UnreadableError(ValueError):
    """A file that is no notebook; the message says why, in words for a teacher."""


@dataclass(frozen=True)
class Cell:
    """A code cell: its identifier in the notebook (empty in old formats), its tags and its source."""

    id: str
    source: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notebook:
    """Code cells of a notebook, its text cells' identifiers, and what was strange about the file."""

    cells: tuple[Cell, ...]
    ids: frozenset[str]
    warnings: tuple[str, ...] = ()


def read_notebook(path: Path) -> Notebook:
    """Read the code cells of a notebook; outputs are left where they are.

    Parameters
    ----------
    path
        The file; it is only read.

    Returns
    -------
    Notebook

    Raises
    ------
    UnreadableError
        If the file is empty, no JSON, no notebook, or too large.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.ipynb"
    ...     _ = path.write_text('{"cells": [{"cell_type": "code", "source": ["x = 1"]}], "nbformat": 4}')
    ...     read_notebook(path).cells
    (Cell(id='', source='x = 1', tags=()),)
    """
    size = path.stat().st_size
    if size == 0:
        raise UnreadableError("the file is empty")
    if size > LARGEST_FILE:
        raise UnreadableError(
            f"the file has {size / 1e6:.0f} MB, too much to open; clear its outputs"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise UnreadableError("the file is not text: it is no notebook") from None
    except json.JSONDecodeError as error:
        raise UnreadableError(
            f"the file is cut off or damaged: no JSON from line {error.lineno} on ({error.msg})"
        ) from None
    except (RecursionError, ValueError, MemoryError) as error:
        raise UnreadableError(f"the file cannot be read as JSON ({type(error).__name__})") from None
    return _notebook(content)


def _notebook(content: Any) -> Notebook:
    version = content.get("nbformat") if isinstance(content, dict) else None
    listed = content.get("cells") if isinstance(content, dict) else None
    if listed is None and isinstance(content, dict):
        listed = _old_cells(content.get("worksheets"))
    if not isinstance(listed, list):
        raise UnreadableError("the file is JSON, but no notebook: it has no list of cells")
    warnings = []
    if version not in (3, 4):
        warnings.append(f"the file says nbformat {version!r}; read as if it were 4")
    whole = [cell for cell in listed if isinstance(cell, dict)]
    if len(whole) < len(listed):
        warnings.append(f"{len(listed) - len(whole)} cells of the file are damaged and left out")
    cells = tuple(_cell(cell) for cell in whole if cell.get("cell_type") == "code")
    length = sum(len(cell.source) for cell in cells)
    if length > LARGEST_CODE:
        raise UnreadableError(f"its cells hold {length / 1e6:.1f} million characters of code")
    names = (cell.get("id") for cell in whole)
    return Notebook(
        cells, frozenset(name for name in names if isinstance(name, str)), tuple(warnings)
    )


def _old_cells(worksheets: Any) -> list[Any] | None:
    """Cells of nbformat 3, which kept them in worksheets."""
    if not isinstance(worksheets, list):
        return None
    sheets = [sheet for sheet in worksheets if isinstance(sheet, dict)]
    return [cell for sheet in sheets for cell in sheet.get("cells") or []]


def _cell(cell: dict[str, Any]) -> Cell:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    identifier, metadata = cell.get("id"), cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return Cell(
        identifier if isinstance(identifier, str) else "",
        source if isinstance(source, str) else "",
        tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
    )
