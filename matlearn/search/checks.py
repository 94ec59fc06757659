"""The self-checking exercises of the structure-search chapter.

``CHECKS`` maps "1a", "1b", ... to `matlearn.exercises.Exercise`; what they do is in `_checks`.
"""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.search._checks import agreement, copper, nitrogen, stresses

CHECKS: dict[str, Exercise] = {
    "1a": Exercise(
        "Which space group has the lowest crystal of copper that the search found?",
        copper.winner,
        hints=(
            "The same crystal is in the list many times, in different cells.",
            "`search.unique_structures(frame)` merges copies; sort what it gives by energy.",
            "`crystals['space_group'][0]` after `sort_values('energy_per_atom', ignore_index=True)`.",
        ),
        minutes=3,
        title="The lowest crystal",
        wants="a space group as a text",
    ),
    "1b": Exercise(
        "How often was the lowest crystal found, and how many starts miss it with less than 1 %?",
        copper.copies_and_starts,
        hints=(
            "The column `copies` says how many of the 20 starts ended in each crystal.",
            "p = copies / 20, and (1 - p)^n must be 0.01.",
            "n = ln 0.01 / ln(1 - p), rounded up.",
        ),
        minutes=4,
        title="How sure?",
        wants="two numbers, (copies, starts)",
    ),
    "1c": Exercise(
        "By how much does perfect hcp copper lie above or below perfect fcc, by EMT?",
        copper.difference,
        hints=(
            "Energies *per atom*: one of the cells has two atoms.",
            "Relax both with `search.run_search(perfect, 'emt', ...)` and a small `fmax`.",
            "1000 times (`energy_per_atom` of hcp less that of fcc); both are negative.",
        ),
        minutes=4,
        title="Search or potential?",
        wants="a number in meV/atom",
    ),
    "1d": Exercise(
        "From how many atoms on is a grain a thousand times as likely to be hcp as fcc, at 300 K?",
        copper.grain,
        hints=(
            "The crystal decides as a whole: its energy difference is N times that of an atom.",
            "exp(N x difference / kT) = 1000, with a positive difference.",
            "N = kT ln 1000 / difference, both energies in eV; kT is 0.0259 eV.",
        ),
        minutes=4,
        title="A meV and a grain",
        wants="a number of atoms",
    ),
    "2a": Exercise(
        "Which pressure has copper at 3.45 Å, from energies alone?",
        stresses.pressure,
        hints=(
            "P = -dE/dV. A derivative needs two energies near by.",
            "`energy(3.46)` and `energy(3.44)`, and the volumes a³/4 that belong to them.",
            "Divide by `ase.units.GPa` to get from eV/Å3 to GPa. Squeezed copper pushes outwards.",
        ),
        minutes=8,
        title="Pressure from energies",
        wants="a number in GPa",
    ),
    "2b": Exercise(
        "What is wrong with the colleague's stress?",
        stresses.fault,
        hints=(
            "Compare sizes first, then signs.",
            "Pressure is *minus* the mean of xx, yy and zz.",
            "`-squeezed.get_stress()[:3].mean() / GPa` beside your `pressure`.",
        ),
        minutes=5,
        title="What is wrong?",
        wants="one of 'unit', 'sign', 'factor', 'order', 'nothing'",
    ),
    "2c": Exercise(
        "Which bulk modulus do the colleague's stresses give at 3.59 Å?",
        stresses.modulus,
        hints=(
            "Two pressures near 3.59 Å, by `pressure_by_stress`.",
            "K = -V dP/dV, with V = a³/4 for one atom.",
            "Do not repair the sign: the question is what a relaxation sees.",
        ),
        minutes=9,
        title="How stiff?",
        wants="a number in GPa",
    ),
    "2d": Exercise(
        "Which of the tests A to G find the fault?",
        stresses.tests,
        hints=(
            "Which of them ask for a stress at all?",
            "And which of those ask where the stress is not zero?",
            "Two of the seven.",
        ),
        minutes=6,
        title="Tests that can fail",
        wants="a list of letters",
    ),
    "3a": Exercise(
        "How does the energy change when LiN3 falls apart into Li3N and nitrogen, for each LiN3?",
        nitrogen.blast,
        hints=(
            "One LiN3 has one lithium atom, Li3N has three.",
            "LiN3 -> 1/3 Li3N + 4/3 N2: products less LiN3.",
            "Energies in the table are per atom: Li3N and LiN3 have four atoms, 4/3 N2 are 8/3.",
        ),
        minutes=12,
        title="The blast",
        wants="a number in eV",
    ),
    "3b": Exercise(
        "How far does LiN3 lie above the hull?",
        nitrogen.above,
        hints=(
            "Which phases are its neighbours *on* the hull, to the left and to the right?",
            "LiN3 = LiN2 + 1/2 N2.",
            "Three of the four atoms are in LiN2 and one in nitrogen: a weighted mean per atom.",
        ),
        minutes=10,
        title="Above the hull",
        wants="a number in meV/atom",
    ),
    "3c": Exercise(
        "By how much must N2 be lowered until LiN2 leaves the hull?",
        nitrogen.shift,
        hints=(
            "What would LiN2 fall apart into? Not the elements.",
            "3 LiN2 -> Li3N + 5/2 N2. What is the energy of this reaction now?",
            "It is about 0.48 eV, and five nitrogen atoms of the products are lowered.",
        ),
        minutes=15,
        title="How sure is LiN2?",
        wants="a number in eV per nitrogen atom",
    ),
    "3d": Exercise(
        "By how much does Li3N miss the measured value after that shift?",
        nitrogen.miss,
        hints=(
            "Lower N2: is the compound then bound more or less against it?",
            "The formation energy per atom rises by a quarter of the shift.",
            "Computed less measured; the measured value per atom is -164.56/4 kJ/mol, -0.426 eV.",
        ),
        minutes=10,
        title="Does it mend Li3N?",
        wants="a number in meV/atom",
    ),
    "3e": Exercise(
        "By what factor is the depth of LiN2 wrong on a hull drawn per formula unit?",
        nitrogen.ratio,
        hints=(
            "Draw both lines, from Li3N at the share 1/4 to nitrogen at 1, and read them at 2/3.",
            "At 2/3 the line has (1 - 2/3)/(1 - 1/4) = 4/9 of its height at Li3N.",
            "Right: 3 (f(LiN2) - 4/9 f(Li3N)); wrong: 3 f(LiN2) - 4/9 x 4 f(Li3N).",
        ),
        minutes=10,
        title="A hull per formula unit",
        wants="a number without unit",
    ),
    "4a": Exercise(
        "What is the rank correlation of CHGNet and PBE where relaxations end?",
        agreement.rank,
        hints=(
            "The colleague's line computes it for the beginnings.",
            "`last.corr('spearman')` gives a table of two by two.",
            "`.iloc[0, 1]` takes the number beside the diagonal.",
        ),
        minutes=4,
        title="Where it counts",
        wants="a number from -1 to 1",
    ),
    "4b": Exercise(
        "How large is CHGNet's error where relaxations begin, and where they end?",
        agreement.errors,
        hints=(
            "A constant difference of the two codes is no error of the order.",
            "The standard deviation takes the mean off by itself.",
            "`(table['CHGNet'] - table['PBE']).std()` for `first` and for `last`.",
        ),
        minutes=6,
        title="The error",
        wants="two numbers in meV/atom",
    ),
    "4c": Exercise(
        "Which correlation is to be expected among crystals that spread by 30 meV/atom?",
        agreement.expected,
        hints=(
            "CHGNet's energy is PBE's and an independent error: what is its spread?",
            "Covariance sigma², spreads sigma and the root of (sigma² + error²).",
            "1 / sqrt(1 + (error / 30)²), with the error at the end.",
        ),
        minutes=10,
        title="A correlation foreseen",
        wants="a number from 0 to 1",
    ),
    "4d": Exercise(
        "With which probability are two crystals 50 meV/atom apart put into the right order?",
        agreement.chance,
        hints=(
            "Both crystals have an error. What is the spread of the difference of two errors?",
            "The order is right if that difference is below 50 meV/atom.",
            "`norm.cdf(50 / (2**0.5 * errors[1]))`.",
        ),
        minutes=8,
        title="Better than a coin?",
        wants="a probability from 0 to 1",
    ),
}
