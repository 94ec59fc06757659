"""What `relax_and_learn` found, read from its folder."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn._relaxing.loop import Run
from matlearn.potentials._hulls.folder import PARTS, read_state
from matlearn.potentials._hulls.journal import Journal
from matlearn.potentials._hulls.learning import with_energy
from matlearn.potentials._hulls.screening import hull_heights
from matlearn.potentials.moment_tensors import MTP
from matlearn.store import Store

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class LearnedHull:
    """A convex hull found by relaxing with learning on the way, and what it took.

    Read one with `LearnedHull.read`.
    """

    path: Path
    """The folder of the run."""
    stable: tuple[str, ...]
    """Labels of the structures on the hull, by the reference."""
    counts: dict[str, int]
    """Structures: ``"candidates"``, ``"screen 1"`` and ``"screen 2"`` (kept by them), ``"final"``
    (relaxed by the reference), ``"failed"``."""
    calls: dict[str, int]
    """Calculations of the reference: ``"start"``, ``"screen 1"``, ``"survivors"``, ``"screen 2"``
    (single points), ``"final"`` (steps of the final relaxations)."""
    cpu: dict[str, float]
    """CPU seconds: ``"MTP relaxation"``, ``"grading"``, ``"labelling"``, ``"training"``,
    ``"final relaxation"``. What was going on when a process was killed is not in it."""
    rmse: dict[str, float]
    """RMSE of the two potentials in eV/atom, on their training sets; and that of the first on
    ``"survivors"``: structures that it had relaxed, before it was told their energies."""
    _table: pd.DataFrame = field(repr=False, compare=False)
    _sweeps: list[dict[str, Any]] = field(repr=False, compare=False)
    _failures: list[dict[str, Any]] = field(repr=False, compare=False)

    @classmethod
    def read(cls, folder: str | os.PathLike[str]) -> LearnedHull:
        """Read a finished run.

        Raises
        ------
        FileNotFoundError
            If there is none in this folder.
        ValueError
            If it is not finished: the same call of `relax_and_learn` goes on with it.
        """
        path = Path(folder)
        state = read_state(path)
        if not (path / "final.db").exists() or "2" not in state.get("screens", {}):
            raise ValueError(f"the run in {path} is not finished: call relax_and_learn again")
        final = {record.key: record for record in Run.read(path / "final.db").records()}
        with Store(path / "relaxed.db") as store:
            relaxed = {record.key: record for record in store.records()}
        with Store(path / "labels.db") as store:
            asked = Counter(str(record.info["part"]) for record in store.records())
        asked.pop("given", None)
        table, failures = _tables(state, relaxed, final)
        calls = {
            part: asked.get(part, 0) for part in ("start", "screen 1", "survivors", "screen 2")
        }
        return cls(
            path,
            tuple(table["label"][table["stable"]]),
            {
                "candidates": len(table),
                "screen 1": int(table["kept_1"].sum()),
                "screen 2": len(final),
                "final": sum(with_energy(record) for record in final.values()),
                "failed": len(failures),
            },
            calls | {"final": len(Journal(path / "journal"))},
            {part: float(state["cpu"].get(part, 0.0)) for part in PARTS}
            | {"final relaxation": sum(r.info["cpu_seconds"] for r in final.values())},
            _rmse(state),
            table,
            state["sweeps"],
            failures,
        )

    def __repr__(self) -> str:
        stable = self._table[self._table["stable"]]["formula"].tolist()
        names = ", ".join(stable[:6]) + (", ..." if len(stable) > 6 else "")
        return (
            f"LearnedHull({self.counts['candidates']} candidates, {self.counts['screen 2']} relaxed "
            f"by the reference, {sum(self.calls.values())} calls of it, stable: {names})"
        )

    def to_frame(self) -> pd.DataFrame:
        """Give the candidates as a table, in the order given.

        Returns
        -------
        DataFrame
            ``label``, ``lattice`` (that it started from), ``formula``, ``n_atoms``, ``x_<element>``;
            ``formation_1``, ``above_1``, ``kept_1`` of the first screen and the same of the second
            (formation energies and heights above the hull in eV/atom, by the potentials; NaN where
            there is none); ``energy_per_atom``, ``formation_energy``, ``energy_above_hull``
            (eV/atom) and ``stable`` by the reference; ``structure``, as it was relaxed last.
        """
        return self._table.copy()

    def sweeps(self) -> pd.DataFrame:
        """Give what each sweep did.

        Returns
        -------
        DataFrame
            ``screen``, ``images`` (that the potential was trained on), ``rmse`` (eV/atom, on
            them), ``candidates`` (relaxed in this sweep), ``relaxed`` (of them without
            extrapolating), ``marked`` (configurations), ``largest_grade``, ``labelled`` (of the
            marked).
        """
        import pandas as pd

        return pd.DataFrame(self._sweeps)

    def failures(self) -> pd.DataFrame:
        """Give the structures that were lost, where and why: label, part, status, reason."""
        import pandas as pd

        return pd.DataFrame(self._failures, columns=["label", "part", "status", "reason"])

    @property
    def images(self) -> list[Atoms]:
        """All single points of the reference, with its results: a training set."""
        with Store(self.path / "labels.db") as store:
            return [store.get(key) for key in store.keys("done")]

    @property
    def potentials(self) -> tuple[MTP, MTP]:
        """The potentials of the two screens, as they were trained last."""
        return MTP.load(self.path / "screen-1.mtp"), MTP.load(self.path / "screen-2.mtp")

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the candidates by the first potential, what was relaxed, and the final hull."""
        from matlearn.potentials._hulls.figures import hull

        return hull(self, ax=ax)


def _tables(
    state: dict[str, Any], relaxed: dict[str, Any], final: dict[str, Any]
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Give the table of candidates, and what was lost."""
    import pandas as pd

    elements = list(state["species"])
    table = pd.DataFrame(state["candidates"])
    counts = np.array([[one.get(e, 0) for e in elements] for one in table.pop("counts")])
    fractions = counts / counts.sum(axis=1, keepdims=True)
    for index, element in enumerate(elements):
        table[f"x_{element}"] = fractions[:, index]
    structures: list[Any] = [None] * len(table)
    failures: list[dict[str, Any]] = []
    records: list[Any]
    for number in ("1", "2"):
        screen = state["screens"][number]
        records = [relaxed.get(f"{number}/{label}") for label in table["label"]]
        table[f"formation_{number}"], table[f"above_{number}"] = _heights(records, fractions)
        table[f"kept_{number}"] = table[f"above_{number}"] <= screen["width"]
        structures = [r.atoms if with_energy(r) else s
                      for r, s in zip(records, structures, strict=True)]  # fmt: skip
        failures += [
            {"label": label, "part": f"screen {number}", "status": "extrapolates", "reason": why}
            for label, why in screen["given_up"].items()
        ] + _lost(records, f"screen {number}")
    records = [final.get(label) for label in table["label"]]
    failures += _lost(records, "final")
    table["energy_per_atom"] = _energies(records)
    table["formation_energy"], table["energy_above_hull"] = _heights(records, fractions)
    table["stable"] = table["energy_above_hull"] == 0.0
    table["structure"] = [r.atoms if with_energy(r) else s
                          for r, s in zip(records, structures, strict=True)]  # fmt: skip
    return table, failures


def _rmse(state: dict[str, Any]) -> dict[str, float]:
    rmse = {f"screen {number}": float(one["rmse"]) for number, one in state["screens"].items()}
    told = state.get("survivors", {}).get("rmse")
    return rmse | {"survivors": float("nan") if told is None else float(told)}


def _energies(records: list[Any]) -> np.ndarray:
    return np.array([
        r.atoms.get_potential_energy() / len(r.atoms) if with_energy(r) else np.nan
        for r in records
    ])  # fmt: skip


def _heights(records: list[Any], fractions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return hull_heights(_energies(records), fractions)


def _lost(records: list[Any], part: str) -> list[dict[str, Any]]:
    return [
        {"label": r.key.split("/", 1)[-1], "part": part, "status": r.status, "reason": r.reason}
        for r in records
        if r is not None and not with_energy(r)
    ]
