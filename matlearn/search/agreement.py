"""Do two methods rank the same structures alike?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ._frame import check_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class Agreement:
    """How well two sets of energies agree, structure by structure.

    Attributes
    ----------
    n_common : int
        Structures that both sets hold.
    spearman, kendall : float
        Rank correlation coefficients of the energies per atom over the common structures
        (Kendall's tau-b); NaN where one set's energies are all equal.
    pearson : float
        Linear correlation coefficient of the same energies.

    Examples
    --------
    >>> a = pd.DataFrame({"label": list("abcd"), "energy_per_atom": [-4.0, -3.0, -2.0, -1.0]})
    >>> b = pd.DataFrame({"label": list("dcba"), "energy_per_atom": [1.0, 2.0, 3.5, 3.0]})
    >>> compare(a, b)
    Agreement(4 common structures, Spearman -0.800, Kendall -0.667)
    >>> compare(a, b).overlap(2)
    0.0
    """

    n_common: int
    spearman: float
    kendall: float
    pearson: float
    _table: pd.DataFrame = field(compare=False)

    def overlap(self, n: int) -> float:
        """Return how many of the `n` lowest of the one set are among the `n` lowest of the other.

        Parameters
        ----------
        n : int
            From 1 to `n_common`.

        Returns
        -------
        float
            The number of structures in both lists, divided by `n`; between 0 and 1. Both lists
            are made from the common structures only, by energy per atom; structures of equal
            energy keep the order of the first set.

        Raises
        ------
        ValueError
            If `n` is out of range.
        """
        whole = isinstance(n, int | np.integer) and not isinstance(n, bool)
        if not whole or not 1 <= n <= self.n_common:
            raise ValueError(f"n must be a whole number from 1 to {self.n_common}, got {n!r}")
        lowest = [
            set(np.argsort(self._table[column].to_numpy(), kind="stable")[: int(n)])
            for column in ("energy_per_atom_a", "energy_per_atom_b")
        ]
        return len(lowest[0] & lowest[1]) / int(n)

    def to_frame(self) -> pd.DataFrame:
        """Return the common structures, one a row.

        Returns
        -------
        DataFrame
            The column they were joined on, ``energy_per_atom_a`` and ``energy_per_atom_b``
            (eV), ``relative_a`` and ``relative_b`` (eV/atom above the lowest common structure of
            that set), ``rank_a`` and ``rank_b`` (1 is lowest; ties share their mean rank).
        """
        return self._table.copy()

    def plot(
        self,
        *,
        names: tuple[str, str] = ("first set", "second set"),
        limit: float | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the energies of the two sets against each other, each from its own lowest.

        Parameters
        ----------
        names : pair of str
            What the two sets are called on the axes.
        limit : float, optional
            Draw only what lies at most this far (meV/atom) above the lowest in both sets.
        ax : matplotlib Axes, optional
            Where to draw.

        Returns
        -------
        matplotlib Axes
            Both axes in meV/atom.
        """
        from matlearn.plotting import describe, new_axes

        ax = new_axes(ax, size=(5.2, 5.2))
        x, y = (1000 * self._table[column] for column in ("relative_a", "relative_b"))
        top = max(x.max(), y.max()) if limit is None else limit
        shown = (x <= top) & (y <= top)
        ax.scatter(x[shown], y[shown], s=16, alpha=0.6, edgecolor="white", linewidth=0.3)
        ax.plot([0, top], [0, top], color="0.5", linewidth=1, zorder=0)
        ax.set_xlabel(f"{names[0]} (meV/atom)")
        ax.set_ylabel(f"{names[1]} (meV/atom)")
        ax.set_title(
            f"Energy above the lowest, {self.n_common} pairs, Spearman {self.spearman:.3f}",
            fontsize="medium",
        )
        describe(
            ax,
            f"Energy above the lowest in {names[1]} against that in {names[0]} for {self.n_common} "
            f"structures that both hold; Spearman's rank correlation is {self.spearman:.2f}.",
        )
        return ax

    def __repr__(self) -> str:
        return (
            f"Agreement({self.n_common} common structures, Spearman {self.spearman:.3f}, "
            f"Kendall {self.kendall:.3f})"
        )


def compare(a: pd.DataFrame, b: pd.DataFrame, on: str = "label") -> Agreement:
    """Compare the energies per atom that two methods give to the same structures.

    Parameters
    ----------
    a, b : DataFrame
        Tables as `matlearn.search.read_results` gives them; needed are ``energy_per_atom`` (eV)
        and the column `on`. Rows without an energy (NaN) are left out.
    on : str
        The column that says which rows are the same structure.

    Returns
    -------
    Agreement

    Raises
    ------
    ValueError
        If a column is missing, a label occurs twice in one table, or fewer than two structures
        are common.
    TypeError
        If `a` or `b` is no table.

    Examples
    --------
    >>> a = pd.DataFrame({"label": list("abc"), "energy_per_atom": [-3.0, -2.0, -1.0]})
    >>> b = pd.DataFrame({"label": list("abx"), "energy_per_atom": [-300.0, -299.0, -310.0]})
    >>> round(compare(a, b).spearman, 3)
    1.0
    """
    from scipy import stats

    first, second = _energies(a, on, "a"), _energies(b, on, "b")
    table = first.merge(second, on=on, suffixes=("_a", "_b"), validate="one_to_one")
    if len(table) < 2:
        raise ValueError(
            f"at least 2 common structures are needed, the tables share {len(table)} "
            f"values of {on!r} (a has {len(first)} with an energy, b {len(second)})"
        )
    for which in "ab":
        energies = table[f"energy_per_atom_{which}"]
        table[f"relative_{which}"] = energies - energies.min()
    for which in "ab":
        table[f"rank_{which}"] = table[f"energy_per_atom_{which}"].rank()
    x, y = table["energy_per_atom_a"].to_numpy(), table["energy_per_atom_b"].to_numpy()
    constant = np.ptp(x) == 0 or np.ptp(y) == 0

    def coefficient(function: Callable[..., Any]) -> float:
        return np.nan if constant else float(function(x, y).statistic)

    return Agreement(
        n_common=len(table),
        spearman=coefficient(stats.spearmanr),
        kendall=coefficient(stats.kendalltau),
        pearson=coefficient(stats.pearsonr),
        _table=table,
    )


def _energies(frame: pd.DataFrame, on: str, which: str) -> pd.DataFrame:
    check_frame(frame, f"table {which}", (on, "energy_per_atom"))
    if on == "energy_per_atom":
        raise ValueError("on must be a column that names structures, got 'energy_per_atom'")
    energies = frame.loc[frame["energy_per_atom"].notna(), [on, "energy_per_atom"]]
    twice = energies[on][energies[on].duplicated()].unique()
    if len(twice):
        shown = ", ".join(map(repr, twice[:3]))
        raise ValueError(
            f"{on} must name each structure once, but in table {which} {len(twice)} occur more "
            f"often: {shown}{', ...' if len(twice) > 3 else ''}"
        )
    if not np.isfinite(energies["energy_per_atom"]).all():
        raise ValueError(f"table {which} holds an infinite energy_per_atom")
    return energies.reset_index(drop=True)
