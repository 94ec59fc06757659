"""Questions of exercise 1, bonds of argon."""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.potentials._checks import argon as checks

EXERCISES = {
    "1a": Exercise(
        "How strong is one of the bonds of fcc argon?",
        checks.bond,
        (
            "Twelve nearest neighbours: how many bonds belong to one atom, if a bond belongs to two?",
            "`min(atoms.get_potential_energy() / len(atoms) for atoms in fcc)` is the energy of an atom in eV.",
            "1000 times that, divided by 6.",
        ),
        minutes=3,
        title="A bond in a crystal",
        wants="an energy in meV, negative",
    ),
    "1b": Exercise(
        "How far apart are two argon atoms, by a fit to dimers?",
        checks.minimum,
        (
            "`potentials.fit_lennard_jones(dimers)` gives sigma. What is at r = sigma?",
            "Set the derivative of (sigma/r)^12 - (sigma/r)^6 to zero.",
            "`2 ** (1 / 6) * fit.sigma`, from the fit to the 21 dimers.",
        ),
        minutes=3,
        title="Two atoms",
        wants="a distance in A",
    ),
    "1c": Exercise(
        "How far apart are nearest neighbours in the fcc crystal of these pairs?",
        checks.shell,
        (
            "Each lattice parameter has its energy. Which has the lowest?",
            '`fit.potential.energy(bulk("Ar", a=a))` is the energy of an atom; try a from 4.5 to 6.5 A, or use '
            "`scipy.optimize.minimize_scalar`.",
            '`minimize_scalar(lambda a: fit.potential.energy(bulk("Ar", a=a)), bounds=(4.5, 6.5), '
            'method="bounded").x / 2**0.5`',
        ),
        minutes=4,
        title="Many atoms",
        wants="a distance in A",
    ),
    "1d": Exercise(
        "Which share of the crystal's energy comes from beyond the nearest neighbours?",
        checks.beyond,
        (
            "The energy of six bonds at the crystal's distance, and the energy of the crystal: compare.",
            "V(r) = 4 epsilon ((sigma/r)^12 - (sigma/r)^6), at the distance of 1c.",
            "`1 - 6 * V(distance) / best.fun`, where `best.fun` is the lowest energy of 1c, in eV like V.",
        ),
        minutes=3,
        title="From afar",
        wants="a fraction from 0 to 1",
    ),
    "1e": Exercise(
        "Why is the crystal tighter than the dimer?",
        checks.why,
        (
            "At the dimer's distance the force between nearest neighbours is zero. Which forces are left?",
            "All shells but the first are further away than the minimum: they attract.",
            "Put a cut-off between the first and the second shell, and minimise again: what comes out?",
        ),
        minutes=2,
        title="Tighter than two",
        wants="one letter",
    ),
}  # fmt: skip
