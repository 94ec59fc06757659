"""What the checks of a fit say, in words for those who meet them for the first time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import units
from ase.data import atomic_numbers

if TYPE_CHECKING:
    import pandas as pd

GOOD, FAIR = 0.10, 0.25  # error over energy scale: verdict good up to here, fair up to there
NEGLIGIBLE = 0.01  # an error so small is not worth a word


@dataclass(frozen=True)
class Finding:
    """One thing found."""

    kind: str
    """``"good"``, ``"caution"`` or ``"bad"``."""
    text: str
    """What it is and what to do about it."""


def verdict_of(relative_error: float, states: pd.DataFrame, error: float) -> str:
    """Return good, fair or poor: from the error, and from what became of the ground states."""
    if relative_error > FAIR or len(_serious(states, error)):
        return "poor"
    return "good" if relative_error <= GOOD else "fair"


def findings_of(diagnosis: Any) -> tuple[Finding, ...]:
    """Put a diagnosis into words."""
    found = [_error(diagnosis), *_others(diagnosis), *_ground_states(diagnosis)]
    found += [*_end_members(diagnosis), *_training(diagnosis), *_near_the_hull(diagnosis)]
    found += [*_condition(diagnosis), *_decay(diagnosis), *_curve(diagnosis)]
    if gone := diagnosis.fit.n_off_lattice:
        found.append(
            Finding(
                "caution",
                f"{gone} structure{'s' if gone > 1 else ''} left the lattice by relaxing and "
                f"{'were' if gone > 1 else 'was'} not fitted: the expansion says nothing of them.",
            )
        )
    found += [Finding("caution", f"The fit warned: {note}") for note in diagnosis.fit.notes]
    return tuple(found)


def _serious(states: pd.DataFrame, error: float) -> pd.DataFrame:
    """Return the ground states that are wrong by more than the error of the fit.

    A lost one: if it truly lies that far below all others, or is predicted that far above the
    hull. A spurious one: if it is predicted that far below all others.
    """
    margin = states[["reference_depth", "predicted_hull_distance"]].max(axis=1)
    lost = (states["status"] == "lost") & (margin > error)
    spurious = (states["status"] == "spurious") & (states["predicted_depth"].fillna(np.inf) > error)
    return states[lost | spurious]


def _error(diagnosis: Any) -> Finding:
    share, error = diagnosis.relative_error, diagnosis.error
    kind = "good" if share <= GOOD else "caution" if share <= FAIR else "bad"
    words = {
        "good": "small beside what it has to resolve",
        "caution": "noticeable beside what it has to resolve",
        "bad": "too large for what it has to resolve",
    }[kind]
    return Finding(
        kind,
        f"Unseen structures are predicted to {_mev(error)} meV/atom (kT at "
        f"{error / units.kB:.0f} K): {words}, the {diagnosis.energy_scale_is}, "
        f"{_mev(diagnosis.energy_scale)} meV/atom; the ratio is {100 * share:.0f} %.",
    )


def _others(diagnosis: Any) -> list[Finding]:
    if diagnosis.complete:
        return []
    return [
        Finding(
            "caution",
            f"Not all of the {diagnosis.fit.n_structures} structures that were fitted are among "
            f"these {len(diagnosis.to_frame())}: a part has another hull than the whole, so "
            "nothing is said of ground states. Give all of them to judge those.",
        )
    ]


def _ground_states(diagnosis: Any) -> list[Finding]:
    if not diagnosis.complete:
        return []
    states, error = diagnosis.ground_states, diagnosis.error
    serious = set(_serious(states, error)["label"])
    kept = states[states["status"] == "preserved"]
    total = (states["status"] != "spurious").sum()
    found = [
        Finding(
            "good" if len(kept) == total else "caution",
            f"{len(kept)} of {total} ground states stay on the predicted hull: "
            f"{', '.join(_name(row) for row in kept.itertuples()) or 'none'}.",
        )
    ]
    for status, sentence in (("lost", _LOST), ("spurious", _SPURIOUS)):
        rows = list(states[states["status"] == status].itertuples())
        bad = [row for row in rows if row.label in serious]
        doubtful = [row for row in rows if row.label not in serious]
        if bad:
            found.append(Finding("bad", sentence.format(names=_listed(bad), doubt="")))
        if doubtful:
            doubt = ", by less than the error of the fit"
            found.append(Finding("caution", sentence.format(names=_listed(doubtful), doubt=doubt)))
    return found


_LOST = (
    "Lost{doubt}: {names}. True ground states that are predicted above the hull; Monte Carlo will "
    "not find them at low temperature."
)
_SPURIOUS = (
    "Spurious{doubt}: {names}. Predicted on the hull, but truly above it; Monte Carlo would order "
    "into them."
)


def _listed(rows: list[Any]) -> str:
    """Name structures, with how far (meV/atom) they are above the hull or push it down."""
    parts = []
    for row in rows:
        height = row.predicted_hull_distance if row.status == "lost" else -row.predicted_depth
        where = "" if np.isnan(height) else f" {1000 * height:+.1f} meV/atom"
        parts.append(f"{_name(row)}{where}")
    return ", ".join(parts)


def _end_members(diagnosis: Any) -> list[Finding]:
    found = []
    for row in diagnosis.end_members.itertuples():
        wrong = row.predicted - row.mixing_energy
        if abs(wrong) > max(GOOD * diagnosis.energy_scale, 1e-6):
            one = "Pure" if row.formula in atomic_numbers else "The end member"
            found.append(
                Finding(
                    "bad" if abs(wrong) > diagnosis.energy_scale else "caution",
                    f"{one} {row.formula} is off by {1000 * wrong:+.1f} meV/atom, and every energy "
                    "of formation on its side with it: constrain_pure=True reproduces the end "
                    "members exactly, weights help the ones that matter.",
                )
            )
    return found


def _training(diagnosis: Any) -> list[Finding]:
    fit = diagnosis.fit
    if diagnosis.relative_error < NEGLIGIBLE:
        return []
    if diagnosis.error > 1.5 * fit.rmse_train:
        return [
            Finding(
                "caution",
                f"Over-fitting: {_mev(fit.rmse_train)} meV/atom on structures it was fitted to, "
                f"{_mev(diagnosis.error)} on others. Fewer clusters, a sparser method or more "
                "structures.",
            )
        ]
    if diagnosis.relative_error > FAIR:
        return [
            Finding(
                "caution",
                f"Under-fitting: it errs as much on what it was fitted to ({_mev(fit.rmse_train)}"
                " meV/atom) as elsewhere. These clusters cannot express the energies: longer "
                "cut-offs, higher orders; where atoms differ much in size, strain reaches farther "
                "than any cut-off.",
            )
        ]
    return []


def _near_the_hull(diagnosis: Any) -> list[Finding]:
    table = diagnosis.errors_by_distance
    if len(table) < 4 or not diagnosis.complete:
        return []
    near, far = (table["rmse_held_out"].iloc[i] for i in (0, -1))
    if near > 1.25 * far and diagnosis.relative_error > NEGLIGIBLE:
        return [
            Finding(
                "caution",
                f"The quarter of the structures next to the hull is predicted worse "
                f"({_mev(near)} meV/atom) than the farthest ({_mev(far)}), although it decides "
                "what orders: try weights=hull_weights.",
            )
        ]
    return [
        Finding(
            "good",
            f"Next to the hull the error is {_mev(near)} meV/atom, far from it {_mev(far)}.",
        )
    ]


def _condition(diagnosis: Any) -> list[Finding]:
    number = diagnosis.condition_number
    if number < 1e3:
        return [
            Finding("good", f"The structures tell the clusters apart (condition {number:.0f}).")
        ]
    size = "infinite" if np.isinf(number) else f"{number:.1e}"
    return [
        Finding(
            "caution",
            f"The structures hardly tell some clusters apart (condition number {size}): single "
            "interactions are then arbitrary, though their sum may be right. More varied "
            "structures, fewer clusters.",
        )
    ]


def _decay(diagnosis: Any) -> list[Finding]:
    share = diagnosis.pair_decay
    if np.isnan(share):
        return []
    if share > 0.3:
        return [
            Finding(
                "caution",
                f"Pair interactions have not died away at the cut-off: the farthest third is "
                f"still {100 * share:.0f} % of the strongest. Lengthen it.",
            )
        ]
    return [Finding("good", f"Pair interactions fall to {100 * share:.0f} % at the cut-off.")]


def _curve(diagnosis: Any) -> list[Finding]:
    curve = diagnosis.learning_curve
    if len(curve) < 2:
        return []
    before, last = curve.iloc[-2], curve.iloc[-1]
    gain = before["rmse_validation"] - last["rmse_validation"]
    noise = float(np.hypot(before["error"], last["error"]))
    sizes = f"from {before['n_structures']:.0f} to {last['n_structures']:.0f} structures"
    if gain > max(2 * noise, 0.05 * before["rmse_validation"]):
        return [
            Finding(
                "caution",
                f"The error still falls, by {_mev(gain)} meV/atom {sizes}: more would help.",
            )
        ]
    return [
        Finding("good", f"The learning curve is flat {sizes}: more of the same would help little.")
    ]


def _name(row: Any) -> str:
    return f"{row.formula} ({row.label})"


def _mev(energy: float) -> str:
    return f"{1000 * energy:.1f}"
