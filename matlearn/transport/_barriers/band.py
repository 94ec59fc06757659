"""The band itself: its first guess, and how it is brought to rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.singlepoint import SinglePointCalculator
from ase.geometry import find_mic
from ase.mep import NEB
from numpy.typing import NDArray

Floats = NDArray[np.float64]

REACH = 8.0
"""Pairs further apart (A) do not count in the guess: their weight has fallen to nothing."""
MEETING = 0.8
"""Atoms nearer than this (A) half way meet on the straight line."""
LOST = 100.0
"""A band with forces above this (eV/A) has been lost."""


class Shared(Calculator):
    """One calculator behind several images, each of which remembers its last result."""

    implemented_properties: ClassVar[list[str]] = ["energy", "forces"]  # type: ignore[misc]

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] | None = None,
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        """Ask the calculator that all share."""
        super().calculate(atoms, list(properties or ["energy"]), list(system_changes))
        here = self.atoms.copy()
        here.set_constraint()
        here.calc = self.inner
        forces = np.array(here.get_forces())
        self.results = {"energy": float(here.get_potential_energy()), "forces": forces}


class PairDistances(Calculator):
    """The image-dependent pair potential: distances as near as can be to those wanted.

    S. Smidstrup et al., J. Chem. Phys. 140, 214106 (2014), with pairs further than `REACH` left out.
    """

    implemented_properties: ClassVar[list[str]] = ["energy", "forces"]  # type: ignore[misc]

    def __init__(self, i: NDArray[np.intp], j: NDArray[np.intp], shift: Floats, wanted: Floats):
        super().__init__()
        self._i, self._j, self._shift, self._wanted = i, j, shift, wanted

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] | None = None,
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        """Sum over pairs."""
        super().calculate(atoms, list(properties or ["energy"]), list(system_changes))
        vectors = self.atoms.positions[self._j] - self.atoms.positions[self._i] + self._shift
        d = np.maximum(np.linalg.norm(vectors, axis=1), 1e-6)
        off = d - self._wanted
        slope = 2 * off * (1 - 2 * off / d) / d**4
        pull = (slope / d)[:, None] * vectors
        forces = np.zeros((len(self.atoms), 3))
        np.add.at(forces, self._i, pull)
        np.add.at(forces, self._j, -pull)
        self.results = {"energy": float((off**2 / d**4).sum()), "forces": forces}


def first_guess(initial: Atoms, final: Atoms, count: int, interpolation: str) -> Floats:
    """Positions of the images between two states (count, atoms, 3), A."""
    fractions = np.linspace(0, 1, count + 2)
    step = final.positions - initial.positions
    line = initial.positions + fractions[:, None, None] * step
    if interpolation == "linear" or len(initial) < 2:
        return line[1:-1]
    middle = initial.positions + step / 2
    i, j = np.triu_indices(len(initial), 1)
    straight = middle[j] - middle[i]
    shortest, apart = find_mic(straight, initial.cell, initial.pbc)
    near = apart < REACH
    if not near.any():
        return line[1:-1]
    i, j, shift = i[near], j[near], (shortest - straight)[near]
    ends = [
        np.linalg.norm(end.positions[j] - end.positions[i] + shift, axis=1)
        for end in (initial, final)
    ]
    if apart.min() < MEETING:  # atoms that change places: let them pass each other
        moves = np.linalg.norm(step, axis=1, keepdims=True)
        aside = np.random.default_rng(0).normal(0.0, 0.3, step.shape) * (moves > moves.max() / 3)
        line = line + np.sin(np.pi * fractions)[:, None, None] * aside
    images = []
    for fraction, positions in zip(fractions, line, strict=True):
        image = Atoms(initial.numbers, positions)
        image.set_constraint([constraint.copy() for constraint in initial.constraints])
        image.calc = PairDistances(i, j, shift, ends[0] + fraction * (ends[1] - ends[0]))
        images.append(image)
    from ase.optimize import MDMin

    MDMin(NEB(images, method="improvedtangent"), logfile=None).run(fmax=0.1, steps=100)  # type: ignore[arg-type]
    return np.array([image.positions for image in images[1:-1]])


class Watched(NEB):
    """A band that remembers its largest force."""

    largest = float("nan")

    def get_forces(self) -> Floats:
        """Forces on all images between the ends (eV/A)."""
        forces: Floats = super().get_forces()
        self.largest = float(np.linalg.norm(forces, axis=1).max())
        return forces


class Band:
    """Images between two states that stay, brought to rest on the path of least energy.

    Parameters
    ----------
    ends
        The two states, with energies and forces.
    positions
        Of the images between them (images, atoms, 3), A.
    calculator
        Serves all images.
    spring
        eV/A2.
    """

    def __init__(
        self, ends: tuple[Atoms, Atoms], positions: Floats, calculator: Any, spring: float
    ) -> None:
        between = []
        for place in positions:
            image = ends[0].copy()
            image.set_positions(place, apply_constraint=False)
            image.calc = Shared(calculator)
            between.append(image)
        self.images = [ends[0], *between, ends[1]]
        self.neb = Watched(self.images, k=spring, method="improvedtangent")
        self.steps = 0

    def place(self, positions: Floats) -> None:
        """Put the images somewhere else (images, atoms, 3), A."""
        self.neb.set_positions(positions.reshape(-1, 3))

    def force(self) -> float:
        """Largest force on an atom of the band, springs included (eV/A)."""
        self.neb.get_forces()
        return self.neb.largest

    def settle(
        self, fmax: float, limit: int, climb: bool, each: Callable[[], None] | None = None
    ) -> bool:
        """Move the band until its forces are below fmax, or `limit` steps were made in all.

        `each` is called after every step.

        Damped molecular dynamics: forces on a band are no gradient, and bend where its tangents
        change sides, so that quasi-Newton methods may go round in circles. Should the faster kind
        make things worse, or take more than half of the steps, the safer one goes on.
        """
        from ase.optimize import FIRE, MDMin

        self.neb.climb = climb
        left = limit - self.steps
        for method, allowed in ((MDMin, (left + 1) // 2), (FIRE, left)):
            if self._moved(method, fmax, min(allowed, limit - self.steps), each):
                return True
        return False

    def _moved(self, method: Any, fmax: float, steps: int, each: Callable[[], None] | None) -> bool:
        optimiser = method(self.neb, logfile=None, maxstep=0.1)
        safe = self.neb.get_positions()
        start = self.force()
        began, converged = self.steps, False
        for converged in optimiser.irun(fmax=fmax, steps=max(steps, 0)):  # noqa: B007
            force = self.neb.largest
            if not np.isfinite(force) or force > max(3 * start, LOST):
                self.neb.set_positions(safe)
                return False
            self.steps = began + optimiser.nsteps
            if each is not None:
                each()
        return bool(converged)

    def frozen(self) -> list[Atoms]:
        """Copies of all images with their energies and forces."""
        copies = []
        for image in self.images:
            copy = image.copy()
            energy, forces = image.get_potential_energy(), image.get_forces(apply_constraint=False)
            copy.calc = SinglePointCalculator(copy, energy=energy, forces=forces)
            copies.append(copy)
        return copies
