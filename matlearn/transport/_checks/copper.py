"""References of exercise 3: vacancies in copper by EMT, how many there are and how fast they move."""

from __future__ import annotations

import functools

import numpy as np

LATTICE = 3.59  # A, EMT's own
BOLTZMANN = 8.617333e-5  # eV/K
CORRELATION = 0.7815  # tracer, vacancy mechanism on the fcc lattice


@functools.cache
def vacancy() -> dict[str, float]:
    """Energies (eV) of a vacancy among 32 sites, and what usual slips make of them."""
    from ase import Atoms
    from ase.build import bulk
    from ase.optimize import BFGS

    from matlearn.calculators import get_calculator
    from matlearn.transport.barriers import migration_barrier, vacancy_hop

    copper = bulk("Cu", cubic=True, a=LATTICE)
    perfect = copper.repeat(2)
    perfect.calc = get_calculator("emt")
    whole = perfect.get_potential_energy()
    initial, final = vacancy_hop(copper, "Cu", supercell=2)
    path = migration_barrier(initial, final, "emt", images=3, progress=False)
    start = initial.copy()
    start.calc = get_calculator("emt")
    unrelaxed = start.get_potential_energy()
    BFGS(start, logfile=None).run(fmax=0.01)
    relaxed = start.get_potential_energy()
    lone = Atoms("Cu", cell=[15, 15, 15], calculator=get_calculator("emt"))
    return {
        "formation": relaxed - 31 / 32 * whole,
        "unrelaxed": unrelaxed - 31 / 32 * whole,
        "difference": relaxed - whole,
        "to vacuum": relaxed + lone.get_potential_energy() - whole,
        "barrier": path.barrier,
        "attempt": path.vineyard("emt", radius=5.0),
    }


def vacant(kelvin: float) -> float:
    """Fraction of sites that are vacant by heat alone."""
    return float(np.exp(-vacancy()["formation"] / (BOLTZMANN * kelvin)))


def diffusion(kelvin: float, attempt: float | None = None) -> float:
    """Tracer diffusion coefficient of copper in cm2/s."""
    found = vacancy()
    hop = (attempt or found["attempt"]) * np.exp(-found["barrier"] / (BOLTZMANN * kelvin))
    return float(CORRELATION * 12 * vacant(kelvin) * hop * (LATTICE * 1e-8) ** 2 / 2 / 6)
