"""Reference calculations: each is paid for once, and kept as soon as it is there."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator

from matlearn._calculators.evaluation import KEPT_RESULTS, with_results
from matlearn.calculators import calculator_factory
from matlearn.store import Record, Store


def digest(atoms: Atoms) -> str:
    """Give a name to a structure: another one for any other position, cell or element."""
    found = hashlib.sha256(atoms.numbers.astype(np.int64).tobytes())
    for array in (atoms.positions, atoms.cell.array, atoms.pbc):
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:32]


def cpu_seconds() -> float:
    """Give the CPU time of this process and of those that it started, alive or not."""
    import psutil

    ended = os.times()
    total = time.process_time() + ended.children_user + ended.children_system
    for child in psutil.Process().children(recursive=True):
        try:
            used = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system
    return total


class Labels:
    """Structures with their reference results, in a file where a folder is given.

    Parameters
    ----------
    reference
        Anything that `matlearn.calculators.calculator_factory` takes.
    folder
        Holds ``reference.db``; None keeps everything in memory.
    """

    def __init__(
        self,
        reference: Calculator | str | os.PathLike[str] | Callable[[], Calculator],
        folder: Path | None,
    ) -> None:
        self._make = calculator_factory(reference)
        self._calculator: Calculator | None = None
        self._store = None if folder is None else Store(folder / "reference.db")
        self._memory: dict[str, Record] = {}

    def pay(self, atoms: Atoms, **about: Any) -> Record:
        """Give the reference results of a structure; computed unless they are known.

        Parameters
        ----------
        atoms
            A structure.
        **about
            Kept with it, beside ``cpu_s``.

        Returns
        -------
        Record
            Its status is ``"done"`` or ``"failed"``, with the reason.
        """
        key = digest(atoms)
        if (known := self.find(key)) is not None:
            return known
        if self._calculator is None:
            self._calculator = self._make()
        started = cpu_seconds()
        labelled, reason = self._compute(self._calculator, atoms)
        about = {**about, "cpu_s": round(cpu_seconds() - started, 3)}
        status = "done" if reason is None else "failed"
        if self._store is not None:
            self._store.add(key, labelled, status=status, reason=reason, **about)
            return self._store.record(key)
        self._memory[key] = Record(key, status, reason, labelled, about)
        return self._memory[key]

    def find(self, key: str) -> Record | None:
        """Give a record, None where there is none."""
        if self._store is None:
            return self._memory.get(key)
        return self._store.record(key) if key in self._store else None

    def known(self, atoms: Atoms) -> bool:
        """Say whether a structure has been paid for."""
        return self.find(digest(atoms)) is not None

    def __len__(self) -> int:
        return len(self._memory) if self._store is None else len(self._store)

    def records(self) -> list[Record]:
        """Give everything that was paid for, in that order."""
        if self._store is None:
            return list(self._memory.values())
        return list(self._store.records())

    def close(self) -> None:
        """Close the file."""
        if self._store is not None:
            self._store.close()

    @staticmethod
    def _compute(calculator: Calculator, atoms: Atoms) -> tuple[Atoms, str | None]:
        """Compute what the calculator can; say why not where it fails."""
        wanted = [p for p in KEPT_RESULTS if p in calculator.implemented_properties]
        if not (atoms.pbc.all() and atoms.cell.rank == 3):
            wanted = [p for p in wanted if p != "stress"]
        try:
            calculator.calculate(atoms.copy(), wanted)
        except Exception as error:  # noqa: BLE001 (a calculator may raise anything; it is kept)
            return atoms.copy(), f"{type(error).__name__}: {error}"
        results = calculator.results
        for name in ("energy", "forces"):
            if results.get(name) is None or not np.isfinite(results[name]).all():
                return atoms.copy(), f"the reference gives no finite {name}"
        return with_results(atoms, results, getattr(calculator, "name", "reference")), None
