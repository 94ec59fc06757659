"""How good a fit is: the same report for every kind of potential, and what a fit returns."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ase import Atoms

from matlearn._error_report import UNITS, ErrorReport, Errors

if TYPE_CHECKING:
    import pandas as pd
    from ase.calculators.calculator import Calculator
    from matplotlib.axes import Axes

__all__ = ["UNITS", "ErrorReport", "Errors", "FitResult", "error_report"]


@dataclass(frozen=True)
class FitResult:
    """What a fit came to: errors, history, cost and why it stopped."""

    train: ErrorReport
    """On what was fitted."""
    validation: ErrorReport | None
    """On what was held back, None where nothing was."""
    history: list[dict[str, float]] = field(repr=False)
    """A row an iteration or epoch; see `to_frame`."""
    seconds: float
    """CPU time of the fit."""
    parameters: int
    """Parameters that were fitted."""
    converged: bool
    """True if the fit met its own criterion."""
    stop_reason: str
    """Why it stopped."""

    def __repr__(self) -> str:
        held = f", validation {self.validation}" if self.validation else ""
        return (
            f"FitResult({self.parameters} parameters, {self.seconds:.3g} s, "
            f"{self.stop_reason}, train {self.train}{held})"
        )

    def to_frame(self) -> pd.DataFrame:
        """Give the history as a table, a row an iteration or epoch."""
        import pandas as pd

        return pd.DataFrame(self.history)

    def plot(self, quantity: str = "forces", *, ax: Axes | None = None) -> Axes:
        """Draw predicted against reference values, of what was held back if anything was."""
        return (self.validation or self.train).plot(quantity, ax=ax)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to a JSON file, whole or not at all; NaN and infinite become null."""
        target = Path(path)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        try:
            with os.fdopen(handle, "w") as file:
                json.dump(_without_nan(asdict(self)), file, allow_nan=False)
            Path(name).chmod(0o644)
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FitResult:
        """Read what `save` wrote.

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
            return cls(**values)
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

    reference = list(images)
    predicted = single_points(reference, calculator, progress=progress)
    for number, atoms in enumerate(predicted):
        if "failure" in atoms.info:
            raise ValueError(f"structure {number} cannot be predicted: {atoms.info['failure']}")
    return ErrorReport.from_images(reference, predicted)
