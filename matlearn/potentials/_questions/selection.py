"""Questions of exercise 3, what to compute next."""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.potentials._checks import selection as checks

EXERCISES = {
    "3a": Exercise(
        "Which structures of the pool are worth a calculation?",
        checks.chosen,
        (
            "The active set rests on what the potential was trained on, `run.images`.",
            "`ActiveSet.select(pool, threshold, mode)` returns numbers of structures in the pool.",
            '`potentials.ActiveSet(run.mtp, run.images).select(pool, threshold=2.1, mode="neighbourhood")`',
        ),
        minutes=8,
        title="Worth a calculation",
        wants="a list of numbers of the pool",
    ),
    "3b": Exercise(
        "What is the error of forces after these were learned?",
        checks.improved,
        (
            "Fit a *copy* of the potential; the old structures stay in the training set.",
            "`mtp.fit(images, restart=False, max_iterations=30)` goes on from the present parameters.",
            'Then `potentials.error_report(mtp.calculator(), test).metrics["f_rmse"]`: components, in eV/A.',
        ),
        minutes=8,
        title="What it brings",
        wants="a number in eV/A",
    ),
    "3c": Exercise(
        "And if as many are drawn at random?",
        checks.drawn,
        (
            "Write what 3b does as a function of a list of numbers, and call it ten times.",
            "Let it return two things: the error of forces, and the highest grade of the test set against "
            "what this potential was trained on.",
            "Rows of draw k: `np.random.default_rng(k).choice(len(pool), len(selected), replace=False)`. "
            "Give the mean of the ten errors and the largest of the ten grades.",
        ),
        minutes=20,
        title="As many at random",
        wants="a pair: error in eV/A, and a grade",
    ),
    "3d": Exercise(
        "What does one more angstrom of cut-off bring?",
        checks.wider,
        (
            "A new potential, since the old parameters belong to the old cut-off.",
            '`potentials.MTP(8, ["Li"], cutoff=6.0)` begins from random starts.',
            "`.fit(run.images + [pool[k] for k in selected], starts=2, max_iterations=40)`, then the test as "
            "in 3b.",
        ),
        minutes=12,
        title="One more angstrom",
        wants="a number in eV/A",
    ),
    "3e": Exercise(
        "What limits the potential after 3b?",
        checks.limits,
        (
            "Compare: the selected ones, all of the pool, and the wider cut-off.",
            "How many force components stand behind 26 parameters?",
            "A grade is made of the potential's own basis functions. Can it know what they cannot describe?",
        ),
        minutes=8,
        title="What no grade says",
        wants="one letter",
    ),
}  # fmt: skip
