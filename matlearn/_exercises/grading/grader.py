"""Grade a folder: from files to rows, one record at a time."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matlearn._exercises.grading.environment import Confinement
from matlearn._exercises.grading.limits import Limits
from matlearn._exercises.grading.originals import Original
from matlearn._exercises.grading.pool import Job, Pool
from matlearn._exercises.grading.reading import Notebook, UnreadableError, read_notebook
from matlearn._exercises.grading.recognition import recognise
from matlearn._exercises.grading.records import Record, Records, key_of
from matlearn._exercises.grading.report import write_report
from matlearn._exercises.grading.submissions import Submission
from matlearn._exercises.grading.table import Graded, Row, rows


@dataclass
class _File:
    """A file that was handed in: its exercise, and its record as soon as there is one."""

    submission: Submission
    original: Original | None
    key: str
    notebook: Notebook | None = None
    record: Record | None = None


@dataclass
class Grader:
    """Grades the files of a folder.

    Parameters
    ----------
    folder
        Where the files are.
    exercises
        Our exercises.
    records
        What is known from before.
    confinement, limits
        What is taken from notebooks, and what they may use.
    wanted
        Exercises to grade; by default those of which at least one notebook was handed in.
    warnings
        About the folder as a whole.
    """

    folder: Path
    exercises: Sequence[Original]
    records: Records
    confinement: Confinement
    limits: Limits
    wanted: Sequence[Original] = ()
    warnings: list[str] = field(default_factory=list)
    trials: dict[str, Record] = field(default_factory=dict)
    _files: list[_File] = field(default_factory=list)

    def look(self, submissions: Sequence[Submission]) -> None:
        """Read the files and tell which exercises they are; what needs no run has its record then."""
        for submission in submissions:
            seen = self._seen(submission)
            if self.wanted and seen.original and seen.original not in self.wanted:
                name = submission.path.relative_to(self.folder).as_posix()
                self.warnings.append(f"{name} is {seen.original.identifier}: not asked for")
            else:
                self._files.append(seen)
        for original in self._handed_in():
            record = self.records.find(self._trial_key(original))
            if record is not None:
                self.trials[original.identifier] = record

    @property
    def open(self) -> int:
        """Notebooks that are to be run."""
        return len({each.key for each in self._files if each.record is None})

    def run(
        self,
        workers: int,
        done: Callable[[Submission, Record], None],
        trying: Callable[[str], None] | None = None,
    ) -> None:
        """Run what has no record yet; our own solutions first.

        Parameters
        ----------
        workers
            Notebooks at once.
        done
            Called for each notebook when its record is kept.
        trying
            Called with the exercise before our own solution is run, which shows that this machine
            is fit and leaves compiled code for the others; None: they are not run.
        """
        with tempfile.TemporaryDirectory(prefix="matlearn-warm-") as warm:
            pool = Pool(self.confinement, self.limits, Path(warm))
            if trying is not None:
                for original in self._originals():
                    trying(original.identifier)
                    self._try(pool, original)
            jobs = {
                each.key: Job(each.key, each.notebook.cells, each.original, each.notebook.warnings)
                for each in self._files
                if each.record is None and each.original and each.notebook
            }

            def keep(job: Job, record: Record) -> None:
                self.records.keep(job.key, record)
                for each in self._files:
                    if each.key == job.key:
                        each.record = record
                        each.notebook = None
                        done(each.submission, record)

            pool.run_all(list(jobs.values()), keep, workers)

    def rows(self) -> list[Row]:
        """Rows of the table, of the files that have a record so far."""
        graded = [
            Graded(each.submission, each.original, each.record)
            for each in self._files
            if each.record is not None
        ]
        whole = all(each.record is not None for each in self._files)
        expected = self.wanted or self._handed_in()
        return rows(graded, self.folder, expected if whole else ())

    def report(self) -> str:
        """The report, of the files that have a record so far."""
        left = self.open
        unfinished = [f"{left} notebooks are not graded yet: run the command again"] if left else []
        made = self.rows()
        return write_report(made, self.confinement, self.trials, [*unfinished, *self.warnings])

    def _seen(self, submission: Submission) -> _File:
        notebook, trouble = None, ""
        try:
            content = hashlib.sha256(submission.path.read_bytes()).hexdigest()
            notebook = read_notebook(submission.path)
        except UnreadableError as error:
            trouble = str(error)
        except OSError as error:
            return _File(submission, None, "", None, Record("unreadable", problem=str(error)))
        original = recognise(submission, notebook, self.exercises)
        if original is None:
            said = trouble or "neither its cells nor its name are those of an exercise"
            record = Record("unreadable" if trouble else "not ours", problem=said)
            return _File(submission, None, "", None, record)
        if notebook is None:
            failed = dict.fromkeys(original.parts, trouble)
            record = Record("unreadable", failed=failed, problem=trouble)
            return _File(submission, original, "", None, record)
        key = key_of(content, original.digest, self.limits.to_dict())
        return _File(submission, original, key, notebook, self.records.find(key))

    def _try(self, pool: Pool, original: Original) -> None:
        """Run our own solution."""
        key = self._trial_key(original)
        record = pool.run(Job(key, original.cells, original), trusted=True)
        self.records.keep(key, record)
        self.trials[original.identifier] = record

    def _trial_key(self, original: Original) -> str:
        return key_of(original.digest, "our own solution", self.limits.to_dict())

    def _originals(self) -> list[Original]:
        """Exercises of which a notebook is to be run."""
        found = {
            e.original.identifier: e.original for e in self._files if e.original and not e.record
        }
        return [found[identifier] for identifier in sorted(found)]

    def _handed_in(self) -> list[Original]:
        found = {each.original.identifier: each.original for each in self._files if each.original}
        return [found[identifier] for identifier in sorted(found)]
