"""Checks of the transport exercises: what each asks, how it is judged, and its hints.

References are computed when an answer comes, from the same recorded runs and the same potential as in
the exercise; nothing here is an answer in plain text.
"""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.transport._checks import diagnosing, metal, silver
from matlearn.transport._checks.colleagues import Colleague, colleague

__all__ = ["CHECKS", "Colleague", "colleague"]

CHECKS: dict[str, Exercise] = {
    "1a": Exercise(
        "What is D of silver at 500 K, from the displacements after 5 and after 50 ps?",
        silver.diffusion,
        hints=(
            "Displacements are differences of frames that lie `lag` frames apart: "
            "`silver[lag:] - silver[:-lag]` has all starts at once.",
            "Square, *add* x, y and z (`.sum(axis=2)`), then average over starts and ions. The slope "
            "between two lags is 6 D.",
            "`D = (late - early) / (6 * 45) * 1e-4`, with both displacements in A2: one A2/ps is "
            "1e-4 cm2/s.",
        ),
        minutes=10,
        title="From positions to D",
        wants="a number in cm2/s",
    ),
    "1b": Exercise(
        "How long does a silver ion take through a layer of 10 micrometres?",
        silver.crossing,
        hints=(
            "It is diffusion, not flight: which power of the time does a squared displacement go with?",
            "Along one direction the mean squared displacement is 2 D t.",
            "10 micrometres are 1e-3 cm: `seconds = (1e-3) ** 2 / (2 * D)`.",
        ),
        minutes=5,
        title="Through a layer",
        wants="a number in seconds",
    ),
    "2a": Exercise(
        "What does argentite conduct at 500 K, if each silver ion goes by itself?",
        silver.current,
        hints=(
            "Count what moves: how many silver ions are in the cell, and what charge has each?",
            'n is a number in cm3: `crystal.symbols.count("Ag") / (crystal.get_volume() * 1e-24)`.',
            "`sigma = n * 1.602e-19**2 * D[500] / (1.381e-23 * 500)`: C2 cm2/s in each cm3 and J is S/cm.",
        ),
        minutes=8,
        title="Ions that go alone",
        wants="a number in S/cm",
    ),
    "2b": Exercise(
        "What is the activation energy of D between 450 and 650 K?",
        silver.activation,
        hints=(
            "Take the logarithm of both sides: ln D is a straight line against 1/kT.",
            "`np.polyfit(x, y, 1)` returns slope and intercept; x is `1 / (8.617e-5 * kelvin)`.",
            "`activation = -np.polyfit(1 / (8.617e-5 * kelvin), np.log(values), 1)[0]`.",
        ),
        minutes=8,
        title="Activation energy",
        wants="a number in eV",
    ),
    "2c": Exercise(
        "By which factor does the conductivity grow from 450 to 650 K?",
        silver.growth,
        hints=(
            "Look at the formula of 2a: what changes with temperature, apart from D?",
            "The conductivity goes as D/T: the number of ions and their charge stay as they are.",
            "`(D[650] / 650) / (D[450] / 450)`.",
        ),
        minutes=4,
        title="Diffusion rises; and the current?",
        wants="a plain number",
    ),
    "2d": Exercise(
        "By which factor does D from the current of all ions exceed that of single ions?",
        silver.haven,
        hints=(
            "`transport.haven_ratio` compares the two: what does its docstring put over what?",
            "H = D of single ions / D from the current. Here the current is the larger.",
            '`1 / transport.haven_ratio(runs[500], "Ag", diffusive_from=3).value`.',
        ),
        minutes=8,
        title="What does a meter say?",
        wants="a plain number",
    ),
    "3a": Exercise(
        "What does it cost to make a vacancy in copper?",
        metal.formation,
        hints=(
            "The atom is not destroyed and not evaporated: it ends as an atom of the bulk.",
            "Compare 31 atoms with a hole, relaxed, with 31 atoms of the perfect crystal.",
            "`with_vacancy.get_potential_energy() - 31 / 32 * perfect.get_potential_energy()`, after "
            "`BFGS(with_vacancy, logfile=None).run(fmax=0.01)`.",
        ),
        minutes=15,
        title="To make a vacancy",
        wants="a number in eV",
    ),
    "3b": Exercise(
        "Which activation energy does tracer diffusion in pure copper show?",
        metal.self_diffusion,
        hints=(
            "An atom can hop only if the site beside it is vacant. How often is it?",
            "Both the number of vacancies and the rate of a hop have a Boltzmann factor.",
            '`path = transport.migration_barrier(initial, final, "emt", images=3)`; then '
            "`formation + path.barrier`.",
        ),
        minutes=10,
        title="To move it",
        wants="a number in eV",
    ),
    "3c": Exercise(
        "What is D of copper at 1300 K?",
        metal.copper_diffusion,
        hints=(
            "Go along the sentence before the task, factor by factor: neighbours, vacant, rate, length "
            "squared, six, back-hops.",
            "The length of a hop in fcc is a / sqrt(2), in cm. k is 8.617e-5 eV/K.",
            "`0.7815 * 12 * np.exp(-formation / kT) * nu * np.exp(-path.barrier / kT) * length**2 / 6`.",
        ),
        minutes=15,
        title="The diffusion coefficient",
        wants="a number in cm2/s",
    ),
    "3d": Exercise(
        "How much too large is D in a cell with one vacancy on 108 sites, at 1000 K?",
        metal.carriers,
        hints=(
            "Potential, hops, lengths: all the same. What has the colleague put in by hand?",
            "D is proportional to the fraction of vacant sites. Which is it in his cell, which in copper?",
            "`(1 / 108) / np.exp(-formation / (8.617e-5 * 1000))`.",
        ),
        minutes=10,
        title="What would molecular dynamics say?",
        wants="a plain number",
    ),
    "4a": Exercise(
        "What is wrong with each of five runs?",
        diagnosing.diagnosis,
        hints=(
            "Largest step of an atom between two frames; displacement of the framework; total energy.",
            "`np.abs(np.diff(run.positions, axis=0)).max()` finds one. Sulfur's mean squared "
            'displacement with `drift=None` and with `drift="all"` tells two others apart.',
            "Sulfur in the first and in the last third of each run; and for the argon "
            "`run.energies + run.kinetic_energies`.",
        ),
        minutes=20,
        title="Five runs",
        wants="a dictionary, a cause for each letter",
    ),
    "4b": Exercise(
        "What is D in the run whose positions were wrapped?",
        diagnosing.mended,
        hints=(
            "Between two frames, 0.5 ps, no ion gets far: a step of nearly the cell's edge is none.",
            "`steps = np.diff(run.positions, axis=0)`, then take the multiple of the edge off that is "
            "nearest: `steps -= edge * np.round(steps / edge)`.",
            "Positions are the first frame plus `np.cumsum(steps, axis=0)`; "
            '`transport.diffusion_coefficient(replace(run[1:], positions=...), "Ag").value`.',
        ),
        minutes=10,
        title="Mend a wrapped run",
        wants="a number in cm2/s",
    ),
    "4c": Exercise(
        "Until when may the run of D be used?",
        diagnosing.usable_until,
        hints=(
            "Which atoms say whether it is still that crystal?",
            "Cut the run into windows of 50 ps and look at sulfur's displacement in each.",
            '`transport.mean_squared_displacement(window, "S", drift="all").values[10]`, 20 ps in each '
            "window: where does it jump?",
        ),
        minutes=8,
        title="Cut a run that melts",
        wants="a number in ps",
    ),
    "4d": Exercise(
        "Whose straight line is the straightest?",
        diagnosing.straightest,
        hints=(
            "Fit each, from 2 to 50 % of its lags, and compare R².",
            "R² of a straight line is the square of `np.corrcoef(lags, values)[0, 1]`.",
            'Use `transport.mean_squared_displacement(run, "Ag", drift=None)`: `.lags` and `.values`.',
        ),
        minutes=7,
        title="Whose line is the best?",
        wants="a letter",
    ),
}
