"""Compute the forces of many supercells so that nothing done is lost."""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import BaseCalculator, Calculator

from matlearn._relaxing.relaxation import CopyOf, forget
from matlearn._relaxing.relaxation import _calculator as kept_calculator
from matlearn.calculators import calculator_factory, describe, with_results
from matlearn.parallel import map_unordered
from matlearn.store import Store

AnyCalculator = Calculator | str | os.PathLike[str] | Callable[[], Calculator]


def calculator_of(potential: Any) -> tuple[Any, bool]:
    """Give the calculator of a potential, and whether its stress means something.

    A fit (`matlearn.fitting.FitResult`) that saw no stress, only supercells of one volume, knows
    none.
    """
    if isinstance(potential, str | os.PathLike | BaseCalculator):
        return potential, True
    if not callable(getattr(potential, "calculator", None)):
        return potential, True
    learned = getattr(getattr(potential, "train", None), "errors", None)
    return potential.calculator(), learned is None or "stress" in learned


class ForceSetError(RuntimeError):
    """Some supercells could not be computed.

    What could be is in the store, if one was given, and in `results`.
    """

    def __init__(self, message: str, failures: dict[int, str], results: dict[int, Atoms]) -> None:
        super().__init__(message)
        self.failures = failures
        """Reason by number of the supercell; -1 is the undisplaced one."""
        self.results = results
        """Supercells that were computed, with energy and forces, by number."""


@dataclass(frozen=True)
class Evaluation:
    """Energy, forces and (of the undisplaced cell) stress of one supercell."""

    make_calculator: Callable[[], Calculator]
    """Called once in each process, or thread of a cluster's worker."""
    token: str
    """Tells one run from the next in a process that lives on."""

    def __call__(self, task: tuple[Atoms, bool]) -> Atoms | str:
        """Give the supercell with its results, or the reason why there are none."""
        atoms, stress = task
        calculator = kept_calculator(self.token, self.make_calculator)
        wanted = ["energy", "forces"]
        implemented = calculator.implemented_properties
        if stress and "stress" in implemented:
            wanted.append("stress")
        try:
            if hasattr(calculator, "reset"):
                calculator.reset()  # so that nothing depends on what was computed before
            calculator.calculate(atoms.copy(), [one for one in wanted if one in implemented])
            found = {key: calculator.results[key] for key in wanted if key in calculator.results}
        except Exception as error:  # noqa: BLE001 (a calculator may raise anything; it is named)
            return f"{type(error).__name__}: {error}".rstrip(": ")
        if "forces" not in found:
            return "the calculator gives no forces"
        if np.shape(found["forces"]) != (len(atoms), 3):
            return f"forces have the shape {np.shape(found['forces'])}"
        if not np.isfinite(found["forces"]).all():
            return "forces are not finite"
        return with_results(atoms, found, getattr(calculator, "name", None) or "unknown")


def evaluate(
    images: dict[int, Atoms],
    calculator: AnyCalculator,
    *,
    store: str | os.PathLike[str] | Store | None,
    client: Any,
    workers: int | None,
    progress: bool,
    stress_of: int | None = None,
) -> dict[int, Atoms]:
    """Compute energy and forces of supercells, each different one once.

    Raises
    ------
    ForceSetError
        If some could not be computed; all others were, and are kept.
    """
    make = calculator_factory(calculator)
    if isinstance(calculator, BaseCalculator):
        workers = 1 if workers is None else workers
        if client is not None or workers > 1:
            make = CopyOf(calculator)
    name = describe(calculator)
    keys = {number: key_of(atoms, name) for number, atoms in images.items()}
    first = dict(reversed([(key, number) for number, key in reversed(keys.items())]))
    evaluation = Evaluation(make, uuid.uuid4().hex)
    done: dict[str, Atoms] = {}
    failed: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        db = _opened(store, stack)
        stack.callback(forget, evaluation.token)
        bar = stack.enter_context(_bar(len(first), progress))
        if db is not None:
            done = {key: db.get(key) for key in first if key in db}
            bar.update(len(done))
        todo = [(key, number) for key, number in first.items() if key not in done]
        tasks: Iterator[tuple[Atoms, bool]] = (
            (images[number], number == stress_of) for _, number in todo
        )
        work = map_unordered(evaluation, tasks, client=client, workers=workers)
        for index, result in stack.enter_context(contextlib.closing(work)):
            key = todo[index][0]
            if isinstance(result, str):
                failed[key] = result
            else:
                done[key] = result
                if db is not None:
                    db.add(key, result, calculator=name)
            bar.update()
    results = {number: done[key] for number, key in keys.items() if key in done}
    if failed:
        failures = {number: failed[key] for number, key in keys.items() if key in failed}
        raise ForceSetError(_story(failures, len(images), store), failures, results)
    return results


def key_of(atoms: Atoms, calculator: str) -> str:
    """Name a calculation after what it is of, so that the same one is found again."""
    digest = hashlib.sha256()
    digest.update(np.asarray(atoms.numbers, dtype=np.int64).tobytes())
    for array in (atoms.cell.array, atoms.positions, atoms.get_initial_magnetic_moments()):
        digest.update((np.round(array, 9) + 0.0).tobytes())  # -0.0 is 0.0
    digest.update(calculator.encode())
    return f"forces:{digest.hexdigest()[:32]}"


def _opened(
    store: str | os.PathLike[str] | Store | None, stack: contextlib.ExitStack
) -> Store | None:
    if store is None:
        return None
    opened = store if isinstance(store, Store) else stack.enter_context(Store(store))
    stack.enter_context(opened.writing())
    return opened


def _story(failures: dict[int, str], total: int, store: Any) -> str:
    """Say what failed, and how to go on."""
    named = ", ".join(_name(number) for number in sorted(failures)[:5])
    more = f" and {len(failures) - 5} more" if len(failures) > 5 else ""
    number, reason = min(failures.items())
    kept = (
        "the others are in the error's results; give a store to keep them on disk"
        if store is None
        else f"the others are kept in {getattr(store, 'path', store)}: the same call goes on"
    )
    return (
        f"{len(failures)} of {total} supercells could not be computed ({named}{more}); "
        f"{_name(number)} because of {reason}. Nothing is left out silently: {kept}"
    )


def _name(number: int) -> str:
    return "the undisplaced one" if number < 0 else f"number {number}"


def _bar(total: int, progress: bool) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=total, disable=not progress, unit="supercell", desc="forces")
