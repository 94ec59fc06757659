"""The table: one row a person and exercise, from records of files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from matlearn._exercises.grading.originals import Original
from matlearn._exercises.grading.records import STATUSES, Record, write_whole
from matlearn._exercises.grading.submissions import Submission

COLUMNS = (
    *("person", "chapter", "exercise", "file", "points", "of", "status"),
    *("passed", "failed", "problem", "cpu_seconds", "peak_mb", "note"),
)


@dataclass(frozen=True)
class Graded:
    """A file and what came of it; the exercise is None where it is none of ours."""

    submission: Submission
    original: Original | None
    record: Record


@dataclass(frozen=True)
class Row:
    """A row: whose, which exercise (None: none of ours), which file counts (None: missing), notes."""

    person: str
    original: Original | None
    file: str
    record: Record
    note: str = ""

    def cells(self) -> dict[str, str | int | float]:
        """What the table shows, by column."""
        original, record = self.original, self.record
        return {
            "person": self.person,
            "chapter": original.chapter if original else "",
            "exercise": f"{original.number} {original.stem}" if original else "",
            "file": self.file,
            "points": record.points,
            "of": len(original.parts) if original else 0,
            "status": record.status,
            "passed": _short(list(record.passed)),
            "failed": _short(list(record.failed)),
            "problem": record.problem,
            "cpu_seconds": round(record.cpu_seconds, 1),
            "peak_mb": round(record.peak_bytes / 1e6),
            "note": "; ".join(filter(None, [self.note, *record.warnings])),
        }


def rows(graded: Sequence[Graded], folder: Path, expected: Sequence[Original] = ()) -> list[Row]:
    """Make one row a person and exercise.

    Parameters
    ----------
    graded
        The files; of several of a person for one exercise the one with most points counts.
    folder
        File names are given from here.
    expected
        Exercises that everybody should have handed in: whoever has not gets a row of 0 points. Of
        a person who lacks one and handed in one file that is none of ours, that file takes its row.

    Returns
    -------
    list of Row
        By person, then exercise; files that are none of ours last.
    """
    made: list[Row] = []
    persons = sorted({each.submission.person for each in graded}, key=str.casefold)
    for person in persons:
        own = [each for each in graded if each.submission.person == person]
        given = {each.original.identifier: each.original for each in own if each.original}
        wanted = given | {each.identifier: each for each in expected}
        missing = set(wanted) - set(given)
        if len(missing) == 1 and len(strange := [each for each in own if not each.original]) == 1:
            (identifier,) = missing  # the one stands for the other
            given[identifier] = wanted[identifier]
            own = [replace(e, original=given[identifier]) if e in strange else e for e in own]
        for identifier in sorted(wanted):
            files = [e for e in own if e.original and e.original.identifier == identifier]
            made.append(_row(person, wanted[identifier], files, folder))
        made += [
            Row(person, None, _name(each, folder), each.record)
            for each in own
            if each.original is None
        ]
    return made


def write_table(path: Path, made: Sequence[Row]) -> None:
    """Write rows as CSV, whole; a cell that a spreadsheet would take for a formula gets a quote."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in made:
        writer.writerow({name: _harmless(value) for name, value in row.cells().items()})
    write_whole(path, text.getvalue())


def _row(person: str, original: Original, files: list[Graded], folder: Path) -> Row:
    if not files:
        record = Record("missing", problem="nothing was handed in")
        return Row(person, original, "", record)
    best, *others = sorted(files, key=_merit)
    names = ", ".join(_name(each, folder) for each in others)
    note = f"also handed in, with no more points: {names}" if others else ""
    return Row(person, original, _name(best, folder), best.record, note)


def _merit(each: Graded) -> tuple[int, int, int]:
    """Order of files for one exercise: points, then whether it bears the exercise's name, then status."""
    named = each.original is not None and each.submission.stem == each.original.stem
    return (-each.record.points, not named, STATUSES.index(each.record.status))


def _name(each: Graded, folder: Path) -> str:
    return each.submission.path.relative_to(folder).as_posix()


def _short(identifiers: list[str]) -> str:
    """Names of parts without their chapter: ``"1a 1b"``."""
    return " ".join(each.partition(".")[2] for each in identifiers)


def _harmless(value: str | int | float) -> str | int | float:
    """Keep a spreadsheet from taking what a stranger wrote for a formula."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value
