"""Magpie's statistics over the elements of a formula, many formulas at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.regression._features.elements import NUMBER_OF, PROPERTIES, SYMBOLS
from matlearn.regression._features.formulas import composition

if TYPE_CHECKING:
    import pandas as pd

STATISTICS = ("minimum", "maximum", "range", "mean", "avg_dev", "mode")
COLUMNS = tuple(f"MagpieData {stat} {name}" for name in PROPERTIES for stat in STATISTICS)
"""matminer's names of the 132 columns."""
_CHUNK = 2048
_SHOWN = 5


class Compositions:
    """Formulas, each different one read once: elements and amounts in flat arrays."""

    def __init__(self, formulas: Iterable[Any], labels: Sequence[Any] | None = None) -> None:
        known: dict[Any, int] = {}
        which: list[int] = []
        elements: list[int] = []
        amounts: list[float] = []
        counts: list[int] = []
        bad: list[tuple[int, Any, str]] = []
        for row, formula in enumerate(formulas):
            key = formula if isinstance(formula, str) else (row,)
            number = known.get(key)
            if number is None:
                try:
                    parsed = composition(formula)
                except (TypeError, ValueError) as error:
                    bad.append((row, formula, str(error)))
                    continue
                number = known[key] = len(counts)
                elements += [NUMBER_OF[symbol] for symbol in parsed]
                amounts += parsed.values()
                counts.append(len(parsed))
            which.append(number)
        if bad:
            raise ValueError(_complaint(bad, len(which) + len(bad), labels))
        if not which:
            raise ValueError("formulas must hold at least one formula, got none")
        self.which = np.array(which)
        """Of each row: the number of its formula."""
        self.elements = np.array(elements)
        self.amounts = np.array(amounts)
        self.counts = np.array(counts)
        """Of each formula: how many elements it has."""
        self.starts = np.cumsum(self.counts) - self.counts


def frame(formulas: Iterable[Any], table: np.ndarray, columns: list[str]) -> pd.DataFrame:
    """Compute the six statistics of any properties of the elements, shape (118, p)."""
    import pandas as pd

    if isinstance(formulas, str) or hasattr(formulas, "get_el_amt_dict"):
        raise TypeError(f"formulas must be a list, got one formula: write [{str(formulas)!r}]")
    if isinstance(formulas, pd.DataFrame | dict):
        raise TypeError(
            f"formulas must be a list or a column, got a {type(formulas).__name__}: take its column of "
            'formulas, such as frame["formula"]'
        )
    if hasattr(formulas, "formulas"):
        raise TypeError("formulas must be a list, got a task: give its .formulas")
    index = formulas.index if isinstance(formulas, pd.Series) else None
    compositions = Compositions(formulas, None if index is None else index.tolist())
    holes = [SYMBOLS[z] for z in np.unique(compositions.elements) if np.isnan(table[z]).any()]
    if holes:
        raise ValueError(
            f"properties must have numbers for all elements; missing: {', '.join(holes)}"
        )
    values = statistics(compositions, table)
    return pd.DataFrame(values, index=index, columns=columns, copy=False)


def readable(column: str) -> str:
    """Say a column's name in words and with its unit; names that are not Magpie's are left alone."""
    parts = column.split()
    if len(parts) != 3 or parts[0] != "MagpieData" or parts[2] not in PROPERTIES:
        return column
    statistic = "mean deviation" if parts[1] == "avg_dev" else parts[1]
    return f"{statistic} of {PROPERTIES[parts[2]]}".replace("A3", "Å³").replace("mu_B", "µ_B")


def statistics(compositions: Compositions, table: np.ndarray) -> np.ndarray:
    """Compute the features from properties, shape (118, p): shape (rows, 6 p).

    Formulas with equally many elements are worked on together, a few thousand at a time: then all
    is a loop over the elements, and each step an operation on a whole block of numbers.
    """
    which = compositions.which
    counts = compositions.counts[which]
    out = np.empty((len(which), table.shape[1], len(STATISTICS)))
    order = np.argsort(counts, kind="stable")
    ends = np.cumsum(np.bincount(counts))
    for n in range(1, len(ends)):
        for begin in range(ends[n - 1], ends[n], _CHUNK):
            rows = order[begin : min(begin + _CHUNK, ends[n])]
            flat = compositions.starts[which[rows]] + np.arange(n)[:, None]
            out[rows] = _block(table, compositions.elements[flat], compositions.amounts[flat])
    return out.reshape(len(which), -1)


def _block(table: np.ndarray, elements: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Do `n` elements each of some formulas: both arrays have the shape (n, formulas)."""
    values = [table[of] for of in elements]
    weights = [of[:, None] for of in amounts / amounts.sum(axis=0)]
    low, high, mean = values[0], values[0], values[0] * weights[0]
    for value, weight in zip(values[1:], weights[1:], strict=True):
        low, high = np.minimum(low, value), np.maximum(high, value)
        mean = mean + value * weight
    deviation = np.zeros_like(mean)
    for value, weight in zip(values, weights, strict=True):
        deviation += np.abs(value - mean) * weight
    # matminer's "mode": the least value among the elements of the largest amount; what several
    # elements have in common is not added up
    most = np.isclose(amounts, amounts.max(axis=0))
    mode = np.full_like(mean, np.inf)
    for value, chosen in zip(values, most, strict=True):
        np.minimum(mode, value, out=mode, where=chosen[:, None])
    return np.stack([low, high, high - low, mean, deviation, mode], axis=-1)


def _complaint(bad: list[tuple[int, Any, str]], total: int, labels: Sequence[Any] | None) -> str:
    """List the first few formulas that are none, in one message."""
    lines = []
    for row, formula, why in bad[:_SHOWN]:
        name = row if labels is None else labels[row]
        shown = f"{formula!r}: " if isinstance(formula, str) else ""
        lines.append(f"  {'index' if labels is not None else 'row'} {name}: {shown}{why}")
    if len(bad) > _SHOWN:
        lines.append(f"  and {len(bad) - _SHOWN} more")
    head = f"{len(bad)} of {total} formulas cannot be read:"
    return "\n".join([head, *lines])
