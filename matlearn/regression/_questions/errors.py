"""Questions of exercise 2, an error with an error."""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.regression._checks import errors as checks

EXERCISES = {
    "2a": Exercise(
        "What is the mean error of the forest, and the standard error of this mean?",
        checks.mean_and_error,
        (
            "How far a single fold is off, and how far the mean of five is off, are two questions.",
            "Independent numbers: spread over the root of five. Folds share training data: the root of "
            "1/5 + n_test/n_train takes the place of the root of 1/5.",
            '`diagnostics.corrected_std_error(forest.folds["mae"], forest.folds["n_train"].mean(), '
            'forest.folds["n_test"].mean())`, beside `forest.mean["mae"]`.',
        ),
        minutes=7,
        title="The mean of five, and its error",
        wants="a pair of numbers in log10 GPa",
    ),
    "2b": Exercise(
        "By which factor is a modulus off, if its logarithm is off by the mean error?",
        checks.factor,
        (
            "Logarithms that differ by d belong to numbers that differ by a factor.",
            "log10(a) - log10(b) = log10(a / b).",
            "`10**mean`, with the mean error of 2a.",
        ),
        minutes=3,
        title="What is that in GPa?",
        wants="a factor above 1",
    ),
    "2c": Exercise(
        "How probable is LASSO's disadvantage, if both models are equally good?",
        checks.chance,
        (
            "Run LASSO by the same folds: `regression.run_matbench(shear, \"lasso\", features=table)`.",
            "`diagnostics.compare_models` takes the two runs; print what it returns.",
            "`diagnostics.compare_models(forest, lasso).p_value`",
        ),
        minutes=6,
        title="Better, or lucky?",
        wants="a probability from 0 to 1",
    ),
    "2d": Exercise(
        "How stiff is diamond, says a forest that has not seen it?",
        checks.diamond,
        (
            "`shear.formulas.index(\"C\")` is diamond's row. All others are for training.",
            "`table.iloc[rows]` and `shear.target[rows]` choose rows. The prediction is a logarithm.",
            "`10 ** regression.make_model(\"random-forest\").fit(table.iloc[others], shear.target[others])"
            ".predict(table.iloc[[diamond]])[0]`",
        ),
        minutes=8,
        title="The stiffest crystal",
        wants="a number in GPa",
    ),
    "2e": Exercise(
        "What is the largest modulus that a forest can predict?",
        checks.limit,
        (
            "How is a prediction of a tree made, once the leaf is found?",
            "A mean of numbers lies between the smallest and the largest of them.",
            "A forest is a mean of trees. Then the same argument holds once more.",
        ),
        minutes=4,
        title="No records",
        wants="one letter",
    ),
}  # fmt: skip
