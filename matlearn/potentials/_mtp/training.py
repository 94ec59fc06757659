"""Training a moment tensor potential: the start, the iterations and what comes of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from matlearn.fitting import FitResult, error_report
from matlearn.potentials._mtp.checks import (
    check_apart,
    checked_distances,
    checked_images,
    checked_weights,
)
from matlearn.potentials._mtp.levenberg_marquardt import Step, minimise
from matlearn.potentials._mtp.objective import Objective
from matlearn.potentials._mtp.packing import Reference, pack_references

if TYPE_CHECKING:
    from matlearn.potentials.moment_tensors import MTP

PATIENCE = 10
"""Iterations without a better loss on held-back structures."""
ROUND = 20
"""Iterations of each random start, before the better half of them goes on."""
TOLERANCE = 1e-4
"""A fit has converged when ten iterations lower the loss by less than this part of it."""


def train(
    mtp: MTP,
    images: Iterable[Atoms],
    *,
    weights: tuple[float, float, float],
    max_iterations: int,
    validation: Iterable[Atoms] | None,
    seed: int,
    progress: bool,
    restart: bool,
    starts: int,
    callback: Callable[[int, dict[str, float], MTP], Any] | None,
) -> FitResult:
    """Train a potential in place; see `MTP.fit`."""
    cpu, wall = time.process_time(), time.perf_counter()
    weights = checked_weights(weights)
    if max_iterations < 0:
        raise ValueError(f"max_iterations must be at least 0, got {max_iterations}")
    if starts < 1:
        raise ValueError(f"starts must be at least 1, got {starts}")
    chosen = checked_images(images)
    held = None if validation is None else checked_images(validation, "validation")
    if not restart and not mtp.fitted:
        raise ValueError("restart=False goes on from a fit, and this potential has not been fitted")
    if restart:  # what a loop asked for on its way may be anything
        check_apart(chosen)
    known = pack_references(chosen, mtp._numbers, mtp.cutoff)
    unseen = None if held is None else pack_references(held, mtp._numbers, mtp.cutoff)
    asked = None if restart and mtp._distance_from_images else mtp.min_distance
    mtp._distance_from_images |= asked is None
    mtp._min_distance = checked_distances(_shortest(known), mtp.cutoff, asked)
    objective = Objective(known, mtp.model, weights)
    check = None if unseen is None else Objective(unseen, mtp.model, weights)
    run = _Run(mtp, objective, check, cpu, callback, max_iterations)
    try:
        # products of small matrices: more threads only get into each other's way
        with (
            threadpool_limits(1, user_api="blas"),
            tqdm(total=max_iterations, desc="fit", unit="it", disable=not progress) as bar,
        ):
            if restart:
                run.halve([random_start(mtp, known, (seed, n)) for n in range(starts)], bar)
            else:
                run.begin(mtp.parameters, 0)
            run.iterate(max_iterations, bar)
    except KeyboardInterrupt:
        if not run.attempts:  # nothing to keep yet
            raise
        run.choose()
        run.reason = "interrupted"
    mtp.parameters = run.chosen.best
    calculator = mtp.calculator()
    report = error_report(calculator, chosen)
    return FitResult(
        train=report,
        validation=None if held is None else error_report(calculator, held),
        history=run.chosen.history,
        seconds=time.process_time() - cpu,
        wall_seconds=time.perf_counter() - wall,
        parameters=mtp.n_parameters,
        converged=run.reason.startswith("converged"),
        stop_reason=run.reason,
        potential=mtp,
    )


class _Attempt:
    """One start and the iterations from there: their history and the best parameters."""

    def __init__(self, start: np.ndarray, number: int) -> None:
        self.number, self.best = number, start
        self.history: list[dict[str, float]] = []
        self.lowest, self.best_at = np.inf, 0
        self.steps: Iterator[Step] = iter(())
        self.reason: str | None = None


class _Run:
    """The starts of a fit, of which the best goes on, and why that one ended."""

    def __init__(
        self,
        mtp: MTP,
        objective: Objective,
        check: Objective | None,
        cpu: float,
        callback: Callable[[int, dict[str, float], MTP], Any] | None,
        max_iterations: int,
    ) -> None:
        self.max_iterations = max_iterations
        self.mtp, self.objective, self.check = mtp, objective, check
        self.cpu, self.callback = cpu, callback
        self.linear = mtp.n_scalars + len(mtp.species)
        self.attempts: list[_Attempt] = []
        self.reason = "reached max_iterations"

    def begin(self, parameters: np.ndarray, number: int) -> None:
        """Start once more: from the best coefficients for the radial functions given."""
        self.chosen = _Attempt(parameters, number)
        self.attempts.append(self.chosen)
        start = best_linear(self.objective, parameters, self.linear)
        self._note(Step(start, self.objective.loss(start), 0.0, 0.0))
        self.chosen.steps = minimise(self.objective, start, linear=self.linear)

    def halve(self, starts: list[np.ndarray], bar: Any) -> None:
        """Let starts compete: after each round of iterations, the better half goes on."""
        for number, start in enumerate(starts):
            self.begin(start, number)
            self.iterate(min(ROUND, self.max_iterations), bar)
        alive, reached = list(self.attempts), ROUND
        while len(alive) > 1:
            alive.sort(key=lambda attempt: attempt.lowest)
            alive, reached = alive[: len(alive) // 2], reached + ROUND
            for self.chosen in alive if len(alive) > 1 else ():
                self.iterate(min(reached, self.max_iterations), bar)
        self.choose()

    def choose(self) -> None:
        """Go on with the best start."""
        self.chosen = min(self.attempts, key=lambda attempt: attempt.lowest)

    def iterate(self, iterations: int, bar: Any) -> None:
        """Take steps of the chosen start until it has done so many, or there is reason to stop."""
        attempt = self.chosen
        while attempt.reason is None and len(attempt.history) - 1 < iterations:
            step = next(attempt.steps, None)
            if step is None:
                attempt.reason = "converged: no step lowers the loss"
                break
            self._note(step)
            bar.update(max(0, len(attempt.history) - 1 - bar.n))
            bar.set_postfix(start=attempt.number, loss=f"{step.loss:.3g}", refresh=False)
            attempt.reason = self._verdict()
        self.reason = attempt.reason or "reached max_iterations"

    def _verdict(self) -> str | None:
        """Say why to stop, None where there is no reason."""
        attempt = self.chosen
        losses = [row["loss"] for row in attempt.history[-11:]]
        if self.check is not None and len(attempt.history) - 1 - attempt.best_at >= PATIENCE:
            return f"validation best at iteration {attempt.best_at}"
        if len(losses) == 11 and losses[0] - losses[-1] < TOLERANCE * losses[0]:
            return "converged"
        return None

    def _note(self, step: Step) -> None:
        """Write a row of the history, and keep the parameters if they are the best so far."""
        attempt = self.chosen
        iteration = len(attempt.history)
        row = {"iteration": float(iteration), "loss": step.loss}
        judged = step.loss
        if self.check is not None:
            judged = row["validation_loss"] = self.check.loss(step.parameters)
        row |= {"damping": step.damping, "cpu_seconds": time.process_time() - self.cpu}
        row["start"] = float(attempt.number)
        attempt.history.append(row)
        if judged < attempt.lowest:
            attempt.best, attempt.lowest, attempt.best_at = step.parameters, judged, iteration
        if self.callback is not None:
            self.mtp.parameters = step.parameters
            self.callback(iteration, row, self.mtp)


def random_start(mtp: MTP, known: list[Reference], seed: Sequence[int]) -> np.ndarray:
    """Draw radial functions, and fit energies of the species to the compositions.

    Each radial function begins as a Chebyshev polynomial of its own with some noise: functions
    that are alike take the iterations long to tell apart.
    """
    rng = np.random.default_rng(seed)
    parameters = np.zeros(mtp.n_parameters)
    kinds = len(mtp.species)
    radial = parameters[mtp.n_scalars + kinds :].reshape(mtp._shape)
    radial[:] = rng.uniform(-0.1, 0.1, mtp._shape)
    for mu in range(min(mtp._shape[2:])):
        radial[:, :, mu, mu] += 0.3
    labelled = [one for one in known if one.energy is not None]
    if labelled:
        counts = [np.bincount(one.pairs.kinds, minlength=kinds) for one in labelled]
        sizes = np.sum(counts, axis=1, keepdims=True)
        energies = np.array([one.energy for one in labelled]) / sizes[:, 0]
        shifts = np.linalg.lstsq(counts / sizes, energies, rcond=1e-8)[0]
        parameters[mtp.n_scalars : mtp.n_scalars + kinds] = shifts
    return parameters


def best_linear(objective: Objective, parameters: np.ndarray, linear: int) -> np.ndarray:
    """Give the best coefficients of basis functions and species for the radial functions at hand."""
    loss, gradient, matrix = objective.quadratic(parameters)
    matrix, gradient = matrix[:linear, :linear], gradient[:linear]
    scale = np.sqrt(np.maximum(np.diag(matrix), 1e-30))
    scaled = matrix / np.outer(scale, scale) + 1e-9 * np.eye(linear)
    better = parameters.copy()
    better[:linear] -= np.linalg.solve(scaled, gradient / scale) / scale
    return better if objective.loss(better) < loss else parameters


def _shortest(known: list[Reference]) -> float:
    """Give the shortest distance of two atoms, infinite where all are further than the cut-off."""
    shortest = np.inf
    for one in known:
        if len(one.pairs.vectors):
            lengths = np.einsum("ij,ij->i", one.pairs.vectors, one.pairs.vectors)
            shortest = min(shortest, float(np.sqrt(lengths.min())))
    return shortest
