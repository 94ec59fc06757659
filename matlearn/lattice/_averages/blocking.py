"""The error of a mean from averages over blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matlearn.lattice._averages.series import Estimate, as_series

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class Blocking:
    """The error of a mean, as it grows with the length of the blocks that are averaged first."""

    mean: float
    """In the unit of the series."""
    error: float
    """Standard error of the mean at the chosen length of block."""
    block_length: int
    """The chosen length, in steps of the series."""
    converged: bool
    """False if the series is too short for a plateau: the error is then a lower bound."""
    _table: pd.DataFrame = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return ``block_length``, ``n_blocks``, ``error`` and ``error_of_error`` of each level."""
        return self._table.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the error against the length of the blocks.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.

        Returns
        -------
        matplotlib Axes
        """
        from matlearn.plotting import PALETTE, describe, new_axes

        ax = new_axes(ax)
        frame = self._table
        ax.errorbar(
            frame["block_length"], frame["error"], frame["error_of_error"], fmt="o-", capsize=3
        )
        ax.axvline(self.block_length, color=PALETTE[7], linestyle="--", label="chosen")
        ax.set_xscale("log", base=2)
        ax.set(xlabel="Length of a block (steps of the series)", ylabel="Error of the mean")
        ax.legend()
        describe(ax, f"The error grows with the blocks up to a plateau at {self.error:.3g}.")
        return ax

    def __repr__(self) -> str:
        doubt = "" if self.converged else ", no plateau: at least this"
        return f"Blocking({Estimate(self.mean, self.error)}, blocks of {self.block_length}{doubt})"


def blocking(series: Sequence[float] | NDArray[np.floating]) -> Blocking:
    """Estimate the error of a mean by averaging neighbours, again and again.

    Parameters
    ----------
    series : array_like, shape (n,)
        Equally spaced samples of an equilibrated run. An odd last one is left out at each level.

    Returns
    -------
    Blocking
        The chosen length is the least of which length**3 > 2 n (error / first error)**4.

    Raises
    ------
    ValueError
        If there are fewer than 4 samples, or one is not finite.

    References
    ----------
    H. Flyvbjerg and H. G. Petersen, J. Chem. Phys. 91, 461 (1989); the choice:
    R. M. Lee et al., Phys. Rev. E 83, 066706 (2011), equation 14.

    Examples
    --------
    >>> blocking(np.random.default_rng(1).normal(2.0, 1.0, size=4096))
    Blocking(1.994(16), blocks of 32)
    """
    values = as_series(series)
    n, rows, blocks, length = len(values), [], values, 1
    while len(blocks) >= 2:
        m = len(blocks)
        error = math.sqrt(blocks.var() / (m - 1))
        rows.append((length, m, error, error / math.sqrt(2 * (m - 1))))
        blocks = 0.5 * (blocks[0 : m - m % 2 : 2] + blocks[1:m:2])
        length *= 2
    table = pd.DataFrame(rows, columns=["block_length", "n_blocks", "error", "error_of_error"])
    first = table["error"].iloc[0] or 1.0
    enough = table["block_length"] ** 3 > 2 * n * (table["error"] / first) ** 4
    usable = enough & (table["n_blocks"] >= 8)
    row = int(usable.idxmax()) if usable.any() else int(table["error"].idxmax())
    chosen = table.iloc[row]
    return Blocking(
        float(values.mean()),
        float(chosen["error"]),
        int(chosen["block_length"]),
        bool(usable.any()),
        table,
    )
