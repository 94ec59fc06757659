"""What a learning run knows at a moment, and the files that bring it back after a kill."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from matlearn._arrays import read_arrays, write_arrays
from matlearn.potentials._learning.dynamics import Moment

FORMAT = "matlearn learning on the fly 1"
COLUMNS = ("step", "time", "temperature", "energy", "grade", "event", "labelled")
"""Of the history."""
PARTS = ("md", "grades", "reference", "training")


@dataclass
class Frame:
    """A structure that may be labelled."""

    positions: np.ndarray
    step: int
    grade: float


@dataclass
class State:
    """Everything that decides how a run goes on."""

    safe: Moment
    """Where the trajectory goes on."""
    pool: list[Frame] = field(default_factory=list)
    """Kept because of their grade, to be thinned."""
    pending: list[Frame] = field(default_factory=list)
    """Chosen for the reference, perhaps paid for already."""
    event: str = "start"
    """Why they were chosen."""
    keys: list[str] = field(default_factory=list)
    """Labelled structures in the training set, in their order."""
    parameters: np.ndarray | None = None
    min_distance: float | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    """A row a graded step."""
    frames: list[np.ndarray] = field(default_factory=list)
    """Positions along the trajectory."""
    frame_steps: list[int] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    stuck: int = 0
    """Times that the potential was trained since the trajectory last came forward."""
    rounds: int = 0
    """Times that the potential was trained."""

    def rewind(self) -> None:
        """Forget the recorded frames beyond the safe step."""
        while self.frame_steps and self.frame_steps[-1] > self.safe.step:
            self.frame_steps.pop()
            self.frames.pop()


class Files:
    """The folder of a run: its settings, and a checkpoint of what is known.

    Parameters
    ----------
    folder
        Made if it is not there.
    settings
        What the run was called with; a folder of another run is refused.

    Raises
    ------
    ValueError
        If the folder belongs to a run with other settings, or its files are damaged.
    """

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._settings = folder / "settings.json"
        if self._settings.exists():
            self._compare(settings)
        else:
            _write_text(self._settings, json.dumps(settings, indent=1))

    def _compare(self, settings: dict[str, Any]) -> None:
        try:
            before = json.loads(self._settings.read_text())
        except ValueError as error:
            raise ValueError(
                f"{self._settings} is damaged ({error}); use another folder"
            ) from error
        given = json.loads(json.dumps(settings))
        for name in given:
            if before.get(name) != given[name]:
                raise ValueError(
                    f"folder={str(self.folder)!r} holds a run with {name}={before.get(name)!r}, "
                    f"this one has {given[name]!r}: use another folder, or the same arguments"
                )

    def save(self, state: State) -> None:
        """Write a checkpoint, whole or not at all."""
        about = {
            "format": FORMAT, "step": state.safe.step, "random": state.safe.random,
            "event": state.event, "keys": state.keys, "min_distance": state.min_distance,
            "rows": state.rows, "frame_steps": state.frame_steps, "cpu": state.cpu,
            "stuck": state.stuck, "rounds": state.rounds,
            "pool": [[frame.step, frame.grade] for frame in state.pool],
            "pending": [[frame.step, frame.grade] for frame in state.pending],
        }  # fmt: skip
        shape = state.safe.positions.shape
        arrays: dict[str, Any] = {
            "positions": state.safe.positions,
            "momenta": state.safe.momenta,
            "parameters": np.zeros(0) if state.parameters is None else state.parameters,
            "pool": np.array([f.positions for f in state.pool]).reshape(-1, *shape),
            "pending": np.array([f.positions for f in state.pending]).reshape(-1, *shape),
            "frames": np.array(state.frames).reshape(-1, *shape),
            "about": np.array(json.dumps(about)),
        }
        write_arrays(self.folder / "checkpoint.npz", arrays)

    def load(self) -> State | None:
        """Read the checkpoint; None where there is none yet."""
        path = self.folder / "checkpoint.npz"
        if not path.exists():
            return None
        arrays, about = read_arrays(path, FORMAT)
        parameters = arrays["parameters"]
        return State(
            safe=Moment(about["step"], arrays["positions"], arrays["momenta"], about["random"]),
            pool=_frames(about["pool"], arrays["pool"]),
            pending=_frames(about["pending"], arrays["pending"]),
            event=about["event"],
            keys=about["keys"],
            parameters=parameters if len(parameters) else None,
            min_distance=about["min_distance"],
            rows=about["rows"],
            frames=list(arrays["frames"]),
            frame_steps=about["frame_steps"],
            cpu=about["cpu"],
            stuck=about["stuck"],
            rounds=about["rounds"],
        )


def _frames(about: list[Any], positions: np.ndarray) -> list[Frame]:
    return [Frame(p, step, grade) for (step, grade), p in zip(about, positions, strict=True)]


def _write_text(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    part.replace(path)
