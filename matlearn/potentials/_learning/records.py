"""A learning run in files that other programs read as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ase import Atoms
from ase.io import read, write

if TYPE_CHECKING:
    from matlearn.potentials._learning.result import LearningRun

PLAIN = ("calls", "failures", "steps", "finished", "reason", "cpu", "settings")
LABELLED, WAY, HISTORY, LABELS, ABOUT, POTENTIAL = (
    "labelled.extxyz", "trajectory.extxyz", "history.csv", "labels.csv", "run.json",
    "potential.mtp",
)  # fmt: skip


def save(run: LearningRun, folder: Path, about: dict[str, Any]) -> None:
    """Write a run; see `LearningRun.save`."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / LABELLED, run.images)
    _write(folder / WAY, run.trajectory)
    for name, frame in ((HISTORY, run.history), (LABELS, run.labels)):
        frame.round(6).to_csv(folder / f"{name}.part", index=False, lineterminator="\n")
        (folder / f"{name}.part").replace(folder / name)
    run.mtp.save(folder / POTENTIAL)
    values = {name: getattr(run, name) for name in PLAIN}
    values["cpu"] = {name: round(seconds, 2) for name, seconds in run.cpu.items()}
    part = folder / f"{ABOUT}.part"
    part.write_text(json.dumps({**values, "about": about}, indent=1) + "\n")
    part.replace(folder / ABOUT)


def load(folder: Path) -> dict[str, Any]:
    """Read what `save` wrote, as the fields of a `LearningRun`."""
    import pandas as pd

    from matlearn.potentials.moment_tensors import MTP

    for name in (LABELLED, WAY, HISTORY, LABELS, ABOUT, POTENTIAL):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder} holds no learning run: there is no {name}")
    try:
        values = json.loads((folder / ABOUT).read_text())
        fields = {name: values[name] for name in PLAIN}
        images, trajectory = (list(read(folder / name, ":")) for name in (LABELLED, WAY))
        history, labels = (
            pd.read_csv(folder / name, keep_default_na=False, na_values={"grade": ["", "nan"]})
            for name in (HISTORY, LABELS)
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder} holds a damaged learning run: {error}") from error
    return {
        **fields,
        "mtp": MTP.load(folder / POTENTIAL),
        "images": images,
        "trajectory": trajectory,
        "history": history,
        "labels": labels,
    }


def _write(path: Path, images: list[Atoms]) -> None:
    part = path.with_name(f"{path.name}.part")
    write(part, images, format="extxyz")
    part.replace(path)
