"""Molecular dynamics that survives interruption: ASE moves the atoms, the bookkeeping is ours."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator

from matlearn._disk import is_full
from matlearn._structures import as_atoms
from matlearn.calculators import calculator_factory, describe
from matlearn.transport._dynamics import arguments
from matlearn.transport._dynamics.forces import CalculatorFailed, FlownApart
from matlearn.transport._dynamics.loop import Plan, Simulation, degrees_of_freedom
from matlearn.transport._dynamics.runs import Run
from matlearn.transport.trajectories import Trajectory

__all__ = ["DynamicsError", "run_md"]


class DynamicsError(RuntimeError):
    """A run that cannot go on; what was good until then is in ``trajectory``.

    Attributes
    ----------
    trajectory : Trajectory or None
        The frames before it happened, None if there are none.
    step : int
        The step at which it happened.
    """

    def __init__(self, message: str, trajectory: Trajectory | None, step: int) -> None:
        super().__init__(message)
        self.trajectory, self.step = trajectory, step


def run_md(
    atoms: Atoms,
    calculator: Calculator | str | os.PathLike[str] | Callable[[], Calculator],
    *,
    temperature: float | None,
    steps: int,
    timestep: float = 0.002,
    ensemble: str = "nvt",
    record_every: int = 10,
    store: str | os.PathLike[str] | None = None,
    seed: int = 0,
    pressure: float = 0.0,
    relaxation: float = 0.1,
    equilibrate: int = 0,
    momenta: str = "maxwell",
    velocities: bool = False,
    checkpoint_every: int | None = None,
    progress: bool = True,
) -> Trajectory:
    r"""Move atoms by Newton's equations, with or without a thermostat.

    ASE's integrators do the steps. Velocities are drawn from the Maxwell-Boltzmann distribution,
    and the centre of mass is brought to rest, so that :math:`3N - 3` degrees of freedom carry the
    temperature (thermostat included).

    Parameters
    ----------
    atoms
        Where they begin; not changed. Atoms held by `ase.constraints.FixAtoms` stay.
    calculator
        An ASE calculator, a name or path for `matlearn.calculators.get_calculator`, or a function
        without arguments that returns a calculator.
    temperature
        In K: of the thermostat, and of the velocities at the start. A crystal at rest in
        ``"nve"`` ends near half of it, since half goes into the springs. None only for ``"nve"``
        with ``momenta="keep"``.
    steps
        Steps to make after the equilibration. A stored run goes on to this number.
    timestep
        In ps: 0.002 is 2 fs.
    ensemble
        - ``"nvt"``: constant volume and temperature by a Nose-Hoover chain, which leaves diffusion
          as it is (G. J. Martyna, M. L. Klein and M. Tuckerman, J. Chem. Phys. 97, 2635 (1992));
        - ``"nve"``: constant energy by velocity Verlet (W. C. Swope et al., J. Chem. Phys. 76, 637
          (1982));
        - ``"langevin"``: friction and noise, which equilibrate well and slow diffusion down (the
          centre of mass moves too);
        - ``"npt"``: constant pressure and temperature, the shape of the cell stays (G. J. Martyna,
          D. J. Tobias and M. L. Klein, J. Chem. Phys. 101, 4177 (1994)).
    record_every
        Steps between records.
    store
        A file to append records to. A run that was stopped (Ctrl-C, a killed process, a power cut)
        goes on from its last checkpoint, to the same numbers as if it had never stopped; a finished
        one is read at once. None keeps records in memory.
    seed
        Of velocities and noise.
    pressure
        In GPa, for ``"npt"``.
    relaxation
        Time (ps) in which the thermostat corrects a deviation; for ``"langevin"`` the inverse of
        the friction. The barostat takes ten times as long.
    equilibrate
        Steps of Langevin dynamics before, not recorded.
    momenta
        ``"maxwell"`` draws them, ``"keep"`` takes those of `atoms` (less the motion of the centre
        of mass).
    velocities
        Record velocities too.
    checkpoint_every
        Steps between checkpoints, 500 or the next multiple of `record_every` unless given. There
        the calculator is reset, which a run that is taken up again cannot avoid; runs with other
        numbers here differ in the last digits.
    progress
        Show a bar.

    Returns
    -------
    Trajectory
        Frame 0 is the state after the equilibration. After Ctrl-C, what there is so far (with a
        warning).

    Raises
    ------
    ValueError, TypeError
        For arguments out of range, a `store` that holds another run or something else.
    DynamicsError
        If atoms fly apart, the calculator fails or the disk is full; its ``trajectory`` keeps what
        was good.

    Examples
    --------
    >>> from ase.build import bulk
    >>> crystal = bulk("Cu", cubic=True) * 2
    >>> run_md(crystal, "emt", temperature=300, steps=20, timestep=0.005, progress=False)
    Trajectory(Cu, 32 atoms, 3 frames 0.05 ps apart, 0.1 ps, 300 K)
    """
    from tqdm.auto import tqdm

    start = as_atoms(atoms, "atoms")
    make = calculator_factory(calculator)
    steps = arguments.checked_steps(steps, record_every)
    plan = _plan(
        ensemble, temperature, timestep, relaxation, pressure, equilibrate, record_every,
        checkpoint_every, seed, momenta,
    )  # fmt: skip
    arguments.checked_atoms(start, plan.ensemble)
    about: dict[str, Any] = {
        "settings": _settings(plan, start, describe(calculator), velocities),
        "info": _info(plan, start, describe(calculator)),
        "cells": plan.ensemble == "npt",
        "velocities": bool(velocities),
    }
    begun = {
        "numbers": start.get_atomic_numbers(),
        "masses": start.get_masses(),
        "positions": start.get_positions(),
        "cell": start.cell.array.copy(),
        "pbc": start.get_pbc(),
    }
    run = Run(None if store is None else Path(store), about, begun)
    try:
        arguments.check_same_run(run.about["settings"], about["settings"], store)
        last = steps - steps % plan.record_every
        if run.last_step() < last:
            run.resume()
            moved_by = arguments.checked_calculator(make(), plan.ensemble)
            simulation = Simulation(start, moved_by, plan, run)
            if run.state is not None:
                simulation.resume()
            total, done = steps + plan.equilibrate, simulation.step + plan.equilibrate
            with tqdm(total=total, initial=done, disable=not progress, unit="step") as bar:
                _advance(simulation, steps, bar.update)
        found = run.trajectory(steps)
        run.close()
    except OSError as error:
        if not is_full(error):
            raise
        text = f"{error} (all frames so far are in .trajectory)"
        raise DynamicsError(text, run.trajectory(steps), run.last_step()) from error
    finally:
        run.close()
    if found is None:
        raise KeyboardInterrupt("interrupted before the first record")
    return found


def _advance(simulation: Simulation, steps: int, tick: Callable[[int], object]) -> None:
    """Run to the end, or keep what was good."""
    try:
        if simulation.run.state is None:
            simulation.begin()
        simulation.advance(steps, tick)
    except KeyboardInterrupt:
        warnings.warn(
            f"interrupted at step {simulation.step} of {steps}: this is what there is so far"
            + ("; the same call goes on with it" if simulation.run.path is not None else ""),
            stacklevel=3,
        )
    except FlownApart as error:
        raise DynamicsError(
            f"atoms flew apart at step {simulation.step + 1}: {error}; take a shorter time step, a "
            "relaxed start, or a potential that knows such places (what was good is in .trajectory)",
            simulation.run.trajectory(),
            simulation.step + 1,
        ) from None
    except CalculatorFailed as error:
        raise DynamicsError(
            f"the calculator failed at step {max(simulation.step, 0)}: {error}",
            simulation.run.trajectory(),
            simulation.step,
        ) from error


def _plan(
    ensemble: Any, temperature: Any, timestep: Any, relaxation: Any, pressure: Any,
    equilibrate: Any, record_every: Any, checkpoint_every: Any, seed: Any, momenta: Any,
) -> Plan:  # fmt: skip
    """Check all that does not depend on the atoms."""
    kind = arguments.checked_ensemble(ensemble)
    step = arguments.checked_timestep(timestep)
    before = arguments.whole("equilibrate", equilibrate, 0)
    every = arguments.whole("record_every", record_every, 1)
    if momenta not in ("maxwell", "keep"):
        raise ValueError(f"momenta must be 'maxwell' or 'keep', got {momenta!r}")
    if checkpoint_every is None:
        checkpoint_every = math.ceil(500 / every) * every
    pressed = arguments.number("pressure", pressure, "GPa")
    if pressed != 0 and kind != "npt":
        raise ValueError(f"pressure is for ensemble='npt', got {pressure} GPa with {kind!r}")
    return Plan(
        ensemble=kind,
        temperature=arguments.checked_temperature(temperature, kind, momenta, before),
        timestep=step,
        relaxation=arguments.checked_relaxation(relaxation, step, used=kind != "nve" or before > 0),
        pressure=pressed,
        equilibrate=before,
        record_every=every,
        checkpoint_every=arguments.whole("checkpoint_every", checkpoint_every, 1),
        seed=arguments.whole("seed", seed, 0),
        momenta=momenta,
    )


def _settings(plan: Plan, atoms: Atoms, calculator: str, velocities: bool) -> dict[str, Any]:
    """Give what must be the same for a run to go on."""
    start = f"{atoms.symbols}:{arguments.digest(atoms, momenta=plan.momenta == 'keep')}"
    return {
        **vars(plan),
        "velocities": bool(velocities),
        "calculator": calculator,
        "atoms": start,
    }


def _info(plan: Plan, atoms: Atoms, calculator: str) -> dict[str, Any]:
    """Give what a trajectory remembers of how it was made."""
    import ase

    from matlearn import __version__

    info = {**vars(plan), "calculator": calculator}
    if plan.ensemble == "nve":  # its temperature is what comes of it
        info["starting_temperature"] = info.pop("temperature")
    free = degrees_of_freedom(atoms, plan.ensemble)
    versions = {"matlearn": __version__, "ase": ase.__version__, "numpy": np.__version__}
    return info | {"degrees_of_freedom": free, "versions": versions}
