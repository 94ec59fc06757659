"""Questions of exercise 1, what a formula says."""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.regression._checks import formulas as checks

EXERCISES = {
    "1a": Exercise(
        "How differently do the atoms of Li2O pull at electrons (mean absolute deviation)?",
        checks.deviation,
        (
            "Write the three atoms down: Li, Li, O, each with its electronegativity. What is their mean?",
            "Each of the three atoms has a distance from that mean. Lithium's counts twice.",
            '`share = pd.Series({"Li": 2, "O": 1}) / 3`, then the mean is `(share * pull).sum()`, and '
            "the deviation `(share * (pull - mean).abs()).sum()`.",
        ),
        minutes=4,
        title="A feature by hand",
        wants="a number, in Pauling's units",
    ),
    "1b": Exercise(
        "How does that deviation go with the formation energy?",
        checks.correlation,
        (
            "A strongly bound compound has a low (negative) formation energy. Which sign do you expect?",
            "`features.correlations(table, target)` ranks all features at once, and returns a table.",
            '`features.correlations(features.magpie(energy.formulas), energy.target).loc["MagpieData '
            'avg_dev Electronegativity", "spearman"]`',
        ),
        minutes=3,
        title="Sign and strength",
        wants="a rank correlation, from -1 to 1",
    ),
    "1c": Exercise(
        "How well does the best of 132 features made of random numbers do?",
        checks.yardstick,
        (
            "The random table has a row for each element, as Magpie's has: what fluorine gets, all "
            "fluorides share.",
            "`features.from_elements(energy.formulas, dice)` makes 132 features of it. Rank them as in 1b, "
            "and take the largest absolute value.",
            "Do that in a loop over `range(10)`, with `np.random.default_rng(seed).random((len(elements), "
            "22))`, collect the ten largest values in a list, and take `np.median` of it.",
        ),
        minutes=4,
        title="The yardstick",
        wants="a number from 0 to 1",
    ),
    "1d": Exercise(
        "How many features are significant, and how many are better than nonsense?",
        checks.counts,
        (
            "`spearmanr(column, energy.target)` has the coefficient and its p value.",
            "For the second count compare `.abs()` of the table's `spearman` with your yardstick.",
            "`(p < 0.001).sum()` with p of all 132 columns, and `(found[\"spearman\"].abs() > yardstick).sum()`.",
        ),
        minutes=3,
        title="Significant, and nonsense",
        wants="two counts, the larger one first",
    ),
    "1e": Exercise(
        "Why does chance not go away with more compounds, if the numbers belong to elements?",
        checks.why,
        (
            "How many different random numbers are there behind 20,000 compounds, and how many behind 31?",
            "Which elements are in many compounds with a low formation energy?",
            "Think of a column that is nothing but a mark: 1 for oxygen and fluorine, 0 for all others.",
        ),
        minutes=2,
        title="Licence plates",
        wants="one letter",
    ),
}  # fmt: skip
