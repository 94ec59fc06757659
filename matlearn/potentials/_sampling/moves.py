"""Ways to disturb a structure: molecular dynamics, strain and displacements."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from ase import Atoms, units
from ase.calculators.calculator import Calculator
from ase.geometry import complete_cell

from matlearn.potentials._kernels.neighbours import find_pairs


def shortest_distance(atoms: Atoms) -> float:
    """Give the shortest distance of two atoms in A, infinite for an atom on its own."""
    cell = np.ascontiguousarray(complete_cell(atoms.cell.array))
    inverse, periodic = np.linalg.inv(cell), np.array(atoms.pbc)
    for cutoff in (3.0, 6.0, 12.0, 24.0):
        _, _, vectors = find_pairs(atoms.positions, cell, inverse, periodic, cutoff)
        if len(vectors):
            return float(np.sqrt(np.einsum("ij,ij->i", vectors, vectors).min()))
    return float("inf")


def dynamics(
    atoms: Atoms,
    calculator: Calculator,
    temperature: float,
    *,
    rng: np.random.Generator,
    snapshots: int,
    timestep: float,
    equilibration: int,
    interval: int,
    friction: float,
) -> Iterator[Atoms]:
    """Run Langevin dynamics about a centre of mass at rest, and yield structures on the way.

    Velocities are drawn at twice the temperature: half of it goes into the springs at once.

    Parameters
    ----------
    atoms
        The start; it is not changed.
    temperature
        In K.
    timestep
        In ps.
    equilibration, interval
        Steps before the first interval, and before each structure.
    friction
        In 1/ps.
    """
    from ase.constraints import FixCom
    from ase.md.langevin import Langevin
    from ase.md.velocitydistribution import MaxwellBoltzmannDistribution

    moving = atoms.copy()
    moving.calc = calculator
    moving.set_constraint([*moving.constraints, FixCom()])
    MaxwellBoltzmannDistribution(moving, temperature_K=2 * temperature, rng=rng)
    ps = 1000 * units.fs
    steps = Langevin(
        moving,
        timestep * ps,
        temperature_K=temperature,
        friction=friction / ps,
        fixcm=False,
        rng=rng,
    )
    steps.run(equilibration)
    for _ in range(snapshots):
        steps.run(interval)
        picture = moving.copy()
        picture.set_constraint(atoms.constraints)
        del picture.arrays["momenta"]
        yield picture


def disturb(
    atoms: Atoms, *, rng: np.random.Generator, strain: float, rattle: tuple[float, float]
) -> Atoms:
    """Strain the cell and displace each atom at random.

    Parameters
    ----------
    atoms
        A structure; it is not changed.
    strain
        Standard deviation of the elements of the strain before it is made symmetric. A structure
        that is not periodic in all directions is not strained.
    rattle
        Least and largest standard deviation of displacements in A; one is drawn between them.
    """
    new = atoms.copy()
    if atoms.pbc.all():
        deformation = np.eye(3) + rng.normal(0, strain, (3, 3))
        new.set_cell(new.cell @ ((deformation + deformation.T) / 2), scale_atoms=True)
    new.positions += rng.normal(0, rng.uniform(*rattle), (len(new), 3))
    return new
