"""Molecular dynamics with a potential that learns as it goes."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ase import Atoms
from ase.calculators.calculator import Calculator

from matlearn.calculators import describe
from matlearn.potentials._learning.arguments import check, check_images, check_structure
from matlearn.potentials._learning.comparison import LearningComparison
from matlearn.potentials._learning.dynamics import Dynamics
from matlearn.potentials._learning.labels import Labels, digest
from matlearn.potentials._learning.loop import LearningError, Loop
from matlearn.potentials._learning.result import LearningRun, result_of
from matlearn.potentials._learning.state import Files

if TYPE_CHECKING:
    from matlearn.potentials.moment_tensors import MTP

__all__ = ["LearningComparison", "LearningError", "LearningRun", "learn_on_the_fly", "load_run"]


def learn_on_the_fly(
    atoms: Atoms,
    mtp: MTP,
    reference: Calculator | str | os.PathLike[str] | Callable[[], Calculator],
    *,
    temperature: float,
    steps: int,
    timestep: float = 0.002,
    select: float = 2.1,
    stop: float = 10.0,
    mode: str = "configuration",
    images: Iterable[Atoms] = (),
    start: int = 10,
    iterations: int = 10,
    weights: tuple[float, float, float] = (1.0, 0.01, 0.001),
    thermostat: str = "langevin",
    relaxation: float = 0.1,
    grade_every: int = 5,
    record_every: int = 20,
    max_calls: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    seed: int = 0,
    progress: bool = True,
) -> LearningRun:
    """Run molecular dynamics with a potential that asks the reference where it does not know.

    Every few steps the extrapolation grade of the structure is computed
    (`matlearn.potentials.ActiveSet`). Above `select` the structure is kept; above `stop`, or when
    atoms come too close or grow absurdly hot, the trajectory halts. What was kept is thinned by
    D-optimality, labelled by the reference, and the potential is fitted again with it; then the
    trajectory goes on from the last step that was not beyond `stop`. What was kept and never
    forced a halt is labelled at the end.

    Parameters
    ----------
    atoms
        Where the trajectory begins; its cell stays as it is. Momenta are drawn from the temperature.
    mtp
        The potential, fitted or not; it is trained in place.
    reference
        What is true: an ASE calculator, a name such as ``"emt"``, or a function without arguments
        that returns a calculator.
    temperature
        In K.
    steps
        Of molecular dynamics.
    timestep
        In ps: 0.002 are two femtoseconds.
    select, stop
        Extrapolation grades, without unit.
    mode
        ``"configuration"``, right for a cell whose size does not change, or ``"neighbourhood"``:
        the grade of the worst atom, which needs fewer structures and sees less.
    images
        Labelled structures to begin with. Without any, `start` structures near `atoms`, displaced
        at random, are labelled first.
    start
        How many.
    iterations
        Of each fit but the first, which may take 60, and the last, which may take 300.
    weights
        Of energies, forces and stresses, as `MTP.fit` takes them.
    thermostat
        ``"langevin"``, or ``"bussi"`` (stochastic velocity rescaling, which disturbs motion less).
    relaxation
        Its time constant in ps.
    grade_every, record_every
        Steps between grades, and between structures of the trajectory that are kept to look at.
    max_calls
        The run ends when so many reference calculations were made. None: as many as it takes.
    folder
        Where the run is kept. Whatever ends the process, the same call with the same folder goes
        on from the last checkpoint, and no reference calculation is paid for twice; with more
        `steps` a finished run goes on. It holds ``reference.db`` (a `matlearn.store.Store`; each
        result is committed as soon as it is there), ``checkpoint.npz`` and ``settings.json``.
        None keeps everything in memory.
    seed
        Of displacements, momenta, thermostat and the potential's start.
    progress
        Show a progress bar.

    Returns
    -------
    LearningRun
        Interrupted by Ctrl-C, the run so far.

    Raises
    ------
    TypeError, ValueError
        For an argument that makes no sense, or a folder that belongs to another run.
    LearningError
        If the trajectory gets no further: the reference fails on everything that was chosen, or
        training does not bring the grade down. What was paid for is kept in `folder`.

    Notes
    -----
    E. V. Podryabinkin and A. V. Shapeev, Comput. Mater. Sci. 140, 171 (2017); I. S. Novikov et
    al., Mach. Learn.: Sci. Technol. 2, 025002 (2021). CPU time of the reference counts that of
    processes that it starts.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.potentials.moment_tensors import MTP
    >>> run = learn_on_the_fly(bulk("Cu", cubic=True), MTP(2, ["Cu"], cutoff=4.0), "emt",
    ...                        temperature=300, steps=100, progress=False)
    >>> run.finished, run.steps, run.calls < 100
    (True, 100, True)
    """
    from tqdm.auto import tqdm

    check_structure(atoms, mtp.species, mtp.cutoff)
    options: dict[str, Any] = {
        "temperature": temperature, "timestep": timestep, "select": select, "stop": stop,
        "mode": mode, "start": start, "iterations": iterations, "weights": list(weights),
        "thermostat": thermostat, "relaxation": relaxation, "grade_every": grade_every,
        "record_every": record_every, "seed": seed,
    }  # fmt: skip
    check({**options, "steps": steps, "max_calls": max_calls})
    given = check_images(images)
    settings = {
        **options,
        "atoms": digest(atoms),
        "images": [digest(image) for image in given],
        "mtp": [mtp.level, list(mtp.species), mtp.cutoff, mtp.radial_functions],
        "reference": describe(reference),
    }
    files = None if folder is None else Files(Path(folder), settings)
    labels = Labels(reference, None if folder is None else Path(folder))
    dynamics = Dynamics(
        atoms, temperature=temperature, timestep=timestep, thermostat=thermostat,
        relaxation=relaxation, seed=seed,
    )  # fmt: skip
    try:
        loop = Loop(
            mtp, dynamics, labels, files, given,
            {**options, "steps": steps, "max_calls": max_calls},
        )  # fmt: skip
        with tqdm(total=steps, disable=not progress, desc="learn", unit="step") as bar:
            try:
                with warnings.catch_warnings():
                    warnings.filterwarnings("ignore", "the shortest distance of the training set")
                    loop.run(bar)
            except KeyboardInterrupt:
                loop.reason = "interrupted"
        return result_of(loop)
    finally:
        labels.close()


def load_run(folder: Path) -> LearningRun:
    """Read a recorded run; see `matlearn.datasets.load` and `LearningRun.load`."""
    return LearningRun.load(folder)
