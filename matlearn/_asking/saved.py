"""What readers answered, in the file of answers that the exercises keep as well."""

from __future__ import annotations

from typing import Any

from matlearn._exercises import answers


def entries(section: str) -> dict[str, Any]:
    """Everything kept in a section, ``"quiz"`` or ``"predictions"``."""
    return dict(answers.read()[section])


def keep(section: str, key: str, entry: dict[str, Any]) -> None:
    """Keep one entry; the others stay."""

    def edit(everything: dict[str, Any]) -> None:
        everything[section][key] = entry

    answers.change(edit)
