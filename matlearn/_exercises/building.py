"""Building exercises from their solutions, the only source: ``matlearn exercises build``."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matlearn import course
from matlearn._exercises import finding, prompts

_TARGET = re.compile(r"\]\(([^)#\s]+)")
_ELSEWHERE = ("http://", "https://", "attachment:", "mailto:")
_LINK = re.compile(r"(\]\(|(?:src|href)=[\"'])\.\./")


@dataclass(frozen=True)
class Built:
    """What :func:`build` did, or with ``check`` would have to do.

    Attributes
    ----------
    written : tuple of str
        Exercises that were missing or differed from what their solution makes.
    same : tuple of str
        Exercises that agreed.
    orphans : tuple of str
        Generated exercises whose solution is gone; they are left where they are.
    """

    written: tuple[str, ...]
    same: tuple[str, ...]
    orphans: tuple[str, ...]

    def __repr__(self) -> str:
        gone = f", {len(self.orphans)} without a solution" if self.orphans else ""
        return f"Built({len(self.written)} written, {len(self.same)} as they were{gone})"


def solutions(chapter: str | None = None, folder: Path | None = None) -> list[Path]:
    """Give the solution notebooks, of one chapter or of all.

    Parameters
    ----------
    chapter
        All by default.
    folder
        The course's ``exercises``; by default that of this installation.

    Raises
    ------
    ValueError
        If there is no such chapter.

    Examples
    --------
    >>> solutions("cooking")
    Traceback (most recent call last):
    ...
    ValueError: chapter must be one of regression, lattice, potentials, transport, search, phonons, got 'cooking'
    """
    if chapter is not None and chapter not in finding.CHAPTERS:
        raise ValueError(f"chapter must be one of {', '.join(finding.CHAPTERS)}, got {chapter!r}")
    folder = folder or course.course_root() / "exercises"
    return sorted(folder.glob(f"{chapter or '*'}/solutions/*.ipynb"))


def build(
    chapter: str | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    check: bool = False,
) -> Built:
    """Write the exercises that solutions make: ``<chapter>/NN-name.ipynb``.

    Parameters
    ----------
    chapter
        Only this chapter's; all by default.
    folder
        The course's ``exercises``; by default that of this installation.
    check
        Write nothing, only compare.

    Returns
    -------
    Built

    Raises
    ------
    ValueError
        If a solution cannot be built from; the message names the notebook and the cell.
    """
    root = Path(folder) if folder else course.course_root() / "exercises"
    written, same = [], []
    sources = solutions(chapter, root)
    for source in sources:
        target = source.parent.parent / source.name
        text = exercise_text(source)
        name = target.relative_to(root).as_posix()
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            same.append(name)
            continue
        written.append(name)
        if not check:
            part = target.with_name(target.name + ".part")
            part.write_text(text, encoding="utf-8")
            part.replace(target)
    known = {source.parent.parent / source.name for source in sources}
    present = sorted(root.glob(f"{chapter or '*'}/[0-9]*.ipynb"))
    orphans = [path.relative_to(root).as_posix() for path in present if path not in known]
    return Built(tuple(written), tuple(same), tuple(orphans))


def exercise_text(source: Path) -> str:
    """Give the text of the exercise notebook that a solution makes; the same text each time.

    Parameters
    ----------
    source
        The solution.

    Raises
    ------
    ValueError
        If it cannot be built from.
    """
    import nbformat

    solution = nbformat.from_dict(json.loads(source.read_text(encoding="utf-8")))
    try:
        _check_ids(solution.cells)
        cells = _exercise_cells(solution.cells)
    except ValueError as problem:
        raise ValueError(
            f"{source.parent.parent.name}/solutions/{source.name}: {problem}"
        ) from problem
    note = f"made from solutions/{source.name} by `matlearn exercises build`: edit that file, not this one"
    metadata = {
        name: solution.metadata[name] for name in ("kernelspec",) if name in solution.metadata
    }
    book = nbformat.v4.new_notebook(cells=cells, metadata={"generated": note, **metadata})
    book.nbformat_minor = 5
    nbformat.validate(book)
    return nbformat.writes(book).rstrip("\n") + "\n"


def broken_links(path: Path) -> list[str]:
    """Give the links of a notebook's text that lead to no file.

    Parameters
    ----------
    path
        A solution or an exercise; links are relative to its folder.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    targets = [target for text in texts for target in _TARGET.findall(text)]
    return [
        target
        for target in dict.fromkeys(targets)
        if not target.startswith(_ELSEWHERE) and not (path.parent / target).exists()
    ]


def tags(cell: Any) -> list[str]:
    """Give a cell's tags."""
    return list(cell.metadata.get("tags", []))


def _exercise_cells(cells: list[Any]) -> list[Any]:
    hints = _hints_after(cells)
    made: list[Any] = []
    for index, cell in enumerate(cells):
        kind = tags(cell)
        if cell.cell_type == "code" and "solution" in kind:
            later = "\n".join(
                each.source for each in cells[index + 1 :] if each.cell_type == "code"
            )
            made.append(_code(cell, prompts.prompt(cell.source, later), ["exercise"]))
            made += [_hint_cell(identifier) for identifier in hints.get(index, ())]
        elif cell.cell_type == "code":
            made.append(_code(cell, cell.source, kind))
        elif {"explanation", "solution"} & set(kind):
            made.append(_markdown(cell.id, _folded("After you have tried", cell.source), kind))
        else:
            made.append(_markdown(cell.id, cell.source, kind))
    return made


def _check_ids(cells: list[Any]) -> None:
    seen = [cell.get("id", "") for cell in cells]
    without = [index for index, name in enumerate(seen) if not name]
    twice = sorted({name for name in seen if seen.count(name) > 1})
    if without:
        raise ValueError(f"cells {without} have no id (open and save it in JupyterLab 4 for ids)")
    if twice:
        raise ValueError(f"several cells have the same id: {', '.join(twice)}")
    for cell in cells:
        cell.source = "".join(cell.source)  # a file may hold a list of lines


def _hints_after(cells: list[Any]) -> dict[int, list[str]]:
    """Give for each solution cell the checks whose hints follow it: those that it is the last before."""
    found: dict[int, list[str]] = {}
    last: int | None = None
    for index, cell in enumerate(cells):
        if cell.cell_type != "code":
            continue
        if "solution" in tags(cell):
            last = index
        if "check" in tags(cell):
            named = prompts.checks(cell.source)
            if len(named) != 1:
                raise ValueError(
                    f"cell {index} ({cell.id}) is tagged 'check' and must call ml.exercises.check once, "
                    f"calls it {len(named)} times"
                )
            if last is None:
                raise ValueError(
                    f"cell {index} checks {named[0]}, but no cell tagged 'solution' is before it"
                )
            found.setdefault(last, []).extend(named)
        elif prompts.checks(cell.source):
            raise ValueError(f"cell {index} ({cell.id}) calls a check and is not tagged 'check'")
    return found


def _hint_cell(identifier: str) -> Any:
    hints = finding.find(identifier).hints
    text = "\n\n".join(_folded(f"Hint {step}", hint) for step, hint in enumerate(hints, start=1))
    return _markdown(f"hints-{identifier.replace('.', '-')}", text, ["hints"])


def _folded(summary: str, text: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n\n{text.strip()}\n\n</details>"


def _markdown(identifier: str, text: str, kind: list[str]) -> Any:
    import nbformat

    cell = nbformat.v4.new_markdown_cell(_LINK.sub(r"\1", text), metadata=_tagged(kind))
    cell.id = identifier
    return cell


def _code(cell: Any, text: str, kind: list[str]) -> Any:
    import nbformat

    made = nbformat.v4.new_code_cell(text, metadata=_tagged(kind))
    made.id = cell.id
    return made


def _tagged(kind: list[str]) -> dict[str, Any]:
    return {"tags": kind} if kind else {}
