"""Tell which exercise a notebook is: by what is in it first, by its name second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from matlearn._exercises.grading.originals import Original, calls
from matlearn._exercises.grading.reading import Notebook
from matlearn._exercises.grading.submissions import Submission

LEAST = 2
"""A single cell's name in common may be chance; a check's is three."""


def recognise(
    submission: Submission, notebook: Notebook | None, originals: Sequence[Original]
) -> Original | None:
    """Find the exercise that a notebook is.

    Parameters
    ----------
    submission
        Where the notebook is; its name decides where its content does not.
    notebook
        Its content, None where it could not be read.
    originals
        The exercises that there are.

    Returns
    -------
    Original or None
        None for a notebook that is none of ours.
    """
    everywhere = Counter(name for original in originals for name in original.ids)
    own = {each.identifier: {i for i in each.ids if everywhere[i] == 1} for each in originals}
    likeness = {
        each.identifier: _likeness(notebook, each, own[each.identifier]) for each in originals
    }
    named = [each for each in originals if submission.stem and each.stem == submission.stem]
    best = max(likeness.values(), default=0)
    if best < LEAST:
        return _by_folder(submission, named)
    alike = [each for each in originals if likeness[each.identifier] == best]
    return next((each for each in alike if each in named), alike[0])


def _likeness(notebook: Notebook | None, original: Original, own: set[str]) -> int:
    """Count the checks that a notebook calls, and the cells that no other exercise has."""
    if notebook is None:
        return 0
    called = {name for cell in notebook.cells for name in calls(cell.source)}
    return 3 * len(called & set(original.parts)) + len(notebook.ids & own)


def _by_folder(submission: Submission, named: list[Original]) -> Original | None:
    """The exercise of that name; of several chapters the one that the path names."""
    path = str(submission.path).casefold()
    return next((each for each in named if each.chapter in path), named[0] if named else None)
