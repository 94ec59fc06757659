"""From displacements over blocks of a run to diffusion coefficients."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matlearn.lattice._averages.series import Estimate
from matlearn.lattice._kinetics.checks import shown
from matlearn.lattice._kinetics.engine import Engine
from matlearn.lattice.diffusion import Diffusion

Floats = NDArray[np.float64]

CM2_PER_S = 1e-16
"""1 angstrom^2/s in cm2/s."""
FEWEST = 128
"""Blocks at the longest lag."""
BATCHES = 32
"""Batches that errors are made of."""


def block_counts(hops: int, atoms: int, vacancies: int) -> tuple[int, int]:
    """Choose how many blocks to cut a run into, for the sum of displacements and for tracers.

    Powers of 2: in a block each atom, or each vacancy where there are fewer, makes about one hop;
    in a tracer's block each atom does.
    """
    counts = []
    for carriers, most in ((min(atoms, vacancies), 8192), (atoms, 1024)):
        wanted = max(FEWEST, min(most, hops // max(carriers, 1)))
        counts.append(1 << (wanted.bit_length() - 1))
    return max(counts), counts[1]


class BlockSums:
    """Squares of displacements over blocks of a run, and over blocks of 2, 4, 8 ... of them."""

    def __init__(
        self, displacements: Floats, collective: Floats, species: NDArray, blocks: int, tracer: int
    ) -> None:
        """Begin.

        Parameters
        ----------
        displacements
            Of each atom, at the beginning of the first block (angstrom), shape (n_atoms, 3).
        collective
            Their sum over each species (angstrom), shape (n_species, 3).
        species
            Of each atom, shape (n_atoms,).
        blocks, tracer
            How many blocks will be added, and to how many single atoms are followed: powers of 2,
            at least `FEWEST`.
        """
        self.blocks = blocks
        self.levels = int(math.log2(blocks // FEWEST)) + 1
        self.first_tracer_level = int(math.log2(blocks // tracer))
        self._species = species
        self._width = len(collective)
        self._last = [displacements.copy() for _ in range(self.levels)]
        self._step: list[Floats | None] = [None] * self.levels
        self._squares: list[list[Floats]] = [[] for _ in range(self.levels)]
        self._products: list[list[Floats]] = [[] for _ in range(self.levels)]
        self._collective = [collective.copy()]

    def add(self, displacements: Floats, collective: Floats) -> None:
        """Add a block that ends with these displacements."""
        self._collective.append(collective.copy())
        count = len(self._collective) - 1
        for level in range(self.first_tracer_level, self.levels):
            if count % (1 << level):
                break
            step = displacements - self._last[level]
            before = self._step[level]
            self._squares[level].append(self._summed(step, step))
            if before is not None:
                self._products[level].append(self._summed(step, before))
            self._last[level] = displacements.copy()
            self._step[level] = step

    def _summed(self, a: Floats, b: Floats) -> Floats:
        products = np.einsum("ix,ix->i", a, b)
        return np.bincount(self._species, products, self._width).astype(np.float64)

    def tracer(self, level: int) -> tuple[Floats, Floats]:
        """Sum over atoms of the squares, and of products with the block before, by species."""
        return np.array(self._squares[level]), np.array(self._products[level])

    def jump(self, level: int, species: list[int]) -> tuple[Floats, Floats]:
        """Give squares and such products of the summed displacement of some species."""
        path = np.array(self._collective)[:: 1 << level, species].sum(axis=1)
        steps = np.diff(path, axis=0)
        squares = np.einsum("ix,ix->i", steps, steps)
        products = np.einsum("ix,ix->i", steps[1:], steps[:-1])
        return squares, products


def slope(squares: Floats, products: Floats) -> Estimate:
    """Estimate how fast the mean square grows with a lag, times that lag.

    It is the mean square over two blocks less that over one: whatever hops do to one another within
    a block's time adds the same to both. The error comes from means over batches of neighbours.
    """
    value = float(squares.mean() + 2.0 * products.mean())
    series = squares[1:] + 2.0 * products
    batches = np.array([part.mean() for part in np.array_split(series, BATCHES)])
    return Estimate(value, float(batches.std(ddof=1) / math.sqrt(len(batches))))


def plateau(estimates: list[Estimate]) -> int | None:
    """Find the shortest lag from which on all values agree within two standard errors."""
    for k, one in enumerate(estimates):
        if all(
            abs(one.value - other.value) <= 2.0 * math.hypot(one.error, other.error)
            for other in estimates[k + 1 :]
        ):
            return k if k + 1 < len(estimates) else None
    return None


def summarise(
    sums: BlockSums,
    *,
    symbols: list[str],
    counts: NDArray[np.int64],
    hops: NDArray[np.int64],
    squares: Floats,
    time: float,
    temperature: float,
    vacancies: int,
    dimensions: int,
) -> Diffusion:
    """Turn the sums over blocks into diffusion coefficients.

    Parameters
    ----------
    sums
        All blocks.
    symbols, counts, hops, squares
        Symbol, atoms, hops and sum of squared jump lengths (angstrom^2) of each species.
    time
        Length of all blocks together (s).
    temperature, vacancies, dimensions
        What the result is to say.
    """
    present = [s for s in range(len(symbols)) if counts[s]]
    lag = time / sums.blocks

    def scaled(parts: tuple[Floats, ...], level: int, species: list[int]) -> Estimate:
        found = slope(*parts)
        factor = CM2_PER_S / (2 * dimensions * int(counts[species].sum()) * lag * (1 << level))
        return Estimate(found.value * factor, found.error * factor)

    def tracers(species: list[int]) -> list[Estimate]:
        return [
            scaled(tuple(p[:, species].sum(axis=1) for p in sums.tracer(k)), k, species)
            for k in range(sums.first_tracer_level, sums.levels)
        ]

    def row(species: list[int]) -> tuple[dict[str, float], bool]:
        tracer = tracers(species)
        jump = [scaled(sums.jump(k, species), k, species) for k in range(sums.levels)]
        flat = plateau(jump)
        chosen, last = jump[-1 if flat is None else flat], tracer[-1]
        drift = abs(last.value - tracer[-2].value) if len(tracer) > 1 else 0.0
        steady = drift <= 3.0 * math.hypot(last.error, tracer[-2 if len(tracer) > 1 else -1].error)
        random = CM2_PER_S * float(squares[species].sum())
        random /= 2 * dimensions * int(counts[species].sum()) * time
        values = {
            "tracer": last.value, "tracer_error": last.error,
            "jump": chosen.value, "jump_error": chosen.error,
            "correlation_factor": last.value / random if random else math.nan,
            "correlation_factor_error": last.error / random if random else math.nan,
        }  # fmt: skip
        return values, steady and (flat is not None or len(jump) == 1)

    rows = [
        {"species": symbols[s], "atoms": int(counts[s]), "hops": int(hops[s]), **row([s])[0]}
        for s in present
    ]
    lags = pd.DataFrame(
        {"lag": [lag * (1 << k) for k in range(sums.levels)],
         "blocks": [sums.blocks >> k for k in range(sums.levels)]}
    )  # fmt: skip
    jump = [scaled(sums.jump(k, present), k, present) for k in range(sums.levels)]
    single = [Estimate(math.nan, math.nan)] * sums.first_tracer_level + tracers(present)
    for name, estimates in (("tracer", single), ("jump", jump)):
        lags[name] = [one.value for one in estimates]
        lags[f"{name}_error"] = [one.error for one in estimates]
    values, diffusive = row(present)
    return Diffusion(
        **values, temperature=temperature, time=time, hops=int(hops.sum()),
        atoms=int(counts.sum()), vacancies=vacancies, dimensions=dimensions, diffusive=diffusive,
        by_species=pd.DataFrame(rows), _lags=lags,
    )  # fmt: skip


def measure(
    engine: Engine, hops: int, equilibration: int, dimensions: int, temperature: float, bar: bool
) -> Diffusion:
    """Run blocks of equal time; see `matlearn.lattice.KineticMonteCarlo.diffusion`."""
    begin = engine.time
    engine.advance(hops=equilibration)
    n_species, n_vacancies = len(engine.setup.symbols), len(engine.state.vacancies)
    blocks, tracer = block_counts(hops, len(engine.species), n_vacancies)
    lag = (engine.time - begin) / equilibration * hops / blocks
    start, state = engine.time, engine.state
    made, squares = state.hops.copy(), state.squares.copy()
    sums = BlockSums(state.displacements, state.collective, engine.species, blocks, tracer)
    for block in shown(blocks, bar):
        engine.advance(until=start + (block + 1) * lag)
        sums.add(state.displacements, state.collective)
    return summarise(
        sums, symbols=engine.setup.symbols, temperature=temperature,
        counts=np.bincount(engine.species, minlength=n_species), hops=state.hops - made,
        squares=state.squares - squares, time=engine.time - start, vacancies=n_vacancies,
        dimensions=dimensions,
    )  # fmt: skip
