"""Questions of exercise 4, three potentials that are wrong."""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.potentials._checks import colleagues as checks

EXERCISES = {
    "4a": Exercise(
        "Which pressure does the derivative of the energy give?",
        checks.pressure,
        (
            "Energies are right. A pressure is minus the derivative of the energy by the volume.",
            "Scale the cell with its atoms a little up and down: `set_cell(crystal.cell * (1 + h), "
            "scale_atoms=True)`, h = 0.001.",
            "`-(E(h) - E(-h)) / (V(h) - V(-h)) / units.GPa`, with energies and volumes of the whole cell.",
        ),
        minutes=8,
        title="The pressure by itself",
        wants="a number in GPa",
    ),
    "4b": Exercise(
        "How is the colleague's stress made into ASE's?",
        checks.repair,
        (
            "Three things may differ: the sign, the unit, the order of the six components.",
            "Shear one component at a time (yz, xz, xy), and see by finite differences which of the six "
            "numbers answers.",
            "Theirs is a virial in eV for the cell, positive under pressure, in the order xx yy zz xy yz "
            "zx: `-stress[[0, 1, 2, 4, 5, 3]] / volume`.",
        ),
        minutes=12,
        title="Three conventions",
        wants="a function of stress and volume",
    ),
    "4c": Exercise(
        "By which factor do the forces differ from the derivative of the energy?",
        checks.ratio,
        (
            "Move one atom by +h and by -h along one axis. What should the difference of energies be?",
            "-(E(+h) - E(-h)) / (2 h) is the force, for h = 0.01 A.",
            "Take an atom and an axis with a large force, divide the given component by that. The number "
            "is a constant of nature in angstrom.",
        ),
        minutes=8,
        title="Forces and energies",
        wants="a factor",
    ),
    "4d": Exercise(
        "By how much do the two sources differ in their zero of energy?",
        checks.shift,
        (
            "Different structures have different energies anyway. What could compare them at equal "
            "structure?",
            "A potential that has learned the first source knows what the second should have.",
            '`mtp = potentials.MTP(8, ["Li"])`, fitted to `first` alone; then the mean over `second` of '
            "(given - predicted) / 16.",
        ),
        minutes=8,
        title="Two zeros",
        wants="a number in eV/atom",
    ),
    "4e": Exercise(
        "What does the other zero do to the forces of a potential that is fitted to both?",
        checks.harm,
        (
            "Do not guess: fit to `first + second`, and look at the report of the fit.",
            "Compare the force error with that of the fit to `first` alone.",
            "What must a smooth function do to give nearly the same structure two energies?",
        ),
        minutes=6,
        title="What a zero can do",
        wants="one letter",
    ),
}  # fmt: skip
