"""Relax candidates in sweeps, learning from where the potential extrapolates."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator

from matlearn._relaxing.loop import WITH_ENERGY
from matlearn._relaxing.queue import digest_of
from matlearn.calculators import single_points
from matlearn.parallel import map_unordered
from matlearn.potentials._hulls.folder import Folder, measured
from matlearn.potentials._hulls.grading import Attempt, GradedRelaxation, GradingCalculator
from matlearn.potentials.active import ActiveSet
from matlearn.potentials.moment_tensors import MTP

MODE = "neighbourhood"
"""Cells differ in size, and a grade of a whole cell grows with it."""


@dataclass(frozen=True)
class Learner:
    """The settings of the sweeps, and what they work with."""

    folder: Folder
    make_reference: Callable[[], Calculator]
    select: float
    stop: float
    fmax: float
    max_steps: int
    max_sweeps: int
    max_calls: int | None
    max_iterations: int
    weights: tuple[float, float, float]
    seed: int
    workers: int | None
    reference_workers: int | None
    client: Any
    progress: bool

    def label(self, structures: Iterable[Atoms], part: str) -> list[str]:
        """Ask the reference about structures; what it said before is not asked again.

        Returns
        -------
        list of str
            Labels of candidates whose configurations it could not compute.
        """
        failed, new = [], {}
        for atoms in structures:
            known = self.folder.paid(atoms)
            if known is None:
                new[digest_of(atoms)] = atoms
            elif known.status != "done":
                failed.append(str(known.info["label"]))
        paid = len(self.folder.labels)
        room = len(new) if self.max_calls is None else self.max_calls - self.folder.calls()
        chosen = list(new.items())[: max(0, room)]
        work = map_unordered(
            _SinglePoint(self.make_reference),
            [atoms for _, atoms in chosen],
            client=self.client,
            workers=self.reference_workers,
        )
        with contextlib.closing(work), self.bar(len(chosen), "labelled") as bar:
            for index, (atoms, reason, seconds) in work:
                key, start = chosen[index]
                label = str(start.info.get("label", key))
                bare = atoms.copy()
                bare.calc, bare.info = atoms.calc, {}
                self.folder.labels.add(
                    key,
                    bare,
                    status="done" if reason is None else "failed",
                    reason=reason,
                    part=part,
                    label=label,
                    order=paid + index,  # whichever process was faster
                )
                self.folder.spend("labelling", seconds)
                bar.update()
                if reason is not None:
                    failed.append(label)
        return failed

    def fit(self, screen: int, mtp: MTP, images: Sequence[Atoms]) -> None:
        """Train a potential on what is known, unless it was trained on just that."""
        fits = self.folder.state["fits"]
        if mtp.fitted and fits.get(str(screen), {}).get("images") == len(images):
            return
        with measured(self.folder, "training"):
            result = mtp.fit(
                images,
                weights=self.weights,
                max_iterations=self.max_iterations,
                seed=self.seed,
                progress=False,
                restart=not mtp.fitted,
            )
            mtp.save(self.folder.path / f"screen-{screen}.mtp")
        if result.stop_reason == "interrupted":
            raise KeyboardInterrupt
        rms = result.train.errors["energy_per_atom"].rms
        fits[str(screen)] = {"images": len(images), "rmse": rms}
        self.folder.save()

    def relax(self, screen: int, mtp: MTP, structures: Sequence[Atoms]) -> dict[str, str]:
        """Sweep over structures until each could be relaxed without extrapolating.

        Returns
        -------
        dict
            Label -> why there is no relaxation that can be trusted, where there is none.
        """
        given_up: dict[str, str] = {}
        graded: dict[str, float] = {}
        sweeps = self.folder.state["sweeps"]
        for _ in range(self.max_sweeps):
            images = self.folder.labelled()
            self.fit(screen, mtp, images)
            done = self.folder.relaxations(screen)
            todo = [
                atoms
                for atoms in structures
                if not _is_done(atoms, done) and atoms.info["label"] not in given_up
            ]
            if not todo:
                return given_up
            with measured(self.folder, "grading"):
                active = ActiveSet(mtp, images)
                grader = GradingCalculator(mtp, active.maxvol(MODE), self.select, self.stop)
            marked, graded, largest = self._sweep(screen, todo, grader)
            row = {
                "screen": screen,
                "images": len(images),
                "rmse": self.folder.state["fits"][str(screen)]["rmse"],
                "candidates": len(todo),
                "relaxed": len(todo) - len(graded),
                "marked": len(marked),
                "largest_grade": largest,
                "labelled": 0,
            }
            sweeps.append(row)
            self.folder.save()
            if not marked:
                return given_up
            with measured(self.folder, "grading"):
                chosen = [marked[i] for i in active.select(marked, self.select, mode=MODE)]
            paid = len(self.folder.labels)
            for label in self.label(chosen, f"screen {screen}"):
                given_up[label] = "the reference failed where the potential extrapolates"
            row["labelled"] = len(self.folder.labels) - paid
            self.folder.save()
            if not row["labelled"] and not set(given_up) & set(graded):
                break  # no calls are left, or nothing new was found to learn from
        for label, grade in graded.items():
            given_up.setdefault(label, f"still extrapolates (grade {grade:.3g}) at the limit")
        return given_up

    def _sweep(
        self, screen: int, todo: Sequence[Atoms], grader: GradingCalculator
    ) -> tuple[list[Atoms], dict[str, float], float]:
        """Relax each structure; keep what can be trusted, and give what cannot."""
        attempts: dict[int, Attempt] = {}
        largest = 0.0
        work = map_unordered(
            GradedRelaxation(grader, self.fmax, self.max_steps),
            todo,
            client=self.client,
            workers=self.workers,
        )
        with contextlib.closing(work), self.bar(len(todo), f"screen {screen}") as bar:
            for index, attempt in work:
                self.folder.spend("MTP relaxation", attempt.outcome.cpu_seconds)
                self.folder.spend("grading", attempt.grading_seconds)
                largest = max(largest, attempt.grade)
                if attempt.marked:
                    attempts[index] = attempt
                else:
                    self._keep(screen, todo[index], attempt)
                bar.update()
        ordered = sorted(attempts)  # whoever was faster
        marked = [atoms for index in ordered for atoms in attempts[index].marked]
        return marked, {todo[i].info["label"]: attempts[i].grade for i in ordered}, largest

    def _keep(self, screen: int, start: Atoms, attempt: Attempt) -> None:
        outcome = attempt.outcome
        self.folder.relaxed.add(
            f"{screen}/{start.info['label']}",
            outcome.atoms,
            status=outcome.status,
            reason=outcome.reason,
            steps=outcome.steps,
            grade=attempt.grade,
            start=digest_of(start),
        )

    def bar(self, total: int, words: str) -> Any:
        """Show how far it is."""
        from tqdm.auto import tqdm

        return tqdm(total=total, disable=not self.progress, desc=words, leave=False)


def first_structures(structures: Sequence[Atoms], count: int, seed: int) -> list[Atoms]:
    """Choose what the first potential is trained on: some candidates, strained and rattled.

    The elements by themselves are among them; volumes are changed by up to 8 %, atoms moved by
    0.05 A (RMS of each coordinate).
    """
    rng = np.random.default_rng(seed)
    pure = [i for i, atoms in enumerate(structures) if len(set(atoms.numbers)) == 1]
    others = [i for i in range(len(structures)) if i not in set(pure)]
    order = [*pure, *rng.permutation(others).tolist()]
    chosen = []
    for index in order[:count]:
        atoms = structures[index].copy()
        strain = np.eye(3) * rng.uniform(0.92, 1.08) ** (1 / 3) + rng.normal(0, 0.01, (3, 3))
        atoms.set_cell(atoms.cell.array @ strain, scale_atoms=True)
        atoms.positions += rng.normal(0, 0.05, atoms.positions.shape)
        chosen.append(atoms)
    return chosen


class _SinglePoint:
    """Compute one structure as it stands; in a worker's process."""

    def __init__(self, make: Callable[[], Calculator]) -> None:
        self._make = make

    def __call__(self, atoms: Atoms) -> tuple[Atoms, str | None, float]:
        import warnings

        began = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # failures are counted by the run
            calculator = self._make()
            try:
                (done,) = single_points([atoms], calculator, progress=False)
            except Exception as error:  # noqa: BLE001 (a calculator may raise anything; it is kept)
                done = atoms.copy()
                done.info["failure"] = f"{type(error).__name__}: {error}"
        return done, done.info.get("failure"), time.process_time() - began


def _is_done(atoms: Atoms, done: dict[str, Any]) -> bool:
    """Tell whether a structure was relaxed before, and see that it was this one."""
    record = done.get(atoms.info["label"])
    if record is None:
        return False
    if record.info["start"] != digest_of(atoms):
        raise ValueError(
            f"the folder holds {atoms.info['label']!r} relaxed from another start: name a new one"
        )
    return True


def with_energy(record: Any) -> bool:
    """Tell whether a relaxation ended with an energy."""
    return record is not None and record.status in WITH_ENERGY
