"""Formulas that a task holds more than once, or that two tasks have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from matlearn.regression.tasks import Task


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


def beside(task: Task, other: Task) -> pd.DataFrame:
    """One row a formula that both tasks hold; see `Task.beside`."""
    import pandas as pd

    from matlearn.regression._diagnostics.grouping import formula_groups

    groups = formula_groups([*task.formulas, *other.formulas])
    mine = pd.DataFrame({"formula": task.formulas, "target": task.target.astype(float)})
    mine = mine.groupby(groups[: len(task)]).agg({"formula": "first", "target": "median"})
    theirs = pd.Series(other.target.astype(float)).groupby(groups[len(task) :])
    table = theirs.agg(lowest="min", median="median", highest="max", count="size")
    table = mine.join(table, how="inner").reset_index(drop=True)
    table["formula"] = [reduced(formula) for formula in table["formula"]]
    return table


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
