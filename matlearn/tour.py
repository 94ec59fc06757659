"""``matlearn tour``: the main job of every chapter on the data that come along, in three minutes.

A chapter's part is a function ``run(figures, progress) -> Iterator[TourResult]``, named here as a
string and resolved on call.
"""

from __future__ import annotations

import importlib
import math
import sys
import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matplotlib.axes import Axes

PARTS = {
    "search": "matlearn.search.tour:run",
    "lattice": "matlearn.lattice.tour:run",
    "potentials": "matlearn.potentials.tour:run",
    "regression": "matlearn.regression.tour:run",
    "transport": "matlearn.transport.tour:run",
    "phonons": "matlearn.phonons.tour:run",
}

_HEADER = ("chapter", "result", "value", "reference", "seconds")


@dataclass(frozen=True)
class TourResult:
    """One result of the tour.

    Attributes
    ----------
    chapter : str
        One of the six chapter names.
    result : str
        What was computed.
    value : float
        The number, in `unit`.
    unit : str
        Unit of value and uncertainty; empty for a pure number.
    uncertainty : float or None
        Standard error or stated tolerance; None where the number is exact.
    reference : str
        What the value is to be held against, with its source.
    seconds : float
        Elapsed time since the result before (s); filled in by :func:`run`.
    """

    chapter: str
    result: str
    value: float
    unit: str
    uncertainty: float | None
    reference: str
    seconds: float = math.nan

    @property
    def value_text(self) -> str:
        """Value, uncertainty and unit, such as ``151 ± 2 meV/atom``."""
        if self.uncertainty is None:
            number = f"{self.value:.6g}"
        else:
            digits = max(0, 1 - math.floor(math.log10(self.uncertainty))) if self.uncertainty else 3
            digits = min(digits, 6)
            number = f"{self.value:.{digits}f} ± {self.uncertainty:.{digits}f}"
        return f"{number} {self.unit}".strip()

    def cells(self) -> tuple[str, str, str, str, str]:
        """The row of the table."""
        return (self.chapter, self.result, self.value_text, self.reference, f"{self.seconds:.1f}")


def run(
    figures: str | Path, *, chapters: Iterable[str] | None = None, progress: bool = True
) -> Iterator[TourResult]:
    """Run the tour, chapter by chapter.

    Parameters
    ----------
    figures
        Folder for the figures (PNG); made when missing.
    chapters
        Some of the chapters that exist; all by default, without those that miss a library.
    progress
        Progress bars, on standard error.

    Yields
    ------
    TourResult

    Raises
    ------
    ValueError
        If a chapter is unknown or not there yet.
    ImportError
        If a chapter that was asked for misses a library.

    Warns
    -----
    UserWarning
        If a chapter is left out because it misses a library; it says which.
    """
    wanted = list(chapters) if chapters is not None else list(PARTS)
    for chapter in wanted:
        if chapter not in PARTS:
            raise ValueError(f"chapters must be among {', '.join(PARTS)}, got {chapter!r}")
    folder = Path(figures)
    folder.mkdir(parents=True, exist_ok=True)
    for chapter in wanted:
        try:
            module, _, name = PARTS[chapter].partition(":")
            part = getattr(importlib.import_module(module), name)
            mark = time.perf_counter()
            for result in part(folder, progress=progress):
                now = time.perf_counter()
                yield replace(result, seconds=now - mark)
                mark = now
        except ImportError as error:
            if chapters is not None:
                raise
            warnings.warn(f"the tour leaves out {chapter}: {error}", stacklevel=2)


def show(results: Iterable[TourResult], stream: TextIO | None = None) -> list[TourResult]:
    """Print results: as a table on a terminal, else one plain line a result, chapter's name first.

    Parameters
    ----------
    results
        What :func:`run` yields; plain lines appear as they come.
    stream
        Where to; standard output by default.

    Returns
    -------
    list of TourResult
    """
    stream = stream or sys.stdout
    seen = []
    for result in results:
        seen.append(result)
        if not stream.isatty():
            chapter, what, value, reference, seconds = result.cells()
            line = f"{chapter}: {what} = {value} (reference: {reference}; {seconds} s)"
            print(line, file=stream, flush=True)
    if stream.isatty():
        print(_table([_HEADER, *(result.cells() for result in seen)]), file=stream)
    return seen


def _table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def save_figure(axes: Axes, path: Path) -> None:
    """Write a figure of the tour whole or not at all, and free it.

    Parameters
    ----------
    axes
        Any axes of the figure.
    path
        The PNG file; its folder is there.
    """
    import matplotlib.pyplot as plt

    figure = axes.get_figure(root=True)
    assert figure is not None
    part = path.with_suffix(".part.png")
    figure.savefig(part, dpi=150)
    part.replace(path)
    plt.close(figure)
