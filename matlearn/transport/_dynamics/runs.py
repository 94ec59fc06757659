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
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from matlearn.transport.trajectories import Trajectory

MAGIC = b"matlearn molecular dynamics 1\n"
CHUNK = struct.Struct("<4sQI")


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
        if path is not None:
            self._open(path)

    def _open(self, path: Path) -> None:
        """Take up the run in a file, or begin one."""
        if not path.parent.is_dir():
            raise FileNotFoundError(f"no folder {path.parent} to store {path.name} in")
        path.touch()
        self._file = path.open("r+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise RuntimeError(f"another process is running {path}: wait for it") from error
        held = _read(self._file)
        if held is None:
            head = MAGIC + _chunk(b"HEAD", _packed(self.start | _words(self.about)))
            _check_ours(self._file, path, len(head))
            self._append(head)
            self._good = self._end
            return
        self.about, self.start, self.layout = held.about, held.start, held.layout
        self.records, self.state = held.records, held.state
        self._good, self._end = held.good, held.end

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
        self._append(fresh + _chunk(b"STAT", _packed(self.state)))
        self._good = self._end

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
        return _chunk(b"RECS", fresh.tobytes())

    def _append(self, data: bytes) -> None:
        if self._file is not None:
            self._file.seek(self._end)
            self._file.truncate()  # what an interrupt left unfinished, or no state vouches for
            self._file.write(data)
            self._file.flush()
            self._end += len(data)

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
    for name, payload, end in _chunks(file):
        if held is None:
            if name != b"HEAD":
                return None
            start = _unpacked(payload)
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
        held.state = _unpacked(state)
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


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bytes, int]]:
    """Give name, contents and end of each chunk that is whole."""
    end = len(MAGIC)
    file.seek(0)
    if file.read(end) != MAGIC:
        return
    while True:
        file.seek(end)
        head = file.read(CHUNK.size)
        if len(head) < CHUNK.size:
            return
        name, length, check = CHUNK.unpack(head)
        payload = file.read(length)
        if len(payload) < length or zlib.crc32(payload) != check:
            return
        end += CHUNK.size + length
        yield name, payload, end


def _chunk(name: bytes, payload: bytes) -> bytes:
    return CHUNK.pack(name, len(payload), zlib.crc32(payload)) + payload


def _words(about: dict[str, Any]) -> dict[str, np.ndarray]:
    return {"about": np.array(json.dumps(about))}


def _packed(arrays: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _unpacked(data: bytes) -> dict[str, Any]:
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
