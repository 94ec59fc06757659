"""``matlearn exercises grade FOLDER``: run what learners handed in, and write a table and a report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from matlearn._exercises.grading.grader import Grader
from matlearn._exercises.grading.limits import Limits
from matlearn._exercises.grading.originals import Original, originals

ABOUT = """\
Runs submitted notebooks, each in a process of its own, and writes a table (one row a person and
exercise) and beside it a readable report (the same name with .md).

FOLDER holds a folder a person with notebooks in it, as nbgrader and Moodle write them, or flat files
such as "person_01-name.ipynb". Which exercise a notebook is, is told by the checks and cells in it
first and by its name second. Whatever is broken becomes a row that says so.

CODE OF OTHERS IS RUN. Each notebook works in a temporary folder of its own, without your environment
variables, and is stopped at the limits below. Where the system allows it (Linux), it has no network,
writes nowhere else and cannot end other processes; the first line printed says which of these hold
here. What you may read, it may read. Use a machine or an account that holds no secrets.

Points come from our own check cells, run by the grader on what the notebook's cells left; what a
notebook writes into its answers file counts for nothing. Ctrl-C keeps what is done. A second run
takes up what is there; notebooks that did not change are not run again (--again runs them all).
"""


def run(arguments: Sequence[str]) -> int:
    """Run the command; what ``matlearn exercises grade`` calls.

    Parameters
    ----------
    arguments
        Words after ``matlearn exercises grade``; ``--help`` lists them.

    Returns
    -------
    int
        0 when there is a row for everybody, however broken what they handed in.

    Raises
    ------
    ValueError, OSError
        For everything that is wrong with the words or the folders: one line.

    Examples
    --------
    >>> run(["/nowhere"])
    Traceback (most recent call last):
    ...
    NotADirectoryError: FOLDER must be a folder of submissions, there is none at /nowhere
    """
    options = _parser().parse_args(list(arguments))
    from tqdm.auto import tqdm

    from matlearn._exercises.grading.environment import find_confinement
    from matlearn._exercises.grading.records import Record, Records, write_whole
    from matlearn._exercises.grading.submissions import Submission, submissions
    from matlearn._exercises.grading.table import write_table

    folder, table = Path(options.folder), Path(options.output)
    if not folder.is_dir():
        raise NotADirectoryError(
            f"FOLDER must be a folder of submissions, there is none at {folder}"
        )
    if table.suffix.lower() != ".csv":
        raise ValueError(f"--output must be a file whose name ends in .csv, got {table}")
    exercises = originals(_course(options.course) / "exercises")
    found, warnings = submissions(folder, {each.stem for each in exercises})
    if not found:
        raise ValueError(f"no notebook (.ipynb) in {folder}")
    table.parent.mkdir(parents=True, exist_ok=True)
    grader = Grader(
        folder,
        exercises,
        Records(table.with_suffix(".json"), again=options.again),
        find_confinement(),
        _limits(options),
        _wanted(options.exercises, exercises),
        warnings,
    )
    print(grader.confinement, flush=True)
    grader.look(found)

    def write() -> None:
        write_table(table, grader.rows())
        write_whole(table.with_suffix(".md"), grader.report())

    print(f"{len(found)} notebooks, {grader.open} to run", flush=True)
    with tqdm(total=grader.open, unit="notebook", disable=options.no_progress) as bar:

        def done(submission: Submission, record: Record) -> None:
            bar.update()
            bar.set_postfix_str(f"{submission.person}: {record.status}")
            write()

        def trying(identifier: str) -> None:
            bar.set_postfix_str(f"our own solution of {identifier} first")

        try:
            grader.run(options.workers, done, None if options.no_trial else trying)
        finally:
            write()
    for identifier, record in grader.trials.items():
        if record.failed:
            print(
                f"matlearn: our own solution of {identifier} does not pass on this machine: see the report",
                file=sys.stderr,
            )
    _summarise(grader, table)
    return 0


def _summarise(grader: Grader, table: Path) -> None:
    """Print how many rows of which kind there are, and where they are."""
    made = grader.rows()
    statuses = [row.record.status for row in made]
    counts = ", ".join(f"{statuses.count(each)} {each}" for each in dict.fromkeys(sorted(statuses)))
    print(f"{len(made)} rows ({counts}): {table}; report: {table.with_suffix('.md')}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="matlearn exercises grade",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    usual = Limits()
    add = parser.add_argument
    add("folder", metavar="FOLDER", help="what was handed in")
    add("-o", "--output", default="grades.csv", metavar="FILE", help="default: %(default)s")
    add(
        "--exercises",
        nargs="+",
        default=[],
        metavar="NAME",
        help="such as lattice.2, or lattice for all of a chapter: everybody gets a row for each of "
        "these; default: those that at least one person handed in",
    )
    add("--workers", type=int, default=1, metavar="N", help="notebooks at once; default 1")
    add("--again", action="store_true", help="run also what did not change since the last time")
    add(
        "--cell-seconds", type=float, default=usual.cell_seconds, metavar="S",
        help="CPU time of a cell; default %(default)s",
    )  # fmt: skip
    add(
        "--cpu-seconds", type=float, default=usual.cpu_seconds, metavar="S",
        help="CPU time of a notebook; default %(default)s",
    )  # fmt: skip
    add(
        "--wall-seconds", type=float, default=usual.wall_seconds, metavar="S",
        help="elapsed time of a notebook; default %(default)s",
    )  # fmt: skip
    add(
        "--memory", type=float, default=usual.memory_bytes / 1e9, metavar="GB",
        help="memory of a notebook, all its processes together; default %(default)s",
    )  # fmt: skip
    add("--course", metavar="FOLDER", help="a course of your own, with exercises/ in it")
    add("--no-trial", action="store_true", help="do not run our own solutions first")
    add("--no-progress", action="store_true", help="no progress bar")
    return parser


def _limits(options: argparse.Namespace) -> Limits:
    for name in ("cell_seconds", "cpu_seconds", "wall_seconds", "memory", "workers"):
        if not getattr(options, name) > 0:
            word = name.replace("_", "-")
            raise ValueError(f"--{word} must be above 0, got {getattr(options, name)}")
    return Limits(
        cell_seconds=options.cell_seconds,
        cpu_seconds=options.cpu_seconds,
        wall_seconds=options.wall_seconds,
        memory_bytes=int(options.memory * 1e9),
    )


def _course(given: str | None) -> Path:
    from matlearn.course import course_root

    return Path(given) if given else course_root()


def _wanted(names: Sequence[str], exercises: Sequence[Original]) -> list[Original]:
    """Exercises of these names; a chapter's name stands for all of its."""
    wanted = []
    for name in names:
        found = [each for each in exercises if name in (each.identifier, each.chapter)]
        if not found:
            there_are = ", ".join(each.identifier for each in exercises)
            raise ValueError(f"--exercises: there is no {name!r}; there are {there_are}")
        wanted += [each for each in found if each not in wanted]
    return wanted
