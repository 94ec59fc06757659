"""Relax many structures, one after another or side by side, so that nothing done is lost."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import BaseCalculator, Calculator

from matlearn._relaxing.queue import UNSAID, Queue
from matlearn._relaxing.relaxation import RELAX, CopyOf, Outcome, Relaxation, forget
from matlearn.calculators import calculator_factory, describe
from matlearn.parallel import map_unordered
from matlearn.store import Record, Store

if TYPE_CHECKING:
    import pandas as pd

WITH_ENERGY = ("done", "unconverged")
FAILED = ("exploded", "error")
R = TypeVar("R", bound="Run")


@dataclass(frozen=True)
class Run:
    """A run as far as it has come; the structures themselves lie in its store."""

    path: Path
    """The store."""
    labels: tuple[str, ...] = field(repr=False)
    """Structures of this run that are finished, well or not, in the order given."""
    counts: dict[str, int]
    """How many ended ``"done"``, ``"unconverged"``, ``"exploded"`` or with an ``"error"``."""
    stopped: bool = False
    """True if it was stopped before the last structure; the same call goes on."""

    @classmethod
    def read(cls: type[R], store: str | os.PathLike[str] | Store) -> R:
        """Read whatever run lies in a store, without going on with it.

        Raises
        ------
        FileNotFoundError
            If the store is not there.
        """
        path = store.path if isinstance(store, Store) else Path(store)
        if not path.exists():
            raise FileNotFoundError(f"no store at {path}")
        with Store(path) as opened:
            return cls._of(opened, opened.keys(), stopped=False)

    @classmethod
    def _of(cls: type[R], store: Store, labels: Iterable[str], stopped: bool) -> R:
        by_status = {status: set(store.keys(status)) for status in (*WITH_ENERGY, *FAILED)}
        finished = tuple(k for k in labels if any(k in keys for keys in by_status.values()))
        counts = {
            status: sum(label in keys for label in finished) for status, keys in by_status.items()
        }
        return cls(store.path, finished, {s: n for s, n in counts.items() if n}, stopped)

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        counts = ", ".join(f"{number} {status}" for status, number in self.counts.items())
        state = ", stopped" if self.stopped else ""
        kind = type(self).__name__
        return f"{kind}({self.path.name!r}, {len(self)} structures: {counts or 'none'}{state})"

    def records(self) -> list[Record]:
        """Read the records of this run, in the order of `labels`."""
        with Store(self.path) as store:
            return [store.record(label) for label in self.labels]

    def failures(self) -> pd.DataFrame:
        """Give what did not end well as a table: label, status, reason, steps, structure."""
        import pandas as pd

        rows = [
            (r.key, r.status, r.reason, r.info["steps"], r.atoms)
            for r in self.records()
            if r.status != "done"
        ]
        return pd.DataFrame(rows, columns=["label", "status", "reason", "steps", "structure"])


def relax_all(
    structures: Iterable[Atoms],
    calculator: Calculator | str | os.PathLike[str] | Callable[[], Calculator],
    *,
    store: str | os.PathLike[str] | Store,
    kind: type[R],
    relax: str = "full",
    fmax: float,
    max_steps: int,
    pressure: float = 0.0,
    workers: int | None = None,
    client: Any = None,
    progress: bool = True,
    stop: Callable[[], bool] | Any = None,
    on_result: Callable[[Record], None] | None = None,
) -> R:
    """Relax many structures, and keep each as soon as it is finished.

    The arguments are those of `matlearn.search.run_search`, and

    Parameters
    ----------
    kind
        The class of what is returned, `Run` or one made from it.
    relax
        What moves: ``"full"`` is cell and positions, ``"cell"`` the cell at fixed fractional
        positions, ``"volume"`` its volume alone.
    """
    _check_numbers(fmax, max_steps, pressure)
    if relax not in RELAX:
        raise ValueError(f"relax must be one of {', '.join(map(repr, RELAX))}, got {relax!r}")
    make_calculator = calculator_factory(calculator)
    if isinstance(calculator, BaseCalculator):
        workers = 1 if workers is None else workers
        if client is not None or workers > 1:
            make_calculator = CopyOf(calculator)
    asked = getattr(stop, "is_set", stop) or (lambda: False)
    for name, function in {"stop": asked, "on_result": on_result}.items():
        if function is not None and not callable(function):
            raise TypeError(f"{name} must be a function, got {function!r}")
    settings = {
        "calculator": describe(calculator),
        "fmax": float(fmax),
        "max_steps": int(max_steps),
        "pressure": float(pressure),
    }
    if relax != UNSAID["relax"]:
        settings["relax"] = relax
    relaxation = Relaxation(
        make_calculator,
        uuid.uuid4().hex,
        float(fmax),
        int(max_steps),
        float(pressure),
        asked if workers == 1 and client is None else None,
        relax,
    )
    with contextlib.ExitStack() as stack:
        db = store if isinstance(store, Store) else stack.enter_context(Store(store))
        stack.enter_context(db.writing())
        stack.callback(forget, relaxation.token)
        queue = Queue(structures, settings, db, asked)
        bar = stack.enter_context(_bar(queue, progress))
        results = stack.enter_context(
            contextlib.closing(
                map_unordered(relaxation, queue.pending(bar), client=client, workers=workers)
            )
        )
        for index, outcome in results:
            if outcome is None:
                break
            label, digest = queue.sent[index]
            _keep(db, label, outcome, {"start": digest, "settings": settings})
            bar.update()
            if on_result is not None:
                on_result(db.record(label))
            if asked():
                break
        return kind._of(db, queue.labels, stopped=queue.unfinished())


def _check_numbers(fmax: float, max_steps: int, pressure: float) -> None:
    given = {"fmax": fmax, "max_steps": max_steps, "pressure": pressure}
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise TypeError(f"{name} must be a number, got {value!r}")
    if not 0 < fmax < np.inf:
        raise ValueError(f"fmax must be a positive force in eV/A, got {fmax}")
    if max_steps < 1 or int(max_steps) != max_steps:
        raise ValueError(f"max_steps must be a whole number of at least 1, got {max_steps}")
    if not np.isfinite(pressure):
        raise ValueError(f"pressure must be a finite number in GPa, got {pressure}")


def _keep(store: Store, label: str, outcome: Outcome, origin: dict[str, Any]) -> None:
    store.add(
        label,
        outcome.atoms,
        status=outcome.status,
        reason=outcome.reason,
        steps=outcome.steps,
        cpu_seconds=outcome.cpu_seconds,
        **origin,
    )


def _bar(queue: Queue, progress: bool) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=queue.total, disable=not progress, unit="structure", desc="relaxed")
