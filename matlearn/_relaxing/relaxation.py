"""Relax one structure, and say how it ended: the part of a run that workers do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms, units
from ase.calculators.calculator import BaseCalculator, Calculator

from matlearn._relaxing.logarithm import logarithm
from matlearn.calculators import with_results

MAX_STEP = 0.2
"""Longest move of an atom in one step, in angstrom."""
VOLUME_RANGE = (0.1, 10.0)
"""A cell that leaves this range of its starting volume has collapsed or exploded."""
MIN_DISTANCE = 0.4
"""Atoms closer than this at the end, in angstrom, are an accident (H2: 0.74)."""
MIN_HEIGHT = 0.8
"""A cell flatter than this, in angstrom, has collapsed."""
MAX_FORCE = 100.0
"""Forces above this at the end, in eV/A, are an accident."""
RELAX = ("full", "cell", "volume")
"""Cell and positions; the cell at fixed fractional positions; its volume alone."""
STALE = ("energy", "pressure", "space_group", "spacegroup", "volume", "stress", "forces")
"""Entries of ``info`` that a relaxation makes untrue."""


class Stopped(Exception):
    """The run was asked to stop in the middle of a relaxation."""


class Exploded(RuntimeError):
    """A relaxation went where no crystal is."""


@dataclass(frozen=True)
class Outcome:
    """How a relaxation ended."""

    status: str
    """``"done"``, ``"unconverged"``, ``"exploded"`` or ``"error"``."""
    reason: str | None
    """Why it is not ``"done"``."""
    atoms: Atoms
    """The last structure; with energy (eV), forces (eV/A) and stress (eV/A3) if known."""
    steps: int
    """Steps of the optimiser."""
    cpu_seconds: float
    """CPU time of the relaxation."""


@dataclass(frozen=True)
class Relaxation:
    """Relax cell, positions or both with settings that are the same for every structure."""

    make_calculator: Callable[[], Calculator]
    """Called once in each process, or thread of a cluster's worker."""
    token: str
    """Tells one run from the next in a process that lives on."""
    fmax: float
    """Largest force on an atom, and on the cell, at the end (eV/A)."""
    max_steps: int
    """Steps after which a relaxation is given up."""
    pressure: float
    """External pressure (GPa)."""
    stop: Callable[[], bool] | None = None
    """Asked before each step, in the process of the run alone."""
    relax: str = "full"
    """What moves, one of `RELAX`."""

    def __call__(self, start: Atoms) -> Outcome | None:
        """Relax a copy of a structure; None where the run was stopped on the way."""
        calculator = _calculator(self.token, self.make_calculator)
        atoms = start.copy()
        atoms.info = {key: value for key, value in start.info.items() if key not in STALE}
        if hasattr(calculator, "reset"):
            calculator.reset()  # so that nothing depends on what was relaxed before
        atoms.calc = calculator
        began = time.process_time()
        steps, status, reason = [0], "done", None
        try:
            _check_start(atoms)
            if not self._run(atoms, steps):
                status = "unconverged"
                reason = f"not converged after {steps[0]} steps, {self._left(atoms)}"
            _check_end(atoms)
        except Stopped:
            return None
        except Exploded as error:
            status, reason = "exploded", str(error)
        except Exception as error:  # noqa: BLE001 (a calculator may raise anything; it is kept)
            status, reason = "error", f"{type(error).__name__}: {error}".rstrip(": ")
        spent = time.process_time() - began
        return Outcome(status, reason, _frozen(atoms, calculator), steps[0], spent)

    def _run(self, atoms: Atoms, steps: list[int]) -> bool:
        """Run the optimiser; say whether it converged, and count its steps as it goes."""
        from ase.optimize import BFGS
        from threadpoolctl import threadpool_limits

        volume = abs(atoms.cell.volume)
        with threadpool_limits(1, user_api="blas"):  # more only get in each other's way
            while True:
                # the filter measures forces in the cell it began with: once converged there, see
                # whether they are small in the cell as it is now, and go on from it if not
                target = self._movable(atoms)
                optimiser = BFGS(target, logfile=None, maxstep=MAX_STEP)
                converged, before = False, steps[0]
                for converged in optimiser.irun(self.fmax, self.max_steps - before):  # noqa: B007
                    steps[0] = before + optimiser.nsteps
                    _check_step(atoms, volume)
                    if self.stop is not None and self.stop():
                        raise Stopped
                if not converged or optimiser.nsteps == 0:
                    return bool(converged)

    def _movable(self, atoms: Atoms) -> Any:
        """Give the optimiser what it may move."""
        from ase.filters import FrechetCellFilter

        class Cell(FrechetCellFilter):
            """Cell and positions; an optimiser asks thrice a step, and it is computed once."""

            _at: tuple[bytes, bytes] | None = None

            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, **options)
                self._utility.logm = logarithm  # ASE takes it from there

            def get_forces(self, **options: Any) -> np.ndarray:
                at = self.atoms.positions.tobytes(), self.atoms.cell.array.tobytes()
                if at != self._at:
                    self._forces, self._at = super().get_forces(**options), at
                return self._forces.copy()

        class FixedFractions(Cell):
            """The cell alone: atoms keep their fractional coordinates, for no force acts."""

            def get_forces(self, **options: Any) -> np.ndarray:
                forces = super().get_forces(**options)
                forces[:-3] = 0.0
                return forces

        kind = Cell if self.relax == "full" else FixedFractions
        return kind(
            atoms,
            scalar_pressure=self.pressure * units.GPa,
            hydrostatic_strain=self.relax == "volume",
        )

    def _left(self, atoms: Atoms) -> str:
        """Say how far from its goal a relaxation ended."""
        stress = np.array(_known(atoms).get("stress", np.full(6, np.nan))) / units.GPa
        stress[:3] += self.pressure
        left = stress[:3].mean() if self.relax == "volume" else stress
        words = f"largest stress {np.abs(left).max():.2g} GPa"
        return f"largest force {_force(atoms):.2g} eV/A, {words}" if self.relax == "full" else words


class CopyOf:
    """Make copies of a calculator, one for each worker.

    Raises
    ------
    ValueError
        If the calculator cannot be copied.
    """

    def __init__(self, calculator: Calculator) -> None:
        from cloudpickle import dumps  # type: ignore[import-untyped]

        try:
            self._packed = dumps(calculator)
        except Exception as error:
            raise ValueError(
                f"calculator (a {type(calculator).__name__}) cannot be copied to workers "
                f"({error}): give its name, or a function that makes it"
            ) from error

    def __call__(self) -> Calculator:
        from cloudpickle import loads

        copy: Calculator = loads(self._packed)  # packed above, by this very run
        return copy


class _Kept(threading.local):
    """The calculator of a run; each thread has its own, for calculators cannot be shared."""

    token: str = ""
    calculator: Calculator | None = None


_kept = _Kept()


def _calculator(token: str, make: Callable[[], Calculator]) -> Calculator:
    """Make the calculator of a run once in each thread."""
    if _kept.calculator is None or _kept.token != token:
        _kept.calculator = None
        made = make()
        if not isinstance(made, BaseCalculator):
            raise TypeError(
                f"calculator must make an ASE calculator, it made a {type(made).__name__}"
            )
        _kept.token, _kept.calculator = token, made
    return _kept.calculator


def forget(token: str) -> None:
    """Let go of the calculator of a run."""
    if _kept.token == token:
        _kept.token, _kept.calculator = "", None


def _known(atoms: Atoms) -> dict[str, Any]:
    """Give the results that the calculator has for this very structure."""
    calculator = atoms.calc
    if calculator is None or calculator.check_state(atoms):
        return {}
    return calculator.results


def _force(atoms: Atoms) -> float:
    forces = _known(atoms).get("forces")
    return float("nan") if forces is None else float(np.linalg.norm(forces, axis=1).max())


def _check_start(atoms: Atoms) -> None:
    """See that there is a crystal to relax."""
    if len(atoms) == 0:
        raise ValueError("a structure without atoms")
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise ValueError("positions or cell of the starting structure are not finite")
    if atoms.cell.rank < 3:
        raise ValueError("the starting structure has no cell in three dimensions")


def _check_step(atoms: Atoms, start_volume: float) -> None:
    """Stop a relaxation that has left the realm of crystals."""
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise Exploded("positions or cell are not finite")
    results = _known(atoms)
    if not (
        np.isfinite(results.get("energy", 0.0)) and np.isfinite(results.get("forces", 0.0)).all()
    ):
        raise Exploded("energy or forces are not finite")
    volume = abs(atoms.cell.volume)
    low, high = VOLUME_RANGE
    if not low * start_volume < volume < high * start_volume:
        raise Exploded(f"the volume went from {start_volume:.1f} to {volume:.3g} A3")
    height = volume / np.linalg.norm(np.cross(*_other_vectors(atoms)), axis=1).max()
    if height < MIN_HEIGHT:
        raise Exploded(f"the cell is only {height:.2f} A high")


def _other_vectors(atoms: Atoms) -> tuple[np.ndarray, np.ndarray]:
    cell = atoms.cell.array
    return cell[[1, 2, 0]], cell[[2, 0, 1]]


def _check_end(atoms: Atoms) -> None:
    """See that what came out can be a crystal."""
    force = _force(atoms)
    if force > MAX_FORCE:
        raise Exploded(f"the largest force is {force:.3g} eV/A")
    from ase.neighborlist import neighbor_list

    distances = neighbor_list("d", atoms, MIN_DISTANCE)
    if len(distances):
        raise Exploded(f"two atoms are {distances.min():.2f} A apart")


def _frozen(atoms: Atoms, calculator: Calculator) -> Atoms:
    """Copy the last structure with what is known of it, free of the calculator."""
    finite = np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()
    results = _known(atoms) if finite else {}
    return with_results(atoms, results, getattr(calculator, "name", None) or "unknown")
