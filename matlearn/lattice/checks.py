"""The self-checking exercises of the lattice chapter.

``CHECKS`` maps "1a", "1b", ... to `matlearn.exercises.Exercise`; what they do is in `_checks`.
"""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.lattice._checks import boxes, copies, frustration, waiting

CHECKS: dict[str, Exercise] = {
    "1a": Exercise(
        "Which energy a site has the triangular antiferromagnet at 0 K?",
        frustration.lowest,
        hints=(
            "Three bonds belong to each site. How many of the three bonds of *one* triangle can be "
            "between unlike atoms?",
            "Call `lattice.scan_temperature` as for the square lattice, with `triangular` and `cell`.",
            "`triangle.to_frame()['energy_per_atom'].iloc[-1]` is the energy at the last, lowest "
            "temperature.",
        ),
        minutes=4,
        title="Energy of a frustrated lattice",
        wants="a number in J a site",
    ),
    "1b": Exercise(
        "How much entropy a site is left at 0 K?",
        frustration.residual,
        hints=(
            "The integral of U over beta gives how beta F has *changed* since beta = 0. What was it "
            "there?",
            "beta F = -ln 2 + integral of U; and S / kB = beta (U - F).",
            "`simpson(energies, x=betas)` is the integral; with `betas[-1] * energies[-1]` for beta U, "
            "and both signs right, less than half of ln 2 is left.",
        ),
        minutes=6,
        title="Entropy from energies",
        wants="a number in units of kB a site",
    ),
    "1c": Exercise(
        "How many digits has the number of ground states of 576 sites?",
        frustration.digits,
        hints=(
            "S = kB ln W, for the whole crystal.",
            "Entropies add up: ln W = 576 times the entropy a site over kB.",
            "Divide ln W by ln 10 to get the logarithm to base ten.",
        ),
        minutes=3,
        title="Counting ground states",
        wants="a number: the logarithm to base ten",
    ),
    "2a": Exercise(
        "How far does the colleague's crystal lie above the lowest known Cu3Pd?",
        boxes.gap,
        hints=(
            "The table holds known orders of Cu3Pd. What does the *expansion* say of them?",
            "`fit.predict(cu_pd['structure'][22])` is D0_22 in eV/atom.",
            "1000 times (`fit.predict(crystal)` less that).",
        ),
        minutes=7,
        title="Above what is known",
        wants="a number in meV/atom",
    ),
    "2b": Exercise(
        "Which cubic boxes of n x n x n cubic cells, n from 2 to 9, have room for D0_22?",
        boxes.rooms,
        hints=(
            "After how many layers of *cubes* along its axis does D0_22 look the same again?",
            "A, B, A, B, and the box closes upon itself: the last layer meets the first.",
            "The period is two cubic cells, and it must divide n.",
        ),
        minutes=5,
        title="Boxes with room",
        wants="a list of whole numbers",
    ),
    "2c": Exercise(
        "What is the energy of the wall in the odd box, for its area?",
        boxes.wall,
        hints=(
            "The gap is an energy for each atom; a wall has an energy for its area.",
            "All atoms together, gap times 500, carry one wall, which crosses the whole box.",
            "The area is (5 x 3.8 Å)²; 1 eV/Å2 is 16 022 mJ/m2.",
        ),
        minutes=8,
        title="Energy of a wall",
        wants="a number in mJ/m2",
    ),
    "2d": Exercise(
        "How far above the ground state will the best crystal be in the box with n = 21?",
        boxes.large,
        hints=(
            "21 is odd as well. How many walls must there be?",
            "The wall's energy grows with its area, n²; it is shared by 4 n³ atoms.",
            "So the gap falls as 1/n, from the one at n = 5.",
        ),
        minutes=6,
        title="Do large boxes help?",
        wants="a number in meV/atom",
    ),
    "3a": Exercise(
        "How many different crystals are among the 171 rows?",
        copies.number,
        hints=(
            "Labels, cells and formulas say nothing. What describes a crystal however it is drawn?",
            "`ClusterSpace(...).get_cluster_vector(atoms)` is the same for all cells of one crystal, "
            "but for the last digits.",
            "`np.unique(np.round(vectors, 6), axis=0, return_index=True)`, with cut-offs such as "
            "[8.0, 5.5, 3.9].",
        ),
        minutes=15,
        title="Copies in disguise",
        wants="a whole number",
    ),
    "3b": Exercise(
        "What is the validation error of the largest expansion when no copy leaks?",
        copies.honest,
        hints=(
            "A fold must not hold a crystal whose copy is in the others.",
            "The simplest way: keep one row of each crystal.",
            "`lattice.fit_cluster_expansion(distinct, [8.0, 8.0, 5.5], method='ridge')`, then "
            "1000 times its `rmse_validation`.",
        ),
        minutes=8,
        title="The honest score",
        wants="a number in meV/atom",
    ),
    "3c": Exercise(
        "By what factor was the colleague's score too good?",
        copies.factor,
        hints=(
            "Two errors of one fit: what was claimed, and what the examination finds.",
            "Fit to all 171 rows as the colleague did; `examined(fit)` gives meV/atom.",
            "`examined(theirs) / (1000 * theirs.rmse_validation)`.",
        ),
        minutes=7,
        title="The examination",
        wants="a number without unit",
    ),
    "3d": Exercise(
        "Hand in an expansion that errs by less than 2.5 meV/atom on crystals it has not seen.",
        copies.expansion,
        hints=(
            "The examination may not choose: choose by a validation without copies.",
            "`lattice.compare_fits(distinct, ladder, 'ridge')` gives the scores.",
            "Take the cut-offs with the lowest `rmse_validation`, and fit to `distinct`.",
        ),
        minutes=15,
        title="Do better",
        wants="a fit, as `lattice.fit_cluster_expansion` returns it",
    ),
    "3e": Exercise(
        "By how much do the interactions change when every crystal is counted three times?",
        copies.difference,
        hints=(
            "Write down the sum that least squares makes smallest, for both tables.",
            "Every term is there three times. Where is the minimum?",
            "`many.parameters - few.parameters`, both by `method='ols'` and [6.73, 4.76].",
        ),
        minutes=6,
        title="What copies do to a fit",
        wants="a number in meV/atom",
    ),
    "4a": Exercise(
        "What is the exact mean energy of the lattice gas at 500 K?",
        waiting.exact,
        hints=(
            "The energy of an arrangement is 0.1 eV for each pair of neighbours, each pair once.",
            "`ions * (np.roll(ions, 1, axis=1) + np.roll(ions, 1, axis=2))` counts pairs, site by site.",
            "Weights exp(-E / (kB 500)), the mean over them, divided by 16 sites, in meV.",
        ),
        minutes=8,
        title="The truth, by a sum",
        wants="a number in meV a site",
    ),
    "4b": Exercise(
        "What is the mean energy of the run, averaged as equilibrium wants it?",
        waiting.average,
        hints=(
            "Does every arrangement in the list last equally long?",
            "The column `residence` says how long each lasts.",
            "`(energy * residence).sum() / residence.sum()`, with `energy_per_atom`.",
        ),
        minutes=5,
        title="Averaged well",
        wants="a number in meV a site",
    ),
    "4c": Exercise(
        "How long does the chessboard last at 500 K?",
        waiting.lasting,
        hints=(
            "A wait is one over the *sum* of the rates of all possible hops.",
            "How many neighbours has an ion after its hop, and what is the barrier then?",
            "Three new pairs: the barrier is 0.3 + 0.15 eV; 8 ions times 4 empty sites.",
        ),
        minutes=7,
        title="How long is long?",
        wants="a number in ps",
    ),
    "4d": Exercise(
        "Which share of the time, and which of the hops, does the gas begin on a chessboard?",
        waiting.shares,
        hints=(
            "A chessboard has no pair of neighbours: its energy is zero.",
            "`on_board = hops['energy'].abs() < 1e-6` marks the rows.",
            "Of the time: the part of the sum of `residence`; of the hops: `on_board.mean()`.",
        ),
        minutes=5,
        title="By the clock, by the hop",
        wants="two shares, [of the time, of the hops]",
    ),
    "4e": Exercise(
        "What changes when all barriers are raised by 0.2 eV?",
        waiting.changed,
        hints=(
            "Every rate falls by the same factor.",
            "So the next hop is drawn with the same probabilities as before.",
            "Only what has a time in its unit changes.",
        ),
        minutes=4,
        title="What depends on barriers?",
        wants="a list of letters",
    ),
}
