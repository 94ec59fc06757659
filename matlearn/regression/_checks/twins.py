"""Checks of exercise 4, reports B and C: twins, and the answer among the features."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.exercises import Verdict, judge
from matlearn.regression._checks.folds import mean_error, shear

if TYPE_CHECKING:
    import pandas as pd

_UNIT = "log10 GPa"


@functools.cache
def doubled() -> tuple[pd.DataFrame, dict[str, float]]:
    """Report B: every bulk modulus twice, by two ways of computing it."""
    import pandas as pd
    from sklearn.model_selection import GroupKFold

    from matlearn import datasets
    from matlearn.regression import diagnostics, features, make_model

    crystals = [
        one for one in datasets.load("cubic-pbe", progress=False) if not one.info["doubtful"]
    ]
    once = pd.DataFrame({
        "formula": [one.get_chemical_formula() for one in crystals],
        "target": [np.log10(one.info["bulk_modulus"]) for one in crystals],
    })  # fmt: skip
    again = pd.DataFrame({
        "formula": [one.repeat(2).get_chemical_formula() for one in crystals],
        "target": [np.log10(one.info["bulk_modulus_strain"]) for one in crystals],
    })  # fmt: skip
    rows = pd.concat([once, again], ignore_index=True)
    X = features.magpie(rows["formula"])
    compared = diagnostics.compare_folds(
        "knn", X, rows["target"], rows["formula"], schemes=("plain", "formula"), progress=False
    ).summary()
    model, y = make_model("knn"), rows["target"].to_numpy()
    texts, crystal = (pd.factorize(rows["formula"])[0], np.tile(np.arange(len(once)), 2))
    return rows, {
        "share": float(compared.loc["plain", "leaked"]),
        "plain": float(compared.loc["plain", "mean"]),
        "honest": float(compared.loc["formula", "mean"]),
        "text": float(np.mean([_grouped(model, X, y, texts, seed) for seed in range(3)])),
        "by crystal": mean_error(model, X, y, list(GroupKFold(5).split(X, y, crystal))),
    }


def _grouped(model: Any, X: Any, y: np.ndarray, groups: np.ndarray, seed: int) -> float:
    from sklearn.model_selection import GroupKFold

    folds = list(GroupKFold(5, shuffle=True, random_state=seed).split(X, y, groups))
    return mean_error(model, X, y, folds)


def leaked_share(answer: Any) -> Verdict:
    """Check which share of the test rows had their crystal in the training part."""
    _, known = doubled()
    return judge.number(
        answer,
        known["share"],
        rtol=0.05,
        mistakes={
            "formulas are compared as text": (
                0.0,
                "MgO and Mg8O8 are one crystal: compare reduced formulas",
            ),
            "each crystal is counted, not each row of a test fold": (
                1.0,
                "Some pairs happen to be in the same fold, and are tested honestly",
            ),
            "the half of the rows that was added is given": (
                0.5,
                "Count, fold by fold, the test rows whose crystal is in the training part",
            ),
            "the share that does not leak is given": (
                1 - known["share"],
                "The others are asked for",
            ),
        },
        look="`compare_folds(...).summary()` has a column `leaked`, in the row `plain`",
        right="more than four of five test rows had their twin in the training part. A neighbour "
        "model only has to find it.",
    )


def honest_twins(answer: Any) -> Verdict:
    """Check the error of report B by folds that keep a crystal together."""
    _, known = doubled()
    return judge.number(
        answer,
        known["honest"],
        unit=_UNIT,
        rtol=0.15,
        mistakes={
            "the folds are plain": (known["plain"], "Twins are on both sides: that is the report's number"),
            "formulas are grouped as text": (
                (known["text"]),
                "MgO and Mg8O8 are different texts and one crystal: group by the reduced formula "
                "(`diagnostics.formula_groups`)",
            ),
        },
        look="`compare_folds` with `schemes=(\"plain\", \"formula\")`: the row `formula` (near the "
        "report's number twins are still on both sides)",
        right=f"{known['honest'] / known['plain']:.0f} times the reported error. Twice the rows were "
        "not twice the knowledge.",
    )  # fmt: skip


@functools.cache
def _elastic() -> dict[str, Any]:
    """Report C: the bulk modulus from elastic constants."""
    import pandas as pd
    from sklearn.linear_model import LinearRegression

    from matlearn import datasets

    info = pd.DataFrame([one.info for one in datasets.load("cubic-pbe", progress=False)])
    info = info[~info["doubtful"].astype(bool)]
    columns, y = info[["c11", "c12", "c44"]], info["bulk_modulus"].to_numpy(float)
    by_strain = (columns["c11"] + 2 * columns["c12"]) / 3
    return {
        "slopes": LinearRegression().fit(columns, y).coef_,
        "scaled": LinearRegression().fit(columns / columns.std(ddof=0), y).coef_,
        "through zero": LinearRegression(fit_intercept=False).fit(columns, y).coef_,
        "noise": float(np.abs(by_strain - y).mean()),
        "rms": float(np.sqrt(((by_strain - y) ** 2).mean())),
        "error": mean_error(LinearRegression(), columns, y, shear().folds()),
        "signed": float((by_strain - y).mean()),
        "relative": float((np.abs(by_strain - y) / y).mean()),
        "wrong law": float(np.abs((columns["c11"] - columns["c12"]) / 3 - y).mean()),
        "mean of both": float(np.abs((columns["c11"] + columns["c12"]) / 2 - y).mean()),
    }


def slopes(answer: Any) -> Verdict:
    """Check the coefficients that report C has found."""
    known = _elastic()
    return judge.array(
        answer,
        known["slopes"],
        shape_words="three coefficients, of C11, C12 and C44,",
        rtol=0.02,
        atol=0.01,
        mistakes={
            "the columns are scaled to a standard deviation of one": (
                known["scaled"],
                "Divide each by the standard deviation of its column, or do not scale",
            ),
        },
        look="`LinearRegression().fit(constants, modulus).coef_`, with the columns in this order",
        right="a third, two thirds, nothing: that is not statistics, it is the definition of the "
        "bulk modulus of a cubic crystal, (C11 + 2 C12)/3.",
    )


def noise(answer: Any) -> Verdict:
    """Check how far two ways to compute one bulk modulus differ."""
    known = _elastic()
    return judge.number(
        answer,
        known["noise"],
        unit="GPa",
        rtol=0.05,
        mistakes={
            "the error of the report is given": (
                known["error"],
                "That is the model's; here two calculations of the same number are compared",
            ),
            "differences are squared": (
                known["rms"],
                "The mean of their absolute values is asked for",
            ),
            "differences are added with their signs": (
                known["signed"],
                "The mean of the absolute values is asked for",
            ),
            "the relative difference is given": (known["relative"], "GPa are asked for"),
            "C12 is taken off": (
                known["wrong law"],
                "Pressing from all sides, C11 acts once and C12 twice, with the same sign",
            ),
            "C11 and C12 count alike": (
                known["mean of both"],
                "Two of the three directions act on the third by C12: C11 + 2 C12",
            ),
        },
        look="(C11 + 2 C12)/3 is the bulk modulus by strains; compare it with the column "
        "`bulk_modulus`, which is from energies and volumes",
        right=f"the report's error, {known['error']:.2f} GPa, is *smaller* than the noise of its "
        "target. No honest model of a formula gets there, and no model should: it had the answer.",
    )


def fresh_test(answer: Any) -> Verdict:
    """Check which report a fresh test set would not have exposed."""
    exposed = "new crystals were not there when descriptors were chosen: the error would be that of the mean"
    return judge.choice(
        answer,
        "C",
        {
            "A": exposed,
            "B": "new crystals have no twin in the training part: the error would be that of 4d",
            "C": "for new crystals somebody would compute elastic constants, too, and the prediction "
            "would be splendid again. Only the question what is known at the time of the prediction "
            "helps: who has C11 and C12 has no need of a model",
            "all": "A and B would be exposed: think of what each model does with a crystal that it has "
            "not seen in any form",
            "none": "one of the three models predicts new crystals as well as the old ones",
        },
    )
