"""Exercise 4: one error, two correlations."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.exercises import Verdict, judge

if TYPE_CHECKING:
    import pandas as pd

SPREAD = 30.0
APART = 50.0


@functools.cache
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """PBE and CHGNet energies (meV/atom) where the relaxations begin and where they end."""
    import pandas as pd

    from matlearn import calculators, datasets

    steps = datasets.load("lin2-pbe-steps").query("ecut == 600")
    groups = steps.groupby("label")
    found = []
    for frame in (groups.head(1), groups.tail(1)):
        points = calculators.single_points(frame["structure"], "chgnet", progress=False)
        learned = [1000 * atoms.get_potential_energy() / len(atoms) for atoms in points]
        reference = 1000 * frame["energy_per_atom"].to_numpy()
        found.append(pd.DataFrame({"PBE": reference, "CHGNet": learned}))
    return found[0], found[1]


def _correlation(number: int, method: str) -> float:
    return float(tables()[number].corr(method).iloc[0, 1])


def _errors() -> list[float]:
    return [float((table["CHGNet"] - table["PBE"]).std(ddof=0)) for table in tables()]


def rank(answer: Any) -> Verdict:
    """Check 4a."""
    return judge.number(
        answer,
        lambda: _correlation(1, "spearman"),
        rtol=0.03,
        mistakes={
            "the crystals where relaxations begin are taken": (
                lambda _: _correlation(0, "spearman"),
                "that is the colleague's number; where do the relaxations *end*?",
            ),
            "Pearson's correlation is computed": (
                lambda _: _correlation(1, "pearson"),
                "ranks are asked for: `corr('spearman')`",
            ),
            "Kendall's correlation is computed": (
                lambda _: _correlation(1, "kendall"),
                "`corr('spearman')`",
            ),
            "beginnings and ends are thrown together": (
                lambda _: _together(),
                "the 22 ends alone are asked for",
            ),
        },
        look="`last.corr('spearman')` is a table of two by two",
        right="the same potential, half the correlation.",
    )


def _together() -> float:
    import pandas as pd

    return float(pd.concat(tables()).corr("spearman").iloc[0, 1])


def errors(answer: Any) -> Verdict:
    """Check 4b."""

    def total() -> list[float]:
        return [
            float(np.sqrt(((table["CHGNet"] - table["PBE"]) ** 2).mean())) for table in tables()
        ]

    def absolute() -> list[float]:
        gaps = [table["CHGNet"] - table["PBE"] for table in tables()]
        return [float((gap - gap.mean()).abs().mean()) for gap in gaps]

    return judge.array(
        answer,
        _errors,
        shape_words="two errors, [at the beginning, at the end]",
        unit="meV/atom",
        rtol=0.04,
        mistakes={
            "the zeros of the two codes are left in": (
                lambda _: total(),
                "take the mean difference off first: it moves all crystals alike",
            ),
            "the spread of PBE's energies is taken": (
                lambda _: [float(table["PBE"].std(ddof=0)) for table in tables()],
                "the *difference* of the two methods is the error",
            ),
            "the mean absolute deviation is taken": (
                lambda _: absolute(),
                "the standard deviation is asked for",
            ),
        },
        look="the standard deviation of CHGNet less PBE",
        right="hardly any worse at the end: the error has not changed, the spread has.",
    )


def expected(answer: Any) -> Verdict:
    """Check 4c."""

    def exact() -> float:
        return 1 / math.sqrt(1 + (_errors()[1] / SPREAD) ** 2)

    return judge.number(
        answer,
        exact,
        rtol=0.03,
        mistakes={
            "it is the square of the correlation": (
                lambda r: r**2,
                "take the root: the covariance is divided by sigma *and* by the spread of CHGNet",
            ),
            "spread over error is taken": (
                lambda _: SPREAD / _errors()[1],
                "divide by the spread of CHGNet's energies, the root of the sum of both squares",
            ),
            "errors are added, not their squares": (
                lambda _: SPREAD / (SPREAD + _errors()[1]),
                "independent spreads add by their squares",
            ),
            "the error at the beginning is taken": (
                lambda _: 1 / math.sqrt(1 + (_errors()[0] / SPREAD) ** 2),
                "the question is about crystals where relaxations end",
            ),
            "it is the correlation that was found at the end": (
                lambda _: _correlation(1, "pearson"),
                "there the energies spread by more than 30 meV/atom",
            ),
            "spread and error are exchanged": (
                lambda _: 1 / math.sqrt(1 + (SPREAD / _errors()[1]) ** 2),
                "where the error is large the correlation must be small",
            ),
        },
        look="sigma² over sigma times the root of sigma² + error², with sigma = 30 meV/atom",
        right="among the crystals that decide hardly a trace of a correlation is left.",
    )


def chance(answer: Any) -> Verdict:
    """Check 4d."""

    def normal(x: float) -> float:
        return 0.5 * (1 + math.erf(x / math.sqrt(2)))

    def exact() -> float:
        return normal(APART / (math.sqrt(2) * _errors()[1]))

    return judge.number(
        answer,
        exact,
        rtol=0.015,
        mistakes={
            "only one of the two crystals has an error": (
                lambda _: normal(APART / _errors()[1]),
                "the errors of both enter: that of the difference is the root of two times larger",
            ),
            "the chance to be wrong is given": (
                lambda p: 1 - p,
                "the *right* order is asked for",
            ),
            "both errors are added": (
                lambda _: normal(APART / (2 * _errors()[1])),
                "independent errors add by their squares",
            ),
            "the error at the beginning is taken": (
                lambda _: normal(APART / (math.sqrt(2) * _errors()[0])),
                "the crystals of a search are those at the end",
            ),
            "an error to *either* side is counted": (
                lambda p: 2 * p - 1,
                "only errors that turn the order round matter: the normal distribution up to 50 meV/atom",
            ),
        },
        look="the normal distribution of the difference: 50 over the root of two times the error",
        right="little better than tossing a coin.",
    )  # fmt: skip
