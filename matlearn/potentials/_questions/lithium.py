"""Questions of exercise 2, what sixteen calculations know."""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.potentials._checks import lithium as checks

EXERCISES = {
    "2a": Exercise(
        "How wrong are the potential's energies at 300 K?",
        checks.energy_error,
        (
            "`potentials.error_report` compares a calculator with images that carry reference results.",
            "Take those of kind `md-300K`; an energy is compared for each atom.",
            '`1000 * potentials.error_report(run.mtp.calculator(), kinds["md-300K"])'
            '.errors["energy_per_atom"].rms`',
        ),
        minutes=4,
        title="Good energies",
        wants="a number in meV/atom",
    ),
    "2b": Exercise(
        "What is lithium's bulk modulus by PBE?",
        checks.reference_modulus,
        (
            "Seven perfect crystals, seven volumes, seven energies: an equation of state.",
            "`ase.eos.EquationOfState(volumes, energies, eos=\"birchmurnaghan\").fit()` returns three numbers.",
            "Divide the third by `ase.units.GPa`. Volumes and energies both for an atom.",
        ),
        minutes=6,
        title="The reference",
        wants="a number in GPa",
    ),
    "2c": Exercise(
        "What is it by the potential that learned at one volume?",
        checks.learned_modulus,
        (
            "The same seven crystals, the potential's energies.",
            "`copy = atoms.copy()`, then `copy.calc = run.mtp.calculator()`, then its energy.",
            "`calculator.get_potential_energy(atoms.copy()) / 16` for each of the seven, and the same "
            "equation of state.",
        ),
        minutes=5,
        title="The pupil",
        wants="a number in GPa",
    ),
    "2d": Exercise(
        "Which of the seven crystals has the grade noticed?",
        checks.noticed,
        (
            "An active set is made of what the potential was *trained* on; then others are graded.",
            "Every atom by itself: the mode 'neighbourhood'. With 16 structures and 26 parameters the "
            "mode 'configuration' is of no use.",
            "`np.flatnonzero(potentials.ActiveSet(run.mtp, run.images).grades(crystals, "
            "\"neighbourhood\") > 2.1)`",
        ),
        minutes=5,
        title="What the grade says",
        wants="a list of numbers from 0 to 6",
    ),
    "2e": Exercise(
        "Which pressure has a crystal by a potential that was fitted without stresses?",
        checks.pressure,
        (
            "The third weight is that of stresses.",
            "`mtp = run.mtp.copy()`, then `mtp.fit(run.images, weights=(1, 0.01, 0), restart=False, "
            "progress=False)`.",
            "`copy = crystals[4].copy(); copy.calc = mtp.calculator(); "
            "-copy.get_stress()[:3].mean() / units.GPa`",
        ),
        minutes=6,
        title="Without stresses",
        wants="a number in GPa",
    ),
    "2f": Exercise(
        "Why did forces not notice the wrong pressure?",
        checks.why,
        (
            "Stretch a perfect crystal evenly. What are the forces on its atoms?",
            "At how many volumes were the sixteen structures computed?",
            "Whatever grows evenly with the volume leaves all forces at one volume as they are.",
        ),
        minutes=4,
        title="What forces cannot tell",
        wants="one letter",
    ),
}  # fmt: skip
