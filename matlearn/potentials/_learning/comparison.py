"""What learning saved, and what it cost: beside molecular dynamics with the reference itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator

from matlearn._calculators.evaluation import single_points, with_results
from matlearn.calculators import calculator_factory
from matlearn.fitting import ErrorReport, error_report
from matlearn.potentials._learning.dynamics import Dynamics

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.potentials._learning.result import LearningRun


@dataclass(frozen=True)
class LearningComparison:
    """A potential that learned on the fly beside some trained on a trajectory of the reference."""

    calls: int
    """Reference calculations that learning on the fly made."""
    plain_calls: int
    """Those that as many steps with the reference itself take."""
    learned: ErrorReport
    """Of the potential that learned, on structures along its own trajectory."""
    taught: dict[int, ErrorReport] = field(repr=False)
    """Of potentials trained on so many structures of the reference's trajectory, on the same."""

    @property
    def everything(self) -> ErrorReport:
        """Errors of the potential that was trained on the most structures."""
        return self.taught[max(self.taught)]

    @property
    def saved(self) -> float:
        """How many times fewer reference calculations were made."""
        return self.plain_calls / self.calls

    @property
    def force_ratio(self) -> float:
        """RMS force error of the potential that learned over that of the one taught everything."""
        return self.learned.errors["forces"].rms / self.everything.errors["forces"].rms

    def __repr__(self) -> str:
        return (
            f"LearningComparison({self.calls} instead of {self.plain_calls} reference calls, "
            f"force error {self.force_ratio:.2f} of that of a potential taught everything)"
        )

    def to_frame(self) -> pd.DataFrame:
        """Give the errors as a table, a row a potential.

        Returns
        -------
        DataFrame
            ``calls`` (reference calculations paid for), ``training`` (structures), ``energy_rms``
            (meV/atom), ``forces_rms`` and ``forces_max`` (eV/A).
        """
        import pandas as pd

        rows = [{"training": self.calls, "calls": self.calls, **_errors(self.learned)}]
        rows += [
            {"training": count, "calls": self.plain_calls, **_errors(report)}
            for count, report in self.taught.items()
        ]
        names = ["learned on the fly", *(f"{n} frames of plain dynamics" for n in self.taught)]
        return pd.DataFrame(rows, index=pd.Index(names, name="potential"))

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw force errors against the number of training structures."""
        from matlearn.potentials._figures.learning import learning_comparison

        return learning_comparison(self, ax=ax)


def _errors(report: ErrorReport) -> dict[str, float]:
    return {
        "energy_rms": 1000.0 * report.errors["energy_per_atom"].rms,
        "forces_rms": report.errors["forces"].rms,
        "forces_max": report.errors["forces"].maximal,
    }


def compare(
    run: LearningRun,
    reference: Calculator | str | PathLike[str] | Callable[[], Calculator],
    *,
    counts: Sequence[int] = (10, 30, 100),
    max_iterations: int = 300,
    seed: int = 1,
    progress: bool = True,
) -> LearningComparison:
    """Run the reference itself for as many steps, and train on its trajectory; see `LearningRun`."""
    settings = run.settings
    if len(run.trajectory) < 2:
        raise ValueError("the run recorded no trajectory to compare along: lower record_every")
    largest = max(counts, default=0)
    if not 1 <= min(counts, default=0) <= largest <= run.steps:
        raise ValueError(
            f"counts must be numbers of structures from 1 to the {run.steps} steps of the run, got "
            f"{counts!r}"
        )
    pool = plain_dynamics(
        run.trajectory[0],
        reference,
        steps=run.steps,
        count=largest,
        seed=seed,
        progress=progress,
        **{k: settings[k] for k in ("temperature", "timestep", "thermostat", "relaxation")},
    )
    test = single_points(run.trajectory[1:], reference, progress=False)
    taught = {}
    for count in sorted(counts):
        chosen = [pool[i] for i in np.linspace(0, largest - 1, count).round().astype(int)]
        twin = run.mtp.copy()
        result = twin.fit(
            chosen, weights=tuple(settings["weights"]), max_iterations=max_iterations,
            restart=False, progress=False,
        )  # fmt: skip
        if result.stop_reason == "interrupted":  # half a fit would be compared as if it were whole
            raise KeyboardInterrupt
        taught[count] = error_report(twin.calculator(), test)
    return LearningComparison(
        calls=run.calls,
        plain_calls=run.steps + 1,
        learned=error_report(run.mtp.calculator(), test),
        taught=taught,
    )


def plain_dynamics(
    atoms: Atoms,
    reference: Calculator | str | PathLike[str] | Callable[[], Calculator],
    *,
    temperature: float,
    steps: int,
    timestep: float,
    count: int,
    thermostat: str = "langevin",
    relaxation: float = 0.1,
    seed: int = 0,
    progress: bool = True,
) -> list[Atoms]:
    """Run molecular dynamics with the reference at every step, and keep some structures.

    Parameters
    ----------
    atoms, temperature, steps, timestep, thermostat, relaxation, seed
        As for `matlearn.potentials.learn_on_the_fly`.
    count
        Structures to keep, evenly spaced, the last step among them.

    Returns
    -------
    list of ase.Atoms
        With their results.
    """
    from tqdm.auto import tqdm

    dynamics = Dynamics(
        atoms, temperature=temperature, timestep=timestep, thermostat=thermostat,
        relaxation=relaxation, seed=seed,
    )  # fmt: skip
    calculator = calculator_factory(reference)()
    dynamics.use(calculator)
    wanted = set(np.linspace(0, steps, count + 1).round().astype(int)[1:].tolist())
    kept = []
    for step in tqdm(range(1, steps + 1), disable=not progress, desc="reference", unit="step"):
        dynamics.advance()
        if step in wanted:
            dynamics.atoms.get_stress()
            kept.append(with_results(dynamics.at(dynamics.atoms.positions), calculator.results))
    return kept
