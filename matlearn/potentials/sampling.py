"""Configurations to train on: structures disturbed and heated, with reference results."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
from ase import Atoms, units
from ase.build import bulk
from ase.calculators.calculator import Calculator

from matlearn._structures import as_atoms
from matlearn.calculators import calculator_factory, single_points
from matlearn.parallel import map_unordered
from matlearn.potentials._sampling.checks import check_settings
from matlearn.potentials._sampling.effective_medium import CompiledEMT
from matlearn.potentials._sampling.moves import disturb, dynamics, shortest_distance

__all__ = ["CompiledEMT", "cu_au_images", "sample_configurations"]


def sample_configurations(
    structures: Atoms | Iterable[Atoms],
    calculator: Calculator | str | PathLike[str] | Callable[[], Calculator],
    *,
    reference: Calculator | str | PathLike[str] | Callable[[], Calculator] | None = None,
    temperatures: Sequence[float] = (300.0, 800.0),
    snapshots: int = 5,
    disturbed: int = 10,
    strain: float = 0.03,
    rattle: tuple[float, float] = (0.03, 0.15),
    timestep: float = 0.002,
    equilibration: float = 0.4,
    interval: float = 0.16,
    friction: float = 2.0,
    min_distance: float | None = None,
    seed: int = 0,
    progress: bool = True,
    client: Any = None,
    workers: int | None = None,
) -> list[Atoms]:
    """Disturb and heat structures, and compute reference results of what comes out.

    Each structure gives ``len(temperatures) * snapshots`` configurations by Langevin dynamics in
    its cell, and `disturbed` ones that are strained and rattled.

    Parameters
    ----------
    structures
        Where to start.
    calculator
        What drives the dynamics: a calculator, a name or path for
        `matlearn.calculators.get_calculator`, or a function that makes one. It may be rough.
    reference
        What gives the results to train on; None takes `calculator`.
    temperatures
        In K; a trajectory each.
    snapshots
        Configurations taken from each trajectory.
    disturbed
        Strained and rattled configurations of each structure.
    strain
        Standard deviation of the elements of the strain (of periodic structures).
    rattle
        Least and largest standard deviation of displacements, A.
    timestep
        In ps.
    equilibration, interval
        In ps, before the first interval and before each configuration.
    friction
        Of the thermostat, 1/ps.
    min_distance
        Configurations with atoms closer than this (A) are left out, and a trajectory ends there;
        None takes 0.6 of the shortest distance in the structure.
    seed
        Of everything random.
    progress
        Show a progress bar.
    client, workers
        See `matlearn.parallel.map_unordered`: structures are independent of each other.

    Returns
    -------
    list of ase.Atoms
        With results attached, in the order of `structures`. ``info`` holds ``kind``
        (``"dynamics"`` or ``"disturbed"``), ``structure`` (the number) and ``temperature`` (K).
        What failed or came too close is left out, and a warning counts it. Interrupted: the
        structures that were complete.

    Raises
    ------
    ValueError
        If a setting makes no sense; the message names it.

    Examples
    --------
    >>> from ase.build import bulk
    >>> images = sample_configurations(
    ...     bulk("Cu", cubic=True), "emt", temperatures=[300], snapshots=2, disturbed=1,
    ...     equilibration=0.02, interval=0.02, workers=1, progress=False)
    >>> [image.info["kind"] for image in images]
    ['dynamics', 'dynamics', 'disturbed']
    """
    from tqdm.auto import tqdm

    starts = [structures] if isinstance(structures, Atoms) else list(structures)
    starts = [as_atoms(one, f"structures[{i}]") for i, one in enumerate(starts)]
    check_settings(starts, temperatures, snapshots, disturbed, strain, rattle, min_distance)
    for name, value in {"timestep": timestep, "equilibration": equilibration,
                        "interval": interval, "friction": friction}.items():  # fmt: skip
        if not 0 < value < np.inf:
            raise ValueError(f"{name} must be positive and finite, got {value}")
    if timestep > 0.02:
        raise ValueError(
            f"timestep is in ps and must be at most 0.02, got {timestep}: 2 fs are 0.002"
        )
    one = _Sampler(
        calculator_factory(calculator),
        calculator_factory(calculator if reference is None else reference),
        tuple(float(t) for t in temperatures),
        disturbed,
        min_distance,
        {"strain": strain, "rattle": rattle},
        {
            "snapshots": snapshots,
            "timestep": timestep,
            "equilibration": max(1, round(equilibration / timestep)),
            "interval": max(1, round(interval / timestep)),
            "friction": friction,
        },
    )
    seeds = np.random.SeedSequence(seed).spawn(len(starts))
    done: dict[int, tuple[list[Atoms], list[str]]] = {}
    tasks = list(zip(range(len(starts)), starts, seeds, strict=True))
    try:
        with tqdm(total=len(starts), disable=not progress, unit="structure") as bar:
            for index, result in map_unordered(one, tasks, client=client, workers=workers):
                done[index] = result
                bar.update()
    except KeyboardInterrupt:
        warnings.warn(f"interrupted: {len(done)} of {len(starts)} structures done", stacklevel=2)
    lost = [reason for index in sorted(done) for reason in done[index][1]]
    if lost:
        warnings.warn(f"{len(lost)} configurations left out, the first: {lost[0]}", stacklevel=2)
    return [image for index in sorted(done) for image in done[index][0]]


def cu_au_images(
    seed: int = 0,
    *,
    compositions: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0),
    repeat: int | tuple[int, int, int] = 2,
    temperatures: Sequence[float] = (300.0, 800.0, 1200.0),
    snapshots: int = 5,
    disturbed: int = 11,
) -> list[Atoms]:
    """Make the copper-gold set of this chapter: fcc cells at random, by effective-medium theory.

    For each composition, Langevin dynamics at each temperature (4 fs steps, 0.4 ps before the
    first interval, 0.16 ps between configurations, lattice parameter off by 1 %), and cells
    strained by 3 % with atoms displaced by 0.03 to 0.15 A. As it stands: 130 cells of 32 atoms in
    random order; the chapter trains on the first 100 and tests on the last 30.

    Parameters
    ----------
    seed
        Of everything random.
    compositions
        Fractions of gold.
    repeat
        Size of the cell: how often the cubic cell of 4 atoms is repeated.
    temperatures
        In K.
    snapshots
        Configurations from each trajectory.
    disturbed
        Strained and rattled cells of each composition.

    Returns
    -------
    list of ase.Atoms
        With energy (eV), forces (eV/A) and stress (eV/A3); ``info`` holds ``kind``
        (``"dynamics"`` or ``"disturbed"``), ``gold`` (fraction) and ``temperature`` (K).

    Raises
    ------
    ValueError
        If a setting makes no sense; the message names it.

    Examples
    --------
    >>> images = cu_au_images(repeat=1, temperatures=[300], snapshots=1, disturbed=1)
    >>> len(images), len(images[0])
    (10, 4)
    """
    rng = np.random.default_rng(seed)
    if not len(compositions) or not all(0 <= x <= 1 for x in compositions):
        raise ValueError(f"compositions must be fractions of gold from 0 to 1, got {compositions}")
    check_settings([bulk("Cu")], temperatures, snapshots, disturbed, 0.03, (0.03, 0.15), None)
    per_ps = 0.02 * 1000 * units.fs  # ASE's unit of time is 10.18 fs
    images: list[Atoms] = []
    for gold in compositions:
        for temperature in temperatures:
            cell = _cu_au_cell(gold, repeat, rng)
            cell.set_cell(cell.cell * (1 + rng.normal(0, 0.01)), scale_atoms=True)
            for picture in dynamics(
                cell, CompiledEMT(), temperature, rng=rng, snapshots=snapshots, timestep=0.004,
                equilibration=100, interval=40, friction=per_ps,
            ):  # fmt: skip
                picture.info.update(kind="dynamics", gold=gold, temperature=float(temperature))
                images.append(picture)
        for _ in range(disturbed):
            cell = _cu_au_cell(gold, repeat, rng)
            new = disturb(cell, rng=rng, strain=0.03, rattle=(0.03, 0.15))
            new.info.update(kind="disturbed", gold=gold)
            images.append(new)
    images = single_points(images, CompiledEMT(), progress=False)
    return [images[i] for i in rng.permutation(len(images))]


def _cu_au_cell(gold: float, repeat: int | tuple[int, int, int], rng: np.random.Generator) -> Atoms:
    """Put gold onto random sites of a copper crystal, with Vegard's lattice parameter."""
    cell = bulk("Cu", "fcc", a=3.61 * (1 - gold) + 4.08 * gold, cubic=True).repeat(repeat)
    cell.symbols[rng.choice(len(cell), round(len(cell) * gold), replace=False)] = "Au"
    return cell


@dataclass(frozen=True)
class _Sampler:
    """What is done to each structure; can be sent to another process."""

    calculator: Callable[[], Calculator]
    reference: Callable[[], Calculator]
    temperatures: tuple[float, ...]
    disturbed: int
    min_distance: float | None
    disturbing: dict[str, Any]
    running: dict[str, Any]

    def __call__(
        self, task: tuple[int, Atoms, np.random.SeedSequence]
    ) -> tuple[list[Atoms], list[str]]:
        """Give the configurations of one structure, and why others are missing."""
        number, start, seed = task
        rng = np.random.default_rng(seed)
        shortest = self.min_distance
        if shortest is None:
            shortest = 0.6 * min(shortest_distance(start), 10.0)
        made: list[Atoms] = []
        lost: list[str] = []
        for temperature in self.temperatures:
            try:
                for new in dynamics(start, self.calculator(), temperature, rng=rng, **self.running):
                    if (closest := shortest_distance(new)) < shortest:
                        lost.append(
                            f"structure {number} at {temperature:g} K: atoms as close as "
                            f"{closest:.2f} A"
                        )
                        break
                    new.info.update(kind="dynamics", structure=number, temperature=temperature)
                    made.append(new)
            except (ValueError, ArithmeticError, NotImplementedError) as error:
                lost.append(f"structure {number} at {temperature:g} K: {error}")
        for _ in range(self.disturbed):
            new = disturb(start, rng=rng, **self.disturbing)
            if (closest := shortest_distance(new)) < shortest:
                lost.append(f"structure {number} disturbed: atoms as close as {closest:.2f} A")
                continue
            new.info.update(kind="disturbed", structure=number)
            made.append(new)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # counted by the caller
            done = single_points(made, self.reference, progress=False)
        lost += [f"structure {number}: {a.info['failure']}" for a in done if "failure" in a.info]
        return [atoms for atoms in done if "failure" not in atoms.info], lost
