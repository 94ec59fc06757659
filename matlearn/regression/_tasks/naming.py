"""Names of tasks: with or without the prefix, and what to say of unknown ones."""

from __future__ import annotations

import difflib

from matlearn.regression._tasks.definitions import MATBENCH, PREFIX
from matlearn.regression._tasks.own import OWN


def full_name(name: str) -> str:
    """Name of a task with its prefix; an unknown one is an error that suggests near ones."""
    if not isinstance(name, str):
        raise TypeError(f"name of a task must be a str, got {type(name).__name__}")
    short = name.removeprefix(PREFIX)
    if PREFIX + short in MATBENCH:
        return PREFIX + short
    if name in OWN:
        return name
    known = [task.removeprefix(PREFIX) for task in MATBENCH] + list(OWN)
    wanted = short.lower().replace("-", "_").replace(" ", "_")
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise ValueError(f"name must be a task, one of {', '.join(known)}, got {name!r}{hint}")
