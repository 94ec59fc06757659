"""Checks of exercise 4, report A: 2000 descriptors."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from matlearn.exercises import Verdict, judge
from matlearn.regression._checks.folds import mean_error, shear

_UNIT = "log10 GPa"
_SHUFFLES = 10


@functools.cache
def _choosing() -> dict[str, float]:
    """Report A: ten of 2000 descriptors, chosen before the folds or inside of them."""
    from sklearn.feature_selection import SelectKBest, f_regression
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline

    from matlearn.regression import make_model
    from matlearn.regression.puzzles import descriptors

    task = shear()
    folds, table, y = task.folds(), descriptors(len(task)).to_numpy(), task.target

    def chosen(target: np.ndarray) -> np.ndarray:
        return np.asarray(SelectKBest(f_regression, k=10).fit_transform(table, target))

    nested = make_pipeline(SelectKBest(f_regression, k=10), LinearRegression())
    shuffled, inside = [], []
    for seed in range(_SHUFFLES):
        target = np.random.default_rng(seed).permutation(y)
        shuffled.append(mean_error(LinearRegression(), chosen(target), target, folds))
        inside.append(mean_error(nested, table, target, folds))
    half = np.random.default_rng(0).permutation(y)
    return {
        "leaked": mean_error(LinearRegression(), chosen(y), y, folds),
        "honest": mean_error(nested, table, y, folds),
        "mean": mean_error(make_model("dummy"), table, y, folds),
        "everything": mean_error(LinearRegression(), table, y, folds),
        "fitted": float(np.abs(LinearRegression().fit(chosen(y), y).predict(chosen(y)) - y).mean()),
        "shuffled": float(np.mean(shuffled)),
        "one": shuffled[0],
        "shuffled inside": float(np.mean(inside)),
        "shuffled late": mean_error(LinearRegression(), chosen(y), half, folds),
    }


def chosen_inside(answer: Any) -> Verdict:
    """Check the error of report A when each fold makes its own choice."""
    known = _choosing()
    return judge.number(
        answer,
        known["honest"],
        unit=_UNIT,
        rtol=0.01,
        mistakes={
            "the descriptors are chosen before the folds are made": (
                known["leaked"],
                "That is the colleague's number: the choice has seen the targets of the test samples. "
                "Put it into the pipeline",
            ),
            "all 2000 descriptors are used": (
                known["everything"],
                "Choose ten, but on the training part of each fold",
            ),
            "the mean is taken for a model": (known["mean"], "Let the pipeline choose and fit"),
            "the line is tested on what it was fitted to": (known["fitted"], "Use the five folds"),
        },
        look="`make_pipeline(SelectKBest(f_regression, k=10), LinearRegression())`, given all 2000 "
        "columns and the folds of `shear.folds()`",
        right=f"worse than the mean of all moduli, which errs by {known['mean']:.2f}. The descriptors "
        "know nothing of these crystals: they are random numbers.",
    )


def shuffled(answer: Any) -> Verdict:
    """Check what the colleague's way reports when there is nothing to be learned."""
    known = _choosing()
    return judge.number(
        answer,
        known["shuffled"],
        unit=_UNIT,
        rtol=0.02,
        mistakes={
            "the choice is made inside of the folds": (
                known["shuffled inside"],
                "That is the honest way. Here the colleague's way is to be tested: choose on all "
                "samples, then cross-validate",
            ),
            "the targets are shuffled after the choice": (
                known["shuffled late"],
                "The choice must look at the shuffled targets, as the colleague's looked at the true ones",
            ),
            "the targets are not shuffled": (
                known["leaked"],
                "Give the permuted targets to the choice and to the cross-validation",
            ),
            "one shuffle is taken": (known["one"], "Take the mean over the ten seeds 0 to 9"),
        },
        look="for each seed: `target = np.random.default_rng(seed).permutation(shear.target)`, choose "
        "ten columns by it, cross-validate with it; then the mean of ten errors",
        right="as good as with the true targets. A method that reports a success where there is "
        "nothing to be learned has measured itself.",
    )
