"""Coefficients of a linear model, and how far they move from resample to resample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class CoefficientSpread:
    """Coefficients of a linear model, and how much they change with the samples."""

    names: tuple[str, ...]
    """Of the p features."""
    values: Floats
    """Effect of each feature (unit of the target for one standard deviation of the feature),
    fitted to all samples; shape (p,)."""
    resampled: Floats
    """The same for each resample; shape (repeats, p)."""
    spread: Floats
    """Standard deviation of each feature (its unit), shape (p,)."""
    unit: str = ""
    """Of the target."""

    @property
    def standard_error(self) -> Floats:
        """Standard deviation over the resamples (unit of the target), shape (p,)."""
        return np.asarray(self.resampled.std(axis=0, ddof=1))

    @property
    def selected(self) -> Floats:
        """Share of the resamples in which a feature has a coefficient that is not zero."""
        return np.asarray((self.resampled != 0).mean(axis=0))

    def to_frame(self) -> pd.DataFrame:
        """Give a row for each feature, the strongest first.

        Columns: effect, standard_error (unit of the target), low, high (2.5 and 97.5 % of the
        resamples), slope, slope_error (unit of the target over unit of the feature), selected
        (share of resamples).
        """
        import pandas as pd

        low, high = np.percentile(self.resampled, [2.5, 97.5], axis=0)
        table = pd.DataFrame(
            {
                "effect": self.values,
                "standard_error": self.standard_error,
                "low": low,
                "high": high,
                "slope": self.values / self.spread,
                "slope_error": self.standard_error / self.spread,
                "selected": self.selected,
            },
            index=pd.Index(self.names, name="feature"),
        )
        return table.iloc[np.argsort(-np.abs(self.values), kind="stable")]

    def plot(self, *, top: int = 15, ax: Axes | None = None) -> Axes:
        """Draw effects with their errors, see `matlearn.regression.plots.coefficient_spread`."""
        from matlearn.regression._figures.linear import coefficient_spread

        return coefficient_spread(self, top=top, ax=ax)

    def __repr__(self) -> str:
        sure = int((np.abs(self.values) > 2 * self.standard_error).sum())
        return (
            f"CoefficientSpread({len(self.names)} features, {len(self.resampled)} resamples, "
            f"{sure} effects larger than twice their standard error)"
        )
