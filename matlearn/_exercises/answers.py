"""The answers file: one small JSON file that survives a kernel's end, safe with two kernels at once.

``answers.json`` in :func:`matlearn.notebook.results_folder`. Its parts: ``"exercises"`` (identifier
to what :func:`record` writes), ``"quiz"`` and ``"predictions"``. It is written whole under another
name and renamed; a lock beside it lets one process change it at a time. A file that cannot be read
is kept aside under another name, with a warning.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from matlearn import notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from matlearn._exercises.verdicts import Verdict

T = TypeVar("T")
NAME = "answers.json"
PARTS = ("exercises", "quiz", "predictions")
LOCK_TIMEOUT = 20.0
"""Seconds to wait for another process that is writing."""
LONGEST = 200
"""Characters of an answer's text that are kept."""
MOST = 20
"""Numbers of an array that are kept."""


def path() -> Path:
    """Where the answers are.

    Examples
    --------
    >>> path().name
    'answers.json'
    """
    return notebook.results_folder() / NAME


def read(file: Path | None = None) -> dict[str, Any]:
    """Read the answers; an empty file's parts where there is none.

    Parameters
    ----------
    file
        By default :func:`path`.

    Returns
    -------
    dict
        ``{"exercises": {...}, "quiz": {...}, "predictions": {...}}``; changing it changes no file.
    """
    file = file or path()
    try:
        return _parsed(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _parsed("{}")
    except ValueError:
        return change(lambda answers: answers, file)  # under the lock: keeps the damaged file aside


def change(edit: Callable[[dict[str, Any]], T], file: Path | None = None) -> T:
    """Change the answers, alone: read, let `edit` change the dictionary, write whole.

    Parameters
    ----------
    edit
        Takes the dictionary of :func:`read` and changes it in place.
    file
        By default :func:`path`.

    Returns
    -------
    object
        What `edit` returned.

    Raises
    ------
    OSError
        If the file or its lock cannot be written.
    """
    import filelock

    file = file or path()
    file.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(file.with_name(f".{file.name}.lock"), timeout=LOCK_TIMEOUT):
        try:
            answers = _parsed(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            answers = _parsed("{}")
        except ValueError as error:
            answers = _parsed("{}")
            kept = _keep_aside(file)
            warnings.warn(
                f"{file} could not be read ({error}); it is kept as {kept.name}, and a new one begun",
                stacklevel=3,
            )
        result = edit(answers)
        _write(file, json.dumps(answers, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    return result


def record(identifier: str, answer: Any, verdict: Verdict) -> None:
    """Remember an answer and what was said of it.

    Kept for each identifier: ``passed`` and ``message`` of the last answer, ``answer`` (short),
    ``tries``, ``hints`` (how many were seen) and ``first_passed`` (UTC, or None). No answer
    (``...``) counts as no try, and takes the place of nothing.
    """

    def edit(answers: dict[str, Any]) -> None:
        entry = _entry(answers, identifier)
        if answer is ... and entry["tries"]:
            return
        entry["message"] = verdict.message
        if answer is ...:
            return
        entry |= {"passed": verdict.passed, "answer": short(answer), "tries": entry["tries"] + 1}
        if verdict.passed and not entry["first_passed"]:
            entry["first_passed"] = datetime.now(UTC).isoformat(timespec="seconds")

    change(edit)


def next_hint(identifier: str, steps: int, step: int | None = None) -> int:
    """Remember that a hint is seen and say which: `step`, or the one after the last seen."""

    def edit(answers: dict[str, Any]) -> int:
        entry = _entry(answers, identifier)
        shown = min(entry["hints"] + 1, steps) if step is None else step
        entry["hints"] = max(entry["hints"], shown)
        return shown

    return change(edit)


def short(answer: Any) -> Any:
    """Make of an answer something that JSON holds and that is short.

    Examples
    --------
    >>> import numpy as np
    >>> short(np.float64(1.5)), short({"a": (1, float("nan"))})
    (1.5, {'a': [1, 'nan']})
    >>> short(np.zeros((10, 3)))
    {'shape': [10, 3], 'first': [0.0, 0.0, 0.0]}
    """
    if isinstance(answer, bool | int | None):
        return answer
    if isinstance(answer, float):
        answer = float(answer)  # NumPy's are a kind of it
        return answer if math.isfinite(answer) else str(answer)
    if isinstance(answer, str):
        return answer if len(answer) <= LONGEST else answer[: LONGEST - 1] + "…"
    try:
        if isinstance(answer, dict):
            return {str(name): short(answer[name]) for name in list(answer)[:MOST]}
        if isinstance(answer, list | tuple):
            return [short(value) for value in answer[:MOST]]
        if type(answer).__module__ == "numpy":
            return _short_array(answer)
        return short(repr(answer))
    except (TypeError, ValueError, RecursionError, AttributeError):
        return f"({type(answer).__name__})"


def _short_array(answer: Any) -> Any:
    values = answer.tolist()
    if not isinstance(values, list) or answer.size <= MOST:
        return short(values)
    return {"shape": list(answer.shape), "first": short(answer.ravel()[:3].tolist())}


def _entry(answers: dict[str, Any], identifier: str) -> dict[str, Any]:
    blank = {"passed": False, "message": "", "answer": None, "tries": 0, "hints": 0}
    entry = blank | {"first_passed": None} | answers["exercises"].get(identifier, {})
    answers["exercises"][identifier] = entry
    return entry


def _parsed(text: str) -> dict[str, Any]:
    """Give the parts of a file's text; ValueError where it is not one of ours."""
    answers = json.loads(text)
    sound = isinstance(answers, dict) and all(
        isinstance(answers.setdefault(part, {}), dict) for part in PARTS
    )
    if not sound or not all(isinstance(each, dict) for each in answers["exercises"].values()):
        raise ValueError("it is JSON, but holds something else than answers")
    return answers


def _keep_aside(file: Path) -> Path:
    """Rename a file to a name that is free."""
    number = 1
    while (kept := file.with_name(f"{file.stem}.damaged-{number}{file.suffix}")).exists():
        number += 1
    file.replace(kept)
    return kept


def _write(file: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
