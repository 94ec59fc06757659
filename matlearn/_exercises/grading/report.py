"""The report that a teacher reads: each person, what passed, what the last wrong answer met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matlearn import __version__
from matlearn._exercises.grading.environment import Confinement
from matlearn._exercises.grading.records import Record
from matlearn._exercises.grading.table import Row

STATUS_WORDS = {
    "ok": "ran through",
    "error": "ran, with a cell that stopped",
    "time": "took too long",
    "memory": "took too much memory",
    "killed": "its kernel ended",
    "unreadable": "could not be read",
    "not ours": "what was handed in is none of our exercises",
    "missing": "was not handed in",
}


def write_report(
    rows: Sequence[Row],
    confinement: Confinement,
    trials: Mapping[str, Record],
    warnings: Sequence[str],
) -> str:
    """Write the report, in Markdown.

    Parameters
    ----------
    rows
        Of the table.
    confinement
        What was taken from the notebooks.
    trials
        Exercise to what came of our own solution here.
    warnings
        About the folder as a whole.

    Returns
    -------
    str
        Markdown.
    """
    lines = ["# Grades", "", f"matlearn {__version__}. {confinement}", ""]
    lines += _about_trials(trials)
    lines += [f"- {_plain(warning)}" for warning in warnings] + [""] * bool(warnings)
    lines += ["| person | exercise | points | status |", "|---|---|---|---|"]
    for row in rows:
        cells = row.cells()
        name = f"{cells['chapter']} {cells['exercise']}".strip() or str(cells["file"])
        points = f"{cells['points']} of {cells['of']}"
        lines.append(f"| {_plain(row.person)} | {_plain(name)} | {points} | {cells['status']} |")
    for person in dict.fromkeys(row.person for row in rows):
        lines += ["", f"## {_plain(person)}"]
        for row in rows:
            if row.person == person:
                lines += ["", *_about(row)]
    return "\n".join(lines) + "\n"


def _about_trials(trials: Mapping[str, Record]) -> list[str]:
    """Say whether our own solutions pass here: if not, the machine is at fault, not the learner."""
    lines = []
    for identifier, record in sorted(trials.items()):
        cost = f"{record.cpu_seconds:.0f} CPU s, {record.peak_bytes / 1e6:.0f} MB"
        if record.failed or record.status != "ok":
            why = record.problem or next(iter(record.failed.values()), "")
            lines.append(
                f"- **Our own solution of {identifier} does not pass on this machine** ({_plain(why)}): "
                "points of this exercise say nothing until that is mended (`matlearn doctor`)."
            )
        else:
            lines.append(f"- Our own solution of {identifier} passes here: {cost}.")
    return [*lines, ""] if lines else []


def _about(row: Row) -> list[str]:
    cells, record = row.cells(), row.record
    name = f"{cells['chapter']} {cells['exercise']}".strip() or str(cells["file"])
    lines = [
        f"### {_plain(name)}: {cells['points']} of {cells['of']}, {STATUS_WORDS[record.status]}",
        "",
    ]
    if row.file:
        lines.append(f"- file {_plain(row.file)}")
    if record.problem:
        lines.append(f"- first problem: {_plain(record.problem)}")
    lines += [f"- {part}: passed" + _hints(record, part) for part in record.passed]
    unreadable = record.status == "unreadable"  # its parts would only say the same again
    for part, message in ({} if unreadable else record.failed).items():
        lines.append(f"- {part}: not passed: {_plain(message)}" + _hints(record, part))
    if cells["note"]:
        lines.append(f"- note: {_plain(str(cells['note']))}")
    if record.cpu_seconds:
        lines.append(f"- {cells['cpu_seconds']} CPU s, {cells['peak_mb']} MB")
    return lines


def _hints(record: Record, part: str) -> str:
    seen = record.hints.get(part, 0)
    return f" ({seen} hint{'s' if seen > 1 else ''})" if seen else ""


def _plain(text: str) -> str:
    """One line that Markdown shows as it is: what strangers wrote makes no links, pictures or tables."""
    line = " ".join(text.split())[:600]
    for sign in "\\`*_[]<>|#!":
        line = line.replace(sign, f"\\{sign}" if sign != "<" else "&lt;")
    return line
