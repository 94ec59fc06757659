"""Checks of exercise 2, an error with an error."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from matlearn.exercises import Verdict, judge

_UNIT = "log10 GPa"


@functools.cache
def _data() -> tuple[Any, Any]:
    from matlearn.regression import features, load_task

    task = load_task("cubic_log_gvrh")
    return task, features.drop_constant(features.magpie(task.formulas))


@functools.cache
def _run(name: str) -> Any:
    from matlearn.regression import run_matbench

    task, table = _data()
    return run_matbench(task, name, features=table, progress=False)


def mean_and_error(answer: Any) -> Verdict:
    """Check the mean error of the forest, and its standard error."""
    given = judge.pair(answer, "a pair, the mean error and its standard error,")
    if isinstance(given, Verdict):
        return given
    from matlearn.regression import diagnostics

    folds = _run("random-forest").folds
    errors, n = folds["mae"].to_numpy(), len(folds)
    right = diagnostics.corrected_std_error(
        errors, float(folds["n_train"].mean()), float(folds["n_test"].mean())
    )
    single = "That is how far a single fold may be off, what leaderboards print after the sign"
    first = judge.number(
        given[0],
        float(errors.mean()),
        unit=_UNIT,
        mistakes={
            "the root of the mean square is taken": (
                float(folds["rmse"].mean()),
                "The mean absolute error is in the column `mae`",
            ),
            "the error of the training samples is taken": (_training_error(), "Use the test folds"),
        },
        look="the mean of the five numbers in the column `mae`",
    )
    second = judge.number(
        given[1],
        right,
        unit=_UNIT,
        mistakes={
            "the spread of the folds is given": (float(errors.std(ddof=1)), single),
            "the spread of the folds (over n) is given": (float(errors.std()), single),
            "the folds are taken as independent": (
                float(errors.std(ddof=1) / n**0.5),
                "Any two folds share three quarters of their training data: put sqrt(1/5 + "
                "n_test/n_train) in place of sqrt(1/5)",
            ),
            "the folds are taken as independent (and the spread over n)": (
                float(errors.std() / n**0.5),
                "Any two folds share three quarters of their training data: put sqrt(1/5 + "
                "n_test/n_train) in place of sqrt(1/5)",
            ),
            "the spread is divided by the number of folds": (
                float(errors.std(ddof=1) / n),
                "An error of a mean falls like one over a root, and here not even that fast",
            ),
        },
        look="`diagnostics.corrected_std_error(errors, n_train, n_test)` takes the five errors and "
        "the mean sizes of the folds",
    )
    return judge.all_of(
        lambda: first,
        lambda: second,
        right=f"{given[0]:.3f} ± {given[1]:.3f} {_UNIT}. The leaderboard would print "
        f"± {errors.std():.3f}, which answers another question.",
    )


@functools.cache
def _training_error() -> float:
    from matlearn.regression import make_model

    task, table = _data()
    model = make_model("random-forest").fit(table, task.target)
    return float(np.abs(model.predict(table) - task.target).mean())


def factor(answer: Any) -> Verdict:
    """Check what the mean error of a logarithm is as a factor."""
    error = float(_run("random-forest").mean["mae"])
    return judge.number(
        answer,
        10**error,
        rtol=0.01,
        mistakes={
            "the logarithm is taken for a natural one": (
                float(np.exp(error)),
                "The target is log10 of GPa",
            ),
            "one and the error are added": (1 + error, "An error of log10 of 1 is a factor of 10"),
            "the change in per cent is given": (100 * (10**error - 1), "The factor is asked for"),
            "the change without the one is given": (
                10**error - 1,
                "The factor itself is asked for",
            ),
            "the factor is turned over": (10**-error, "Give the one above 1"),
            "the error itself is given": (error, "It is the logarithm of the factor"),
            "the error is taken for one of the modulus in GPa": (
                error * 518,
                "An error of a logarithm is a factor, the same for soft and for stiff crystals",
            ),
        },
        look="which number has the logarithm (to the base 10) that is the mean error?",
        right="for silver about 10 GPa, for diamond about 200 GPa: one error of the logarithm, and "
        "what it means in GPa depends on the crystal.",
    )


def chance(answer: Any) -> Verdict:
    """Check how probable the difference between two models is by chance."""
    from scipy.stats import ttest_ind, ttest_rel, wilcoxon

    from matlearn.regression import diagnostics

    forest, lasso = _run("random-forest"), _run("lasso")
    right = diagnostics.compare_models(forest, lasso, names=("forest", "LASSO")).p_value
    a, b = forest.folds["mae"].to_numpy(), lasso.folds["mae"].to_numpy()
    paired, single = float(ttest_rel(b, a).pvalue), float(ttest_ind(b, a).pvalue)
    return judge.number(
        answer,
        right,
        rtol=0.02,
        mistakes={
            "folds are taken as independent of each other": (
                paired,
                "That is the usual paired t test; the correction for common training data makes the "
                "error larger",
            ),
            "the two sets of folds are taken as unpaired": (
                single,
                "A hard fold is hard for both models: compare fold by fold, and correct for common "
                "training data",
            ),
            "half of the probability is taken": (
                right / 2,
                "Nobody said beforehand which of the two is better: both sides count",
            ),
            "ranks are compared": (
                float(wilcoxon(b, a).pvalue),
                "With five folds ranks can never give less; use `diagnostics.compare_models`",
            ),
            "the difference itself is given": (
                float((b - a).mean()),
                "Its `p_value` is asked for",
            ),
        },
        look="`diagnostics.compare_models(forest, lasso).p_value`, with the two runs of the same folds",
        right="one in twenty: likely better, and nothing to bet the laboratory on. The usual test "
        f"would have said p = {paired:.3f}.",
    )


@functools.cache
def _diamond() -> dict[str, float]:
    from matlearn.regression import make_model

    task, table = _data()
    row = task.formulas.index("C")
    others = [k for k in range(len(task)) if k != row]

    def ask(model: Any, rows: list[int], target: Any) -> float:
        return float(model.fit(table.iloc[rows], target[rows]).predict(table.iloc[[row]])[0])

    everything = list(range(len(task)))
    forest = "random-forest"
    predictions = _run(forest).predictions.set_index("formula")["prediction"]
    return {
        "right": ask(make_model(forest), others, task.target),
        "seen": ask(make_model(forest), everything, task.target),
        "straight": ask(make_model(forest), others, 10**task.target),
        "folds": float(predictions["C"]),
        "lasso": ask(make_model("lasso"), others, task.target),
    }


def diamond(answer: Any) -> Verdict:
    """Check what a forest that has not seen diamond says of it."""
    known = _diamond()
    return judge.number(
        answer,
        10 ** known["right"],
        unit="GPa",
        rtol=0.02,
        mistakes={
            "the logarithm is given": (known["right"], "GPa are asked for: 10 to this power"),
            "the logarithm is taken for a natural one": (
                float(np.exp(known["right"])),
                "It is one to the base 10",
            ),
            "diamond was among the training samples": (
                10 ** known["seen"],
                "Fit to the other 46 alone; otherwise it is no prediction",
            ),
            "the prediction of the five folds is taken": (
                10 ** known["folds"],
                "There nine crystals were left out at once; here only diamond is",
            ),
            "the forest is fitted to the modulus itself": (
                known["straight"],
                "Fit to `shear.target`, the logarithm, and turn the prediction into GPa",
            ),
            "LASSO is asked": (10 ** known["lasso"], "The forest is meant"),
        },
        look='fit `regression.make_model("random-forest")` to the 46 rows that are not "C", and predict '
        "that row; then 10 to the power of it",
        right="a third of the true 518 GPa, less than half of what it knows of BN, and as stiff as "
        "SiC. The factor of 2b has not warned of it.",
    )


def limit(answer: Any) -> Verdict:
    """Check what the largest prediction of a forest can be."""
    return judge.choice(
        answer,
        "c",
        {
            "a": "that is so for a straight line. What does a leaf of a tree predict?",
            "b": "the factor says how far it errs on crystals like the others, not how far it can reach. "
            "What does a leaf of a tree predict?",
            "c": "leaves are means of training targets, the forest is a mean of leaves, and no mean is "
            "above the largest of its terms",
            "d": "the forest has never heard of diamond. What does a leaf of a tree predict?",
        },
    )
