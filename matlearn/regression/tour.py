"""The regression chapter's part of ``matlearn tour``: three properties of our own crystals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matlearn import plotting
from matlearn.regression import plots
from matlearn.regression.benchmark import run_matbench
from matlearn.regression.tasks import load_task
from matlearn.tour import TourResult, save_figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROPERTIES = ("cubic_log_gvrh", "cubic_gap", "cubic_e_form")


def run(figures: Path, progress: bool = True) -> Iterator[TourResult]:
    """Predict what our own crystals are like from their formulas, by the protocol of matbench.

    Parameters
    ----------
    figures
        Existing folder for a ``regression-<property>.png`` each.
    progress
        Progress bars.

    Yields
    ------
    matlearn.tour.TourResult
    """
    plotting.use_style()
    for name in PROPERTIES:
        task = load_task(name, progress=progress)
        mean = run_matbench(task, "dummy", workers=1, progress=False)
        forest = run_matbench(task, "random-forest", workers=1, progress=progress)
        save_figure(plots.parity(forest), figures / f"regression-{name.replace('_', '-')}.png")
        yield TourResult(
            "regression",
            f"{task.label} of {len(task)} cubic crystals, a random forest on formulas: mean "
            "absolute error in five folds",
            forest.mean["mae"],
            task.unit,
            forest.std["mae"],
            f"guessing the mean: {mean.mean['mae']:.2g}",
        )
