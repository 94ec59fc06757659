"""Checks of the phonon exercises: what each asks, how it is judged, and its hints.

References are computed when an answer comes, from the same potential and the same forces as in the
exercise; nothing here is an answer in plain text.
"""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.phonons._checks import diagnosing, heat, ions, springs
from matlearn.phonons._checks.colleagues import Colleague, colleague

__all__ = ["CHECKS", "Colleague", "colleague"]

CHECKS: dict[str, Exercise] = {
    "1a": Exercise(
        "How stiffly is an atom of aluminium held?",
        springs.spring,
        hints=(
            "Displace atom 0 alone, and ask for the force that it feels itself.",
            "The force points back. The constant is minus the force over the push.",
            "`pushed.positions[0, 0] += 0.01`, then `-pushed.get_forces()[0, 0] / 0.01`.",
        ),
        minutes=4,
        title="The spring of an atom",
        wants="a number in eV/A2",
    ),
    "1b": Exercise(
        "At which frequency does an atom oscillate if all others are nailed down?",
        springs.einstein,
        hints=(
            "A mass on a spring: the root of stiffness over mass, in radians a second.",
            "1 eV/A2 is 1.602e-19 J over 1e-20 m2. An oscillation has 2 pi radians.",
            "`np.sqrt(spring * 16.02 / (26.98 * 1.661e-27)) / (2 * np.pi) * 1e-12`.",
        ),
        minutes=5,
        title="One atom alone",
        wants="a number in THz",
    ),
    "1c": Exercise(
        "What is the root mean square of all frequencies of the crystal?",
        springs.root_mean_square,
        hints=(
            "All wave vectors of the mesh and all three branches count alike.",
            "Root of the mean of the squares: in this order, from the inside out.",
            "`np.sqrt((waves**2).mean())`.",
        ),
        minutes=5,
        title="And all the waves?",
        wants="a number in THz",
    ),
    "2a": Exercise(
        "Which frequency has the longitudinal optical mode of salt at the zone centre?",
        ions.longitudinal,
        hints=(
            "At Gamma itself no wave has a direction. Give it one.",
            "Of the six frequencies the first three are acoustic, and the longitudinal one is the highest.",
            "`salt.frequencies([0, 0, 0], direction=[1, 0, 0])[-1]`.",
        ),
        minutes=5,
        title="Across and along",
        wants="a number in THz",
    ),
    "2b": Exercise(
        "Which frequency does the field of a long wave give by itself?",
        ions.plasma,
        hints=(
            "Write the formula down with SI units for each letter, and check that the root is 1/s.",
            "Primitive cell, reduced mass, charge squared; from the angular frequency to a frequency it is "
            "2 pi.",
            "`np.sqrt((1.107 * 1.602e-19)**2 / (8.854e-12 * 2.444 * mu * volume)) / (2 * np.pi) * 1e-12`.",
        ),
        minutes=10,
        title="The field, by hand",
        wants="a number in THz",
    ),
    "2c": Exercise(
        "How fast is longitudinal sound in salt, along a cubic axis?",
        ions.sound,
        hints=(
            "Velocity is frequency times wave length, both without 2 pi (or both with it).",
            "One over the wave length is `np.linalg.norm(wave @ salt.primitive.cell.reciprocal())`, in 1/A.",
            "The longitudinal branch is the third: `salt.frequencies(wave)[2] / length * 0.1` km/s.",
        ),
        minutes=8,
        title="Sound",
        wants="a number in km/s",
    ),
    "2d": Exercise(
        "What is the static dielectric constant of salt?",
        ions.static,
        hints=(
            "You have both frequencies from 2a: the field alone makes them differ.",
            "Solve the relation for the static constant. Frequencies enter squared.",
            "`salt.dielectric[0, 0] * (lo / to) ** 2`, with `to` the fourth frequency at Gamma.",
        ),
        minutes=5,
        title="Who screens the field?",
        wants="a plain number",
    ),
    "3a": Exercise(
        "What is the lattice thermal conductivity of salt at 300 K?",
        heat.conductivity,
        hints=(
            "The force constants are there: look at the parameters of `phonons.thermal_conductivity`.",
            "`mesh=9`, `temperatures=[100, 300]`; the result has `.at(300)`.",
            "`phonons.thermal_conductivity(salt, mesh=9, temperatures=[100, 300], progress=False).at(300)`.",
        ),
        minutes=10,
        title="The number",
        wants="a number in W/mK",
    ),
    "3b": Exercise(
        "Which part of the heat do optical modes carry at 300 K?",
        heat.optical_share,
        hints=(
            "The table has a column for what each mode adds to the conductivity.",
            "Acoustic bands are 0, 1 and 2; the rest is optical.",
            "`100 * modes.kappa[modes.band > 2].sum() / modes.kappa.sum()`.",
        ),
        minutes=10,
        title="Who carries it?",
        wants="a number in per cent",
    ),
    "3c": Exercise(
        "Which grains halve the conductivity of salt at 300 K?",
        heat.half,
        hints=(
            "Write a function that gives the conductivity of a powder for a grain size.",
            "`(modes.kappa / (1 + modes.mean_free_path / size)).sum()`, mean free paths in nm.",
            "Evaluate it for `np.geomspace(1, 1000, 601)` and read off where it passes half: `np.interp`.",
        ),
        minutes=20,
        title="Half",
        wants="a number in nm",
    ),
    "3d": Exercise(
        "By which factor does a powder of 10 nm conduct better at 100 K than at 300 K?",
        heat.gain,
        hints=(
            "What changes with temperature: the grains, or how far a mode would get without them?",
            "Use `heat.modes(100)` and `heat.modes(300)`, each with its own paths, in the same function.",
            "`left(heat.modes(100), 10) / left(heat.modes(300), 10)`, modes with a lifetime only.",
        ),
        minutes=15,
        title="What does cooling bring?",
        wants="a plain number",
    ),
    "4a": Exercise(
        "What is wrong with each of six claims on aluminium?",
        diagnosing.diagnosis,
        hints=(
            "Three tests: does the sum of the constants vanish, is the cell free of stress, and does your "
            "own push of an atom give the same spring?",
            "Claims of frequencies: what does `constants.frequencies` say itself? Claims of "
            "conductivities: what does a finer mesh say?",
            "`np.abs(constants.fc2.sum(axis=1)).max()`; `constants.unitcell.get_stress()` with EMT; "
            "`constants.fc2[0, 0, 0, 0]` beside 1a; `thermal_conductivity(constants, mesh=11)`.",
        ),
        minutes=25,
        title="Six claims",
        wants="a dictionary, a cause for each letter",
    ),
    "4b": Exercise(
        "By which factor are the force constants of F too large?",
        diagnosing.unit,
        hints=(
            "One constant suffices, and you can compute one yourself.",
            "Push atom 0 by 0.01 A: minus its force over the push, as in exercise 1.",
            '`given["F"].constants.fc2[0, 0, 0, 0]` over your own.',
        ),
        minutes=8,
        title="Mend a unit",
        wants="a plain number",
    ),
    "4c": Exercise(
        "By how much does a broken sum rule change the conductivity?",
        diagnosing.change,
        hints=(
            "Two conductivities on one mesh, so that the mesh is in both.",
            "`phonons.thermal_conductivity(constants, mesh=7, progress=False).at(300)` for C and for B.",
            "`100 * (broken / sound - 1)`: in per cent, and negative if C's is lower.",
        ),
        minutes=10,
        title="How bad is half a per cent?",
        wants="a number in per cent",
    ),
}
