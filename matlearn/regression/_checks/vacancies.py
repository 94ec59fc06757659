"""Checks of exercise 3, a formula for oxygen vacancies."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.exercises import Verdict, judge

if TYPE_CHECKING:
    import pandas as pd

_ROUNDS = 5
_DESCRIPTORS = (
    "formation_energy", "electronegativity", "valence", "distance", "neighbours", "volume",
)  # fmt: skip


@functools.cache
def _oxides(doubtful: bool = False) -> pd.DataFrame:
    from matlearn import datasets

    table: pd.DataFrame = datasets.load("oxygen-vacancies", progress=False)
    return table if doubtful else table.query("not doubtful")


def _xy(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return table["formation_energy"].to_numpy(float), table["vacancy_energy"].to_numpy(float)


def _line(table: pd.DataFrame) -> np.ndarray:
    return np.asarray(np.polyfit(*_xy(table), 1))


def slope(answer: Any) -> Verdict:
    """Check the slope and its standard error."""
    given = judge.pair(answer, "a pair, the slope and its standard error,")
    if isinstance(given, Verdict):
        return given
    x, y = _xy(_oxides())
    right, back = _line(_oxides())[0], np.polyfit(y, x, 1)[0]
    residuals = y - np.polyval(_line(_oxides()), x)
    scatter = float(np.sqrt((residuals**2).sum() / (len(x) - 2)))
    error = scatter / float(np.sqrt(((x - x.mean()) ** 2).sum()))
    scaled = "Divide by the standard deviation of the formation energy; the column `slope` does"
    first = judge.number(
        given[0],
        right,
        unit="eV per eV",
        rtol=0.01,
        mistakes={
            "the feature is scaled to a standard deviation of one": (right * x.std(), scaled),
            "the feature is scaled (by n - 1)": (right * x.std(ddof=1), scaled),
            "the formation energy is fitted to the vacancy energy": (
                back,
                "The vacancy energy is what is to be predicted",
            ),
            "the line is fitted the other way round and turned over": (
                1 / back,
                "Least squares is not symmetric: fit the vacancy energy to the formation energy",
            ),
            "the doubtful oxides are in the fit": (
                _line(_oxides(True))[0],
                "ZrO2 and HfO2 are not the stable forms: leave them out",
            ),
            "the correlation is given": (float(np.corrcoef(x, y)[0, 1]), "The slope is asked for"),
            "the line is forced through zero": (
                float((x * y).sum() / (x * x).sum()),
                "Fit the intercept as well",
            ),
        },
        look="a straight line by least squares through the 46 points",
    )
    second = judge.number(
        given[1],
        error,
        unit="eV per eV",
        rtol=0.15,
        mistakes={
            "the scatter about the line is given": (
                scatter,
                "That is how far an oxide is from the line; the slope of 46 of them is known better",
            ),
            "the scatter is divided by the root of the number of oxides": (
                scatter / len(x) ** 0.5,
                "That is the error of the mean; a slope also depends on how far the formation "
                "energies are spread",
            ),
            "the error of the scaled coefficient is given": (error * x.std(), scaled),
            "the variance is given": (error**2, "Take its root"),
        },
        look="scatter about the line, over the root of the sum of (x - mean)²; or the standard "
        "deviation of slopes of resampled oxides",
    )
    return judge.all_of(
        lambda: first,
        lambda: second,
        right=f"{given[0]:.2f} ± {given[1]:.2f} eV per eV: one and a half standard errors from the -1 of a bond "
        "for a bond.",
    )


def impossible(answer: Any) -> Verdict:
    """Check which oxides break the limit of thermodynamics."""
    table = _oxides()
    below = table["vacancy_energy"] < -table["formation_energy"]
    right = set(table.index[table["metal_next"] & below])
    if hasattr(answer, "index") and hasattr(answer, "columns"):
        answer = list(answer.index)
    if isinstance(answer, int | np.integer) and answer == len(right):
        return Verdict(False, "so many they are: now name them, as a list of formulas.")
    named = {str(one) for one in answer} if isinstance(answer, list | tuple | set) else set()
    slips = {
        "all oxides below the line are named: where a lower oxide exists (`metal_next` false) the "
        "limit does not hold": set(table.index[below]),
        "these lie *above* the limit, as they may: what is impossible is to be cheaper": set(
            table.index[table["metal_next"] & ~below]
        ),
        "formation energies are negative: compare with *minus* the formation energy": set(
            table.index[table["metal_next"] & (table["vacancy_energy"] < table["formation_energy"])]
        ),
        "these are the ones below the line that may be there: the limit holds where `metal_next` is "
        "true": set(table.index[~table["metal_next"] & below]),
    }
    for words, wrong in slips.items():
        if named and named == wrong:
            return Verdict(False, f"{words}.")
    return judge.members(
        answer,
        right,
        what="oxides",
        missed="the limit is broken by hundredths of an eV in some",
        extra="a vacancy may cost less where a lower oxide exists, and where it costs more all is well",
        right=f"{len(right)} of {int(table['metal_next'].sum())} to which the limit applies. No "
        "cross-validation would have told: a model learns impossible numbers as gladly as right ones.",
    )


def _hidden(predict: Callable[[pd.DataFrame, pd.Series], float]) -> np.ndarray:
    """Errors of all oxides, each hidden from whatever `predict` does."""
    table = _oxides()
    return np.array([
        abs(predict(table.drop(index=name), row) - row["vacancy_energy"])
        for name, row in table.iterrows()
    ])  # fmt: skip


def _cleaned(table: pd.DataFrame) -> pd.DataFrame:
    for _ in range(_ROUNDS):
        x, y = _xy(table)
        table = table.drop(index=table.index[np.abs(np.polyval(_line(table), x) - y).argmax()])
    return table


@functools.cache
def _cleaning() -> dict[str, float]:
    table = _oxides()
    x, y = _xy(table)
    kept = _cleaned(table)
    errors = np.abs(np.polyval(_line(kept), x) - y)
    inside = np.isin(table.index, kept.index)
    hidden = _hidden(lambda rest, row: _at(_line(_cleaned(rest)), row))
    return {
        "right": float(hidden.mean()),
        "kept": left_out(("formation_energy",), kept),
        "kept, fitted": float(errors[inside].mean()),
        "uncleaned": left_out(("formation_energy",), table),
        "fitted": float(errors.mean()),
        "rms": float(np.sqrt((hidden**2).mean())),
    }


def _at(line: np.ndarray, row: pd.Series) -> float:
    return float(np.polyval(line, row["formation_energy"]))


def cleaning(answer: Any) -> Verdict:
    """Check the honest error of cleaning by residuals."""
    known = _cleaning()
    return judge.number(
        answer,
        known["right"],
        unit="eV",
        rtol=0.01,
        mistakes={
            "only the oxides that survived the cleaning are tested": (
                known["kept"],
                "That is the colleague's number: hide each of the 46 before the cleaning begins",
            ),
            "the line is tested on what it was fitted to": (
                known["kept, fitted"],
                "Hide an oxide first, then clean, then fit, then predict it",
            ),
            "nothing is cleaned": (
                known["uncleaned"],
                "Clean the 45 that are left, five rounds, in each of the 46 turns",
            ),
            "the cleaning has seen all oxides": (
                known["fitted"],
                "The one that is predicted must take part neither in the cleaning nor in the fit",
            ),
            "errors are squared": (known["rms"], "The mean of their absolute values is asked for"),
        },
        look="a loop over the 46: drop the oxide, five rounds of cleaning on the 45, fit the 40, "
        "predict the one that was dropped",
        right="no better than without any cleaning. Dropping what does not fit makes the test "
        "easier, not the formula better.",
    )


def left_out(columns: tuple[str, ...], table: pd.DataFrame) -> float:
    """Mean absolute error of least squares when each row is left out in turn."""
    rows = np.column_stack([np.ones(len(table)), table[list(columns)].to_numpy(float)])
    target = table["vacancy_energy"].to_numpy(float)
    hat = rows @ np.linalg.pinv(rows)
    return float(np.abs((target - hat @ target) / (1 - np.diag(hat))).mean())


def _fit_and_ask(columns: tuple[str, ...], rest: pd.DataFrame, row: pd.Series) -> float:
    rows = np.column_stack([np.ones(len(rest)), rest[list(columns)].to_numpy(float)])
    found = np.linalg.lstsq(rows, rest["vacancy_energy"].to_numpy(float), rcond=None)[0]
    return float(found[0] + row[list(columns)].to_numpy(float) @ found[1:])


@functools.cache
def _searching() -> dict[str, float]:
    formulas = [c for n in (1, 2, 3) for c in itertools.combinations(_DESCRIPTORS, n)]

    def search(table: pd.DataFrame) -> tuple[str, ...]:
        return min(formulas, key=lambda columns: left_out(columns, table))

    best = search(_oxides())
    errors = _hidden(lambda rest, row: _fit_and_ask(search(rest), rest, row))
    return {
        "right": float(errors.mean()),
        "praised": left_out(best, _oxides()),
        "fitted": float(_hidden(lambda rest, row: _fit_and_ask(best, _oxides(), row)).mean()),
        "line": left_out(("formation_energy",), _oxides()),
        "mean": float(np.mean([left_out(columns, _oxides()) for columns in formulas])),
        "rms": float(np.sqrt((errors**2).mean())),
    }


def searching(answer: Any) -> Verdict:
    """Check the error of the searched formula when the search is nested."""
    known = _searching()
    return judge.number(
        answer,
        known["right"],
        unit="eV",
        rtol=0.01,
        mistakes={
            "the search praises itself": (
                known["praised"],
                "The hidden oxide must not take part in the choice of the formula, either: search anew "
                "in each of the 46 turns",
            ),
            "the formula is tested on what it was fitted to": (
                known["fitted"],
                "Hide an oxide before the search",
            ),
            "no search is made": (
                known["line"],
                "That is the formation energy alone; let the search choose among all 41",
            ),
            "the errors of all 41 formulas are averaged": (
                known["mean"],
                "Take the prediction of the best one in each turn",
            ),
            "errors are squared": (known["rms"], "The mean of their absolute values is asked for"),
        },
        look="a loop over the 46: drop the oxide, find the best of the 41 formulas by `left_out` on "
        "the 45, fit it to them, predict the one that was dropped",
        right="worse than the plain line, and the search had promised to be better. The second "
        "descriptor was luck, as far as 46 oxides can tell.",
    )


def verdict_on_cleaning(answer: Any) -> Verdict:
    """Check what the cleaning has dropped, and what it did to the slope."""
    return judge.choice(
        answer,
        "c",
        {
            "a": "compare the five with your list of 3b, and fit the line again without them",
            "b": "compare the five with your list of 3b: is any of them in it?",
            "c": "the five are the best evidence of what the formula lacks, a descriptor of the "
            "electrons that are left behind; the impossible numbers are still in the fit",
            "d": "it is so that none is impossible. But they lie far from the line, and some at its "
            "end: fit again without them, and look",
        },
    )
