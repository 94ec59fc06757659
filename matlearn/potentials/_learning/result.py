"""What came of a learning run."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ase import Atoms
from ase.calculators.calculator import Calculator

from matlearn.potentials._learning.comparison import LearningComparison, compare
from matlearn.potentials._learning.loop import Loop
from matlearn.potentials._learning.records import load, save
from matlearn.potentials._learning.state import COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.fitting import FitResult
    from matlearn.potentials.moment_tensors import MTP


@dataclass(frozen=True)
class LearningRun:
    """What came of learning on the fly: the potential, what it was taught, and what it cost."""

    mtp: MTP
    """The potential as it is at the end."""
    images: list[Atoms] = field(repr=False)
    """The training set: what was given, then what the reference was asked for, in that order."""
    calls: int
    """Reference calculations, those that failed included."""
    failures: list[str] = field(repr=False)
    """Why reference calculations failed."""
    steps: int
    """Steps of molecular dynamics that the trajectory came to."""
    finished: bool
    """False if it was interrupted or ran out of calls; the same call with the same folder goes on."""
    reason: str
    """Why it ended."""
    history: pd.DataFrame = field(repr=False, compare=False)
    """A row a graded step; see `to_frame`."""
    labels: pd.DataFrame = field(repr=False, compare=False)
    """A row a reference calculation: ``step``, ``grade``, ``event``, ``round``, ``cpu_s``, ``status``."""
    trajectory: list[Atoms] = field(repr=False, compare=False)
    """Structures along the way, without results; ``info["step"]``."""
    cpu: dict[str, float] = field(repr=False)
    """CPU seconds by part: ``md``, ``grades``, ``reference``, ``training``."""
    settings: dict[str, Any] = field(repr=False, default_factory=dict)
    """What the run was called with."""
    fit: FitResult | None = field(repr=False, compare=False, default=None)
    """The last fit; None where nothing was fitted in this process."""

    def __repr__(self) -> str:
        total = sum(self.cpu.values())
        return (
            f"LearningRun({self.steps} steps, {self.calls} reference calls, "
            f"{len(self.images)} structures, {total:.3g} CPU s, {self.reason})"
        )

    def __len__(self) -> int:
        return len(self.images)

    def to_frame(self) -> pd.DataFrame:
        """Give the history as a table.

        Returns
        -------
        DataFrame
            A row a graded step: ``step``; ``time`` (ps); ``temperature`` (K); ``energy`` (eV, of
            the potential as it was then); ``grade``; ``event`` (``""``, ``"keep"``, ``"stop"``,
            ``"blow-up"``); ``labelled`` (size of the training set then). After a stop the
            trajectory goes back, and steps come again.
        """
        return self.history.copy()

    def compare(
        self,
        reference: Calculator | str | os.PathLike[str] | Callable[[], Calculator],
        *,
        counts: Sequence[int] = (10, 30, 100),
        max_iterations: int = 300,
        seed: int = 1,
        progress: bool = True,
    ) -> LearningComparison:
        """Set the run beside molecular dynamics with the reference at every step.

        The reference runs as many steps, from the same structure at the same temperature, with
        other random numbers. Potentials of the same kind are trained on structures of that
        trajectory, evenly spaced; they begin from the parameters of the one that learned, so that
        no minimum is found by one of them alone. All are tested on the structures that this run
        recorded.

        Parameters
        ----------
        reference
            What the run learned from.
        counts
            Numbers of structures to train on; the largest is called everything.
        max_iterations
            Of each fit.
        seed
            Of the reference's trajectory.
        progress
            Show a progress bar.

        Returns
        -------
        LearningComparison
            ``saved``: how many times fewer reference calls; ``force_ratio``: error of forces over
            that of the potential taught everything; ``to_frame()``, ``plot()``.

        Raises
        ------
        ValueError
            If the run recorded no trajectory, or a count is not between 1 and its steps.
        """
        return compare(
            self, reference, counts=counts, max_iterations=max_iterations, seed=seed,
            progress=progress,
        )  # fmt: skip

    def save(self, folder: str | os.PathLike[str], **about: Any) -> None:
        """Write the run into a folder, in files that other programs read as well.

        Parameters
        ----------
        folder
            Gets ``labelled.extxyz`` and ``trajectory.extxyz``, ``history.csv``, ``labels.csv``,
            ``potential.mtp`` and ``run.json``.
        **about
            Anything JSON can hold, kept in ``run.json``: what the reference was, for instance.
        """
        save(self, Path(folder), about)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> LearningRun:
        """Read a run that `save` wrote.

        Raises
        ------
        FileNotFoundError, ValueError
            If the folder does not hold one, or a damaged one.
        """
        return cls(**load(Path(folder)))

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the grade along the trajectory, and where the reference was asked."""
        from matlearn.potentials._figures.learning import learning_history

        return learning_history(self, ax=ax)


def _told(loop: Loop, key: str) -> Atoms:
    """Give a labelled structure that says when and why it was labelled."""
    record = loop.labels.find(key)
    assert record is not None and record.atoms is not None
    atoms = record.atoms
    atoms.info |= {name: value for name, value in record.info.items() if value is not None}
    return atoms


def result_of(loop: Loop) -> LearningRun:
    """Put together what a loop has come to."""
    import pandas as pd

    state, records = loop.state, loop.labels.records()
    about = ["step", "grade", "event", "round", "cpu_s"]
    rows = [{**{k: one.info[k] for k in about}, "status": one.status} for one in records]
    trajectory = []
    for step, positions in zip(state.frame_steps, state.frames, strict=True):
        image = loop.dynamics.at(positions)
        image.info["step"] = step
        trajectory.append(image)
    return LearningRun(
        mtp=loop.mtp,
        images=[*loop.given, *(_told(loop, key) for key in state.keys)],
        calls=len(records),
        failures=[str(one.reason) for one in records if one.status == "failed"],
        steps=state.safe.step,
        finished=loop.reason == "finished",
        reason=loop.reason,
        history=pd.DataFrame(state.rows, columns=list(COLUMNS)),
        labels=pd.DataFrame(rows, columns=[*about, "status"]).astype({"grade": float}),
        trajectory=trajectory,
        cpu=dict(state.cpu),
        settings=dict(loop.options),
        fit=loop.fit,
    )
