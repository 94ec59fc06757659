"""The search chapter's part of ``matlearn tour``, on the project's own LiN2 and Li-N data."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from matlearn import calculators, datasets, plotting
from matlearn.search import plots
from matlearn.search.agreement import compare
from matlearn.search.hull import convex_hull
from matlearn.search.matching import unique_structures
from matlearn.search.results import frame_from_atoms
from matlearn.search.running import run_search
from matlearn.tour import TourResult, save_figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

LIVE_RELAXATIONS = 5

# Standard enthalpy of formation of Li3N, -164.56(1.09) kJ/mol at 298.15 K (J. Chem. Thermodyn. 1978,
# "Lithium nitride (Li3N): heat capacity from 5 to 350 K ..."), over its four atoms.
LI3N_MEASURED = "measured at 298 K: -0.426 ± 0.003"


def run(figures: Path, progress: bool = True) -> Iterator[TourResult]:
    """Compare PBE with CHGNet on LiN2, relax a few cells live, and build the Li-N hull.

    Parameters
    ----------
    figures
        Existing folder for ``search-*.png``.
    progress
        Progress bars.

    Yields
    ------
    matlearn.tour.TourResult
    """
    plotting.use_style()
    sets = datasets.load("lin2-pbe")
    yield _ground_state_gap(sets)
    yield _rank_correlation(sets)
    save_figure(
        plots.energy_volume({"PBE": sets["run1"], "CHGNet": sets["run1-chgnet"]}),
        figures / "search-energy-volume.png",
    )
    yield _live_relaxations(sets["run1-chgnet"], progress)
    yield from _formation_energies(figures, progress)


def _ground_state_gap(sets: dict[str, pd.DataFrame]) -> TourResult:
    """How far CHGNet's best crystal lies above PBE's, both by PBE.

    Its uncertainty is the scatter of the copies of one crystal, which ended in the same minimum.
    """
    ours, learned = sets["refine-run1"], sets["refine-run1-chgnet"]
    lowest = 1000 * (learned["energy_per_atom"].min() - ours["energy_per_atom"].min())
    return TourResult(
        "search",
        "lowest LiN2 of CHGNet's search above that of PBE's, both by PBE",
        lowest,
        "meV/atom",
        _scatter_of_copies(ours),
        "136 with M3GNet (published search)",
    )


def _scatter_of_copies(frame: pd.DataFrame) -> float | None:
    """Largest difference (meV/atom) of the lowest crystal's copies from their lowest; None without."""
    copies = unique_structures(frame).sort_values("energy_per_atom")["copies"].iloc[0]
    energies = np.sort(frame["energy_per_atom"].to_numpy())[:copies]
    return float(1000 * np.ptp(energies)) if copies > 1 else None


def _rank_correlation(sets: dict[str, pd.DataFrame], resamples: int = 500) -> TourResult:
    """Spearman correlation of PBE with CHGNet, with its bootstrap standard error."""
    agreement = compare(sets["run1"], sets["run1-relaxed-chgnet"])
    pairs = agreement.to_frame()
    random = np.random.default_rng(0)
    drawn = [pairs.sample(len(pairs), replace=True, random_state=random) for _ in range(resamples)]
    columns = [name for name in pairs.columns if name.startswith("energy_per_atom")]
    correlations = [part[columns].corr(method="spearman").iloc[0, 1] for part in drawn]
    return TourResult(
        "search",
        f"Spearman correlation of PBE and CHGNet from PBE's crystals ({agreement.n_common} pairs)",
        agreement.spearman,
        "",
        float(np.nanstd(correlations)),
        "0.73 with M3GNet (published search, 800 pairs)",
    )


def _live_relaxations(shipped: pd.DataFrame, progress: bool) -> TourResult:
    """Relax a few starting cells with CHGNet now; their energies must be the shipped ones."""
    cells = datasets.load("lin2-pbe-cells")
    small = cells[cells["n_atoms"] == cells["n_atoms"].min()].head(LIVE_RELAXATIONS)
    found = _relax(small, progress)
    pairs = found.merge(shipped, on="label", suffixes=("_now", "_shipped"))
    differences = 1000 * (pairs["energy_per_atom_now"] - pairs["energy_per_atom_shipped"]).abs()
    return TourResult(
        "search",
        f"{len(pairs)} cells relaxed by CHGNet now, median distance from the shipped energies",
        float(differences.median()),
        "meV/atom",
        None,
        "0: the same minima",
    )


def _formation_energies(figures: Path, progress: bool) -> Iterator[TourResult]:
    """Formation energy of Li3N by PBE and by CHGNet with its corrections undone; the hull's figure.

    The uncertainty is what the choice of the nitrogen reference (crystal or molecule) makes.
    """
    phases = datasets.load("li-n-pbe")
    crystals = phases[phases["label"] != "N2-molecule"]
    pbe = convex_hull(crystals)
    molecule = convex_hull(phases[phases["label"] != "N2-alpha"])
    choice = abs(pbe.formation_energy["Li3N"] - molecule.formation_energy["Li3N"])
    yield TourResult(
        "search",
        "formation energy of Li3N by PBE",
        pbe.formation_energy["Li3N"],
        "eV/atom",
        choice,
        LI3N_MEASURED,
    )
    uncorrected = calculators.get_calculator("chgnet", energy_corrections=False)
    relaxed = _relax(crystals, progress, fmax=0.02)
    points = calculators.single_points(relaxed["structure"], uncorrected, progress=False)
    learned = convex_hull(frame_from_atoms(points))
    yield TourResult(
        "search",
        "formation energy of Li3N by CHGNet, corrections undone",
        learned.formation_energy["Li3N"],
        "eV/atom",
        choice,
        LI3N_MEASURED,
    )
    axes = plots.convex_hull({"PBE": pbe, "CHGNet, corrections undone": learned})
    save_figure(axes, figures / "search-hull.png")


def _relax(frame: pd.DataFrame, progress: bool, fmax: float = 0.05) -> pd.DataFrame:
    """Relax structures with CHGNet in a store that goes when the tour does."""
    with tempfile.TemporaryDirectory() as folder:
        return run_search(
            frame["structure"],
            calculators.get_calculator("chgnet"),
            store=Path(folder) / "tour.db",
            fmax=fmax,
            max_steps=500,
            progress=progress,
        ).to_frame()
