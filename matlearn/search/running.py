"""Relax many structures, one after another or side by side, so that nothing done is lost."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import BaseCalculator, Calculator

from matlearn.calculators import calculator_factory, describe
from matlearn.parallel import map_unordered
from matlearn.search._queue import Queue
from matlearn.search._relaxing import CopyOf, Outcome, Relaxation, forget
from matlearn.store import Record, Store

if TYPE_CHECKING:
    import pandas as pd

WITH_ENERGY = ("done", "unconverged")
FAILED = ("exploded", "error")


@dataclass(frozen=True)
class SearchRun:
    """A search as far as it has come; the structures themselves lie in its store."""

    path: Path
    """The store."""
    labels: tuple[str, ...] = field(repr=False)
    """Structures of this search that are finished, well or not, in the order given."""
    counts: dict[str, int]
    """How many ended ``"done"``, ``"unconverged"``, ``"exploded"`` or with an ``"error"``."""
    stopped: bool = False
    """True if it was stopped before the last structure; call `run_search` again to go on."""

    @classmethod
    def read(cls, store: str | os.PathLike[str] | Store) -> SearchRun:
        """Read whatever search lies in a store, without going on with it.

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
    def _of(cls, store: Store, labels: Iterable[str], stopped: bool) -> SearchRun:
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
        return f"SearchRun({self.path.name!r}, {len(self)} structures: {counts or 'none'}{state})"

    def records(self) -> list[Record]:
        """Read the records of this search, in the order of `labels`."""
        with Store(self.path) as store:
            return [store.record(label) for label in self.labels]

    def to_frame(self) -> pd.DataFrame:
        """Give the relaxed structures as a table.

        Returns
        -------
        DataFrame
            The columns of `matlearn.search.read_results` (energies in eV, volumes in A3,
            pressure in GPa), and ``converged``, ``steps`` and ``cpu_seconds``. A relaxation that
            did not converge has a row, one that exploded or met an error has not: see `failures`.
            What a search under pressure ranks by is the enthalpy, which is energy plus pressure
            times volume (1 eV/A3 is 160.2 GPa).
        """
        from matlearn.search.results import frame_from_atoms

        kept = [record for record in self.records() if record.status in WITH_ENERGY]
        frame = frame_from_atoms([_only(r.atoms) for r in kept], labels=[r.key for r in kept])
        frame["converged"] = [record.status == "done" for record in kept]
        frame["steps"] = [record.info["steps"] for record in kept]
        frame["cpu_seconds"] = [record.info["cpu_seconds"] for record in kept]
        return frame

    def failures(self) -> pd.DataFrame:
        """Give what did not end well as a table: label, status, reason, steps, structure."""
        import pandas as pd

        rows = [
            (r.key, r.status, r.reason, r.info["steps"], r.atoms)
            for r in self.records()
            if r.status != "done"
        ]
        return pd.DataFrame(rows, columns=["label", "status", "reason", "steps", "structure"])


def run_search(
    structures: Iterable[Atoms],
    calculator: Calculator | str | os.PathLike[str] | Callable[[], Calculator],
    *,
    store: str | os.PathLike[str] | Store,
    fmax: float = 0.05,
    max_steps: int = 300,
    pressure: float = 0.0,
    workers: int | None = None,
    client: Any = None,
    progress: bool = True,
    stop: Callable[[], bool] | Any = None,
    on_result: Callable[[Record], None] | None = None,
) -> SearchRun:
    """Relax cell and positions of many structures, and keep each as soon as it is finished.

    Whatever ends the process (Ctrl-C, a kill, a power cut), what was finished is in the store. The
    same call goes on from there: nothing finished is done again, and only structures that were in
    flight are started anew. Ctrl-C raises `KeyboardInterrupt` as ever; `SearchRun.read` reads
    what there is.

    Parameters
    ----------
    structures
        ASE Atoms or pymatgen Structures with three-dimensional cells; any iterable, also one that
        makes them as it goes, such as `random_structures`. A structure's label is
        ``info["label"]``, or its formula with its position, as ``LiN2-00017``.
    calculator
        A name such as ``"chgnet"`` or the path of a fitted potential, a function without arguments
        that returns an ASE calculator (each process calls it once), or an ASE calculator: it works
        in this process, unless `workers` or `client` ask for copies of it.
    store
        The file (SQLite) that keeps the results, or an open `Store`.
    fmax
        Relaxed when no force on an atom is larger, in eV/A; likewise the force on the cell as ASE's
        `FrechetCellFilter` has it (stress times volume per atom, in eV).
    max_steps
        Steps after which a relaxation is given up, and kept as unconverged.
    pressure
        External pressure in GPa.
    workers
        Processes, each with one thread. None: one for each physical core available, or this
        process alone for a calculator. 1: this process.
    client
        A connected `distributed.Client` whose cluster does the work instead.
    progress
        Show a progress bar.
    stop
        A function (or a `threading.Event`) that says True when the search shall stop. In this
        process it is asked at each step, otherwise after each structure; what is in flight is
        dropped, what is finished stays, and the run returned says ``stopped``.
    on_result
        Called with the `Record` of each structure that was finished, after it was kept.

    Returns
    -------
    SearchRun
        With ``.to_frame()`` and ``.failures()``. Relaxations that explode, do not converge, or
        meet an error of the calculator are kept with their reason, and counted.

    Raises
    ------
    TypeError, ValueError
        For an argument that makes no sense; for a calculator that cannot be copied to workers; for
        a label that comes twice, or that the store holds already from another start or other
        settings (the message says what differs): nothing is ever mixed.
    matlearn.store.StoreError
        If the store cannot be used, or another search is writing to it.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> cells = [bulk("Cu", "fcc", a=3.4), bulk("Cu", "sc", a=2.3)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = run_search(cells, "emt", store=f"{folder}/copper.db", workers=1, progress=False)
    ...     print(run, run.to_frame()["energy_per_atom"].round(2).tolist())
    SearchRun('copper.db', 2 structures: 2 done) [-0.01, 0.45]
    """
    _check_numbers(fmax, max_steps, pressure)
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
    relaxation = Relaxation(
        make_calculator,
        uuid.uuid4().hex,
        float(fmax),
        int(max_steps),
        float(pressure),
        asked if workers == 1 and client is None else None,
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
        return SearchRun._of(db, queue.labels, stopped=queue.unfinished())


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


def _only(atoms: Atoms | None) -> Atoms:
    if atoms is None:
        raise ValueError("a record of a search holds no structure")
    return atoms


def _bar(queue: Queue, progress: bool) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=queue.total, disable=not progress, unit="structure", desc="relaxed")
