"""The loop of a learning run: go on, grade, ask, train, go back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn.potentials._learning import guards
from matlearn.potentials._learning.dynamics import Dynamics
from matlearn.potentials._learning.labels import Labels
from matlearn.potentials._learning.starting import rattled_positions
from matlearn.potentials._learning.state import COLUMNS, Files, Frame, State
from matlearn.potentials.active import ActiveSet

if TYPE_CHECKING:
    from matlearn.fitting import FitResult
    from matlearn.potentials.moment_tensors import MTP

FULL = 50
"""Kept frames after which the potential learns although nothing forces it to."""
MOST_STUCK = 25
"""Rounds of training at one step after which a run gives up."""
CHECKPOINT = 5.0
"""Seconds between checkpoints where nothing is learned."""
FIRST, LAST = 60, 300
"""Iterations of the first and the last fit at most; those between begin near the minimum."""


class LearningError(RuntimeError):
    """A run that cannot go on; what was paid for is kept in its folder."""


class Loop:
    """A learning run in progress.

    Parameters
    ----------
    mtp
        Trained in place.
    dynamics
        The trajectory.
    labels
        Where reference results come from.
    files
        Of the checkpoint; None keeps everything in memory.
    images
        Labelled structures that are there from the start.
    options
        What `learn_on_the_fly` was given: steps, select, stop, mode, ...
    """

    def __init__(
        self,
        mtp: MTP,
        dynamics: Dynamics,
        labels: Labels,
        files: Files | None,
        images: list[Atoms],
        options: dict[str, Any],
    ) -> None:
        self.mtp, self.dynamics, self.labels, self.files = mtp, dynamics, labels, files
        self.given, self.options, self.reason = images, options, ""
        self.fit: FitResult | None = None
        self.active: ActiveSet | None = None
        self.stored = time.monotonic()
        found = None if files is None else files.load()
        self.state = self._begun() if found is None else found
        self.images = [*images, *(self._labelled(key) for key in self.state.keys)]

    def _begun(self) -> State:
        """Begin: with what is given, or by a few structures near the first."""
        state = State(safe=self.dynamics.moment())
        state.frames, state.frame_steps = [state.safe.positions.copy()], [0]
        if not self.given:
            state.pending = [
                Frame(positions, 0, float("nan"))
                for positions in rattled_positions(
                    self.dynamics.atoms, self.options["start"], self.options["seed"]
                )
            ]
        return state

    def _labelled(self, key: str) -> Atoms:
        record = self.labels.find(key)
        if record is None or record.atoms is None:
            raise LearningError(
                f"the checkpoint names a structure {key} that reference.db does not hold: the "
                "folder has lost a file"
            )
        return record.atoms

    def run(self, bar: Any) -> None:
        """Go on to the end, or until the calls are used up."""
        state, total = self.state, self.options["steps"]
        self._enter()
        bar.update(state.safe.step)
        if state.safe.step < total and state.event == "finished":
            state.event = "longer"
        while state.safe.step < total or state.pending:
            if state.pending:
                if not self._learn():
                    return
            else:
                self._advance(bar)
            if not state.pending and state.safe.step >= total and state.pool:
                self._choose("end")
        self.reason = "finished"
        if state.event != "finished":
            self._train(LAST)
            state.event = "finished"
            self._renew()

    def _enter(self) -> None:
        """Put potential and trajectory where the state says."""
        state = self.state
        if state.parameters is not None:
            self.mtp._min_distance = state.min_distance
            self.mtp.parameters = state.parameters
            self._renew()
        elif not state.pending:
            if not self.mtp.fitted:
                self._train(FIRST)
            self._renew()
        else:
            self._save()

    def _renew(self) -> None:
        """Take over a trained potential: new active set, and on from the safe step."""
        state = self.state
        state.parameters = self.mtp.parameters
        state.min_distance = self.mtp.min_distance
        with self._counted("grades"):
            self.active = ActiveSet(self.mtp, self.images)
            self.active.maxvol(self.options["mode"])
        self.closest = guards.CLOSEST * guards.shortest_distance(self.images)
        self.dynamics.restore(state.safe)
        self.dynamics.use(self.mtp.calculator())
        self._save()

    def _advance(self, bar: Any) -> None:
        """Go on to the next graded step, and judge where that led."""
        state, options, dynamics = self.state, self.options, self.dynamics
        assert self.active is not None
        stop = min(state.safe.step + options["grade_every"], options["steps"])
        passed: list[Frame] = []
        exploded = False
        with self._counted("md"):
            while dynamics.step < stop and not exploded:
                try:
                    dynamics.advance()
                except (ValueError, ArithmeticError, np.linalg.LinAlgError):
                    exploded = True
                else:
                    passed.append(Frame(dynamics.atoms.get_positions(), dynamics.step, 0.0))
                    exploded = guards.too_hot(dynamics.atoms, options["temperature"])
            exploded = exploded or guards.too_close(dynamics.atoms, self.closest)
        if exploded:
            self._exploded(passed)
            return
        with self._counted("grades"):
            here = dynamics.at(dynamics.atoms.positions)
            grade = float(self.active.grades([here], options["mode"])[0])
        kept = grade > options["select"]
        event = "stop" if grade > options["stop"] else "keep" if kept else ""
        self._note(dynamics.step, dynamics.atoms, grade, event)
        if kept:
            state.pool.append(Frame(here.positions, dynamics.step, grade))
        if event == "stop":
            self._choose("stop")
            return
        bar.update(dynamics.step - state.safe.step)
        state.safe, state.stuck = dynamics.moment(), 0
        state.rewind()
        if dynamics.step % options["record_every"] < options["grade_every"]:
            state.frames.append(here.positions.copy())
            state.frame_steps.append(dynamics.step)
        if len(state.pool) >= FULL:
            self._choose("full")
        elif time.monotonic() - self.stored > CHECKPOINT:
            self._save()

    def _exploded(self, passed: list[Frame]) -> None:
        """Learn from the frames on the way to where the potential failed, as far as they go."""
        state, options = self.state, self.options
        assert self.active is not None
        for frame in passed:
            atoms = self.dynamics.at(frame.positions)
            if guards.too_close(atoms, self.closest):
                break
            frame.grade = float(self.active.grades([atoms], options["mode"])[0])
            if frame.grade > options["select"]:
                state.pool.append(frame)
        self._note(self.dynamics.step, self.dynamics.atoms, float("nan"), "blow-up")
        if state.pool:
            self._choose("blow-up")
        else:
            state.pending = [Frame(state.safe.positions, state.safe.step, float("nan"))]
            state.event = "blow-up"
            self._save()

    def _choose(self, event: str) -> None:
        """Thin what was kept, and put down what is to be labelled before it is paid for."""
        state = self.state
        assert self.active is not None
        with self._counted("grades"):
            pool = [self.dynamics.at(frame.positions) for frame in state.pool]
            chosen = self.active.select(pool, self.options["select"], self.options["mode"])
        state.pending = [state.pool[index] for index in chosen]
        if not state.pending and event != "end":
            state.pending = [max(state.pool, key=lambda frame: frame.grade)]
        state.pool, state.event = [], event
        self._save()

    def _learn(self) -> bool:
        """Label what was chosen, train, and go back to the safe step; False: out of calls."""
        state, options = self.state, self.options
        if state.stuck >= MOST_STUCK:
            raise LearningError(
                f"learned {MOST_STUCK} times at step {state.safe.step} and got no further: the "
                "potential cannot describe what is there. Try a higher level, a longer cut-off or "
                "a larger stop; everything that was computed is kept"
            )
        failures, before, most = [], len(state.keys), options["max_calls"]
        for frame in state.pending:
            atoms = self.dynamics.at(frame.positions)
            if most is not None and len(self.labels) >= most and not self.labels.known(atoms):
                self.reason = f"reached max_calls={most}"
                break
            record = self.labels.pay(
                atoms,
                step=frame.step,
                grade=None if np.isnan(frame.grade) else frame.grade,
                event=state.event,
                round=state.rounds,
            )
            state.cpu["reference"] += record.info["cpu_s"]
            if record.status == "failed":
                failures.append(str(record.reason))
            elif record.key not in state.keys and record.atoms is not None:
                state.keys.append(record.key)
                self.images.append(record.atoms)
        if len(state.keys) == before and self.reason:
            return False
        if len(state.keys) == before and state.event != "end":
            why = failures[0] if failures else "its structures were labelled already"
            raise LearningError(
                f"nothing was learned at step {state.safe.step}, because the reference gave no new "
                f"result: {why}"
            )
        state.pending = []
        state.stuck += 1
        self._train(options["iterations"])
        self._renew()
        return not self.reason

    def _train(self, iterations: int) -> None:
        """Fit the potential to everything that is labelled."""
        state, options = self.state, self.options
        first = not self.mtp.fitted
        if self.mtp.min_distance is None:
            distance = 0.85 * guards.shortest_distance(self.images, self.mtp.cutoff)
            if np.isfinite(distance):
                self.mtp._min_distance = float(np.floor(100 * distance) / 100)
        with self._counted("training"):
            result = self.mtp.fit(
                self.images,
                weights=options["weights"],
                max_iterations=FIRST if first else iterations,
                seed=options["seed"],
                restart=first,
                progress=False,
            )
        if result.stop_reason == "interrupted":
            raise KeyboardInterrupt
        self.fit = result
        state.rounds += 1

    def _note(self, step: int, atoms: Atoms, grade: float, event: str) -> None:
        """Write a row of the history."""
        energy = float("nan") if event == "blow-up" else float(atoms.get_potential_energy())
        time_passed, hot = step * self.options["timestep"], float(atoms.get_temperature())
        row = (step, time_passed, hot, energy, grade, event, len(self.images))
        self.state.rows.append(dict(zip(COLUMNS, row, strict=True)))

    def _save(self) -> None:
        if self.files is not None:
            self.files.save(self.state)
        self.stored = time.monotonic()

    @contextmanager
    def _counted(self, part: str) -> Iterator[None]:
        started = time.process_time()
        yield
        self.state.cpu[part] += time.process_time() - started
