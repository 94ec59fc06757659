"""Questions of exercise 3, a formula for oxygen vacancies."""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.regression._checks import vacancies as checks

EXERCISES = {
    "3a": Exercise(
        "Which slope has the vacancy energy against the formation energy, with which error?",
        checks.slope,
        (
            "A single descriptor, least squares, 46 points. What does `regression.linear.coefficients` call "
            "a slope?",
            "`regression.linear.bootstrap_coefficients(model, x, y).to_frame()` has a column `slope` and a "
            "column `slope_error`. Those called effect are for the scaled feature.",
            "`spread = regression.linear.bootstrap_coefficients(regression.make_model(\"ols\"), x, y)"
            ".to_frame().iloc[0]`, then `spread[\"slope\"], spread[\"slope_error\"]`.",
        ),
        minutes=10,
        title="A slope with an error",
        wants="a pair of numbers in eV per eV",
    ),
    "3b": Exercise(
        "Which oxides break the limit of thermodynamics?",
        checks.impossible,
        (
            "A vacancy may not cost less than taking the oxygen of a whole formula unit, for each oxygen.",
            "Formation energies are negative; minus the formation energy is what an oxygen costs that way. "
            "For which rows does the argument hold at all?",
            "`oxides.index[oxides[\"metal_next\"] & (oxides[\"vacancy_energy\"] < "
            "-oxides[\"formation_energy\"])]`",
        ),
        minutes=10,
        title="Impossible numbers",
        wants="a list of formulas",
    ),
    "3c": Exercise(
        "What is the honest error after five rounds of cleaning by residuals?",
        checks.cleaning,
        (
            "Whatever is done to the data before the fit belongs to the model. Which oxides must it not see?",
            "Write the cleaning as a function of a table, and call it inside a loop over the oxides, with "
            "the oxide already dropped.",
            "`for oxide, row in oxides.iterrows(): kept = cleaned(oxides.drop(index=oxide))`, then "
            "`np.polyfit` on `kept`, then the absolute error of `row`; at the end the mean of 46.",
        ),
        minutes=15,
        title="Cleaning by residuals",
        wants="a number in eV",
    ),
    "3d": Exercise(
        "What is the error of the best formula when the search is nested?",
        checks.searching,
        (
            "As in 3c: the search belongs to the model, and must not see the oxide that is predicted.",
            "`min(formulas, key=lambda columns: left_out(columns, rest))` is the search on the 45.",
            "In the loop: `rest = oxides.drop(index=oxide)`, `chosen = list(min(...))`, "
            "`regression.make_model(\"ols\").fit(rest[chosen], rest[\"vacancy_energy\"])`, and the absolute "
            "error of its prediction for `oxides.loc[[oxide], chosen]`.",
        ),
        minutes=15,
        title="Searching for a formula",
        wants="a number in eV",
    ),
    "3e": Exercise(
        "What has the cleaning dropped, and what has it done to the slope?",
        checks.verdict_on_cleaning,
        (
            "Your list of 3b answers the first half.",
            "`np.polyfit` on the 41 that are left answers the second; -1 is an electronvolt for an "
            "electronvolt.",
            "Where would CeO2 lie, if its cerium took the two electrons? Where MgO, if nobody does?",
        ),
        minutes=10,
        title="What was dropped",
        wants="one letter",
    ),
}  # fmt: skip
