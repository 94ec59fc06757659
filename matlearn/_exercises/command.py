"""What ``matlearn exercises`` prints."""

from __future__ import annotations

import sys

from matlearn._exercises import answers, building, finding
from matlearn._exercises.progressing import progress


def show_list() -> int:
    """Print every question, with a sign before those that are solved or were tried."""
    listed = finding.everything()
    if not listed:
        print(
            "no self-checking exercises in this version; exercises/ has the questions for pen and notebook"
        )
        return 0
    saved = answers.read()["exercises"]
    for identifier, exercise in listed.items():
        entry = saved.get(identifier, {})
        state = "solved" if entry.get("first_passed") else "tried" if entry.get("tries") else ""
        print(f"{identifier:<16} {state:<7} {exercise.question}")
    print(progress())
    return 0


def show_progress() -> int:
    """Print how far each chapter is, with a bar."""
    now = progress()
    for each in now.chapters:
        filled = round(20 * each.done / each.total)
        bar = "#" * filled + "." * (20 - filled)
        tried = f", {each.tried - each.done} more tried" if each.tried > each.done else ""
        print(f"{each.chapter:<11} [{bar}] {each.done} of {each.total} solved{tried}")
    print(now)
    return 0


def build(chapter: str | None, *, check: bool) -> int:
    """Build exercises, or say which differ from their solutions."""
    built = building.build(chapter, check=check)
    for name in built.written:
        print(f"{name}: {'differs from its solution' if check else 'written'}")
    for path in building.solutions(chapter):
        for target in building.broken_links(path):
            print(
                f"{path.parent.parent.name}/{path.name}: the link {target} leads nowhere from solutions/"
            )
    for name in built.orphans:
        print(f"{name}: has no solution (a file of its own? move it; an old one? delete it)")
    print(built if not check else f"{len(built.same)} agree, {len(built.written)} differ")
    if check and (built.written or built.orphans):
        print("make them agree with: matlearn exercises build", file=sys.stderr)
        return 1
    return 0
