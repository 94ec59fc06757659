"""The phonons chapter's part of ``matlearn tour``: heat conduction from forces, in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matlearn import datasets, plotting
from matlearn.phonons import plots
from matlearn.phonons.conductivity import thermal_conductivity
from matlearn.phonons.force_constants import force_constants
from matlearn.tour import TourResult, save_figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LATTICE = 3.9943
"""Cubic lattice parameter (A) of aluminium by effective-medium theory."""
MESH = 11
OWN = "nacl-pbe"
"""Forces in sodium chloride that this project computed."""


def run(figures: Path, progress: bool = True) -> Iterator[TourResult]:
    """Conduct heat through aluminium, from a potential, and through salt, from recorded forces.

    Parameters
    ----------
    figures
        Existing folder for ``phonons-aluminium.png``, ``phonons-bands.png`` and
        ``phonons-salt.png``.
    progress
        Progress bars.

    Yields
    ------
    matlearn.tour.TourResult
    """
    from ase.build import bulk

    plotting.use_style()
    metal = force_constants(
        "emt", cell=bulk("Al", a=LATTICE, cubic=True), supercell=(2, 2, 2), progress=progress
    )
    found = thermal_conductivity(
        metal, mesh=MESH, temperatures=(200, 300, 400, 600, 800), progress=progress
    )
    save_figure(plots.kappa(found), figures / "phonons-aluminium.png")
    yield TourResult(
        "phonons",
        f"aluminium by effective-medium theory, mesh {MESH}: heat carried by vibrations at 300 K",
        found.at(300),
        "W/mK",
        None,
        "6.82 by phono3py alone; electrons, left out, carry far more",
    )
    if OWN not in datasets.available().index:
        return
    forces = datasets.load(OWN)
    salt = force_constants(forces, method="symfc", progress=progress)
    save_figure(plots.bands(salt), figures / "phonons-bands.png")
    found = thermal_conductivity(
        salt, mesh=MESH, temperatures=(200, 300, 400, 600), progress=progress
    )
    save_figure(plots.kappa(found), figures / "phonons-salt.png")
    yield TourResult(
        "phonons",
        f"sodium chloride, {len(forces)} supercells by PBE, recorded: conductivity at "
        f"300 K, mesh {MESH}",
        found.at(300),
        "W/mK",
        None,
        "8.26 from the forces that phono3py publishes, of a smaller cell",
    )
