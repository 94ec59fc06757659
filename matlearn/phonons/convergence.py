"""Is it converged? The conductivity against training data, mesh, displacement and supercell."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._constants.harmonic import checked_mesh, checked_temperatures
from matlearn.phonons._constants.results import ForceConstants
from matlearn.phonons._forces.evaluating import AnyCalculator
from matlearn.phonons._forces.results import ForceSet
from matlearn.phonons._phono3py.cells import checked_matrix
from matlearn.phonons._phono3py.drawing import draw
from matlearn.phonons._transport import steps

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.fitting import FitResult
    from matlearn.store import Store

__all__ = ["Convergence", "converge"]

COLUMNS = ("value", "kappa", "change", "force_rmse", "lowest", "highest", "atoms", "mesh")
UNITS = {
    "training": "supercells",
    "mesh": "wave vectors along each direction",
    "distance": "A",
    "supercell": "unit cells",
}


@dataclass(frozen=True, repr=False)
class Convergence:
    """A conductivity computed again and again while one thing is varied."""

    over: str
    """What is varied: ``"training"``, ``"mesh"``, ``"distance"`` or ``"supercell"``."""
    temperature: float
    """K."""
    rows: list[dict[str, Any]] = field(repr=False)
    """A row a value: see `to_frame`."""
    fits: dict[Any, FitResult] = field(default_factory=dict, repr=False)
    """What was trained, by number of supercells; nothing of rows that a store had."""

    @property
    def unit(self) -> str:
        """Of what is varied."""
        return UNITS[self.over]

    @property
    def failures(self) -> dict[Any, str]:
        """Why a value has no conductivity."""
        return {row["value"]: row["failure"] for row in self.rows if row.get("failure")}

    def to_frame(self) -> pd.DataFrame:
        """Give the table.

        Returns
        -------
        DataFrame
            ``value``; ``kappa`` (W/mK, mean over directions); ``change``, against the last value
            (a share); ``force_rmse`` (meV/A) of a trained potential on its test set, where there is
            one; ``lowest`` and ``highest`` frequency of the mesh (THz); ``atoms`` of the supercell;
            ``mesh``; ``cpu_seconds``; ``messages`` and ``failure``, why a row has no number.
        """
        import pandas as pd

        last = next((row["kappa"] for row in reversed(self.rows) if "kappa" in row), np.nan)
        rows = [
            {**row, "kappa": kappa, "change": kappa / last - 1}
            for row in self.rows
            for kappa in [row.get("kappa", np.nan)]
        ]
        frame = pd.DataFrame(rows)
        if "failure" not in frame:
            frame["failure"] = None
        first = [name for name in COLUMNS if name in frame]
        return frame[[*first, *[name for name in frame if name not in first]]]

    def converged_at(self, tolerance: float = 0.02) -> Any:
        """Give the first value from which on the conductivity stays within a share of the last.

        None where only the last value does: that says nothing.

        Parameters
        ----------
        tolerance
            Share of the last conductivity.
        """
        good = [row for row in self.rows if "kappa" in row]
        near = [abs(row["kappa"] / good[-1]["kappa"] - 1) <= tolerance for row in good]
        for number, row in enumerate(good[:-1]):
            if all(near[number:]):
                return row["value"]
        return None

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the conductivity over what is varied (`matlearn.phonons.plots.convergence`)."""
        axes: Axes = draw("convergence", self, ax)
        return axes

    def __repr__(self) -> str:
        good = [row for row in self.rows if "kappa" in row]
        way = ", ".join(f"{row['value']}: {row['kappa']:.4g}" for row in good)
        lost = f", {len(self.failures)} failed" if self.failures else ""
        return (
            f"Convergence(over {self.over}, W/mK at {self.temperature:g} K: {way or 'none'}{lost})"
        )


def converge(
    source: ForceSet | ForceConstants | AnyCalculator,
    *,
    over: str,
    values: Sequence[Any],
    cell: Any = None,
    supercell: Sequence[int] | np.ndarray | None = None,
    mesh: int | Sequence[int] = 11,
    temperature: float = 300.0,
    nac: bool = True,
    distance: float = 0.01,
    method: str | None = None,
    potential: str | None = None,
    born: Any = None,
    dielectric: Any = None,
    n_test: int = 20,
    training: dict[str, Any] | None = None,
    store: str | os.PathLike[str] | Store | None = None,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> Convergence:
    """Compute the conductivity while one thing is varied, and put it into one table.

    Parameters
    ----------
    source : ForceSet, ForceConstants, or a potential
        What the conductivity comes from. ``"training"`` needs a ForceSet, ``"mesh"`` takes all of
        them, ``"distance"`` and ``"supercell"`` need a potential with `cell`.
    over : {"training", "mesh", "distance", "supercell"}
        What is varied: supercells of the training set (the first so many), wave vectors, the
        displacement (A), or the supercell.
    values
        Of what is varied, in the order of the table; the last one is what others are compared to.
    cell, supercell
        Unit cell and supercell, where `source` is a potential.
    mesh, temperature, nac
        As in `thermal_conductivity`; one temperature (K).
    distance, method
        As in `force_constants`.
    potential : {"polynomial", "mtp"} or path, optional
        For ``"training"``: what is trained on the first so many supercells and then displaced
        systematically (see `train_potential`). None: the constants are fitted to them directly.
    born, dielectric
        Charges of a polar crystal, where `source` is a potential: see `ForceSet.with_nac`. Those of
        a ForceSet are taken anyway.
    n_test : int
        Last supercells of the set, on which a trained potential is tested.
    training : dict, optional
        Further arguments of `train_potential`.
    store
        File or `matlearn.store.Store` that keeps every row and every supercell as soon as it is
        done; the same call goes on from there.
    client, workers, progress
        As in `force_set`.

    Returns
    -------
    Convergence
        ``.to_frame()``, ``.plot()``, ``.converged_at()``. A value that fails is a row with its
        reason (and all of them a warning). ``.fits`` holds the potentials that were trained, to go
        on with.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> cell = bulk("Al", a=3.9943, cubic=True)
    >>> constants = phonons.force_constants("emt", cell=cell, supercell=(2, 2, 2), workers=1,
    ...                                     progress=False)
    >>> phonons.converge(constants, over="mesh", values=(3, 5), progress=False)
    Convergence(over mesh, W/mK at 300 K: 3: 6..., 5: 9.79...)
    """
    from tqdm.auto import tqdm

    from matlearn.store import Store

    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"values must be several, such as (11, 15, 19), got {values!r}")
    listed = list(values)
    _check(source, over, listed, cell, supercell, born, dielectric)
    if over != "training" and (potential is not None or training):
        raise ValueError(f"potential and training go with over='training', got over={over!r}")
    kelvin = float(checked_temperatures(temperature, least=1.0)[0])
    with contextlib.ExitStack() as stack:
        db = store
        if store is not None and not isinstance(store, Store):
            db = stack.enter_context(Store(store))
        plan = steps.Plan(
            source=source,
            cell=cell,
            supercell=supercell,
            mesh=mesh,
            temperature=kelvin,
            nac=nac,
            distance=distance,
            method=method,
            potential=potential,
            born=born,
            dielectric=dielectric,
            n_test=n_test,
            training=dict(training or {}),
            how={"store": db, "client": client, "workers": workers, "progress": False},
        )
        bar = tqdm(listed, disable=not progress, desc=over, unit="value")
        rows = [_row(plan, over, value, db) for value in bar]
    found = Convergence(over, kelvin, rows, plan.fits)
    if len(found.failures) == len(rows):
        value, reason = next(iter(found.failures.items()))
        warnings.warn(f"none of the values has a conductivity; {value}: {reason}", stacklevel=2)
    return found


def _row(plan: steps.Plan, over: str, value: Any, db: Any) -> dict[str, Any]:
    """Take a row from the store, or make it and keep it; one that failed is tried again."""
    if db is None:
        return steps.run(plan, over, value)
    key = steps.key_of(plan, over, value)
    if key in db:
        kept: dict[str, Any] = db.info(key)["row"]
        return kept
    row = steps.run(plan, over, value)
    if not row.get("failure"):
        db.add(key, None, row=row)
    return row


def _check(
    source: Any,
    over: str,
    values: list[Any],
    cell: Any,
    supercell: Any,
    born: Any,
    dielectric: Any,
) -> None:
    """See that the arguments fit together."""
    if over not in steps.STEPS:
        raise ValueError(f"over must be one of {', '.join(map(repr, steps.STEPS))}, got {over!r}")
    if not values:
        raise ValueError("values must hold at least one value, got none")
    known = isinstance(source, ForceSet | ForceConstants)
    if (born is None) != (dielectric is None):
        raise ValueError("born and dielectric go together: give both, or neither")
    if over == "training":
        if not isinstance(source, ForceSet):
            raise TypeError(f"over='training' needs a ForceSet, got {type(source).__name__}")
        wrong = [n for n in values if not isinstance(n, int | np.integer) or isinstance(n, bool)]
        if wrong or min(values) < 1 or max(values) > len(source):
            raise ValueError(
                f"values must be numbers of supercells from 1 to {len(source)}, got {values}"
            )
    elif over == "mesh":
        for value in values:
            checked_mesh(value, "values")
    elif over in ("distance", "supercell") and known:
        raise TypeError(
            f"over={over!r} displaces atoms anew and needs a potential, got a "
            f"{type(source).__name__}: give a calculator, with cell (and supercell)"
        )
    if known and (cell is not None or supercell is not None):
        raise ValueError("cell and supercell go with a potential; leave them out")
    if not known and (cell is None or (supercell is None and over != "supercell")):
        raise ValueError("a potential needs cell and supercell")
    if over == "supercell":
        for value in values:
            checked_matrix(value, "values")
