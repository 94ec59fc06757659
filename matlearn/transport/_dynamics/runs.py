"""The file of a run: records are appended, and a state now and then says how many are good.

After a line that names the format come chunks: four letters, the length and a check sum of what
follows. ``HEAD`` (once) holds the settings and the structure, ``RECS`` records one after the other,
``STAT`` all that decides how the run goes on. Records and the state that vouches for them are
appended in one piece. A chunk that a killed process left unfinished, and all records after the last
state, are cut off when a run is taken up again. Numbers and words, nothing that is code.

Records hold displacements from the start in single precision (to about 1e-6 A), states hold
everything in double precision.
"""

from __future__ import annotations

import fcntl
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from matlearn._disk import disk_full, is_full
from matlearn.transport._dynamics import chunks
from matlearn.transport._dynamics.chunks import MAGIC, chunk, packed, unpacked
from matlearn.transport.trajectories import Trajectory

UNBEGUN = "could not be begun; free some space and make the same call again"


def is_run(path: Path) -> bool:
    """Say whether a file is a run."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def layout(atoms: int, *, cells: bool, velocities: bool) -> np.dtype[Any]:
    """Give the layout of a record."""
    fields: list[tuple[Any, ...]] = [
        ("step", "<i8"),
        ("energy", "<f8"),
        ("kinetic", "<f8"),
        ("displacements", "<f4", (atoms, 3)),
    ]
    if cells:
        fields.append(("cell", "<f8", (3, 3)))
    if velocities:
        fields.append(("velocities", "<f4", (atoms, 3)))
    return np.dtype(fields)


class Run:
    """Records and states of a run, in a file or in memory alone.

    Parameters
    ----------
    path
        The file; None keeps records in memory.
    about
        Settings, in JSON.
    start
        Arrays of the structure: ``numbers``, ``masses``, ``positions``, ``cell``, ``pbc``.
    """

    def __init__(self, path: Path | None, about: dict[str, Any], start: dict[str, Any]) -> None:
        self.about, self.start, self.path = about, start, path
        self.layout = layout(
            len(start["numbers"]), cells=about["cells"], velocities=about["velocities"]
        )
        self.state: dict[str, np.ndarray] | None = None
        self.records: list[np.ndarray] = []
        self._pending: list[np.ndarray] = []
        self._file: IO[bytes] | None = None
        self._end = self._good = 0
        self._sure: int | None = None
        if path is not None:
            self._open(path)

    def _open(self, path: Path) -> None:
        """Take up the run in a file, or begin one."""
        if not path.parent.is_dir():
            raise FileNotFoundError(f"no folder {path.parent} to store {path.name} in")
        try:
            path.touch()
        except OSError as error:
            if is_full(error):
                raise disk_full(error, path, UNBEGUN) from error
            raise
        file = self._file = path.open("r+b", buffering=0)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise RuntimeError(f"another process is running {path}: wait for it") from error
        held = _read(file)
        if held is None:
            head = MAGIC + chunk(b"HEAD", packed(self.start | _words(self.about)))
            _check_ours(file, path, len(head))
            self._append(head)
            self._good = self._end
            return
        self.about, self.start, self.layout = held.about, held.start, held.layout
        self.records, self.state = held.records, held.state
        self._good, self._end = held.good, held.end
        self._sure = None if held.state is None else int(held.state["step"])

    def resume(self) -> None:
        """Cut off what no state vouches for."""
        good = 0 if self.state is None else int(self.state["records"])
        kept = self.table()[:good]
        self.records = [kept] if good else []
        self._end = self._good

    def add(self, record: np.ndarray) -> None:
        """Take a record; it is written with the next state."""
        self._pending.append(record)

    def checkpoint(self, state: dict[str, Any]) -> None:
        """Append the records since the last state, and a state."""
        fresh = self._settle()
        state = state | {"records": np.array(sum(len(part) for part in self.records))}
        self.state = {name: np.asarray(value) for name, value in state.items()}
        self._append(fresh + chunk(b"STAT", packed(self.state)))
        self._good, self._sure = self._end, int(self.state["step"])

    def close(self) -> None:
        """Write the records since the last state too: they are good, if not to go on from."""
        fresh = self._settle()
        if fresh:
            self._append(fresh)
        if self._file is not None:
            self._file.close()

    def _settle(self) -> bytes:
        if not self._pending:
            return b""
        fresh = np.stack(self._pending)
        self._pending = []
        self.records.append(fresh)
        return chunk(b"RECS", fresh.tobytes())

    def _append(self, data: bytes) -> None:
        if self._file is None:
            return
        self._file.seek(self._end)
        self._file.truncate()  # what an interrupt left unfinished, or no state vouches for
        try:
            chunks.write(self._file, data)
        except OSError as error:
            self._file.close()
            self._file = None
            if not is_full(error):
                raise
            assert self.path is not None
            raise disk_full(error, self.path, self._kept()) from error
        self._end += len(data)

    def _kept(self) -> str:
        """Say what the file holds for certain, and how to go on."""
        if self._sure is None:
            return UNBEGUN
        until = f"step {self._sure}" if self._sure >= 0 else "the middle of the equilibration"
        return (
            f"holds the run up to {until}; free some space and make the same call again: it goes "
            "on from there"
        )

    def table(self) -> np.ndarray:
        """Give all records."""
        parts = [*self.records, *([np.stack(self._pending)] if self._pending else [])]
        return np.concatenate(parts) if parts else np.empty(0, self.layout)

    def last_step(self) -> int:
        """Give the step of the last record, -1 if there is none."""
        return int(self.records[-1]["step"][-1]) if self.records else -1

    def trajectory(self, until: int | None = None) -> Trajectory | None:
        """Give the records up to a step as a trajectory; None if there are none."""
        table = self.table()
        if until is not None:
            table = table[table["step"] <= until]
        if len(table) == 0:
            return None
        start = self.start
        return Trajectory(
            numbers=start["numbers"],
            masses=start["masses"],
            positions=start["positions"] + table["displacements"],
            cells=table["cell"] if self.about["cells"] else start["cell"],
            pbc=start["pbc"],
            time_step=self.about["info"]["timestep"] * self.about["info"]["record_every"],
            energies=table["energy"].copy(),
            kinetic_energies=table["kinetic"].copy(),
            velocities=table["velocities"] if self.about["velocities"] else None,
            info=dict(self.about["info"]),
        )


def read(path: Path) -> Trajectory:
    """Read the trajectory of a run, finished or not."""
    with path.open("rb") as file:
        held = _read(file)
    if held is None:
        raise ValueError(f"{path} is a damaged run: its settings are missing")
    run = Run(None, held.about, held.start)
    run.records = held.records
    found = run.trajectory()
    if found is None:
        raise ValueError(f"{path} holds no records yet: the run was stopped before its first")
    return found


@dataclass
class _Held:
    """What a file holds."""

    about: dict[str, Any]
    start: dict[str, Any]
    layout: np.dtype[Any]
    records: list[np.ndarray]
    state: dict[str, np.ndarray] | None
    good: int
    """Where the last state ends, in bytes."""
    end: int
    """Where the last whole chunk ends."""


def _read(file: IO[bytes]) -> _Held | None:
    """Read all that is whole; None where not even the settings are."""
    held: _Held | None = None
    state: bytes | None = None
    for name, payload, end in chunks.whole(file):
        if held is None:
            if name != b"HEAD":
                return None
            start = unpacked(payload)
            about = json.loads(str(start.pop("about")))
            kind = layout(
                len(start["numbers"]), cells=about["cells"], velocities=about["velocities"]
            )
            held = _Held(about, start, kind, [], None, end, end)
        elif name == b"RECS":
            held.records.append(np.frombuffer(payload, held.layout))
        elif name == b"STAT":
            state, held.good = payload, end
        held.end = end
    if held is not None and state is not None:
        held.state = unpacked(state)
    return held


def _check_ours(file: IO[bytes], path: Path, begun: int) -> None:
    """Never write over somebody else's file, nor over a run that is longer than its beginning."""
    file.seek(0)
    first, size = file.read(len(MAGIC)), file.seek(0, io.SEEK_END)
    if first == MAGIC[: len(first)] and size <= begun:
        return
    file.close()
    what = "is a damaged run: its settings cannot be read" if first == MAGIC else "is no run"
    raise ValueError(f"store = {path} is there already and {what}; take another name")


def _words(about: dict[str, Any]) -> dict[str, np.ndarray]:
    return {"about": np.array(json.dumps(about))}
