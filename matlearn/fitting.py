"""How good a fit is: the same report for every kind of potential, and what a fit returns."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from ase import Atoms

from matlearn._error_report import UNITS, ErrorReport, Errors

if TYPE_CHECKING:
    import pandas as pd
    from ase.calculators.calculator import Calculator
    from matplotlib.axes import Axes

__all__ = ["UNITS", "ErrorReport", "Errors", "FitResult", "Potential", "error_report"]


class Potential(Protocol):
    """What a fit makes: something that gives a calculator and can be written to a file."""

    def calculator(self) -> Calculator:
        """Give an ASE calculator."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a file that `matlearn.calculators.get_calculator` opens."""


@dataclass(frozen=True)
class FitResult:
    """What a fit came to: the potential, its errors, history and cost, and why it stopped.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.calculators import single_points
    >>> cells = single_points([bulk("Cu", a=3.5)], "emt", progress=False)
    >>> report = ErrorReport.from_images(cells, cells)
    >>> FitResult(report, None, [], 0.1, 0.1, 2, True, "converged").validation is None
    True
    """

    train: ErrorReport
    """On what was fitted."""
    validation: ErrorReport | None
    """On what was held back, None where nothing was."""
    history: list[dict[str, float]] = field(repr=False)
    """A row an iteration or epoch; see `to_frame`."""
    seconds: float
    """CPU time of the fit in s."""
    wall_seconds: float
    """Time that passed meanwhile in s."""
    parameters: int
    """Parameters that were fitted."""
    converged: bool
    """True if the fit met its own criterion."""
    stop_reason: str
    """Why it stopped."""
    potential: Potential | None = field(default=None, repr=False, compare=False)
    """What was fitted; None in a result that `load` read."""

    def __repr__(self) -> str:
        held = f", validation {self.validation}" if self.validation else ""
        return (
            f"FitResult({self.parameters} parameters, {self.seconds:.3g} CPU s, "
            f"{self.stop_reason}, train {self.train}{held})"
        )

    def to_frame(self) -> pd.DataFrame:
        """Give the history as a table, a row an iteration or epoch."""
        import pandas as pd

        return pd.DataFrame(self.history)

    def plot(self, quantity: str = "forces", *, ax: Axes | None = None) -> Axes:
        """Draw predicted against reference values, of what was held back if anything was."""
        return (self.validation or self.train).plot(quantity, ax=ax)

    def calculator(self) -> Calculator:
        """Give an ASE calculator of what was fitted.

        Raises
        ------
        ValueError
            If the result was read from a file: the potential has a file of its own.
        """
        return self._fitted("calculator()").calculator()

    def compile(self, **options: Any) -> Calculator:
        """Give a calculator of what was fitted in a faster, compiled form.

        Parameters
        ----------
        **options
            Handed to the potential's own ``compile``.

        Raises
        ------
        ValueError
            If the result was read from a file.
        TypeError
            If this kind of potential has no other form than the one of `calculator`.
        """
        potential = self._fitted("compile()")
        compiled = getattr(potential, "compile", None)
        if compiled is None:
            raise TypeError(
                f"{type(potential).__name__} has no compiled form; calculator() is as fast as it gets"
            )
        calculator: Calculator = compiled(**options)
        return calculator

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the report or the potential, as the suffix says; whole or not at all.

        Parameters
        ----------
        path
            ``.json``: everything but the potential, for `load` (NaN and infinite become null).
            Another suffix: the potential, in the format of its kind (``.mtp``, ``.safetensors``,
            ``.yaml``), for `matlearn.calculators.get_calculator`.

        Raises
        ------
        ValueError
            If there is no potential to write, or it has no such format.
        """
        target = Path(path)
        if target.suffix.lower() != ".json":
            self._fitted(f"save({target.name!r})").save(target)
            return
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        del values["potential"]
        for name in ("train", "validation"):
            values[name] = None if values[name] is None else asdict(values[name])
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        try:
            with os.fdopen(handle, "w") as file:
                json.dump(_without_nan(values), file, allow_nan=False)
            Path(name).chmod(0o644)
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)

    def _fitted(self, wanted: str) -> Potential:
        """Give the potential, or say where it is."""
        if self.potential is None:
            raise ValueError(
                f"{wanted} needs the potential, and this result holds only its report: open the "
                "potential's own file with matlearn.calculators.get_calculator"
            )
        return self.potential

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FitResult:
        """Read the report that `save` wrote; its `potential` is None.

        Raises
        ------
        ValueError
            If the file is something else.
        """
        try:
            values = json.loads(Path(path).read_text())
            values = {k: v if k == "validation" and v is None else _with_nan(v)
                      for k, v in values.items()}  # fmt: skip
            values["train"] = ErrorReport.from_dict(values["train"])
            if values["validation"] is not None:
                values["validation"] = ErrorReport.from_dict(values["validation"])
            known = {one.name for one in fields(cls)}  # a kind of its own may have said more
            return cls(**{name: value for name, value in values.items() if name in known})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} is not a saved fit: {error}") from error


def _without_nan(value: Any) -> Any:
    """Write what is not finite as null: JSON has no word for it."""
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _with_nan(value: Any) -> Any:
    """Read null as NaN."""
    if isinstance(value, dict):
        return {key: _with_nan(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_nan(one) for one in value]
    return float("nan") if value is None else value


def error_report(
    calculator: Calculator | str | Callable[[], Calculator],
    images: Iterable[Atoms],
    *,
    progress: bool = False,
) -> ErrorReport:
    """Compare a potential with the reference results that structures carry.

    Parameters
    ----------
    calculator
        What `matlearn.calculators.single_points` takes.
    images
        ASE Atoms with reference results attached.
    progress
        Show a progress bar.

    Returns
    -------
    ErrorReport

    Raises
    ------
    ValueError
        If the calculator cannot handle one of them, or there is nothing to compare.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.calculators import single_points
    >>> reference = single_points([bulk("Cu", a=3.5)], "emt", progress=False)
    >>> error_report("emt", reference).errors["energy"].maximal
    0.0
    """
    from matlearn.calculators import single_points

    if isinstance(images, Atoms):
        raise TypeError("images must be several ASE Atoms, such as a list, got one Atoms")
    reference = list(images)
    if not reference:
        raise ValueError("images is empty: there is nothing to compare")
    for number, atoms in enumerate(reference):
        known = getattr(atoms.calc, "results", {})
        for name in ("energy", "forces", "stress"):
            if known.get(name) is not None and not np.isfinite(known[name]).all():
                raise ValueError(f"images[{number}]: its {name} holds a value that is not a number")
    predicted = single_points(reference, calculator, progress=progress)
    for number, atoms in enumerate(predicted):
        if "failure" in atoms.info:
            raise ValueError(f"structure {number} cannot be predicted: {atoms.info['failure']}")
    return ErrorReport.from_images(reference, predicted)
