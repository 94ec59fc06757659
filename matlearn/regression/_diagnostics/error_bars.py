"""Error bars of an ensemble against true errors, all of samples that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._diagnostics.checks import checked_count
from matlearn.regression._diagnostics.scaling import (
    conformal_factor,
    miscalibration_area,
    normal_factor,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

_LEVELS = np.linspace(0.05, 0.95, 19)


@dataclass(frozen=True, repr=False)
class CalibratedUncertainty:
    """Predictions of unseen samples with their error bars, before and after calibration."""

    model: str
    """What the model is."""
    kind: str
    """Kind of ensemble: ``"forest"``, ``"bootstrap"`` or ``"restarts"``."""
    lines: NDArray[np.float64]
    """a (unit of the target) and b of sigma = a + b * std, shape (n_folds, 2)."""
    scores: tuple[Floats, ...]
    """Of each fold, absolute residuals over sigma of the samples kept for intervals, in order."""
    _table: pd.DataFrame = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Give one row a sample, in the order of `X`.

        Returns
        -------
        DataFrame
            ``fold`` in which it was tested, ``target``, ``prediction``, ``std_raw`` (disagreement
            of the ensemble), ``std`` (calibrated): all in the unit of the target.
        """
        return self._table.copy()

    def coverage(self, levels: Sequence[float] | None = None) -> pd.DataFrame:
        """Give how many targets are inside their intervals, against how many should be.

        Parameters
        ----------
        levels : sequence of float, optional
            From 0 to 1; 19 from 0.05 to 0.95 where it is left out.

        Returns
        -------
        DataFrame
            A row a level: ``raw`` and ``calibrated`` (normal distributions), ``conformal``, all
            fractions; ``noise``, the standard deviation by chance alone of a fraction that is as
            large as its level, from the samples that were tested and those kept for intervals.
        """
        import pandas as pd

        wanted = _checked_levels(levels)
        residual = np.abs(self._table["prediction"] - self._table["target"]).to_numpy()
        raw, std = self._table["std_raw"].to_numpy(), self._table["std"].to_numpy()
        frame = pd.DataFrame(index=pd.Index(wanted, name="level"))
        frame["raw"] = [(residual <= normal_factor(one) * raw).mean() for one in wanted]
        frame["calibrated"] = [(residual <= normal_factor(one) * std).mean() for one in wanted]
        frame["conformal"] = [(residual <= self.half_width(one)).mean() for one in wanted]
        kept = sum(len(one) for one in self.scores)
        frame["noise"] = np.sqrt(wanted * (1 - wanted) * (1 / len(residual) + 1 / kept))
        return frame

    def half_width(self, level: float = 0.9) -> Floats:
        """Give the half width of each sample's conformal interval, unit of the target, shape (n,).

        Infinite where the samples kept for intervals are too few for the level.
        """
        _checked_levels([level])
        factors = np.array([conformal_factor(one, level) for one in self.scores])
        widths: Floats = factors[self._table["fold"].to_numpy()] * self._table["std"].to_numpy()
        return widths

    def metrics(self) -> pd.DataFrame:
        """Give what one wants to know of error bars, before and after calibration.

        Returns
        -------
        DataFrame
            Columns ``raw`` and ``calibrated``; rows ``miscalibration_area`` (between coverage and
            level, normal distributions; 0 best), ``z_std`` (root mean square of residual over error
            bar; 1 best), ``rms_std`` (the error bars' root mean square, unit of the target, to be
            compared with ``rmse``), ``rmse``, ``rank_correlation`` (Spearman, of error bar and
            absolute residual).
        """
        import pandas as pd
        from scipy.stats import rankdata

        residual = (self._table["prediction"] - self._table["target"]).to_numpy()
        curves = self.coverage()
        found = {}
        for name, column in (("raw", "std_raw"), ("calibrated", "std")):
            std = self._table[column].to_numpy()
            ranks = rankdata(std), rankdata(np.abs(residual))
            constant = any(np.ptp(one) == 0 for one in ranks)
            with np.errstate(divide="ignore", invalid="ignore"):
                z = np.where(residual == 0, 0.0, residual / std)
            found[name] = {
                "miscalibration_area": miscalibration_area(
                    curves.index.to_numpy(), curves[name].to_numpy()
                ),
                "z_std": float(np.sqrt((z**2).mean())),
                "rms_std": float(np.sqrt((std**2).mean())),
                "rmse": float(np.sqrt((residual**2).mean())),
                "rank_correlation": np.nan if constant else float(np.corrcoef(*ranks)[0, 1]),
            }
        return pd.DataFrame(found)

    def bins(self, number: int = 8) -> pd.DataFrame:
        """Sort samples by calibrated error bar into equally full bins.

        Parameters
        ----------
        number : int
            Of bins.

        Returns
        -------
        DataFrame
            ``count``, ``std`` (root mean square of error bars), ``rmse`` (of residuals) and
            ``rmse_error``, its standard error: unit of the target.
        """
        import pandas as pd

        checked_count("number", number, 1)
        order = np.argsort(self._table["std"].to_numpy(), kind="stable")
        residual = (self._table["prediction"] - self._table["target"]).to_numpy()
        rows = []
        for part in np.array_split(order, min(number, len(order) // 2)):
            squares, std = residual[part] ** 2, self._table["std"].to_numpy()[part]
            rmse = np.sqrt(squares.mean())
            error = squares.std(ddof=1) / np.sqrt(len(part)) / (2 * rmse) if rmse > 0 else 0.0
            rows.append({"count": len(part), "std": np.sqrt((std**2).mean()), "rmse": rmse,
                         "rmse_error": error})  # fmt: skip
        return pd.DataFrame(rows).rename_axis("bin")

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw how many targets are inside their intervals against how many should be."""
        from matlearn.regression._figures.calibration import calibration

        return calibration(self, ax=ax)

    def plot_errors(self, *, label: str = "target", unit: str = "", ax: Axes | None = None) -> Axes:
        """Draw errors against error bars, in bins; `label` and `unit` are those of the target."""
        from matlearn.regression._figures.calibration import error_against_uncertainty

        return error_against_uncertainty(self, label=label, unit=unit, ax=ax)

    def __repr__(self) -> str:
        table = self.metrics().loc["miscalibration_area"]
        inside = self.coverage([0.9]).iloc[0]
        return (
            f"CalibratedUncertainty({self.model}, {self.kind}, {len(self._table)} samples, "
            f"miscalibration {table['raw']:.2f} raw, {table['calibrated']:.2f} calibrated; "
            f"{inside['conformal']:.0%} inside 90 % conformal intervals)"
        )


def _checked_levels(levels: Sequence[float] | None) -> Floats:
    wanted = _LEVELS if levels is None else np.asarray(levels, dtype=float).ravel()
    if not len(wanted) or not ((wanted > 0) & (wanted < 1)).all():
        raise ValueError(f"levels must be between 0 and 1, got {levels}")
    return wanted
