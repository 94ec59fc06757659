"""Questions of exercise 4, three reports that are too good."""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.regression._checks import descriptors, twins

EXERCISES = {
    "4a": Exercise(
        "Report A: what is the error when each fold chooses its own ten descriptors?",
        descriptors.chosen_inside,
        (
            "Which part of the colleague's procedure has seen the targets of the test samples?",
            "A choice of features is part of the model. A pipeline does it anew in each fold.",
            "`cross_val_score(make_pipeline(SelectKBest(f_regression, k=10), LinearRegression()), table, "
            "shear.target, cv=shear.folds(), scoring=\"neg_mean_absolute_error\")`",
        ),
        minutes=8,
        title="Chosen when?",
        wants="a number in log10 GPa",
    ),
    "4b": Exercise(
        "Report A: what does the colleague's way report for shuffled targets?",
        descriptors.shuffled,
        (
            "Shuffled targets have nothing to do with the crystals. An honest method must fail on them.",
            "Repeat the colleague's two steps with the shuffled targets in place of the true ones, in "
            "both steps.",
            "`target = np.random.default_rng(seed).permutation(shear.target)`; `SelectKBest(f_regression, "
            "k=10).fit_transform(table, target)`; `cross_val_score(..., target, ...)`; the mean of ten.",
        ),
        minutes=7,
        title="Success with nothing",
        wants="a number in log10 GPa",
    ),
    "4c": Exercise(
        "Report B: which share of the test rows had their crystal in the training part?",
        twins.leaked_share,
        (
            "Look at the first and the last rows of the table. Which crystal is Mg8O8?",
            "`diagnostics.compare_folds` counts it: the column `leaked` of its summary.",
            "`diagnostics.compare_folds(\"knn\", features.magpie(rows[\"formula\"]), rows[\"target\"], "
            "rows[\"formula\"], schemes=(\"plain\", \"formula\")).summary()`",
        ),
        minutes=5,
        title="Twins",
        wants="a fraction from 0 to 1",
    ),
    "4d": Exercise(
        "Report B: what is its error when the rows of a crystal stay together?",
        twins.honest_twins,
        (
            "Twins must be on the same side.",
            "What `compare_folds` calls `formula` keeps *reduced* formulas together; texts will not do.",
            "The same call as in 4c: `.summary().loc[\"formula\", \"mean\"]`.",
        ),
        minutes=3,
        title="Without twins",
        wants="a number in log10 GPa",
    ),
    "4e": Exercise(
        "Report C: which coefficients has the line found?",
        twins.slopes,
        (
            "Fit the colleague's line to all 47 crystals, and look inside.",
            "Which combination of elastic constants is a bulk modulus, for a cubic crystal?",
            "`LinearRegression().fit(crystals[[\"c11\", \"c12\", \"c44\"]], crystals[\"bulk_modulus\"]).coef_`",
        ),
        minutes=4,
        title="Inside the line",
        wants="three numbers",
    ),
    "4f": Exercise(
        "Report C: how far do two ways of computing the same bulk modulus differ?",
        twins.noise,
        (
            "The table has bulk moduli from energies and volumes. The elastic constants, from strains, "
            "give them once more.",
            "Pressed from all sides by a strain e, a cubic crystal answers in each direction with "
            "(C11 + 2 C12) e.",
            "`((crystals[\"c11\"] + 2 * crystals[\"c12\"]) / 3 - crystals[\"bulk_modulus\"]).abs().mean()`",
        ),
        minutes=5,
        title="Better than the noise",
        wants="a number in GPa",
    ),
    "4g": Exercise(
        "Which of the three faults would a fresh test set not have exposed?",
        twins.fresh_test,
        (
            "Imagine 50 cubic crystals computed next year, treated by the very same programs.",
            "In A and B the test samples had an influence on the training. Is that so in C?",
            "What must be known of a new crystal before model C can say a word?",
        ),
        minutes=3,
        title="What no test set shows",
        wants="one of 'A', 'B', 'C', 'all', 'none'",
    ),
}  # fmt: skip
