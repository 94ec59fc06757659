"""Where a run forgets how it began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matlearn.lattice._averages.autocorrelation import autocorrelation_time
from matlearn.lattice._averages.series import as_series


@dataclass(frozen=True, repr=False)
class Equilibration:
    """From which sample on a series looks stationary."""

    start: int
    """First sample to keep."""
    time: float
    """Integrated autocorrelation time of what is kept, in steps of the series."""
    n_effective: float
    """Independent samples in what is kept."""
    n_samples: int
    """Length of the whole series."""

    @property
    def fraction(self) -> float:
        """Part of the series that is to be discarded; above a half, run longer."""
        return self.start / self.n_samples

    def __repr__(self) -> str:
        return (
            f"Equilibration(discard {self.start} of {self.n_samples} samples, "
            f"the rest is worth {self.n_effective:.3g})"
        )


def equilibration(
    series: Sequence[float] | NDArray[np.floating], *, n_candidates: int = 100
) -> Equilibration:
    """Find the start that leaves the largest number of independent samples.

    Discarding too little leaves a drift, which looks like a long autocorrelation time; discarding
    too much leaves few samples. The number of independent samples, (n - start) / (2 tau), is
    largest in between.

    Parameters
    ----------
    series : array_like, shape (n,)
        Samples from the very beginning of a run, for instance of its energy.
    n_candidates : int
        How many starts are tried, evenly spaced over the series without its last twentieth.

    Returns
    -------
    Equilibration
        A start says that nothing better is in this series, not that the run is in equilibrium:
        a trap that lasts longer than the run cannot be seen from inside.

    Raises
    ------
    ValueError
        If there are fewer than 20 samples, or one is not finite.

    References
    ----------
    J. D. Chodera, J. Chem. Theory Comput. 12, 1799 (2016).

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=2000)
    >>> equilibration(noise + 20.0 * np.exp(-np.arange(2000) / 40.0))
    Equilibration(discard 152 of 2000 samples, the rest is worth 1.85e+03)
    """
    values = as_series(series)
    n = len(values)
    if n < 20:
        raise ValueError(f"series must hold at least 20 samples to find its start, got {n}")
    if n_candidates < 2:
        raise ValueError(f"n_candidates must be at least 2, got {n_candidates}")
    starts = np.unique(np.linspace(0, int(0.95 * n), n_candidates, endpoint=False).astype(int))
    best = (-1.0, 0, 0.5)
    for start in starts.tolist():
        rest = values[start:]
        time = autocorrelation_time(rest).time
        samples = len(rest) / (2.0 * time)
        if samples > best[0]:
            best = (samples, start, time)
    return Equilibration(start=best[1], time=best[2], n_effective=best[0], n_samples=n)
