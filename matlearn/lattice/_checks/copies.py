"""Exercise 3: copies of crystals that leak through the folds of a validation."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.exercises import Verdict, judge

if TYPE_CHECKING:
    import pandas as pd

LARGEST = [8.0, 8.0, 5.5]
SHORT = [4.0]
LIMIT = 2.5
DRAWS = 0.5
"""So far, relatively, may draws of the folds differ from leave-one-out."""


@functools.cache
def collected() -> pd.DataFrame:
    """The table handed over."""
    from matlearn.lattice import handed_over

    return handed_over.collected_orderings()


@functools.cache
def first_rows(short: bool = False) -> tuple[int, ...]:
    """One row of each crystal, told apart by cluster vectors."""
    from icet import ClusterSpace

    table = collected()
    space = ClusterSpace(
        table.attrs["primitive"], SHORT if short else LARGEST, table.attrs["chemical_symbols"]
    )
    vectors = [space.get_cluster_vector(atoms) for atoms in table["structure"]]
    first = np.unique(np.round(vectors, 6), axis=0, return_index=True)[1]
    return tuple(int(row) for row in np.sort(first))


@functools.cache
def honest_errors() -> tuple[float, float]:
    """Leave-one-out error over one row of each crystal, and the error of training (meV/atom)."""
    from matlearn.lattice import fit_cluster_expansion

    distinct = collected().iloc[list(first_rows())]
    fit = fit_cluster_expansion(distinct, LARGEST, validation="leave-one-out")
    return 1000 * fit.rmse_validation, 1000 * fit.rmse_train


@functools.cache
def leaked() -> tuple[float, float]:
    """What was claimed for the largest expansion, and its error in the examination (meV/atom)."""
    from matlearn.lattice import fit_cluster_expansion

    fit = fit_cluster_expansion(collected(), LARGEST)
    return 1000 * fit.rmse_validation, examined(fit)


def examined(fit: Any) -> float:
    """Root mean square error over the orderings with six atoms (meV/atom)."""
    six = six_atoms()
    errors = np.asarray(fit.predict(list(six["structure"]))) - six["mixing_energy"].to_numpy()
    return float(1000 * np.sqrt(np.mean(errors**2)))


@functools.cache
def six_atoms() -> pd.DataFrame:
    """The orderings of the examination."""
    from matlearn import datasets

    data = datasets.load("cu-pd-emt")
    return data[data["n_atoms"] == 6]


def number(answer: Any) -> Verdict:
    """Check 3a."""
    table = collected()
    counts = {
        "every row is counted as a crystal of its own": (
            len(table),
            "cells differ, but crystals? Compare what does not depend on the cell",
        ),
        "the formulas are counted": (
            table["formula"].nunique(),
            "one formula has many orderings, and a doubled cell another formula of the same crystal",
        ),
        "the concentrations are counted": (
            table["concentration"].round(6).nunique(),
            "one concentration has many orderings",
        ),
        "only first neighbours are compared": (
            len(first_rows(short=True)),
            "some different crystals have the same first neighbours: take longer cut-offs",
        ),
        "the energies are compared to all digits": (
            table["mixing_energy"].nunique(),
            "they are copied here, but two different crystals may share an energy: compare crystals",
        ),
    }
    right = len(first_rows())
    counts = {name: slip for name, slip in counts.items() if slip[0] != right}
    return judge.number(
        answer,
        right,
        rtol=1e-6,
        mistakes=counts,
        look=(
            "round cluster vectors of a space with long enough cut-offs to six digits, and count "
            "different rows"
        ),
        right="each crystal is there three times: in other cells, turned and doubled.",
    )


def honest(answer: Any) -> Verdict:
    """Check 3b."""
    reference, train = honest_errors()
    return judge.number(
        answer,
        reference,
        unit="meV/atom",
        rtol=DRAWS,
        mistakes={
            "copies still leak through the folds": (
                lambda _: leaked()[0],
                "fit and validate one row of each crystal, or keep copies in one fold",
            ),
            "it is the error on structures that were fitted": (
                train,
                "take `rmse_validation`",
            ),
        },
        look="validate `distinct` with the largest expansion by ridge; draws of the folds may differ",
        right=(
"many times what was claimed (draws of the folds differ by a meV/atom or so)."
        ),
    )  # fmt: skip


def factor(answer: Any) -> Verdict:
    """Check 3c."""
    return judge.number(
        answer,
        lambda: leaked()[1] / leaked()[0],
        rtol=0.15,
        mistakes={
            "the claim is divided by the examination": (
                lambda f: 1 / f,
                "how many times *larger* is the error than the claim?",
            ),
            "the claim is left in eV, the examination in meV": (
                lambda f: 1000 * f,
                "bring both to meV/atom",
            ),
            "the honest score takes the place of the claim": (
                lambda _: leaked()[1] / honest_errors()[0],
                "the question is what the colleague was told, with the copies in",
            ),
            "the difference is given": (
                lambda _: leaked()[1] - leaked()[0],
                "a ratio is asked for",
            ),
        },
        look="`examined(fit)` over the validation error of the same fit to all 171 rows",
        right="whoever believed the score would be more than ten times too sure of every energy.",
    )


def expansion(answer: Any) -> Verdict:
    """Check 3d."""
    if not hasattr(answer, "predict") or not hasattr(answer, "n_structures"):
        named = "a validation error" if isinstance(answer, float) else f"a {type(answer).__name__}"
        return Verdict(
            False,
            f"a fit is wanted, as `lattice.fit_cluster_expansion` returns it, but you gave {named}.",
        )
    if answer.n_structures > len(collected()) or _has_seen(answer):
        return Verdict(
            False,
            "this fit has seen the examination: among its structures are orderings with six atoms. "
            "Fit to the distinct rows of the table that was handed over.",
        )
    error = examined(answer)
    if error > LIMIT:
        more = answer.n_parameters
        where = (
            f"{more} parameters are many for 57 crystals: was the score that chose them honest?"
            if more > 25
            else f"{more} parameters are few: what does an honest score say of some more?"
        )
        return Verdict(
            False,
            f"it errs by {error:.1f} meV/atom in the examination, {LIMIT} are allowed. {where}",
        )
    return Verdict(True, f"{error:.2f} meV/atom on 80 crystals that it has never seen.")


def _has_seen(fit: Any) -> bool:
    """Whether orderings of the examination were fitted: their energies are among the fit's."""
    known = set(collected()["mixing_energy"].round(9))
    secret = set(six_atoms()["mixing_energy"].round(9)) - known
    seen = {round(float(energy), 9) for energy in fit.to_frame()["mixing_energy"]}
    return len(seen & secret) > 1


def difference(answer: Any) -> Verdict:
    """Check 3e."""
    return judge.number(
        answer,
        0.0,
        unit="meV/atom",
        atol=1e-6,
        look=(
            "take plain least squares (`method='ols'`) with [6.73, 4.76] for both, one fit to all "
            "171 rows, one to one row of each crystal; which sum of squares does each minimise?"
        ),
        right="not at all: three times the same sum of squares has the same minimum.",
    )
