"""The lattice chapter's part of ``matlearn tour``: exact results, an alloy's fit, and the speed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import units
from ase.build import bulk

from matlearn import datasets, plotting
from matlearn.lattice import exact, models, observers, plots, statistics
from matlearn.lattice.fitting import fit_cluster_expansion
from matlearn.lattice.kinetic import KineticMonteCarlo
from matlearn.lattice.monte_carlo import MonteCarlo
from matlearn.lattice.scans import scan_temperature
from matlearn.tour import TourResult, save_figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matlearn.lattice.fitting import ClusterExpansionFit

CUTOFFS = [6.73, 4.76]  # A: pairs and triplets, 15 parameters
HALFWAY = -1.6  # J a site: between the ordered and the disordered fcc antiferromagnet


def run(figures: Path, progress: bool = True) -> Iterator[TourResult]:
    """Check the engines against exact results, fit Cu-Au, and measure the speed beside mchammer.

    Parameters
    ----------
    figures
        Existing folder for ``lattice-*.png``.
    progress
        Progress bars.

    Yields
    ------
    matlearn.tour.TourResult
    """
    plotting.use_style()
    yield from _ising()
    yield _antiferromagnet(figures, progress)
    frame = datasets.load("cu-au-emt")
    fit = fit_cluster_expansion(frame, CUTOFFS, method="ridge", seed=42)
    yield TourResult(
        "lattice",
        f"Cu-Au by EMT, {len(fit.parameters)} parameters: 10-fold cross-validation error",
        1000 * fit.rmse_validation,
        "meV/atom",
        None,
        f"spread of the {fit.n_structures} energies: {1000 * frame['mixing_energy'].std():.1f}",
    )
    save_figure(plots.convex_hull(frame, fit=fit), figures / "lattice-hull.png")
    yield _speed(fit)
    yield _lattice_gas(progress)


def _ising(size: int = 64, sweeps: int = 8000, temperature: float = 2.0) -> Iterator[TourResult]:
    """Energy and magnetisation of the square Ising model below its critical temperature."""
    simulation = MonteCarlo(
        models.ising("square"),
        models.supercell("square", size, fill="Au"),
        temperature=temperature,
        boltzmann_constant=1.0,
        seed=1,
    )
    simulation.run(500)
    records = simulation.run(sweeps, record_every=4, observers=[observers.Magnetization()])
    found = {
        "energy": (records["energy_per_atom"], exact.onsager_energy(temperature), "J/site"),
        "magnetisation": (
            records["abs_magnetization"],
            exact.onsager_magnetization(temperature),
            "",
        ),
    }
    for name, (series, known, unit) in found.items():
        estimate = statistics.mean(series)
        yield TourResult(
            "lattice",
            f"square Ising model at {temperature:g} J/kB, {size} x {size} sites: {name}",
            estimate.value,
            unit,
            estimate.error,
            f"exact (Onsager, Yang), infinite: {known:.5f}",
        )


def _antiferromagnet(
    figures: Path, progress: bool, size: int = 10, sweeps: int = 500
) -> TourResult:
    """Bracket of the first-order transition of the fcc antiferromagnet, by heating and cooling."""
    model = models.ising("fcc", coupling=-1.0)
    ordered = models.supercell("fcc", size, fill="Au")
    layers = np.round(ordered.positions[:, 2] / ordered.positions[:, 2].max() * (2 * size - 1))
    ordered.symbols[layers.astype(int) % 2 == 0] = "Ag"
    options: dict[str, Any] = {
        "sweeps": sweeps, "equilibration": sweeps // 2, "boltzmann_constant": 1.0,
        "progress": progress,
    }  # fmt: skip
    up = scan_temperature(model, ordered, np.arange(85, 91) / 50, direction="up", **options)
    melt = up.configurations[1.8]
    down = scan_temperature(model, melt, np.arange(89, 81, -1) / 50, direction="down", **options)
    save_figure(plots.hysteresis(up, down), figures / "lattice-hysteresis.png")
    heated, cooled = up.to_frame(), down.to_frame()
    melted = heated.loc[heated["energy_per_atom"] > HALFWAY, "temperature"].min()
    order = cooled.loc[cooled["energy_per_atom"] < HALFWAY, "temperature"].max()
    return TourResult(
        "lattice",
        f"fcc antiferromagnet, {len(ordered)} sites: middle of the hysteresis",
        (melted + order) / 2,
        "J/kB",
        (melted - order) / 2,
        "known: first order, between 1.72 and 1.76",
    )


def _speed(fit: ClusterExpansionFit, steps: int = 60_000, temperature: float = 800.0) -> TourResult:
    """Trial steps a CPU second over mchammer's: same expansion, 1,000 sites, semi-grand."""
    from mchammer.calculators import ClusterExpansionCalculator
    from mchammer.ensembles import SemiGrandCanonicalEnsemble

    expansion = fit.cluster_expansion
    atoms = expansion.primitive_structure.repeat(10)
    ours = MonteCarlo(expansion, atoms, temperature=temperature)
    ours.run(10)
    seconds = []
    sweeps = 20 * steps // len(atoms)
    seconds.append(_cpu_seconds(lambda: ours.run(sweeps, record_every=sweeps)))
    theirs = SemiGrandCanonicalEnsemble(
        atoms,
        ClusterExpansionCalculator(atoms, expansion),
        temperature=temperature,
        chemical_potentials={"Cu": 0.0, "Au": 0.0},
        boltzmann_constant=units.kB,
        ensemble_data_write_interval=steps,
    )
    seconds.append(_cpu_seconds(lambda: theirs.run(steps)))
    rates = sweeps * ours.n_active / seconds[0], steps / seconds[1]
    return TourResult(
        "lattice",
        f"trial steps a CPU second over those of mchammer ({rates[0]:.2g} over {rates[1]:.2g})",
        rates[0] / rates[1],
        "",
        None,
        "mchammer (C++ and Python): 1",
    )


def _cpu_seconds(work: Any) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _lattice_gas(progress: bool, coverage: float = 0.5, hops: int = 1_000_000) -> TourResult:
    """Jump diffusion of a lattice gas without interactions, over that of a single atom."""
    barrier, temperature, frequency, lattice_constant = 0.5, 600.0, 1e13, 3.6
    atoms = bulk("Cu", "fcc", a=lattice_constant, cubic=True).repeat(6)
    empty = np.random.default_rng(0).permutation(len(atoms))[round(coverage * len(atoms)) :]
    atoms.symbols[empty] = "X"
    simulation = KineticMonteCarlo(
        barrier, atoms, temperature=temperature, attempt_frequency=frequency, seed=1
    )
    result = simulation.diffusion(hops, progress=progress)
    rate = frequency * np.exp(-barrier / (units.kB * temperature))
    alone = 12 * rate * (lattice_constant**2 / 2) / 6 * 1e-16  # z Gamma a^2 / 2d, in cm2/s
    return TourResult(
        "lattice",
        f"fcc lattice gas, half full, {len(atoms)} sites: jump diffusion over that of one atom",
        result.jump / alone,
        "",
        result.jump_error / alone,
        f"exact: {1 - coverage:g}",
    )
