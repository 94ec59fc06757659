"""The folder of a run: what it has paid for, what it has relaxed, and how far it is."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ase import Atoms

from matlearn._relaxing.queue import digest_of
from matlearn.potentials._hulls.journal import Journal
from matlearn.potentials.moment_tensors import MTP
from matlearn.store import Record, Store

PARTS = ("MTP relaxation", "grading", "labelling", "training")
"""Where CPU time goes, other than into the final relaxations, which keep it themselves."""


class Folder:
    """Everything of a run that outlives the process.

    - ``labels.db``: every single point of the reference, committed as soon as it is there;
    - ``relaxed.db``: every relaxation by a potential that could be trusted all the way;
    - ``final.db`` and ``journal/``: the relaxations by the reference, and each of their steps;
    - ``screen-1.mtp``, ``screen-2.mtp``: the potentials; ``state.json``: sweeps and CPU times.

    Parameters
    ----------
    path
        Made where it is not there.
    settings
        What must be the same for a run to go on.

    Raises
    ------
    ValueError
        If the folder holds a run with other settings, or other files.
    """

    def __init__(self, path: Path, settings: dict[str, Any]) -> None:
        self.path = path
        file = path / "state.json"
        if path.exists() and not path.is_dir():
            raise ValueError(f"folder {path} is a file: name a new folder")
        others = [one for one in path.glob("*") if not one.name.startswith(".state-")]
        if others and not file.exists():
            raise ValueError(f"folder {path} holds something else: name a new one")
        path.mkdir(parents=True, exist_ok=True)
        self.state: dict[str, Any] = {"settings": settings, "sweeps": [], "fits": {}, "cpu": {}}
        if file.exists():
            self.state = json.loads(file.read_text())
            there = self.state["settings"]
            differs = [
                f"{name}={there.get(name)!r} there and {settings.get(name)!r} now"
                for name in dict.fromkeys([*settings, *there])
                if there.get(name) != settings.get(name)
            ]
            if differs:
                raise ValueError(
                    f"folder {path} holds another run ({'; '.join(differs)}): name a new one"
                )
        self.save()
        self.journal = Journal(path / "journal")
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Folder:
        with contextlib.ExitStack() as stack:
            self.labels = stack.enter_context(Store(self.path / "labels.db"))
            self.relaxed = stack.enter_context(Store(self.path / "relaxed.db"))
            stack.enter_context(self.labels.writing())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.__exit__(None, None, None)

    def save(self) -> None:
        """Write the state, whole or not at all."""
        handle, name = tempfile.mkstemp(prefix=".state-", dir=self.path)
        try:
            with os.fdopen(handle, "w") as file:
                json.dump(self.state, file)
            Path(name).replace(self.path / "state.json")
        finally:
            Path(name).unlink(missing_ok=True)

    def spend(self, part: str, seconds: float) -> None:
        """Add CPU time to a part of the work."""
        cpu = self.state["cpu"]
        cpu[part] = cpu.get(part, 0.0) + seconds

    def labelled(self) -> list[Atoms]:
        """Give what the reference has computed, with its results, in the order it was asked."""
        done = sorted(self.labels.records("done"), key=lambda r: int(r.info.get("order", 0)))
        return [record.atoms for record in done if record.atoms is not None]

    def paid(self, atoms: Atoms) -> Record | None:
        """Give what the reference has said of a structure before, None if it was not asked."""
        key = digest_of(atoms)
        return self.labels.record(key) if key in self.labels else None

    def describe(self, candidates: Sequence[Atoms], species: Sequence[str]) -> None:
        """Write down what the candidates are."""
        self.state["species"] = list(species)
        self.state["candidates"] = [
            {
                "label": atoms.info["label"],
                "lattice": atoms.info.get("lattice"),
                "formula": str(atoms.symbols.formula.reduce()[0]),
                "n_atoms": len(atoms),
                "counts": atoms.symbols.formula.count(),
            }
            for atoms in candidates
        ]
        self.save()

    def calls(self) -> int:
        """Count the single points that were asked of the reference."""
        return sum(self.labels.info(key)["part"] != "given" for key in self.labels.keys())  # noqa: SIM118 (a store is no dictionary)

    def take(self, images: list[Atoms]) -> None:
        """Take configurations that came with reference results; they are not counted as calls."""
        for atoms in images:
            key = digest_of(atoms)
            if key not in self.labels:
                bare = atoms.copy()
                bare.calc, bare.info = atoms.calc, {}
                self.labels.add(key, bare, part="given", label=key, order=len(self.labels))

    def potential(self, screen: int) -> MTP | None:
        """Give the potential of a screen as it was last fitted, None before."""
        path = self.path / f"screen-{screen}.mtp"
        return MTP.load(path) if path.exists() else None

    def relaxations(self, screen: int) -> dict[str, Record]:
        """Give the finished relaxations of a screen by the label of the structure."""
        mine = f"{screen}/"
        found = (self.relaxed.record(key) for key in self.relaxed.keys() if key.startswith(mine))  # noqa: SIM118
        return {record.key[len(mine) :]: record for record in found}


def digest_of_all(structures: Sequence[Atoms]) -> str:
    """Give a number to a list of structures."""
    together = "".join(atoms.info["label"] + digest_of(atoms) for atoms in structures)
    return hashlib.sha256(together.encode()).hexdigest()[:16]


def digest_of_known(images: Sequence[Atoms]) -> str | None:
    """Give a number to structures and their energies, None where there are none."""
    if not images:
        return None
    words = (f"{digest_of(atoms)} {atoms.calc.results['energy']:.9g}" for atoms in images)
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def read_state(path: Path) -> dict[str, Any]:
    """Read the state of a run.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    state: dict[str, Any] = json.loads((path / "state.json").read_text())
    return state


@contextlib.contextmanager
def measured(folder: Folder, part: str) -> Iterator[None]:
    """Add the CPU time of this process to a part of the work."""
    began = time.process_time()
    try:
        yield
    finally:
        folder.spend(part, time.process_time() - began)
