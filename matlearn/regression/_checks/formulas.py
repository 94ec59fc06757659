"""Checks of exercise 1, what a formula says."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from matlearn.exercises import Verdict, judge

_PULL = "MagpieData avg_dev Electronegativity"


@functools.cache
def _lithium_oxide() -> dict[str, float]:
    """The mean deviation of the electronegativity in Li2O, and what is taken for it."""
    from matlearn.regression import features

    pull = features.elements_table()["electronegativity"]
    atoms = np.array([pull["Li"], pull["Li"], pull["O"]])
    elements = np.array([pull["Li"], pull["O"]])
    return {
        "right": abs(atoms - atoms.mean()).mean(),
        "elements": abs(elements - elements.mean()).mean(),
        "spread": atoms.std(),
        "sample": atoms.std(ddof=1),
        "range": np.ptp(atoms),
        "mean": atoms.mean(),
    }


def deviation(answer: Any) -> Verdict:
    """Check the mean deviation of the electronegativity in Li2O."""
    known = _lithium_oxide()
    return judge.number(
        answer,
        known["right"],
        rtol=0.01,
        mistakes={
            "each element counts once": (
                known["elements"],
                "Li2O has two atoms of lithium for one of oxygen: weigh both means with the amounts",
            ),
            "deviations are squared before the mean": (
                known["spread"],
                "That is the standard deviation; the mean of the absolute deviations is asked for",
            ),
            "the standard deviation of a sample is taken": (
                known["sample"],
                "The mean of the absolute deviations is asked for",
            ),
            "the largest is taken less the smallest": (
                known["range"],
                "That is Magpie's range; here each atom's distance from the mean counts",
            ),
            "one stops at the mean": (
                known["mean"],
                "Now take each atom's distance from it, and the mean of these",
            ),
        },
        look="first the mean over three atoms, then the mean of three distances from it (their "
        "absolute values: with signs they add up to zero)",
        right="this is Magpie's avg_dev, by hand. The same number for Li4O2: it is one of the "
        "formula, not of the cell.",
    )


@functools.cache
def correlations() -> Any:
    """Rank the 132 features by their correlation with the formation energy."""
    from matlearn.regression import features, load_task

    task = load_task("cubic_e_form")
    return features.correlations(features.magpie(task.formulas), task.target)


def correlation(answer: Any) -> Verdict:
    """Check the rank correlation of the mean deviation with the formation energy."""
    found = correlations()
    right = float(found.loc[_PULL, "spearman"])
    return judge.number(
        answer,
        right,
        rtol=0.01,
        mistakes={
            "Pearson's coefficient is taken": (
                float(found.loc[_PULL, "pearson"]),
                "It asks for a straight line; Spearman's compares ranks",
            ),
            "the coefficient is squared": (
                right**2,
                "The square hides the sign, and the sign is the physics here",
            ),
            "the range stands in for the mean deviation": (
                float(found.loc["MagpieData range Electronegativity", "spearman"]),
                "Take the column that ends in `avg_dev Electronegativity`",
            ),
            "the mean electronegativity is taken": (
                float(found.loc["MagpieData mean Electronegativity", "spearman"]),
                "How *differently* atoms pull is in the column with `avg_dev`",
            ),
        },
        look="`features.correlations(table, energy.target)` has a row for each feature",
        right="the more the electronegativities differ, the lower the energy. Pauling made his "
        "scale of such energies.",
    )


@functools.cache
def nonsense() -> dict[str, float]:
    """What random numbers reach: by elements (ten seeds), by compounds, and on average."""
    import pandas as pd

    from matlearn.regression import features, load_task

    task, elements = load_task("cubic_e_form"), features.elements_table().index
    best, typical, by_sample, signed = [], [], [], []
    for seed in range(10):
        dice = pd.DataFrame(np.random.default_rng(seed).random((len(elements), 22)), index=elements)
        found = features.correlations(features.from_elements(task.formulas, dice), task.target)
        sizes = found["spearman"].abs()
        best.append(sizes.max())
        typical.append(sizes.median())
        signed.append(found["spearman"].max())
        rows = pd.DataFrame(np.random.default_rng(seed).random((len(task), 132)))
        by_sample.append(features.correlations(rows, task.target)["spearman"].abs().max())
    return {
        "right": float(np.median(best)),
        "mean": float(np.mean(best)),
        "largest": float(np.max(best)),
        "typical": float(np.median(typical)),
        "by sample": float(np.median(by_sample)),
        "signed": float(np.median(signed)),
    }


def yardstick(answer: Any) -> Verdict:
    """Check what the best of 132 random features reaches."""
    known = nonsense()
    return judge.number(
        answer,
        known["right"],
        rtol=0.035,
        mistakes={
            "the random numbers are given to the compounds": (
                known["by sample"],
                "Give them to the elements, and let `features.from_elements` make the statistics: "
                "fluorine has the same number in every fluoride",
            ),
            "the typical random feature is taken": (
                known["typical"],
                "The best of each 132 is asked for, as the best of Magpie's was looked at",
            ),
            "only positive correlations count": (
                known["signed"],
                "A feature that goes the other way tells as much: take absolute values",
            ),
            "the best of all ten seeds is taken": (
                known["largest"],
                "That tries 1320 features; take the median of the ten best ones",
            ),
        },
        look="ten seeds, 0 to 9; 22 numbers for each element; the largest absolute value of "
        "Spearman's coefficient each time; the median of these ten",
        right="that far gets a table of elements that means nothing, with 31 compounds. Whatever "
        "is below says nothing that nonsense does not.",
    )


@functools.cache
def _counts() -> dict[str, int]:
    from scipy.stats import spearmanr

    from matlearn.regression import features, load_task

    task = load_task("cubic_e_form")
    table = features.magpie(task.formulas)
    p = np.array(
        [spearmanr(table[name], task.target).pvalue for name in table if _varies(table[name])]
    )
    found, line = correlations()["spearman"], nonsense()["right"]
    return {
        "significant": int((p < 1e-3).sum()),
        "loose": int((p < 0.05).sum()),
        "beyond": int((found.abs() > line).sum()),
        "least": int((found.abs() > 1.05 * line).sum()),
        "most": int((found.abs() > 0.95 * line).sum()),
        "positive": int((found > line).sum()),
    }


def _varies(column: Any) -> bool:
    return bool(column.nunique() > 1)


def counts(answer: Any) -> Verdict:
    """Check how many features are significant, and how many go beyond nonsense."""
    given = judge.pair(answer, "a pair of counts, the larger first,")
    if isinstance(given, Verdict):
        return given
    significant, beyond = given
    known = _counts()
    if significant < beyond and significant == known["beyond"]:
        return Verdict(False, "both seem right, but the larger number, that of p, comes first.")
    first = judge.number(
        significant,
        known["significant"],
        rtol=0.0,
        atol=1.0,
        mistakes={"p is compared with 0.05": (known["loose"], "One in a thousand is asked for")},
        look="the first count is that of features with p below 0.001 by `scipy.stats.spearmanr`",
    )
    if not known["least"] <= beyond <= known["most"]:
        text = f"the second count, {beyond:g}, does not belong to the yardstick of 1c"
        if beyond == known["positive"]:
            text += ": only positive correlations were counted, take absolute values"
        elif beyond >= known["significant"]:
            text += ": fewer features pass it than pass the test by p"
        else:
            text += ": count those whose absolute correlation is above it"
        return judge.all_of(first, Verdict(False, f"{text}."))
    return judge.all_of(
        first,
        right=f"{significant:g} features are significant at one in a thousand, and only "
        f"{beyond:g} of them say more than nonsense does.",
    )


def why(answer: Any) -> Verdict:
    """Check why chance does not go away with more compounds."""
    return judge.choice(
        answer,
        "b",
        {
            "a": "that makes it larger in both cases. By compounds the best of 132 falls to 0.02 all "
            "the same: what is different when the numbers belong to elements?",
            "b": "a number of an element is a licence plate. Few elements decide on the energy, and "
            "more compounds do not bring more elements",
            "c": "they are not, and they are not among the random features at all",
            "d": "for independent samples the coefficient does fall, like one over the square root "
            "of their number. What is independent here?",
        },
    )
