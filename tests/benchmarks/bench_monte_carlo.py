"""Trial steps per CPU second: this library's Monte Carlo beside mchammer, on one expansion.

The expansion is fitted to the EMT energies of Cu-Au (``cu-au-emt``): 15 parameters, 86 pairs and
372 triplets at each site. Both start from the same random arrangement, are brought to equilibrium
by the fast engine, and then timed in turn; energies at the end are compared with icet's.

Usage: python tests/benchmarks/bench_monte_carlo.py
"""

from __future__ import annotations

import resource
import time

from ase import Atoms
from icet import ClusterExpansion
from mchammer.calculators import ClusterExpansionCalculator
from mchammer.ensembles import CanonicalEnsemble, SemiGrandCanonicalEnsemble, VCSGCEnsemble

import matlearn as ml
from matlearn.lattice import MonteCarlo

CUTOFFS = [6.73, 4.76]
PROMISED = {
    (1000, "semi-grand"): 15,
    (1000, "canonical"): 20,
    (10648, "semi-grand"): 20,
    (10648, "canonical"): 40,
}
OURS_SECONDS = 2.0
THEIR_SECONDS = 6.0


def equilibrated(expansion: ClusterExpansion, cell: Atoms, ensemble: str, temperature: float):
    """Give a simulation that has forgotten its start."""
    given = {"phis": {"Au": -1.0}} if ensemble == "vcsgc" else {}
    simulation = MonteCarlo(
        expansion,
        cell,
        ensemble=ensemble,
        temperature=max(temperature, 800.0),
        concentrations={"Cu": 0.5, "Au": 0.5},
        seed=1,
        **given,
    )
    simulation.run(128, record_every=64)
    for step in (600.0, 400.0, 300.0, 200.0, temperature):
        if step <= temperature or simulation.temperature <= step:
            continue
        simulation.temperature = step
        simulation.run(128, record_every=64)
    simulation.temperature = temperature
    simulation.run(128, record_every=64)
    return simulation


def our_rate(simulation: MonteCarlo) -> tuple[float, float]:
    """Return trial steps per CPU second, and the acceptance."""
    sweeps, begin, accepted, records = 0, time.process_time(), 0.0, 0
    while time.process_time() - begin < OURS_SECONDS:
        frame = simulation.run(128, record_every=16)
        accepted, records = accepted + frame["acceptance"].sum(), records + len(frame)
        sweeps += 128
    rate = sweeps * simulation.n_active / (time.process_time() - begin)
    return rate, accepted / records


def their_rate(expansion: ClusterExpansion, start: Atoms, ensemble: str, kelvin: float) -> float:
    """Return mchammer's trial steps per CPU second from the same arrangement."""
    calculator = ClusterExpansionCalculator(start, expansion)
    common = {
        "structure": start,
        "calculator": calculator,
        "temperature": kelvin,
        "random_seed": 1,
        "ensemble_data_write_interval": 16 * len(start),
    }
    if ensemble == "canonical":
        run = CanonicalEnsemble(**common)
    elif ensemble == "vcsgc":
        run = VCSGCEnsemble(phis={"Au": -1.0}, kappa=200, **common)
    else:
        run = SemiGrandCanonicalEnsemble(chemical_potentials={"Cu": 0, "Au": 0}, **common)
    run.run(100)
    trials, begin = 0, time.process_time()
    while time.process_time() - begin < THEIR_SECONDS:
        run.run(2000)
        trials += 2000
    return trials / (time.process_time() - begin)


def compare(expansion: ClusterExpansion, repeat: int, ensemble: str, kelvin: float) -> None:
    """Time both, print one line."""
    primitive = expansion.get_cluster_space_copy().primitive_structure
    simulation = equilibrated(expansion, primitive.repeat(repeat), ensemble, kelvin)
    start = simulation.atoms
    rate, acceptance = our_rate(simulation)
    off = abs(simulation.energy - len(start) * expansion.predict(simulation.atoms))
    peer = their_rate(expansion, start, ensemble, kelvin)
    promised = PROMISED.get((len(start), ensemble)) if kelvin == 800 else None
    note = f"(promised: {promised})" if promised else ""
    print(
        f"{len(start):7,} sites {kelvin:4.0f} K {ensemble:10}  ours {rate:12,.0f}/s  mchammer "
        f"{peer:8,.0f}/s  ratio {rate / peer:7.1f} {note:15} acceptance {acceptance:.3f}  "
        f"energy off by {off:.0e} eV",
        flush=True,
    )
    if off > 1e-9 * len(start):
        raise AssertionError("energies differ from icet's")


def large(expansion: ClusterExpansion) -> None:
    """Build 100,000 sites, and run them."""
    primitive = expansion.get_cluster_space_copy().primitive_structure
    cell = primitive.repeat(47)
    begin = time.process_time()
    simulation = MonteCarlo(
        expansion, cell, temperature=800, concentrations={"Cu": 0.5, "Au": 0.5}, seed=1
    )
    built = time.process_time() - begin
    begin = time.process_time()
    simulation.run(100, record_every=50)
    rate = 100 * len(cell) / (time.process_time() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{len(cell):7,} sites built in {built:.1f} CPU s, {rate:,.0f} trial steps/s, peak of this "
        f"process {peak:.2f} GB",
        flush=True,
    )


def main() -> None:
    """Print all comparisons."""
    frame = ml.datasets.load("cu-au-emt")
    fit = ml.lattice.fit_cluster_expansion(frame, CUTOFFS, method="ridge")
    expansion = fit.cluster_expansion
    print(
        f"{len(expansion.parameters)} parameters; rates in trial steps per CPU second", flush=True
    )
    for repeat in (10, 22):
        for ensemble in ("semi-grand", "canonical", "vcsgc"):
            compare(expansion, repeat, ensemble, 800.0)
    for ensemble in ("semi-grand", "canonical"):
        compare(expansion, 10, ensemble, 150.0)  # little is accepted: sums are kept
    large(expansion)


if __name__ == "__main__":
    main()
