"""The potentials chapter's part of ``matlearn tour``: a potential fitted, and when not to trust it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matlearn import plotting
from matlearn.fitting import error_report
from matlearn.potentials import plots
from matlearn.potentials.active import ActiveSet
from matlearn.potentials.moment_tensors import MTP
from matlearn.potentials.sampling import cu_au_images
from matlearn.tour import TourResult, save_figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEVEL = 8


def run(figures: Path, progress: bool = True) -> Iterator[TourResult]:
    """Fit a moment tensor potential to Cu-Au at 300 K, and grade what is hot.

    Parameters
    ----------
    figures
        Existing folder for ``potentials-fit.png``.
    progress
        Progress bars.

    Yields
    ------
    matlearn.tour.TourResult
    """
    plotting.use_style()
    images = cu_au_images(
        0,
        compositions=(0.0, 0.5, 1.0),
        repeat=(2, 2, 1),
        temperatures=(300.0, 1200.0),
        snapshots=20,
        disturbed=5,
    )
    hot = [image for image in images if image.info.get("temperature") == 1200.0]
    cold = [image for image in images if image.info.get("temperature") != 1200.0]
    train, test = cold[:50], cold[50:]
    mtp = MTP(LEVEL, ["Cu", "Au"])
    result = mtp.fit(train, validation=test, max_iterations=60, starts=1, progress=progress)
    save_figure(plots.fit_overview(result), figures / "potentials-fit.png")
    assert result.validation is not None
    yield TourResult(
        "potentials",
        f"Cu-Au by EMT, MTP of level {LEVEL}, {mtp.n_parameters} parameters: error on {len(test)} "
        "other cells",
        1000 * result.validation.errors["energy_per_atom"].rms,
        "meV/atom",
        None,
        f"spread of the energies: {1000 * np.std(result.train.parity['energy_per_atom'][0]):.0f}",
    )
    grades = ActiveSet(mtp, train).grades(hot, mode="neighbourhood")
    error = error_report(mtp.calculator(), hot).metrics["f_rmse"]
    there = result.validation.metrics["f_rmse"]
    yield TourResult(
        "potentials",
        f"the same at 1200 K, which it has not seen: extrapolation grade of the worst atom, median "
        f"(error of forces: {error / there:.1f} times)",
        float(np.median(grades)),
        "",
        None,
        "in the training set: at most 1",
    )
