"""Learning at one temperature after the other, until grades stay low or the calls are spent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from matlearn.calculators import Learner

LAST = 300
"""Iterations of the last fit at most, where no learning run ended with one."""


@dataclass
class Learned:
    """What a potential was taught, and at what cost."""

    potential: Any
    """The potential, trained."""
    images: list[Atoms]
    """Its training set."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """One a temperature."""
    histories: list[Any] = field(default_factory=list)
    """Graded steps (data frames), one a temperature."""
    calls: int = 0
    """Teacher calculations."""
    call_seconds: list[float] = field(default_factory=list)
    """CPU seconds of each."""
    finished: bool = True
    """False where the calls were spent before grades stayed low at every temperature."""

    def reason(self, budget: int) -> str:
        """Say why learning ended."""
        if self.finished:
            return "grades stayed low at every temperature"
        hottest = [row["temperature"] for row in self.rows if row["finished"]]
        where = f"after {max(hottest):.0f} K" if hottest else "at the first temperature"
        return f"the budget of {budget} teacher calls was spent {where}"


def learn(
    structure: Atoms,
    teacher: Any,
    potential: Any,
    learner: Learner,
    *,
    temperatures: list[float],
    budget: int,
    images: list[Atoms],
    folder: Path | None,
    options: dict[str, Any],
) -> Learned:
    """Teach a potential from low to high temperature.

    Each temperature begins where the one before ended, with all that was labelled until then.

    Parameters
    ----------
    structure
        Where the lowest temperature begins.
    teacher
        What `matlearn.calculators.calculator_factory` takes.
    potential
        Trained in place.
    learner
        Its kind.
    temperatures
        In K, ascending.
    budget
        Teacher calculations in all.
    images
        Labelled structures to begin with.
    folder
        Holds a folder for each temperature; None keeps everything in memory.
    options
        Handed to the learner.
    """
    learned = Learned(potential, list(images))
    atoms = structure
    for temperature in temperatures:
        left = budget - learned.calls
        if left < 1:
            learned.finished = False
            break
        run = learner.learn(
            atoms,
            potential,
            teacher,
            temperature=temperature,
            images=learned.images,
            max_calls=left,
            folder=None if folder is None else _made(folder / f"{temperature:g}K"),
            **options,
        )
        if run.reason == "interrupted":
            raise KeyboardInterrupt
        _note(learned, run, temperature)
        atoms = _continued(structure, run.trajectory[-1])
    if not learned.finished:
        potential.fit(
            learned.images, max_iterations=LAST, restart=False, progress=False,
            weights=options["weights"],
        )  # fmt: skip
    return learned


def _note(learned: Learned, run: Any, temperature: float) -> None:
    """Keep what a run came to."""
    history = run.history
    late = history.loc[history["step"] > 0.75 * run.settings["steps"], "grade"].to_numpy(float)
    learned.rows.append(
        {
            "temperature": temperature,
            "calls": run.calls,
            "images": len(run.images),
            "steps": run.steps,
            "largest_late_grade": float(np.nanmax(late)) if np.isfinite(late).any() else np.nan,
            "finished": run.finished,
            "reason": run.reason,
            "cpu_s": float(sum(run.cpu.values())),
        }
    )
    learned.images = list(run.images)
    learned.histories.append(history.assign(temperature_set=temperature))
    learned.calls += run.calls
    learned.call_seconds += run.labels["cpu_s"].astype(float).tolist()
    learned.finished = learned.finished and run.finished


def _continued(structure: Atoms, image: Atoms) -> Atoms:
    """Give the structure with the positions of another one."""
    atoms = structure.copy()
    atoms.positions = image.positions
    return atoms


def fingerprint(potential: Any) -> str:
    """Tell potentials apart by their parameters."""
    return hashlib.sha256(np.ascontiguousarray(potential.parameters).tobytes()).hexdigest()[:12]


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
