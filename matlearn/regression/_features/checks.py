"""Tables of features: what would spoil a fit, by the name of the column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 5
_ROUNDING = 1e-10
"""Values that differ by less than this part of the largest differ by rounding alone."""


def check(frame: pd.DataFrame) -> None:
    """Raise an error where a table of features would spoil a fit; say nothing where it is fine.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row a sample, a column a feature.

    Raises
    ------
    ValueError
        If there are missing or infinite values, or columns with the same value in all rows: all of
        them in one message, by the columns' names. If it is empty, or has two columns of a name.
    TypeError
        If it is no DataFrame, or columns are not of numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> check(pd.DataFrame({"density": [2.2, float("nan")], "charge": [0.0, 0.0]}))
    Traceback (most recent call last):
    ValueError: features: NaN values in 'density' (index 1); ... the same value in all 2 rows of 'charge', ...
    """
    found = faults(frame)
    if found:
        raise ValueError(f"features: {'; '.join(found)}")


def drop_constant(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the columns that have the same value in all rows, rounding aside.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row a sample, a column a feature. Columns with missing values are kept: see `check`.

    Returns
    -------
    pandas.DataFrame
        A new table with the other columns.

    Raises
    ------
    ValueError
        If all columns are constant, or the table is empty.
    TypeError
        If it is no DataFrame, or columns are not of numbers.

    Examples
    --------
    >>> from matlearn.regression import features
    >>> list(drop_constant(features.magpie(["NaCl", "KCl"])).columns[:2])
    ['MagpieData minimum Number', 'MagpieData maximum Number']
    """
    same = constant(numbers(frame))
    if same.all():
        raise ValueError(
            f"all {len(same)} columns have the same value in all {len(frame)} rows: nothing is left"
        )
    return frame.loc[:, ~same].copy()


def numbers(frame: pd.DataFrame) -> np.ndarray:
    """Give the table's numbers, once it is clear that it is one.

    Raises
    ------
    TypeError
        If it is no DataFrame, or a column is not of numbers.
    ValueError
        If it is empty, or two columns have the same name.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise TypeError(
            f"frame must be a pandas.DataFrame, got {type(frame).__name__}; an array has no names "
            "of columns to report: pandas.DataFrame(array)"
        )
    if frame.empty:
        raise ValueError(
            f"frame must have rows and columns, got {frame.shape[0]} rows and {frame.shape[1]} columns"
        )
    double = frame.columns[frame.columns.duplicated()].unique().tolist()
    if double:
        raise ValueError(f"frame has more than one column called {_listed(double)}")
    words = [
        name
        for name, kind in frame.dtypes.items()
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind))
        or pd.api.types.is_complex_dtype(kind)
    ]
    if words:
        raise TypeError(
            f"frame must hold numbers only: {_listed(words)} {_is(words)} not; take out or encode "
            "what is text (pandas.get_dummies)"
        )
    return frame.to_numpy(dtype=float, na_value=np.nan)


def faults(frame: pd.DataFrame) -> list[str]:
    """Say what is wrong with a table, a sentence each."""
    values = numbers(frame)
    said = []
    missing, infinite = np.isnan(values), np.isinf(values)
    for holes, what in ((missing, "NaN"), (infinite, "infinite")):
        columns = frame.columns[holes.any(axis=0)].tolist()
        if columns:
            rows = frame.index[holes.any(axis=1)].tolist()
            said.append(
                f"{what} values in {_listed(columns)} (index {_listed(rows)}); drop these rows or "
                "find out why the features failed"
            )
    same = frame.columns[constant(values) & ~(missing | infinite).any(axis=0)].tolist()
    if same and len(frame) > 1:
        said.append(
            f"the same value in all {len(frame)} rows of {_listed(same)}, which cannot help to tell "
            "them apart; use features.drop_constant"
        )
    return said


def constant(values: np.ndarray) -> np.ndarray:
    """Tell which columns hold one value only, shape (columns,)."""
    low, high = values.min(axis=0), values.max(axis=0)
    with np.errstate(invalid="ignore"):
        same: np.ndarray = high - low <= _ROUNDING * np.maximum(np.abs(low), np.abs(high))
    return same


def _listed(names: list[object]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(repr(name) for name in names[:_SHOWN]) + more


def _is(names: list[object]) -> str:
    return "is" if len(names) == 1 else "are"
