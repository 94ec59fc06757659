"""The transport chapter's part of ``matlearn tour``: how fast ions move, and how well one knows."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from matlearn import datasets, plotting
from matlearn.tour import TourResult, save_figure
from matlearn.transport import plots
from matlearn.transport.activation import arrhenius
from matlearn.transport.conduction import ionic_conductivity
from matlearn.transport.diffusion import diffusion_coefficient
from matlearn.transport.dynamics import run_md
from matlearn.transport.walks import random_walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matlearn.transport.diffusion import Diffusion

UNIT = 1e-5
"""Diffusion coefficients are shown in 1e-5 cm2/s."""
SILVER = ("450K", "550K", "600K", "650K")
LITHIUM = (("600K",), ("700K",), ("800K-1", "800K-2", "800K-3"))
"""Runs of a temperature each, that stay a crystal to their end."""
STEPS, TIMESTEP = 3000, 0.004


def run(figures: Path, progress: bool = True) -> Iterator[TourResult]:
    """Measure diffusion where it is known, in two conductors as recorded, and in a run made now.

    Parameters
    ----------
    figures
        Existing folder for ``transport-walk.png``, ``transport-silver.png`` and
        ``transport-lithium.png``.
    progress
        Progress bars.

    Yields
    ------
    matlearn.tour.TourResult

    Raises
    ------
    ImportError
        Where motep is missing, which the last result needs.
    """
    plotting.use_style()
    walk = random_walk(seed=0)
    found = diffusion_coefficient(walk, "Li")
    save_figure(plots.msd(found), figures / "transport-walk.png")
    exact = walk.info["diffusion"] / UNIT
    yield _diffusion(
        "random walk of 50 ions: D by generalised least squares", found, f"{exact:.4g}"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # short or slow runs say so in the notebooks
        runs = datasets.load("silver-sulfide-runs")
        silver = {name: diffusion_coefficient(runs[name], "Ag") for name in SILVER}
        runs_of_lithium = datasets.load("lgps-runs")
        lithium = [
            diffusion_coefficient([runs_of_lithium[name] for name in names], "Li")
            for names in LITHIUM
        ]
    law = arrhenius(list(silver.values()))
    save_figure(plots.arrhenius(law), figures / "transport-silver.png")
    sigma = ionic_conductivity(runs["650K"], "Ag")
    yield TourResult(
        "transport",
        "superionic silver sulfide at 650 K, recorded: conductivity by Nernst and Einstein",
        sigma.value,
        "S/cm",
        sigma.error,
        f"activation energy of D: {1000 * law.activation_energy:.0f} ± "
        f"{1000 * law.activation_energy_error:.0f} meV",
    )
    law = arrhenius(lithium)
    save_figure(plots.arrhenius(law), figures / "transport-lithium.png")
    yield TourResult(
        "transport",
        "Li10GeP2S12, recorded: activation energy of lithium, 600 to 800 K",
        1000 * law.activation_energy,
        "meV",
        1000 * law.activation_energy_error,
        "measured at lower temperatures, by NMR: 220 (Kuhn et al. 2013)",
    )
    conductor = datasets.load("silver-sulfide")
    now = run_md(
        conductor.structure,
        conductor.calculator(),
        temperature=650.0,
        steps=STEPS,
        timestep=TIMESTEP,
        equilibrate=500,
        record_every=25,
        progress=progress,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = diffusion_coefficient(now, "Ag")
    recorded = silver["650K"]
    yield _diffusion(
        f"silver sulfide at 650 K, {now.duration:.0f} ps run just now: D of silver",
        found,
        f"{recorded.value / UNIT:.2f} ± {recorded.error / UNIT:.2f}, recorded",
    )


def _diffusion(what: str, found: Diffusion, reference: str) -> TourResult:
    return TourResult(
        "transport", what, found.value / UNIT, "1e-5 cm2/s", found.error / UNIT, reference
    )
