"""Formulas that a task holds more than once, and how far apart their targets are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def duplicates(ids: Sequence[str], formulas: Sequence[str], target: np.ndarray) -> pd.DataFrame:
    """Samples whose reduced formula occurs more than once; see `Task.duplicates`."""
    import pandas as pd

    from matlearn.regression._diagnostics.grouping import formula_groups

    table = pd.DataFrame({"id": ids, "formula": formulas, "target": target.astype(float)})
    table["group"] = formula_groups(formulas)
    groups = table.groupby("group")
    found = groups["target"].agg(count="size", lowest="min", highest="max")
    found["spread"] = found["highest"] - found["lowest"]
    found.insert(0, "formula", groups["formula"].first())
    found = found[found["count"] > 1].sort_values(["spread", "count"], ascending=False)
    found["formula"] = [reduced(formula) for formula in found["formula"]]
    return found.reset_index(drop=True)


def reduced(formula: str) -> str:
    """Formula in its smallest whole numbers, the elements in their order: ``O4Ti2`` as ``O2Ti``.

    Amounts that are no whole numbers are left as they are.
    """
    from matlearn.regression.features import parse

    amounts = parse(formula)
    if not all(amount == int(amount) for amount in amounts.values()):
        return formula
    whole = {symbol: int(amount) for symbol, amount in amounts.items()}
    common = math.gcd(*whole.values())
    counts = {symbol: amount // common for symbol, amount in whole.items()}
    return "".join(symbol + (str(count) if count > 1 else "") for symbol, count in counts.items())
