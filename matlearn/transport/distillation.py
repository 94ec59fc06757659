"""Distil a fast potential from a slow one: label, fit, run, extend by grade, examine."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator

from matlearn.calculators import describe, get_learner
from matlearn.fitting import error_report
from matlearn.transport._distilling import arguments, examination
from matlearn.transport._distilling.report import DistillationReport
from matlearn.transport._distilling.rounds import Learned, learn
from matlearn.transport.dynamics import DynamicsError
from matlearn.transport.trajectories import Trajectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Distillation", "DistillationReport", "distil"]

LONGER = 3
"""The student runs so many times longer than the teacher that it is compared with."""


@dataclass(frozen=True, eq=False, repr=False)
class Distillation:
    """A student potential, what it was taught, and how it compares with its teacher."""

    potential: Any
    """The student (`matlearn.potentials.MTP`)."""
    images: list[Atoms] = field(repr=False)
    """Its training set, with the teacher's energies (eV), forces (eV/A) and stresses (eV/A3)."""
    test_images: list[Atoms] = field(repr=False)
    """Configurations of the student's dynamics that the teacher labelled afterwards."""
    report: DistillationReport
    """What the student lost, and what it saves."""
    settings: dict[str, Any] = field(repr=False)
    """What `distil` was called with."""
    runs: tuple[Trajectory, Trajectory] | None = field(default=None, repr=False)
    """Teacher's and student's trajectory, where they were compared."""

    def calculator(self) -> Calculator:
        """Give an ASE calculator of the student."""
        calculator: Calculator = self.potential.calculator()
        return calculator

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write ``potential.mtp``, ``labels.extxyz`` and ``report.json`` into a folder.

        Parameters
        ----------
        folder
            Made if it is not there.

        Raises
        ------
        ImportError
            Without motep (``pip install motep``), which writes files of moment tensor potentials.
        """
        from ase.io import write

        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        self.potential.save(target / "potential.mtp")
        part = target / "labels.extxyz.part"
        write(part, self.images, format="extxyz")
        part.replace(target / "labels.extxyz")
        table = self.report.to_frame()
        rows = {
            name: {key: None if np.isnan(value) else float(value) for key, value in row.items()}
            for name, row in table.to_dict("index").items()
        }
        about = {"settings": self.settings, "reason": self.report.reason, "report": rows,
                 "rounds": json.loads(self.report.rounds.to_json(orient="records")),
                 "messages": list(self.report.messages)}  # fmt: skip
        part = target / "report.json.part"
        part.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        part.replace(target / "report.json")

    def plot(self, panel: str | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw how the student learned, and what it lost; see `plots.distillation`.

        Parameters
        ----------
        panel
            ``"grades"``, ``"forces"`` or ``"structure"``; all that there are unless given.
        ax
            Where to draw one panel; a new figure unless given.
        """
        from matlearn.transport import plots

        return plots.distillation(self, panel=panel, ax=ax)

    def __repr__(self) -> str:
        return f"Distillation({self.potential}, {len(self.images)} images, {self.report})"


def distil(
    structure: Atoms,
    teacher: Calculator | str | os.PathLike[str] | Callable[[], Calculator],
    *,
    temperatures: float | Sequence[float],
    level: int = 12,
    budget: int = 200,
    cutoff: float = 5.0,
    steps: int = 2000,
    timestep: float = 0.002,
    images: Iterable[Atoms] = (),
    teacher_run: Trajectory | int | None = None,
    mobile: str | None = None,
    test: int = 5,
    mode: str = "neighbourhood",
    student: str = "mtp",
    folder: str | os.PathLike[str] | None = None,
    seed: int = 0,
    progress: bool = True,
    **options: Any,
) -> Distillation:
    """Teach a fast potential what a slow one says about a material, as far as it needs to know.

    At each temperature, from low to high, the student runs molecular dynamics and asks the teacher
    where its extrapolation grade is high (`matlearn.potentials.learn_on_the_fly`): label, fit, go
    on. A temperature is done when a whole trajectory has passed and all that was new in it is
    labelled. In the end the student runs anew, and the teacher labels what it has never seen.

    Parameters
    ----------
    structure
        Where the lowest temperature begins; its cell stays as it is. Take one of the size that
        the student is meant for: what has learned in a small cell alone may fail in a large one.
    teacher
        What is true: an ASE calculator, a name such as ``"chgnet"``, or a function without
        arguments that returns a calculator.
    temperatures
        In K; the student should not be used beyond the highest.
    level
        Of the moment tensor potential: an even number, more is more accurate and slower.
    budget
        Teacher calculations that learning may take. The examination takes ``test`` more a
        temperature, and `teacher_run` as many as it has steps.
    cutoff
        Of the potential, A.
    steps
        Of molecular dynamics at each temperature.
    timestep
        In ps.
    images
        Labelled structures to begin with, of any cell; without any, ten near `structure` are
        labelled first.
    teacher_run
        A trajectory of the teacher at constant volume (or the number of steps of one that is run
        now, at the middle temperature): the student repeats it three times as long, and radial
        distributions and diffusion coefficients are compared. None leaves them out.
    mobile
        The species whose diffusion is compared; None takes the one that moved furthest in
        `teacher_run`.
    test
        Configurations a temperature in the examination.
    mode
        What is graded: ``"neighbourhood"``, the worst atom, which takes few labels; or
        ``"configuration"``, the cell as a whole, which takes more labels than the potential has
        parameters.
    student
        Kind of the student: ``"mtp"``.
    folder
        Where everything is kept. Whatever ends the process, the same call with the same folder
        goes on, and no teacher calculation is paid for twice. None keeps it in memory.
    seed
        Of displacements, velocities, thermostats and the student's start.
    progress
        Show progress bars.
    **options
        Of `matlearn.potentials.learn_on_the_fly`: ``select``, ``stop``, ``start``, ``iterations``,
        ``weights``, ``thermostat``, ``relaxation``, ``grade_every``.

    Returns
    -------
    Distillation

    Raises
    ------
    ValueError, TypeError
        For an argument that makes no sense, or a folder that belongs to another distillation.

    Notes
    -----
    Active learning: E. V. Podryabinkin and A. V. Shapeev, Comput. Mater. Sci. 140, 171 (2017).

    Examples
    --------
    >>> from ase.build import bulk
    >>> copper = bulk("Cu", cubic=True) * 2
    >>> found = distil(copper, "emt", temperatures=300, level=4, budget=20, cutoff=4.0,
    ...                steps=50, timestep=0.004, test=2, progress=False)
    >>> found.report.errors.errors["forces"].rms < 0.1  # eV/A
    True
    """
    atoms = arguments.checked_structure(structure)
    species = sorted(set(atoms.get_chemical_symbols()))
    heats = arguments.checked_temperatures(temperatures)
    budget = arguments.whole("budget", budget, 1)
    steps = arguments.whole("steps", steps, 1)
    test = arguments.whole("test", test, 1)
    step = arguments.checked_timestep(timestep)
    given = arguments.checked_images(images, species)
    beside = arguments.checked_run(teacher_run, species)
    named = arguments.checked_mobile(mobile, species)
    learner = get_learner(student)
    place = None if folder is None else Path(folder)
    if place is not None:
        place.mkdir(parents=True, exist_ok=True)
    learned = learn(
        atoms, teacher, learner.potential(level, species, cutoff=cutoff), learner,
        temperatures=heats, budget=budget, images=given, folder=place,
        options={"weights": (1.0, 0.01, 0.001), **options, "steps": steps, "timestep": step,
                 "mode": mode, "seed": seed, "progress": progress},
    )  # fmt: skip
    settings = {
        "teacher": describe(teacher), "student": student, "temperatures": heats, "level": level,
        "cutoff": cutoff, "budget": budget, "steps": steps, "timestep": step,
        "images": len(given), "test": test, "mode": mode, "seed": seed, **options,
    }  # fmt: skip
    return _examined(atoms, teacher, learned, beside, named, place, settings, progress)


def _examined(
    atoms: Atoms, teacher: Any, learned: Learned, beside: Trajectory | int | None,
    mobile: str | None, folder: Path | None, settings: dict[str, Any], progress: bool,
) -> Distillation:  # fmt: skip
    """Put the student beside its teacher."""
    import pandas as pd

    student, heats, seed = learned.potential, settings["temperatures"], settings["seed"]
    fresh, student_seconds, flown = examination.new_configurations(
        atoms, student, heats, count=settings["test"], steps=settings["steps"],
        timestep=settings["timestep"], seed=seed, progress=progress,
    )  # fmt: skip
    tested, failures, seconds = examination.labelled(fresh, teacher, student, folder)
    if not tested:
        raise ValueError(
            "the teacher could label none of the configurations that the student came to: "
            f"{[*flown, *failures][0]}. The student is not to be used; raise budget or steps"
        )
    messages = [*flown, *([] if learned.finished else [learned.reason(settings["budget"])])]
    if failures:
        messages.append(
            f"the teacher failed on {len(failures)} of {len(fresh)} new configurations, the first "
            f"because of {failures[0]}"
        )
    runs, diffusion, radial = None, None, {}
    if beside is not None:
        about = {"timestep": settings["timestep"], "folder": folder, "seed": seed,
                 "progress": progress}  # fmt: skip
        middle = heats[len(heats) // 2]
        ours = examination.recorded(beside, atoms, teacher, temperature=middle, **about)
        try:
            theirs = examination.student_beside(ours, student, longer=LONGER, **about)
        except DynamicsError as error:
            messages.append(f"the student failed beside the teacher: {error}")
        else:
            runs, radial = (ours, theirs), examination.structures(ours, theirs)
            moving = mobile or examination.furthest(ours)
            diffusion, doubts = examination.diffusions(ours, theirs, moving)
            messages += doubts
    paid = seconds or learned.call_seconds
    report = DistillationReport(
        errors=error_report(student.calculator(), tested),
        training=error_report(student.calculator(), learned.images),
        rounds=pd.DataFrame(learned.rows),
        history=pd.concat(learned.histories, ignore_index=True),
        calls=learned.calls,
        test_calls=len(fresh),
        teacher_seconds=float(np.median(paid)) if paid else float("nan"),
        student_seconds=student_seconds,
        reason=learned.reason(settings["budget"]),
        diffusion=diffusion,
        radial=radial,
        messages=tuple(messages),
    )
    return Distillation(student, learned.images, tested, report, settings, runs)
