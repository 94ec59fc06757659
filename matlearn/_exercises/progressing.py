"""How far a learner is, from the saved answers."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matlearn._exercises import answers, finding

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ChapterProgress:
    """How far one chapter is: questions solved, tried and all, and hints that were seen."""

    chapter: str
    done: int
    tried: int
    total: int
    hints: int


@dataclass(frozen=True)
class Progress:
    """How far a learner is; a table with bars in a notebook.

    Attributes
    ----------
    chapters : tuple of ChapterProgress
        One for each chapter that has exercises.
    """

    chapters: tuple[ChapterProgress, ...]

    @property
    def done(self) -> int:
        """Questions solved, in all."""
        return sum(chapter.done for chapter in self.chapters)

    @property
    def total(self) -> int:
        """Questions that there are."""
        return sum(chapter.total for chapter in self.chapters)

    def to_frame(self) -> pd.DataFrame:
        """One row a chapter: ``done``, ``tried``, ``total``, ``hints``."""
        import pandas as pd

        columns = ["chapter", "done", "tried", "total", "hints"]
        rows = [[getattr(chapter, name) for name in columns] for chapter in self.chapters]
        return pd.DataFrame(rows, columns=columns).set_index("chapter")

    def __repr__(self) -> str:
        parts = ", ".join(f"{each.chapter} {each.done}/{each.total}" for each in self.chapters)
        return f"Progress({self.done} of {self.total} solved{': ' + parts if parts else ''})"

    def _repr_html_(self) -> str:
        if not self.chapters:
            return "<p>No self-checking exercises in this version.</p>"
        head = '<th style="text-align:left">chapter</th><th style="text-align:left">solved</th><th></th>'
        rows = "".join(_row(each) for each in self.chapters)
        return (
            '<table class="matlearn-progress" style="color:var(--jp-content-font-color1, inherit)">'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )


def progress() -> Progress:
    """How many questions of each chapter are solved; once solved stays solved.

    Examples
    --------
    >>> progress().total >= progress().done
    True
    """
    saved = answers.read()["exercises"]
    chapters = []
    for chapter in finding.CHAPTERS:
        names = [f"{chapter}.{name}" for name in finding.of_chapter(chapter)]
        entries = [saved.get(name, {}) for name in names]
        if names:
            done = sum(bool(entry.get("first_passed")) for entry in entries)
            tried = sum(bool(entry.get("tries")) for entry in entries)
            hints = sum(int(entry.get("hints", 0)) for entry in entries)
            chapters.append(ChapterProgress(chapter, done, tried, len(names), hints))
    return Progress(tuple(chapters))


def _row(each: ChapterProgress) -> str:
    name, share = html.escape(each.chapter), 100 * each.done / each.total
    bar = (
        '<div role="img" '
        f'aria-label="{each.done} of {each.total} solved" style="width:12em;height:0.8em;'
        'border:1px solid var(--jp-border-color1, #8a8a8a)">'
        f'<div style="width:{share:.0f}%;height:100%;background:#009e73"></div></div>'
    )
    words = f"{each.done} of {each.total}"
    if each.tried > each.done:
        words += f", {each.tried - each.done} more tried"
    return (
        "<tr>"
        + "".join(f'<td style="text-align:left">{cell}</td>' for cell in (name, words, bar))
        + "</tr>"
    )
