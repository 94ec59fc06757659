"""Is a cluster expansion good enough for what is asked of it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matlearn.lattice._fits import checks as _checks
from matlearn.lattice._fits.design import design_in
from matlearn.lattice._fits.findings import Finding, findings_of, verdict_of
from matlearn.lattice._fits.fractions import distances_above
from matlearn.lattice._fits.making import concentrations, formulas
from matlearn.lattice._fits.problem import build_problem
from matlearn.lattice._fits.result import ClusterExpansionFit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

_MARKS = {"good": "+", "caution": "o", "bad": "!"}


@dataclass(frozen=True, repr=False, eq=False)
class Diagnosis:
    """What was found about a fit; ``print`` it for the words.

    The verdict is *good* where unseen structures are predicted to a tenth of the energy scale or
    better, *fair* up to a quarter, *poor* beyond, and *poor* wherever a ground state is lost or a
    wrong one appears by more than that error.
    """

    verdict: str
    """``"good"``, ``"fair"`` or ``"poor"``."""
    fit: ClusterExpansionFit
    """What was diagnosed."""
    n_unseen: int
    """Structures given that were not fitted."""
    complete: bool
    """True if all structures fitted are among those given. If not, the hulls below are those of a
    part, and neither verdict nor words judge the ground states."""
    error: float
    """Root mean square error of unseen structures, eV/atom."""
    energy_scale: float
    """What has to be resolved, eV/atom; `energy_scale_is` says what it is."""
    energy_scale_is: str
    """The depth of the convex hull; without compounds, the spread of the mixing energies."""
    relative_error: float
    """`error` divided by `energy_scale`."""
    condition_number: float
    """Of the cluster vectors."""
    pair_decay: float
    """Interaction in the farthest third of the pairs beside that of the strongest pair."""
    ground_states: pd.DataFrame = field(repr=False)
    """Structures on either hull: ``label``, ``formula``, ``concentration``, ``mixing_energy`` and
    ``predicted`` (eV/atom), ``hull_distance`` and ``predicted_hull_distance`` (eV/atom),
    ``reference_depth`` and ``predicted_depth`` (eV/atom below the hull of all others; missing
    above it and for end members), ``status``: ``"preserved"``, ``"lost"`` or ``"spurious"``."""
    errors_by_distance: pd.DataFrame = field(repr=False)
    """Structures in groups by ``distance_from`` and ``distance_to`` the hull (eV/atom): ``n``,
    ``mean_error``, ``rmse``, ``rmse_held_out`` (eV/atom)."""
    learning_curve: pd.DataFrame = field(repr=False)
    """``n_structures`` fitted, ``rmse_train``, ``rmse_validation`` on the rest and its standard
    ``error`` (eV/atom), each averaged over random draws; empty
    unless the structures are those that were fitted, in their order."""
    _table: pd.DataFrame = field(repr=False)

    @property
    def ecis(self) -> pd.DataFrame:
        """The interactions, to see whether they decay with the radius; see the fit's ``ecis``."""
        return self.fit.ecis

    @property
    def end_members(self) -> pd.DataFrame:
        """The rows of `to_frame` that are pure end members."""
        return self._table[self._table["pure"]].reset_index(drop=True)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is good and what is not, in words, each with a ``kind`` and a ``text``."""
        return findings_of(self)

    def to_frame(self) -> pd.DataFrame:
        """Give the structures as a table.

        Returns
        -------
        DataFrame
            ``label``, ``formula``, ``concentration``, ``mixing_energy``, ``predicted``,
            ``held_out``, ``hull_distance``, ``predicted_hull_distance`` (all eV/atom), ``pure``,
            and ``status``: preserved, lost, spurious, or empty away from both hulls.
        """
        return self._table.copy()

    def plot(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw both hulls; see `matlearn.lattice.plots.convex_hull`."""
        from . import plots

        return plots.convex_hull(self._table, ax=ax, **options)

    def __str__(self) -> str:
        lines = [fill(f"This expansion is {self.verdict}: {self.fit!r}", 96)]
        for one in self.findings:
            mark = f" {_MARKS[one.kind]} "
            lines.append(fill(one.text, 96, initial_indent=mark, subsequent_indent="   "))
        return "\n".join(lines)

    def __repr__(self) -> str:
        status = self.ground_states["status"]
        counts = [f"{(status == one).sum()} {one}" for one in ("preserved", "lost", "spurious")]
        states = f", ground states: {', '.join(counts)}" if self.complete else ""
        return (
            f"Diagnosis({self.verdict}, {1000 * self.error:.3g} of "
            f"{1000 * self.energy_scale:.3g} meV/atom{states})"
        )


def diagnose(
    fit: ClusterExpansionFit,
    frame: pd.DataFrame,
    *,
    repeats: int = 8,
    seed: int = 0,
    progress: bool = True,
) -> Diagnosis:
    """Look at a fit from all sides: errors, ground states, conditioning, decay, learning curve.

    Parameters
    ----------
    fit : ClusterExpansionFit or Selection
    frame : DataFrame
        The structures that were fitted (the error is then that of the fit's validation), or
        others with the same columns (the error is then the one on those that were not fitted).
        Both hulls, true and predicted, are those of the structures given: ground states are
        judged where all that were fitted are among them.
    repeats : int
        How often each point of the learning curve is drawn anew from the structures that were
        fitted; 0 leaves the curve out. It costs four times as many fits.
    seed : int
        Decides the draws.
    progress : bool
        Show a progress bar if it takes more than a second.

    Returns
    -------
    Diagnosis

    Raises
    ------
    ValueError
        If a structure or an energy does not fit the expansion, if there is nothing to judge by
        (one structure, end members alone), or `repeats` is 1 or negative.
    TypeError
        If `fit` is no fit or `frame` no table.

    Examples
    --------
    >>> from matlearn import datasets
    >>> from matlearn.lattice import fit_cluster_expansion
    >>> frame = datasets.load("cu-pd-emt")
    >>> diagnosis = diagnose(fit_cluster_expansion(frame, [8.0, 5.5, 3.9]), frame, repeats=0)
    >>> diagnosis.verdict
    'good'
    """
    fit = getattr(fit, "fit", fit)  # of a selection
    if not isinstance(fit, ClusterExpansionFit):
        raise TypeError(
            f"fit must come from fit_cluster_expansion or select_clusters, got {type(fit).__name__}"
        )
    if isinstance(repeats, bool) or not isinstance(repeats, int) or repeats < 0 or repeats == 1:
        raise ValueError(f"repeats must be 0 or at least 2, got {repeats!r}")
    design = design_in(frame, fit.cluster_space, off_lattice=fit.recipe.off_lattice)
    predicted = design.matrix @ fit.parameters
    table = _table_of(fit, design.rows, design.labels, predicted)
    seen, complete, same = _compared(fit.predictions, table)
    table["held_out"] = np.where(np.isfinite(seen), seen, predicted)
    unseen = table[~np.isfinite(seen)]
    judged = unseen if len(unseen) else table
    error = _checks.rms((judged["held_out"] - judged["mixing_energy"]).to_numpy())
    if complete and not len(unseen):
        error = fit.rmse_validation
    structures = list(design.rows["structure"])
    table["predicted_hull_distance"] = _checks.predicted_distances(structures, predicted)
    table["pure"] = [_checks.is_end_member(one, fit.cluster_space) for one in structures]
    states = _checks.ground_state_table(table, structures)
    scale, scale_is = _checks.energy_scale(table)
    status = dict(zip(states["label"], states["status"], strict=True))
    table["status"] = [status.get(label, "") for label in table["label"]]
    curve = pd.DataFrame(columns=["n_structures", "rmse_train", "rmse_validation", "error"])
    if repeats and same:
        problem = build_problem(design, fit.recipe)
        curve = _checks.learning_curve(problem, repeats, seed, progress)
    return Diagnosis(
        verdict=verdict_of(error / scale, states if complete else states[:0], error),
        fit=fit,
        n_unseen=len(unseen),
        complete=complete,
        error=error,
        energy_scale=scale,
        energy_scale_is=scale_is,
        relative_error=error / scale,
        condition_number=fit.condition_number,
        pair_decay=_checks.pair_decay(fit.ecis),
        ground_states=states,
        errors_by_distance=_checks.errors_by_distance(table),
        learning_curve=curve,
        _table=table,
    )


def _table_of(
    fit: ClusterExpansionFit, rows: pd.DataFrame, labels: list[str], predicted: Any
) -> pd.DataFrame:
    """Return the structures with their predictions."""
    energies = rows["mixing_energy"].to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "label": labels,
            "formula": formulas(rows),
            "concentration": concentrations(rows, fit.cluster_space),
            "mixing_energy": energies,
            "predicted": predicted,
            "held_out": predicted,
            "hull_distance": distances_above(list(rows["structure"]), energies),
        }
    )


def _compared(fitted: pd.DataFrame, table: pd.DataFrame) -> tuple[Floats, bool, bool]:
    """Compare the structures given with those fitted.

    Returns
    -------
    held_out : array
        What the validation made of those that were fitted, NaN for others.
    complete, same : bool
        Whether all that were fitted are there; whether nothing else is, in the same order.
    """
    ours, known = ([*zip(*_identity(one), strict=True)] for one in (table, fitted))
    values = fitted["held_out"].to_numpy()
    if ours == known:
        return values, True, True
    held_out = dict(zip(known, values, strict=True))
    return np.array([held_out.get(one, np.nan) for one in ours]), set(known) <= set(ours), False


def _identity(table: pd.DataFrame) -> list[Floats]:
    """Return what tells structures apart, whatever they are called."""
    columns = {"concentration": 9, "mixing_energy": 12, "predicted": 9}
    return [table[name].to_numpy(dtype=float).round(n) for name, n in columns.items()]
