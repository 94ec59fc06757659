"""Hops per CPU second: this library's kinetic Monte Carlo beside a plain one, and beside Metropolis.

Usage: python tests/benchmarks/bench_kinetic.py
No peer that is installed here has kinetic Monte Carlo. Compared are a rejection-free loop as one
writes it in plain Python (rates of all possible hops in a list, all computed anew after each hop),
and, for what rejection costs, as many trials of which only the share of an average rate is accepted.
"""

from __future__ import annotations

import math
import random
import time

import numpy as np
from ase import Atoms
from ase.build import bulk

from matlearn.lattice import KineticMonteCarlo

SETTINGS = {"temperature": 600.0, "attempt_frequency": 1e13}
FCC = bulk("Cu", "fcc", a=3.6)


def gas(repeat: int, filling: float | None) -> Atoms:
    """Return a lattice gas; filling None: a single vacancy."""
    atoms = FCC.repeat(repeat)
    empty = np.random.default_rng(0).permutation(len(atoms))
    atoms.symbols[empty[: 1 if filling is None else round((1 - filling) * len(atoms))]] = "X"
    return atoms


def rate_of(simulation: KineticMonteCarlo, hops: int) -> float:
    """Return hops per CPU second, compilation not counted."""
    simulation.run(100)
    begin = time.process_time()
    simulation.run(hops, record_every=hops)
    return hops / (time.process_time() - begin)


def plain(atoms: Atoms, hops: int) -> float:
    """Return hops per CPU second of the plain loop."""
    from ase.neighborlist import neighbor_list

    first, second = neighbor_list("ij", atoms, 3.6 / math.sqrt(2) + 0.1)
    beside: list[list[int]] = [[] for _ in atoms]
    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        beside[i].append(j)
    empty = set(np.flatnonzero(atoms.numbers == 0).tolist())
    rng, clock = random.Random(0), 0.0
    rate = 1e13 * math.exp(-0.5 / (8.617333e-5 * 600.0))
    begin = time.process_time()
    for _ in range(hops):
        possible = [(v, j) for v in empty for j in beside[v] if j not in empty]
        clock -= math.log(1.0 - rng.random()) / (rate * len(possible))
        vacancy, atom = rng.choice(possible)
        empty.remove(vacancy)
        empty.add(atom)
    return hops / (time.process_time() - begin)


def expansion() -> object:
    """Return pairs to 6.73 and triplets to 4.76 angstrom with vacancies: 15 parameters."""
    import icet

    space = icet.ClusterSpace(FCC, [6.73, 4.76], ["Cu", "X"])
    parameters = np.random.default_rng(1).normal(0.0, 0.01, len(space))
    return icet.ClusterExpansion(space, parameters)


def main() -> dict[str, float]:
    """Print hops per CPU second; return them."""
    rates: dict[str, float] = {}
    energies = expansion()
    for repeat in (10, 21):
        for filling, name in ((None, "one vacancy"), (0.5, "half filled")):
            atoms = gas(repeat, filling)
            label = f"{len(atoms)} sites, {name}"
            free = rate_of(KineticMonteCarlo(0.5, atoms, **SETTINGS), 300_000)
            bound = KineticMonteCarlo(energies, atoms, kra=0.5, **SETTINGS)
            rates[f"{label}, no interactions"] = free
            rates[f"{label}, 15 parameters"] = rate_of(bound, 20_000)
            slow = plain(atoms, 100_000 if filling is None else 20)
            rates[f"{label}, plain Python"] = slow
            share = bound.rates.mean() / bound.rates.max()
            print(
                f"kinetic Monte Carlo: {label}: {free:,.0f} hops per CPU s without interactions "
                f"({free / slow:,.0f} times plain Python, {slow:,.0f}), "
                f"{rates[f'{label}, 15 parameters']:,.0f} with 15 parameters (by rejection "
                f"{1 / share:.0f} trials would make a hop)"
            )
    return rates


if __name__ == "__main__":
    main()
