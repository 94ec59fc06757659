"""Indicators of error beside true errors: the result, and its table of scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matlearn.potentials._uncertainty import scores

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class IndicatorComparison:
    """Indicators of error beside the true errors, an entry an atom or a configuration."""

    per: str
    """``"atom"`` or ``"configuration"`` (of which the worst atom counts)."""
    error: Floats
    """Length of the difference of predicted and reference force, eV/A, shape (n,)."""
    indicators: dict[str, Floats]
    """Each indicator by its name, shape (n,), in a unit of its own."""
    configuration: NDArray[np.int64]
    """Index of the configuration of each entry, shape (n,)."""
    large: float
    """Errors above this count as large, eV/A."""
    _table: pd.DataFrame = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Give one row an indicator.

        Returns
        -------
        DataFrame
            ``rank_correlation`` (Spearman; 1 perfect, 0 chance), ``auc`` (chance that a large error
            has a larger indicator than a small one; 0.5 by chance) and ``retention`` (how much
            falls the error of what is kept if the suspicious is dropped; 1 as much as if the errors
            were known, 0 by chance), each with its ``_error``, the standard deviation over draws of
            whole configurations; ``microseconds`` of CPU time an atom.
        """
        return self._table.copy()

    def retention(self, indicator: str) -> pd.DataFrame:
        """Give the RMS error of what is kept, if what is most suspicious is dropped first.

        Parameters
        ----------
        indicator : str
            A name of `indicators`, or ``"error"`` for what could be had at best.

        Returns
        -------
        DataFrame
            ``kept`` (fraction) and ``error`` (RMS of the force errors kept, eV/A).
        """
        import pandas as pd

        values = self.error if indicator == "error" else self._values(indicator)
        curve = scores.retention_curve(values, self.error)
        return pd.DataFrame({"kept": np.arange(1, len(curve) + 1) / len(curve), "error": curve})

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the error of what is kept against the fraction that is kept."""
        from matlearn.potentials._figures.grades import retention

        return retention(self, ax=ax)

    def scatter(
        self, indicator: str, *, groups: Sequence[Any] | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw true errors against an indicator, both on logarithmic scales.

        Parameters
        ----------
        indicator : str
            A name of `indicators`.
        groups : sequence, optional
            A name for each configuration, or each entry; each group has a colour.
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure where it is left out.
        """
        from matlearn.potentials._figures.grades import error_against

        if groups is not None and len(groups) == self.configuration.max() + 1:
            groups = [groups[k] for k in self.configuration]
        return error_against(
            self._values(indicator), self.error, indicator, self.per, groups=groups, ax=ax
        )

    def _values(self, indicator: str) -> Floats:
        if indicator not in self.indicators:
            there = ", ".join(map(repr, self.indicators))
            raise ValueError(f"indicator must be one of {there}, got {indicator!r}")
        return self.indicators[indicator]

    def __repr__(self) -> str:
        best = self._table["rank_correlation"].idxmax()
        row = self._table.loc[best]
        return (
            f"IndicatorComparison({len(self.error)} {self.per}s, best rank correlation {best}: "
            f"{row['rank_correlation']:.2f} +- {row['rank_correlation_error']:.2f})"
        )


def score_table(
    indicators: dict[str, Floats],
    error: Floats,
    large: float,
    groups: NDArray[np.int64],
    costs: dict[str, float],
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Score each indicator, a row each; all see the same draws of whole groups."""
    import pandas as pd

    rows: dict[str, dict[str, float]] = {}
    for name, x in indicators.items():
        functions: dict[str, Callable[[Any], float]] = {
            "rank_correlation": lambda k, x=x: scores.rank_correlation(x[k], error[k]),  # type: ignore[misc]
            "auc": lambda k, x=x: scores.area_under_curve(x[k], error[k] > large),  # type: ignore[misc]
            "retention": lambda k, x=x: scores.retention_score(x[k], error[k]),  # type: ignore[misc]
        }
        rows[name] = {}
        for score, function in functions.items():
            rng = np.random.default_rng(seed)
            rows[name][score] = function(np.arange(len(error)))
            rows[name][f"{score}_error"] = scores.scatter_of(function, groups, draws, rng)
        rows[name]["microseconds"] = costs[name]
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator")
